"""An installer that can't be packaged is refused, not written wrongly."""

import json

import pytest

from samstream_cli.errors import TemplateError
from samstream_cli.packaging import find_installer
from samstream_cli.packaging.template import with_code

INSTALLER = find_installer().read_text(encoding="utf-8")
OUTPUTS = {"SourceHash": ("What it was made of", "1a")}


def test_code_comes_out_of_the_template_as_it_went_in() -> None:
    code = 'def handler():\n    """Text."""\n\n    return "# {{}} \\ \' "\n'
    text = with_code(INSTALLER, "template.yaml", code, OUTPUTS)
    assert json.dumps(code) in json.dumps(_code(text))


def _code(text: str) -> str:
    lines = text.partition("    ZipFile: |\n")[2].split("\n   Handler:")[0].splitlines()
    return "\n".join(line[5:] for line in lines) + "\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The version of samstream", '"The version # of samstream"'),
        ("Outputs:\n", "Outputs: {}\nOthers:\n"),
        ("Value: !Ref MacroLogs", "Value: |\n      one\n       two"),
    ],
)
def test_a_layout_that_is_not_understood_is_refused(old: str, new: str) -> None:
    changed = INSTALLER.replace(old, new) + "Rules: {}\n"
    with pytest.raises(TemplateError, match="isn't laid out as samstream can package it"):
        with_code(changed, "template.yaml", "x\n", OUTPUTS)

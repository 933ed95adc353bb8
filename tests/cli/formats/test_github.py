"""Workflow commands that GitHub reads back as they were meant."""

import pytest

from cli.formats.samples import MIXED, saying, written
from samstream_cli.checked import Checked


def test_each_finding_and_note_is_a_command_and_only_one_line_has_columns() -> None:
    assert written("github", *MIXED) == (
        "::error file=src/template.yaml,line=14,endLine=14,col=7,endColumn=16,title=samstream E201"
        "::Chat: There is no route GET /x. Mend it.\n"
        "::warning file=src/template.yaml,line=9,endLine=12,title=samstream W303"
        "::Chat: its runtime can't stream. Add the adapter.\n"
        "::notice file=src/template.yaml,title=samstream::A macro was skipped.\n"
        "::error file=gone.yaml,title=samstream E006::There is no such file. Check the path.\n"
    )


@pytest.mark.parametrize(
    ("name", "message", "expected"),
    [
        ("t.yaml", "50%, a:b\r\n::warning::no", "file=t.yaml,..::50%25, a:b%0D%0A::warning::no"),
        ("a,b:c%.yaml", "No.", "file=a%2Cb%3Ac%25.yaml,..::No."),
        ("t.yaml", "\x1b[31m\u202e", "file=t.yaml,..::\\x1b[31m\\u202e"),
    ],
)
def test_what_would_end_a_property_or_a_command_is_escaped(name: str, message: str, expected: str) -> None:
    shown = written("github", saying(message, name))
    assert shown.replace("line=1,endLine=1,col=2,endColumn=3,title=samstream E201", "..") == f"::error {expected}\n"


def test_nothing_is_said_of_a_template_without_findings() -> None:
    assert written("github", Checked("a", ())) == ""

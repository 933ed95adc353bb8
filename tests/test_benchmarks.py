"""The benchmarks' machinery on small templates, and the page they write. No figure is tested: machines differ."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"


def structure(page: Path) -> list[tuple[str, int]]:
    """Each heading of the figures and how many columns its table has."""
    figures = page.read_text(encoding="utf-8").partition("<!-- figures")[2].partition("<!-- end")[0]
    tables = re.findall(r"^## (.+)\n\n.+\n\n(\|.+\|)$", figures, re.MULTILINE)
    return [(heading, header.count("|") - 1) for heading, header in tables]


def test_the_page_is_what_the_benchmarks_write(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    command = [sys.executable, "-W", "error", "-m", "benchmarks", "--quick", "--check", "--docs", str(page)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == int("MISSED" in done.stdout)
    assert structure(page) == structure(PAGE)
    assert [heading for heading, _ in structure(page)] == [
        "The handler and JSON",
        "Growth with the template's size",
        "Growth with the streaming routes",
        "The handler and SAM",
        "The check and reading",
        "Cold import",
        "The slowest imports",
        "One invocation",
        "Serving locally",
        "Serving locally, beside serverless-offline",
    ]
    assert len(re.findall(r"^- .+: (?:met|MISSED)$", page.read_text(encoding="utf-8"), re.MULTILINE)) == 10


@pytest.mark.parametrize("number", range(4))
def test_stamped_templates_are_what_sam_makes_of_them(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.macro import PARAMETERS, REGION  # noqa: PLC0415
    from benchmarks.templates import SHAPES, processed, source  # noqa: PLC0415

    from samstream_cli.sam import translate  # noqa: PLC0415

    shape = SHAPES[number]
    one_team = len(json.dumps(processed(shape, 1, 0)))
    translated = translate(source(shape, 2), PARAMETERS, REGION)
    assert without_hashes(processed(shape, one_team, 0)) == without_hashes(translated)


def without_hashes(template: dict[str, Any]) -> Any:
    """SAM's hashes of the bodies, in ids and descriptions of Deployments."""
    return json.loads(re.sub(r"[0-9a-f]{40}|(?<=Deployment)[0-9a-f]{10}", "", json.dumps(template)))

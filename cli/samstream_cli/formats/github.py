"""Workflow commands of GitHub Actions, which shows each as an annotation on its line.

It shows ten errors, ten warnings and ten notices a step, and takes columns only within one line.
Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from samstream_cli.checked import Checked, Located, Region
from samstream_cli.formats.wording import sentence, visible

_IN_MESSAGES: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES: Final = {**_IN_MESSAGES, **str.maketrans({":": "%3A", ",": "%2C"})}


def write(checks: Sequence[Checked], stream: TextIO) -> None:
    """One command a finding or note, nothing where there is none."""
    for check in checks:
        stream.writelines(_of_finding(check.name, located) for located in check.findings)
        stream.writelines(_of_note(check.name, note) for note in check.notes)


def _of_note(name: str, note: str) -> str:
    return _command("notice", {"file": Path(name).as_posix(), "title": "samstream"}, note)


def _of_finding(name: str, located: Located) -> str:
    finding = located.finding
    title = f"samstream {finding.rule}"
    properties = {"file": Path(name).as_posix(), **_lines(located.region), "title": title}
    return _command(finding.severity, properties, sentence(finding))


def _lines(region: Region | None) -> dict[str, str]:
    if region is None:
        return {}
    lines = {"line": str(region.line), "endLine": str(region.end_line)}
    if region.line != region.end_line:
        return lines
    return {**lines, "col": str(region.column), "endColumn": str(region.end_column)}


def _command(kind: str, properties: Mapping[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_escaped(value, _IN_PROPERTIES)}" for key, value in properties.items())
    return f"::{kind} {listed}::{_escaped(message, _IN_MESSAGES)}\n"


def _escaped(text: str, escapes: dict[int, str]) -> str:
    return visible(text.translate(escapes))

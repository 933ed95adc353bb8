"""The format for people: what is wrong, the line it stands on, and a count at the end.

On a terminal it fits the width; elsewhere every finding's message stays on one line for grep.
"""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from samstream_cli.checked import Checked, Located, Region
from samstream_cli.formats.wording import one_line, plural, sentence, visible
from samstream_cli.tables import WIDE

_STYLES: Final = {"error": "bold red", "warning": "bold yellow"}
_GUTTER: Final = "bold blue"
_INDENT: Final = 4
_TAB: Final = "    "


def write(checks: Sequence[Checked], console: Console) -> None:
    """Findings, then notes, then where to read more, then the count."""
    for check in checks:
        for located in check.findings:
            _print_finding(console, check.name, located)
    for check in checks:
        for note in check.notes:
            _print_line(
                console, Text.assemble((visible(check.name), "bold"), ": ", ("note", "cyan"), f": {one_line(note)}")
            )
    if any(check.notes for check in checks):
        console.print()
    findings = [located.finding for check in checks for located in check.findings]
    if findings:
        worst = min(findings, key=lambda finding: finding.severity)
        _print_line(console, Text(f"To read more of a rule: samstream check --explain {worst.rule}", "dim"))
    _print_line(console, _summary(checks))


def _summary(checks: Sequence[Checked]) -> Text:
    counts = {severity: sum(check.count(severity) for check in checks) for severity in ("error", "warning")}
    found = [Text(plural(count, severity), _STYLES[severity]) for severity, count in counts.items() if count]
    what = Text(" and ").join(found) if found else Text("No findings", "bold green")
    return Text.assemble(what, f" in {plural(len(checks), 'template')}.")


def _print_finding(console: Console, name: str, located: Located) -> None:
    finding, region = located.finding, located.region
    style = _STYLES[finding.severity]
    where = f":{region.line}:{region.column}" if region else ""
    rule = (f"{finding.severity}[{finding.rule}]", style)
    place = (visible(name) + where, "bold")
    _print_line(console, Text.assemble(place, ": ", rule, f" {one_line(sentence(finding))}"))
    if region and located.excerpt:
        _print_excerpt(console, located, region, style)
    console.print()


def _print_line(console: Console, text: Text) -> None:
    if not console.is_terminal:
        console.print(text, soft_wrap=True)
        return
    for number, line in enumerate(text.wrap(console, max(console.width - _INDENT, 1))):
        line.rstrip()
        console.print(Text(" " * _INDENT * (number > 0)).append_text(line), soft_wrap=True)


def _print_excerpt(console: Console, located: Located, region: Region, style: str) -> None:
    number = str(region.line)
    margin = " " * len(number)
    width = console.width if console.is_terminal else WIDE
    before, marked, after = _window(located.excerpt, located.mark, max(width - len(number) - 3, 1))
    carets = " " * cell_len(before) + "^" * (cell_len(marked) or 1)
    for line in (
        Text(f"{margin} |", _GUTTER),
        Text.assemble((f"{number} | ", _GUTTER), before, marked, after),
        Text.assemble((f"{margin} | ", _GUTTER), (carets, style)),
    ):
        line.rstrip()
        console.print(line, soft_wrap=True)


def _window(excerpt: str, mark: tuple[int, int], width: int) -> tuple[str, str, str]:
    """What fits of the line before the mark, in it and after it. A minified template is one line of megabytes, so
    no more of it is looked at than could fit."""
    start, end = mark
    before, marked, after = excerpt[:start][-width - 1 :], excerpt[start:end][: width + 1], excerpt[end:][: width + 1]
    marked = _head(_shown(marked), width)
    room = width - cell_len(marked)
    after = _head(_shown(after), max(room - cell_len(_shown(before)), room // 2))
    return _tail(_shown(before), room - cell_len(after)), marked, after


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))


def _head(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def _tail(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return "…" + set_cell_size(text[::-1], width - 1)[::-1] if width > 0 else ""

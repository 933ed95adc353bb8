"""Shows an outcome to people: routes, findings, new ids, and why a deployment would fail.

On a terminal the text fits its width; elsewhere every route and every finding stays on one line for grep.
"""

import errno
import json
from collections.abc import Iterable
from typing import Final, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from samstream.edits import ABSENT, Edit
from samstream.findings import Finding
from samstream.transform import RouteReport
from samstream.types import Json
from samstream_cli.cloudformation import MacroRun, Outcome, Refusal

WIDE: Final = 120
"""From this width on a route, its function and the reason fit on one line."""

_UNLIMITED: Final = 1_000_000
_MODE_STYLES: Final = {"STREAM": "green"}
_SEVERITY_STYLES: Final = {"error": "bold red", "warning": "yellow"}


def report_console(stream: TextIO) -> Console:
    """A console that colours and wraps on a terminal only. `NO_COLOR` is respected by rich."""
    console = _Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = _Console(file=stream, highlight=False, markup=False, emoji=False, width=_UNLIMITED)
    return console


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich would exit with 1, which is the code for templates that fail."""
        raise BrokenPipeError(errno.EPIPE, "the reader has gone")


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Everything there is to tell of a run, the verdict last."""
    print_routes(console, outcome.routes)
    refused = outcome.refusal.findings if outcome.refusal else ()
    others = [finding for finding in outcome.findings if finding not in refused]
    for finding in others:
        print_finding(console, finding)
    if others:
        console.print()
    print_renamed(console, outcome.renamed)
    for note in outcome.notes:
        console.print(Text.assemble(("note: ", "yellow"), note))
    if outcome.refusal:
        print_refusal(console, outcome.refusal)


def print_routes(console: Console, routes: Iterable[RouteReport]) -> None:
    """The table of routes, before and after."""
    routes = tuple(routes)
    if not routes:
        return
    if console.width >= WIDE:
        print_table(console, _wide_table(routes))
    else:
        for api in dict.fromkeys(route.api for route in routes):
            print_table(console, _narrow_table(api, [route for route in routes if route.api == api]))
    streaming = sum(route.after == "STREAM" for route in routes)
    verb = "streams" if streaming == 1 else "stream"
    console.print(Text(f"{streaming} of {len(routes)} route{'s' * (len(routes) > 1)} {verb}.", "bold"))
    console.print()


def print_finding(console: Console, finding: Finding) -> None:
    """Severity, rule and place, then what is wrong and the way out."""
    style = _SEVERITY_STYLES.get(finding.severity, "")
    place = "/".join(map(str, finding.place)) or finding.resource or "the template"
    line = Text.assemble((f"{finding.severity} {finding.rule}", style), f" {place}: {finding.message}")
    console.print(line, soft_wrap=not console.is_terminal)


def print_renamed(console: Console, renamed: dict[str, str]) -> None:
    """Old and new logical ids, one pair a line."""
    if not renamed:
        return
    console.print(Text("New logical ids, so that callers get the change:", "bold"))
    for old, new in renamed.items():
        console.print(f"  {old} -> {new}", soft_wrap=True)
    console.print()


def print_refusal(console: Console, refusal: Refusal) -> None:
    """Why CloudFormation would refuse the template, or may."""
    verdict = "The deployment would fail." if refusal.certain else "This can't be told without AWS."
    console.print(Text.assemble((verdict, "bold red"), f" {refusal.source}:"))
    for finding in refusal.findings:
        print_finding(console, finding)
    for reason in refusal.reasons:
        console.print(Padding(Text(reason), (0, 0, 0, 2), expand=False))
    if refusal.remedy:
        console.print(Text(refusal.remedy))


def print_plan(console: Console, runs: Iterable[MacroRun]) -> None:
    """Every edit of every run of the macro, in the order they are applied."""
    for run in runs:
        edits = run.result.edits
        console.print(Text(f"{run.where}: {len(edits)} edit{'s' * (len(edits) != 1)}", "bold"))
        for edit in edits:
            _print_edit(console, edit)
        console.print()


def _print_edit(console: Console, edit: Edit) -> None:
    console.print(f"  {'/'.join(map(str, edit.place))}", soft_wrap=True)
    for sign, value, style in (("-", edit.before, "red"), ("+", edit.after, "green")):
        if value is not ABSENT:
            console.print(Text(f"    {sign} {_compact(value)}", style), soft_wrap=True)


def print_table(console: Console, table: Table) -> None:
    """Without the spaces that rich puts behind the last column, where they would end in a file."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.out(line.rstrip())


def _wide_table(routes: Iterable[RouteReport]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for header in ("API", "Route", "Function", "Before", "After", "Timeout", "Why"):
        table.add_column(header, overflow="fold", no_wrap=header != "Why")
    for route in routes:
        table.add_row(route.api, route.route, *_cells(route), route.why)
    return table


def _narrow_table(api: str, routes: Iterable[RouteReport]) -> Table:
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
        title=f"API {api}",
        title_justify="left",
        title_style="bold",
    )
    for header in ("Route", "Function", "Before", "After", "Timeout"):
        table.add_column(header, overflow="fold", no_wrap=header not in ("Route", "Function"))
    for route in routes:
        table.add_row(Text.assemble(route.route, ("\n" + route.why if route.why else "", "dim")), *_cells(route))
    return table


def _cells(route: RouteReport) -> tuple[str | Text, ...]:
    modes = (Text(mode, _MODE_STYLES.get(mode, "")) for mode in (route.before, route.after))
    return route.function or "-", *modes, _timeout(route)


def _timeout(route: RouteReport) -> str:
    if route.timeout_in_millis is None:
        return "default" if route.after in ("BUFFERED", "STREAM") else "-"
    return f"{route.timeout_in_millis / 1000:g} s"


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)

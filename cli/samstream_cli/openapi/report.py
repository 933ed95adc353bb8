"""Tells of a conversion: its routes, what was left out or changed, and what API Gateway may not like."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from samstream_cli.openapi.changes import Group
from samstream_cli.openapi.conversion import Conversion
from samstream_cli.openapi.importing import Problem
from samstream_cli.openapi.integrations import BINARY_KEY
from samstream_cli.tables import print_table

_SHOWN_PLACES: Final = 2


def print_conversion(console: Console, conversion: Conversion, *, details: bool) -> None:
    """Everything there is to tell, the verdict last."""
    _print_routes(console, conversion)
    _print_changes(console, conversion.changes.groups(), details=details)
    for note in _notes(conversion):
        console.print(Text.assemble(("note: ", "yellow"), note), soft_wrap=True)
    for problem in conversion.problems:
        _print_problem(console, problem)


def _notes(conversion: Conversion) -> Iterator[str]:
    binary = conversion.definition.get(BINARY_KEY)
    if binary:
        yield f"request bodies of {', '.join(binary)} arrive whole: the API has them as binary media types."
    modes = {endpoint.streams is not None for endpoint in conversion.endpoints}
    if modes == {True, False}:
        yield "a function with the Lambda Web Adapter streams as a whole; the macro makes its other routes stream too."


def _print_routes(console: Console, conversion: Conversion) -> None:
    table = _table("Route", "Answer", "Why")
    for endpoint in conversion.endpoints:
        mode = Text("STREAM", "green") if endpoint.streams else Text("BUFFERED")
        table.add_row(str(endpoint), mode, endpoint.streams or "")
    print_table(console, table)
    streaming = sum(endpoint.streams is not None for endpoint in conversion.endpoints)
    total = len(conversion.endpoints)
    verb = "streams" if 1 in (streaming, total) else "stream"
    console.print(Text(f"{streaming} of {total} route{'s' * (total != 1)} {verb}.", "bold"))


def _print_changes(console: Console, groups: Iterable[Group], *, details: bool) -> None:
    groups = list(groups)
    if not groups:
        return
    console.print()
    console.print(Text("Left out or written otherwise:", "bold"))
    table = _table("What", "Where", "Why")
    for group in groups:
        shown = group.places if details else group.places[:_SHOWN_PLACES]
        more = len(group.places) - len(shown)
        table.add_row(group.what, ", ".join(shown) + (f" and {more} more" if more else ""), group.why)
    print_table(console, table)
    if not details and any(len(group.places) > _SHOWN_PLACES for group in groups):
        console.print("--details lists every place.")


def _print_problem(console: Console, problem: Problem) -> None:
    word, style = ("warning", "yellow") if problem.rule.is_quota else ("error", "bold red")
    text = f" {problem.place}: {problem.message}. See {problem.rule.source}"
    console.print(Text.assemble((f"{word} {problem.rule.name}:", style), text), soft_wrap=True)


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    return table

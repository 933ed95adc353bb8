"""What a session of `samstream local` says on the terminal."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from samstream_cli.checked import Checked, Located
from samstream_cli.formats.wording import one_line, sentence
from samstream_cli.local.access_log import Access, printable, rendered
from samstream_cli.local.hints import with_hint
from samstream_cli.local.reloading import TemplateWatch
from samstream_cli.local.routing import Api, Route
from samstream_cli.local.session import Voice

_STYLES: Final = {"error": "bold red", "warning": "bold yellow"}


def voice_of(
    console: Console,
    apis: Sequence[Api],
    checked: Checked,
    notes: Sequence[str],
    watch: TemplateWatch | None = None,
) -> Voice:
    """Everything on the terminal; what functions print is theirs, so it is shown as it can be, by their name."""
    lines = _Lines(console)

    def ready(address: str, more: Sequence[str]) -> None:
        console.print(_table(address, apis))
        for text in (*map(_finding, _named_once(checked)), *map(_note, (*notes, *more))):
            console.print(text, soft_wrap=True)
        console.print(Text(f"Serving on {address}. Ctrl-C ends it.", "bold"))

    def access(done: Access) -> None:
        lines.flush()
        console.print(rendered(with_hint(done, apis)), soft_wrap=True)
        if watch and (change := watch.change()):
            console.print(_note(change), soft_wrap=True)

    def step(message: str) -> None:
        lines.flush()
        console.print(Text(message, "dim"), soft_wrap=True)

    return Voice(access, lines.add, step, ready)


class _Lines:
    """Lines of functions, all that came in one turn of the event loop in one write: formatting each by itself would
    keep requests waiting behind a function that prints a lot."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pending: list[str] = []
        self._dim = ("\x1b[2m", "\x1b[0m") if console.color_system else ("", "")

    def add(self, function: str, text: str) -> None:
        if not self._pending:
            asyncio.get_running_loop().call_soon(self.flush)
        before, after = self._dim
        self._pending.append(f"{before}[{function}]{after} {printable(text)}\n")

    def flush(self) -> None:
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            self._console.file.write(text)
            self._console.file.flush()


def _named_once(checked: Checked) -> Iterator[tuple[str, Located]]:
    for located in checked.findings:
        region = located.region
        yield f"{checked.name}:{region.line}:{region.column}" if region else checked.name, located


def _finding(named: tuple[str, Located]) -> Text:
    place, finding = printable(named[0]), named[1].finding
    rule = (f"{finding.severity}[{finding.rule}]", _STYLES[finding.severity])
    return Text.assemble((place, "bold"), ": ", rule, f" {one_line(sentence(finding))}")


def _note(note: str) -> Text:
    return Text.assemble(("note: ", "yellow"), printable(note))


def _table(address: str, apis: Sequence[Api]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for header in ("Route", "URL", "Mode", "Function", "Timeout"):
        table.add_column(header, overflow="fold", no_wrap=header != "URL")
    for api in apis:
        for route in api.routes:
            deployed = api.as_deployed(route, api.stages[0])
            table.add_row(str(route), f"{address}{_base(api, apis)}{route.path}", *_cells(deployed))
    return table


def _base(api: Api, apis: Sequence[Api]) -> str:
    """The shortest way to an API: its first stage goes without saying."""
    return f"/{api.id}" if len(apis) > 1 else ""


def _cells(route: Route) -> tuple[Text, str, str]:
    mode = Text("STREAM", "green") if route.streaming else Text("BUFFERED" if route.kind in ("lambda", "http") else "-")
    seconds = 29 if route.timeout_in_millis is None else route.timeout_in_millis / 1000
    return mode, route.function or route.kind, f"{seconds:g} s" if route.kind in ("lambda", "http") else "-"

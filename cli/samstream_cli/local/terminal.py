"""What a session of `samstream local` says on the terminal."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from samstream_cli.checked import Checked, Located
from samstream_cli.formats.wording import one_line, sentence
from samstream_cli.local.access_log import Access, printable, rendered
from samstream_cli.local.hints import with_hint
from samstream_cli.local.project import Project
from samstream_cli.local.reloading import TemplateWatch
from samstream_cli.local.routing import Api, Route
from samstream_cli.local.session import Voice

_STYLES: Final = {"error": "bold red", "warning": "bold yellow"}


def voice_of(screen: "Screen", project: Project, watch: TemplateWatch | None = None) -> Voice:
    """Everything on the terminal; what functions print is theirs, so it is shown as it can be, by their name."""
    apis = project.apis
    nodejs = {function.name for function in project.functions if function.runtime.startswith("nodejs")}

    def ready(address: str, more: Sequence[str]) -> None:
        screen.show(_table(address, apis))
        for text in (*map(_finding, _named_once(project.checked)), *map(_note, (*project.notes, *more))):
            screen.show(text)
        screen.show(Text(f"Serving on {address}. Ctrl-C ends it.", "bold"))

    def access(done: Access) -> None:
        screen.add(screen.styled(rendered(with_hint(done, apis, nodejs))))
        if watch and (change := watch.change()):
            screen.add(screen.styled(_note(change)))

    @cache
    def label(function: str) -> str:
        return screen.styled(Text(f"[{function}]", "dim"))

    def line(function: str, text: str) -> None:
        screen.add(f"{label(function)} {printable(text)}")

    def step(message: str) -> None:
        screen.show(Text(message, "dim"))

    return Voice(access, line, step, ready)


class Screen:
    """A console that many lines go to: all that came in one turn of the event loop in one write, since formatting each
    by itself would keep requests waiting. Where nobody reads it any more, the session is stopped; `failure` says why.
    """

    def __init__(self, console: Console, stop: asyncio.Event) -> None:
        self.failure: OSError | None = None
        self._console = console
        self._stop = stop
        self._pending: list[str] = []
        self._is_plain = console.color_system is None or console.no_color

    def show(self, what: Table | Text) -> None:
        """At once, wrapped by the terminal."""
        self.flush()
        self._write(lambda: self._console.print(what, soft_wrap=isinstance(what, Text)))

    def styled(self, text: Text) -> str:
        """What a terminal shows the text by."""
        if self._is_plain:
            return text.plain
        segments = text.render(self._console)
        return "".join(part.style.render(part.text) if part.style else part.text for part in segments)

    def add(self, line: str) -> None:
        """With the others of this turn."""
        if not self._pending:
            asyncio.get_running_loop().call_soon(self.flush)
        self._pending.append(line)

    def flush(self) -> None:
        if self._pending:
            text = "\n".join((*self._pending, ""))
            self._pending.clear()
            self._write(lambda: self._put(text))

    def _put(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()

    def _write(self, write: Callable[[], None]) -> None:
        if self.failure:
            return
        try:
            write()
        except OSError as error:
            self.failure = error
            self._stop.set()


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

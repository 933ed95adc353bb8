"""The same request to the example without its tags and with them: two runs at once, drawn while they go on."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import httpx
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from samstream_cli.cloudformation import Outcome
from samstream_cli.demo_session import BUFFERED, STREAMING, DemoError, FunctionLog, both, during
from samstream_cli.probe_network import Recording
from samstream_cli.probe_request import Request, parse_url
from samstream_cli.probe_runs import Ending, Run
from samstream_cli.probe_verdict import judge
from samstream_cli.probing import probe, so_far
from samstream_cli.templates import TemplateFile
from samstream_cli.timeline import draw_together

LABELS: Final = {BUFFERED: "buffered, as SAM leaves it", STREAMING: "Streaming: true"}
PROMPT: Final = (
    b'{"prompt": "Why is the sky blue? Take your time over it, for every word is sent when it is written, a twentieth '
    b'of a second after the one before, and the question is whether API Gateway hands it on or keeps it."}'
)
"""Long enough for the example, which repeats it, to answer for about three seconds."""

_EXPECTED: Final = 3.0
_TIMEOUT: Final = 60.0
_WIDEST: Final = 100


def compare(file: TemplateFile, outcome: Outcome, console: Console) -> tuple[Run, Run]:
    """The buffered run and the streaming one. Raises `DemoError` where the example doesn't answer."""
    log = FunctionLog()
    with both(file, outcome) as served, _Steps(console) as steps:

        def work(address: str) -> tuple[Run, Run]:
            steps.tell("Starting the functions")
            _wake(address)
            steps.close()
            return _race(console, address)

        runs = during(served, work, steps.tell, log)
    for run in runs:
        _require_answer(run, log)
    return runs


def failure(buffered: Run, streaming: Run) -> str:
    """What of the two isn't as it should be; nothing where one streamed and the other didn't."""
    if judge(buffered).streamed:
        return f"without its tags the example streamed: {judge(buffered).why}"
    return "" if judge(streaming).streamed else f"with its tags the example didn't stream: {judge(streaming).why}"


def picture(console: Console, runs: Sequence[Run]) -> Text:
    """The timelines on one axis."""
    width = min(console.width - 6, _WIDEST)  # the last mark is longer
    return draw_together(runs, width, at_least=_EXPECTED, ascii_only=console.options.ascii_only)


class _Steps(ExitStack):
    """Tells what is being done: beside a spinner on a terminal, elsewhere on a line each."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._update: Callable[[str], None] | None = None

    def tell(self, message: str) -> None:
        if not self._console.is_terminal:
            self._console.print(f"{message} ...")
            self._console.file.flush()
        elif self._update is None:
            self._update = self.enter_context(self._console.status(message)).update
        else:
            self._update(message)


def _wake(address: str) -> None:
    """Starts both functions, so that the runs show how their routes answer and not how long Python takes to start."""
    # The address is known a moment before the server listens, and what doesn't answer now is told by the runs.
    client = httpx.Client(transport=httpx.HTTPTransport(retries=5), timeout=_TIMEOUT)
    with client, ThreadPoolExecutor(len(LABELS)) as pool, suppress(httpx.TransportError):
        list(pool.map(client.get, [f"{address}/{name}/" for name in LABELS]))


@dataclass(frozen=True)
class _Runner:
    """A run, or what there is of it."""

    request: Request
    recording: Recording
    done: list[Run]

    def run(self) -> Run:
        self.done.append(probe(self.request, self.recording))
        return self.done[0]

    def seen(self) -> Run:
        return self.done[0] if self.done else so_far(self.request, self.recording)


@dataclass(frozen=True)
class _Growing:
    """The timelines up to the moment in which they are drawn."""

    runners: Sequence[_Runner]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield picture(console, [runner.seen() for runner in self.runners])


def _race(console: Console, address: str) -> tuple[Run, Run]:
    """Both runs, begun at the same moment."""
    runners = [_Runner(_request(address, name), Recording(time.perf_counter, timeout=_TIMEOUT), []) for name in LABELS]
    with ThreadPoolExecutor(len(runners)) as pool, _live(console, runners):
        buffered, streaming = pool.map(_Runner.run, runners)
    return buffered, streaming


@contextmanager
def _live(console: Console, runners: Sequence[_Runner]) -> Iterator[None]:
    if not console.is_terminal:
        yield
        return
    with Live(_Growing(runners), console=console, transient=True, refresh_per_second=15):
        yield


def _request(address: str, name: str) -> Request:
    url = parse_url(f"{address}/{name}/chat")
    return Request("POST", url, (("content-type", "application/json"),), PROMPT, LABELS[name])


def _require_answer(run: Run, log: FunctionLog) -> None:
    if run.ending is Ending.COMPLETE and run.status == 200:
        return
    what = f"status {run.status}" if run.ending is Ending.COMPLETE else f"an answer that was {run.ending}"
    said = f"The last lines of its functions:\n{log}" if str(log) else "Its functions printed nothing."
    raise DemoError(f"POST /chat of the example ({run.label}) gave {what}", said)

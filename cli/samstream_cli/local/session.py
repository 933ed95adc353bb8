"""One session of `samstream local`: functions, the gateway before them, and a server on loopback until it is ended."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import uvicorn

from samstream_cli.errors import SamstreamError, UsageError
from samstream_cli.local.access_log import Access
from samstream_cli.local.gateway import Gateway
from samstream_cli.local.launch import FunctionSpec, prepare
from samstream_cli.local.limits import Options
from samstream_cli.local.ports import Ports
from samstream_cli.local.reloading import ReloadingFunction
from samstream_cli.local.routing import Api, Route
from samstream_cli.local.workers import LambdaFunction

HOST: Final = "127.0.0.1"
BACKLOG: Final = 2048
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LEAVE: Final = 1
"""Seconds that answers have to end once the session does."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a session needs beside the template."""

    port: int
    options: Options
    limit: int
    adapter: Path | None = None
    pass_credentials: bool = False
    hot_reload: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """Who is told what happens: a request's end, a function's line, a step that takes a while."""

    access: Callable[[Access], None]
    line: Callable[[str, str], None]
    progress: Callable[[str], None]
    ready: Callable[[str, Sequence[str]], None]


async def serve(
    apis: Sequence[Api], specs: Sequence[FunctionSpec], settings: Settings, voice: Voice, stop: asyncio.Event
) -> None:
    """Serves until `stop` is set, which SIGINT, SIGTERM and SIGHUP do too. A function that can't run here takes its
    routes out, with a word. Raises `UsageError`, and `CancelledError` where it was stopped before it served."""
    listener = bind(settings.port)
    ending = _Ending(stop)
    async with AsyncExitStack() as stack:
        stack.callback(ending.close)
        stack.callback(listener.close)
        starter = _Starter(settings, voice)
        functions: dict[str, LambdaFunction | ReloadingFunction] = {}
        problems: dict[str, str] = {}
        for spec in specs:
            try:
                functions[spec.name] = await stack.enter_async_context(await starter.start(spec))
            except UsageError:
                raise
            except SamstreamError as error:
                problems[spec.name] = f"{error.message}. {error.remedy}"
        gateway = Gateway(_without(apis, problems), functions, settings.options, voice.access)
        server = ending.server = _Server(
            uvicorn.Config(
                gateway,
                log_config=None,  # Its own one needs a standard output.
                log_level="critical",
                access_log=False,
                server_header=False,
                http="httptools",
                ws="none",
                proxy_headers=False,  # A client's own X-Forwarded-For doesn't change whence it comes.
                timeout_graceful_shutdown=_LEAVE,
                lifespan="on",
            )
        )
        voice.ready(f"http://{HOST}:{listener.getsockname()[1]}", [*starter.notes, *problems.values()])
        await server.serve([listener])


class _Server(uvicorn.Server):
    """Leaves signals to the session."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Ending:
    """What asks the session to end lets the server end, and before there is one what is being started. Nothing cuts
    the way out short, on which everything ends that was started."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.server: uvicorn.Server | None = None
        self._session = asyncio.current_task()
        self._watch = asyncio.create_task(self._end(stop))
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async def _end(self, stop: asyncio.Event) -> None:
        await stop.wait()
        if self.server is not None:
            self.server.should_exit = True
        elif self._session is not None:
            self._session.cancel()

    def close(self) -> None:
        self._watch.cancel()


class _Starter:
    """Makes functions ready to be invoked, and keeps the notes on them."""

    def __init__(self, settings: Settings, voice: Voice) -> None:
        self.notes: list[str] = []
        self._settings = settings
        self._voice = voice
        self._ports = Ports()

    async def start(self, spec: FunctionSpec) -> LambdaFunction | ReloadingFunction:
        """Raises `SamstreamError` for one that can't run here."""
        function = await self._make(spec)
        if self._settings.hot_reload:
            return ReloadingFunction(spec, lambda: self._make(spec), self._voice.line)
        return function

    async def _make(self, spec: FunctionSpec) -> LambdaFunction:
        settings = self._settings
        launch = await prepare(
            spec,
            adapter_path=settings.adapter,
            pass_credentials=settings.pass_credentials,
            progress=self._voice.progress,
        )
        notes = (f"{spec.name}: {note}" for note in launch.notes)
        self.notes += [note for note in notes if note not in self.notes]
        return LambdaFunction(spec, launch, log=self._voice.line, ports=self._ports, limit=settings.limit)


def bind(port: int) -> socket.socket:
    """A listening socket on loopback; 0 takes any port. Raises `UsageError`."""
    # asyncio turns Nagle's algorithm off for sockets that say they are TCP's; with it small answers take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(BACKLOG)  # Who reads that it serves may connect, though the server starts a moment later.
    except OSError as error:
        listener.close()
        message = f"port {port} can't be used: {error.strerror}"
        raise UsageError(message, "Name another one with --port, or 0 for any.") from error
    return listener


def _without(apis: Sequence[Api], problems: Mapping[str, str]) -> tuple[Api, ...]:
    """The APIs with what keeps a route's function from running written on the route."""
    return tuple(replace(api, routes=tuple(_as_it_runs(route, problems) for route in api.routes)) for api in apis)


def _as_it_runs(route: Route, problems: Mapping[str, str]) -> Route:
    problem = problems.get(route.function or "")
    return replace(route, kind="unsupported", problem=problem) if problem else route


def run(
    apis: Sequence[Api], specs: Sequence[FunctionSpec], settings: Settings, voice: Voice, stop: asyncio.Event
) -> None:
    """`serve` for who isn't asynchronous; Ctrl-C is how it ends, or the terminal that closes."""
    with suppress(asyncio.CancelledError):
        asyncio.run(serve(apis, specs, settings, voice, stop))

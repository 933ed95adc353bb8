"""A session of `samstream local` around some work: the template as it is written beside what it is without its tags."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, TypeVar

from samstream.options import Options as MacroOptions
from samstream.transform import Stack, inspect
from samstream_cli.add_plan import Order, remove_tags
from samstream_cli.cloudformation import ACCOUNT_ID, Outcome
from samstream_cli.errors import ExitCode, SamstreamError
from samstream_cli.local.access_log import printable
from samstream_cli.local.apis import apis_of
from samstream_cli.local.environments import InstallFailed
from samstream_cli.local.functions import specs_of
from samstream_cli.local.launch import FunctionSpec, prepare
from samstream_cli.local.limits import Options
from samstream_cli.local.routing import Api, Route
from samstream_cli.local.session import SIGNALS, Settings, Voice, serve
from samstream_cli.options import DEFAULT_REGION
from samstream_cli.parameters import resolve_parameters
from samstream_cli.positions import Source
from samstream_cli.templates import TemplateFile
from samstream_cli.transform import run as transformed

BUFFERED: Final = "buffered"
STREAMING: Final = "streaming"
"""The names under which the gateway serves the template without its tags, and with them."""

_KEPT_LINES: Final = 8
_HASTE: Final = {"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "10", "UV_HTTP_TIMEOUT": "10"}
"""Who waits for a demo wants to know soon that there is no way to the packages."""

Step = Callable[[str], None]
Result = TypeVar("Result")


class DemoError(SamstreamError):
    """The demo can't show what it is there to show."""

    exit_code = ExitCode.WOULD_FAIL


class Served(NamedTuple):
    """What a session serves."""

    apis: tuple[Api, ...]
    functions: tuple[FunctionSpec, ...]


class FunctionLog:
    """The last lines that functions printed."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def add(self, function: str, text: str) -> None:
        self._lines.append(f"[{function}] {printable(text)}")

    def __str__(self) -> str:
        return "\n".join(self._lines)


@contextmanager
def both(file: TemplateFile, outcome: Outcome) -> Iterator[Served]:
    """The template with its tags, whose outcome this is, and without them, each under its name."""
    plain = without_tags(file)
    with TemporaryDirectory(prefix="samstream-") as scratch:
        streaming = _served(file, outcome, STREAMING, Path(scratch))
        buffered = _served(plain, transformed(plain, {}, DEFAULT_REGION), BUFFERED, Path(scratch))
        yield Served((*streaming.apis, *buffered.apis), (*streaming.functions, *buffered.functions))


def without_tags(file: TemplateFile) -> TemplateFile:
    """The template as it was before `samstream add`."""
    source = Source(file.name, file.text)
    edited = remove_tags(source, file.content, _stack(file), Order())
    return replace(file, content=edited.content, text=edited.text)


def during(served: Served, work: Callable[[str], Result], step: Step, log: FunctionLog) -> Result:
    """The result of the work, which gets the gateway's address and runs beside it. All is ended when this returns.

    Raises `DemoError` where a function can't run here, and `KeyboardInterrupt`.
    """
    try:
        return asyncio.run(_during(served, work, step, log))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _during(served: Served, work: Callable[[str], Result], step: Step, log: FunctionLog) -> Result:
    for function in {spec.folder: spec for spec in served.functions}.values():
        await _prepare(function, step)
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    voice = Voice(lambda _: None, log.add, step, lambda url, _: address.set_result(url))
    settings = Settings(0, Options(account_id=ACCOUNT_ID, region=DEFAULT_REGION), limit=2)
    stop = asyncio.Event()
    session = asyncio.create_task(serve(served.apis, served.functions, settings, voice, stop))
    await asyncio.wait((session, address), return_when=asyncio.FIRST_COMPLETED)
    if not address.done():
        await session
        raise asyncio.CancelledError
    interruption = _Interruption(stop)
    working = asyncio.create_task(asyncio.to_thread(work, address.result()))
    await asyncio.wait((session, working), return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await asyncio.gather(session, working, return_exceptions=True)
    await session
    if interruption.came:
        raise asyncio.CancelledError
    return working.result()


class _Interruption:
    """Ends the session as the session itself would, and remembers that somebody wished it."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.came = stop.is_set()
        self._stop = stop
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._come)

    def _come(self) -> None:
        self.came = True
        self._stop.set()


async def _prepare(function: FunctionSpec, step: Step) -> None:
    """Installs what the function needs. A session would leave out the routes of one that can't run."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await prepare(function, shell=_shell(), progress=step)
    except InstallFailed as error:
        remedy = (
            "Can PyPI be reached? Behind a proxy set HTTPS_PROXY, with a mirror of your own PIP_INDEX_URL. "
            f"samstream demo --no-serve shows the rest.\n\n{error.message}"
        )
        raise DemoError("the example's packages can't be installed", remedy) from error
    except SamstreamError as error:
        raise DemoError(error.message, f"{error.remedy} samstream demo --no-serve shows the rest.") from error


def _shell(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment, with an uv on PATH that stands beside this Python, because that installs in no time."""
    path = os.pathsep.join((environment.get("PATH", os.defpath), str(Path(sys.executable).parent)))
    return {**_HASTE, **environment, "PATH": path}


def _served(file: TemplateFile, outcome: Outcome, name: str, scratch: Path) -> Served:
    plan, _ = inspect(outcome.template, MacroOptions(), _stack(file))
    specs = specs_of(plan, file.content, file.folder, DEFAULT_REGION, scratch / name)
    apis = (replace(api, id=name, routes=tuple(_renamed(route, name) for route in api.routes)) for api in apis_of(plan))
    return Served(tuple(apis), tuple(replace(spec, name=f"{spec.name}-{name}") for spec in specs.functions))


def _renamed(route: Route, name: str) -> Route:
    return replace(route, function=f"{route.function}-{name}" if route.function else None)


def _stack(file: TemplateFile) -> Stack:
    return Stack(DEFAULT_REGION, ACCOUNT_ID, resolve_parameters(file.content, {}).values)

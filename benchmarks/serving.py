"""`samstream local` beside uvicorn serving the same app without it.

The memory is read from /proc, which Linux alone has.
"""

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from os import environ
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import NamedTuple

from benchmarks.effort import MEGABYTE, Effort, Serving
from benchmarks.report import Section, Target

ADDED, RATIO, GROWTH = 5.0, 2.0, 10.0
"""Milliseconds, times and megabytes, at most."""

READY = r" on http://127\.0\.0\.1:(\d+)"
CONNECTIONS, EVENTS, OPENING, PATIENCE = 4, 20, 8, 60
UVICORN = (sys.executable, "-m", "uvicorn", "app:app", "--no-access-log", "--timeout-graceful-shutdown", "1", "--port")
SAMSTREAM = (str(Path(sys.executable).with_name("samstream")), "local", "template.yaml")

_APP = """
import asyncio, pathlib

PART, GATE = bytes(65536), pathlib.Path(__file__).with_name("gate")

async def parts(path, query):
    if path == "/stream":
        for start in range(0, size := int(query), len(PART)):
            yield PART[: size - start]
    elif path == "/events":
        yield b"data: 0\\n\\n"
        while not GATE.exists():
            await asyncio.sleep(0.05)
        for number in range(1, {events}):
            yield b"data: %d\\n\\n" % number
            await asyncio.sleep(0.01)
    else:
        yield b"small"

async def app(scope, receive, send):
    assert scope["type"] == "http"
    kind = b"text/event-stream" if scope["path"] == "/events" else b"text/plain"
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}})
    async for part in parts(scope["path"], scope["query_string"].removeprefix(b"size=")):
        await send({{"type": "http.response.body", "body": part, "more_body": True}})
    await send({{"type": "http.response.body"}})
"""

_TEMPLATE = """
Transform: [SamStream, AWS::Serverless-2016-10-31, SamStream]
Globals:
  Api: {{EndpointConfiguration: REGIONAL, OpenApiVersion: 3.0.1}}
Resources:
  App:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python{version.major}.{version.minor}
      Handler: run.sh
      CodeUri: .
      Timeout: 600
      Layers: ["arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:30"]
      Environment:
        Variables: {{AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap, AWS_LWA_PORT: "8793"}}
      Events:
        Any: {{Type: Api, Properties: {{Path: "/{{path+}}", Method: get, Streaming: true}}}}
"""


class Figures(NamedTuple):
    """Milliseconds to the first byte, small answers a second, megabytes a second, seconds for all events."""

    first_byte: float
    rate: float
    speed: float
    events: float


@dataclass(frozen=True)
class Server:
    """A running server: its process, its port."""

    process: int
    port: int

    @contextmanager
    def connected(self) -> Iterator[Callable[[str], HTTPResponse]]:
        """What gets a path over one connection, which is kept where answers are read."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

        def get(path: str) -> HTTPResponse:
            connection.request("GET", path)
            answer = connection.getresponse()
            if answer.status != 200:
                raise ValueError(f"{path} was answered {answer.status}: {answer.read()!r}")
            return answer

        try:
            yield get
        finally:
            connection.close()


def sections(effort: Effort) -> Iterator[Section]:
    serving = effort.serving
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        _write(folder)
        command = (*SAMSTREAM, "--no-limits", "--limit", str(serving.clients), "--port", "0")
        cache = str(folder / "cache")
        commands = (*UVICORN, "0"), command
        servers = [stack.enter_context(running(command, folder, XDG_CACHE_HOME=cache)) for command in commands]
        for server in servers:  # The first requests start environments, and load what is loaded once.
            rate(server, 20)
            _speed(server, MEGABYTE)
        rounds = [[_round(server, serving) for server in servers] for _ in range(serving.rounds)]
        growth = _growth(servers[1], serving.flat)
        seconds = [_events(server, serving.clients, folder / "gate") for server in servers]
    direct, through = (_figures(*measured) for measured in zip(zip(*rounds, strict=True), seconds, strict=True))
    yield _section(serving, direct, through, growth)


def _figures(rounds: Sequence[tuple[float, float, float]], events: float) -> Figures:
    first_byte, rate, speed = (median(column) for column in zip(*rounds, strict=True))
    return Figures(first_byte, rate, speed, events)


def _section(serving: Serving, direct: Figures, local: Figures, growth: float) -> Section:
    added, ratio = local.first_byte - direct.first_byte, direct.speed / local.speed
    rate = f"x{local.rate / direct.rate:.2f}"
    events = f"{local.events - direct.events:+.2f}"
    return Section(
        "Serving locally",
        "An app served by uvicorn, and by `samstream local --no-limits` with uvicorn behind its adapter, in turns, on "
        f"a streaming route; medians. Small answers over {CONNECTIONS} connections. The clients of events are all "
        f"connected at once, each to an environment of its own; then each is sent {EVENTS} events, 10 ms apart, and "
        "has to get them in order. The memory is what the gateway's peak adds to what it had before.",
        ("what", "uvicorn", "samstream local", "difference"),
        [
            ("ms to the first byte", f"{direct.first_byte:.2f}", f"{local.first_byte:.2f}", f"{added:+.2f}"),
            ("small answers a second", f"{direct.rate:.0f}", f"{local.rate:.0f}", rate),
            (f"MB/s of {_mb(serving.stream)}", f"{direct.speed:.0f}", f"{local.speed:.0f}", f"x{1 / ratio:.2f}"),
            (f"s for {serving.clients} clients of events", f"{direct.events:.2f}", f"{local.events:.2f}", events),
            (f"MB of memory for {_mb(serving.flat)}", "", f"{growth:.1f}", ""),
        ],
        [
            Target("the time added to the first byte", added, ADDED, " ms"),
            Target("uvicorn's MB/s by those of samstream local", ratio, RATIO),
            Target("the memory a long stream adds", growth, GROWTH, " MB"),
        ],
    )


def _mb(size: int) -> str:
    return f"{size / MEGABYTE:.0f} MB"


def _write(folder: Path) -> None:
    (folder / "app.py").write_text(_APP.format(events=EVENTS), encoding="utf-8")
    (folder / "template.yaml").write_text(_TEMPLATE.format(version=sys.version_info), encoding="utf-8")
    script = folder / "run.sh"
    script.write_text(f"#!/bin/sh\nexec {shlex.join(UVICORN)} $AWS_LWA_PORT\n", encoding="utf-8")
    script.chmod(0o755)


@contextmanager
def running(command: Sequence[str], folder: Path, ready: str = READY, **more: str) -> Iterator[Server]:
    """Runs a server in a folder until it isn't needed any more; `ready` finds its port in what it prints."""
    log = folder / f"{Path(command[0]).name}.log"
    path = f"{Path(sys.executable).parent}:{environ['PATH']}"
    variables = {**environ, "PATH": path, **more}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=output, stderr=output, start_new_session=True
        )
    try:
        while not (match := re.search(ready, log.read_text(encoding="utf-8"))):
            if process.poll() is not None:
                raise ValueError(f"{' '.join(command)} ended: {log.read_text(encoding='utf-8')}")
            sleep(0.02)
        yield Server(process.pid, int(match[1]))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def _round(server: Server, serving: Serving) -> tuple[float, float, float]:
    """All `Figures` but the events."""
    return _first_byte(server, serving.requests), rate(server, serving.requests), _speed(server, serving.stream)


def _first_byte(server: Server, requests: int) -> float:
    times = []
    with server.connected() as get:
        for _ in range(requests):
            started = perf_counter()
            answer = get("/small")
            answer.read(1)
            times.append(perf_counter() - started)
            answer.read()
    return median(times) * 1e3


def rate(server: Server, requests: int, path: str = "/small") -> float:
    """Answers a second."""

    def some(_: int) -> None:
        with server.connected() as get:
            for _ in range(requests // CONNECTIONS):
                get(path).read()

    started = perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(some, range(CONNECTIONS)))
    return requests // CONNECTIONS * CONNECTIONS / (perf_counter() - started)


def _speed(server: Server, size: int) -> float:
    started = perf_counter()
    with server.connected() as get:
        answer = get(f"/stream?size={size}")
        buffer, received = bytearray(1 << 18), 0
        while count := answer.readinto(buffer):
            received += count
    if received != size:
        raise ValueError(f"{received} of {size} bytes came")
    return size / MEGABYTE / (perf_counter() - started)


def _growth(server: Server, size: int) -> float:
    """Megabytes between the memory before a stream and the peak while it lasts."""
    process = Path("/proc") / str(server.process)
    (process / "clear_refs").write_text("5")  # The peak starts anew.
    before = _memory(process, "VmRSS")
    _speed(server, size)
    return (_memory(process, "VmHWM") - before) / 1024


def _memory(process: Path, name: str) -> int:
    (kilobytes,) = re.findall(rf"^{name}:\s+(\d+) kB$", (process / "status").read_text(), re.MULTILINE)
    return int(kilobytes)


def _events(server: Server, clients: int, gate: Path) -> float:
    """Seconds in which all clients, once connected, get the rest of their events."""
    with ExitStack() as stack:
        # Environments that all start at once take longer to start than Lambda grants.
        opening = stack.enter_context(ThreadPoolExecutor(OPENING))
        reading = stack.enter_context(ThreadPoolExecutor(clients))
        connections = [stack.enter_context(server.connected()) for _ in range(clients)]
        answers = list(opening.map(lambda get: get("/events"), connections))
        first = [answer.readline() for answer in answers]
        started = perf_counter()
        gate.touch()
        rest = list(reading.map(HTTPResponse.read, answers))
        seconds = perf_counter() - started
        gate.unlink()
    received = {one + more for one, more in zip(first, rest, strict=True)}
    if received != {b"".join(b"data: %d\n\n" % number for number in range(EVENTS))}:
        raise ValueError(f"events are missing or out of order: {received}")
    return seconds

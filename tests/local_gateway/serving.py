"""A gateway behind a real server on a loopback port, and functions that say what a test tells them."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from samstream_cli.local.access_log import Access
from samstream_cli.local.gateway import Gateway
from samstream_cli.local.invocation import Answer, Function, FunctionError
from samstream_cli.local.limits import Options
from samstream_cli.local.routing import Api, Route

Script = Callable[[dict[str, Any]], AsyncGenerator[bytes, None]]

PRELUDE = b'{"statusCode":200,"headers":{"Content-Type":"text/plain"}}' + bytes(8)


@dataclass
class Told:
    """A function whose script yields its answer; `closed` counts answers that are over, read or not. It keeps them all,
    so that none is closed by being forgotten."""

    script: Script
    streaming: bool = True
    name: str = "Chat"
    timeout: float = 3.0
    events: list[dict[str, Any]] = field(default_factory=list)
    closed: int = 0
    kept: list[Answer] = field(default_factory=list)

    async def invoke(self, event: bytes) -> Answer:
        """Waits for the first chunk, as the interface says."""
        self.events.append(json.loads(event))
        chunks = self._run(self.events[-1])
        first = await anext(chunks, b"")
        self.kept.append(Answer(self.streaming, None, _with_first(first, chunks)))
        return self.kept[-1]

    async def _run(self, event: dict[str, Any]) -> AsyncIterator[bytes]:
        try:
            async with aclosing(self.script(event)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self.closed += 1


async def _with_first(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield first
        async for chunk in chunks:
            yield chunk
    finally:
        await chunks.aclose()  # type: ignore[attr-defined]


def says(*chunks: bytes) -> Script:
    """A script that says these and ends."""

    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        for chunk in chunks:
            yield chunk

    return script


def fails(error: Exception, *chunks: bytes) -> Script:
    """A script that says these and fails."""

    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        for chunk in chunks:
            yield chunk
        raise error

    return script


def answers(**answer: Any) -> Told:
    """A function that answers as a buffered one does."""
    return Told(says(json.dumps(answer).encode()), streaming=False)


def streams(*chunks: bytes) -> Told:
    """A function that streams a prelude and these."""
    return Told(says(PRELUDE, *chunks))


def api(*routes: Route, **settings: Any) -> Api:
    """One API with one stage."""
    return Api(**{"id": "Api", "stages": ("Prod",), "endpoint": "REGIONAL", "routes": routes, **settings})


EXIT = FunctionError("Runtime.ExitError", "it left with 1")
STREAM = Route("GET", "/", streaming=True, function="Chat")
BUFFERED = Route("GET", "/", function="Chat")


@dataclass
class Served:
    """A gateway that is being served."""

    port: int
    client: httpx.AsyncClient
    log: list[Access]

    async def logged(self, count: int = 1) -> list[Access]:
        """The log as soon as it has so many lines; a line comes when an answer is over on the server's side too."""
        while len(self.log) < count:
            await asyncio.sleep(0.005)
        return self.log

    async def raw(self, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which this has been sent."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(head)
        await writer.drain()
        return reader, writer

    async def exchange(self, head: bytes) -> bytes:
        """All that a connection answers until it is closed."""
        reader, writer = await self.raw(head)
        try:
            return await reader.read()
        finally:
            await close(writer)


GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def close(writer: asyncio.StreamWriter) -> None:
    """Closes a connection, whatever has become of it."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[int]:
    """Serves an ASGI application; the port."""
    # A listener without a protocol gives connections without TCP_NODELAY, which cost 40 ms an answer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, lifespan="on", http="httptools", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def serving(
    apis: Api | list[Api], function: Function | None = None, options: Options | None = None
) -> AsyncIterator[Served]:
    """Serves a gateway whose functions are all this one."""
    log: list[Access] = []
    functions = {} if function is None else {function.name: function}
    gateway = Gateway([apis] if isinstance(apis, Api) else apis, functions, options or Options(), log.append)
    limits = httpx.Limits(max_connections=None)
    async with (
        listening(gateway) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=20, trust_env=False) as client,
    ):
        yield Served(port, client, log)


def run(test: Coroutine[Any, Any, None], seconds: float = 30) -> None:
    """Runs a test to its end, at which no task may be left."""

    async def bounded() -> None:
        await asyncio.wait_for(test, seconds)
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert left == set()

    asyncio.run(bounded())


def case(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Makes an ordinary test of a coroutine function."""

    def ordinary() -> None:
        run(test())  # type: ignore[arg-type]

    ordinary.__name__ = test.__name__
    return ordinary

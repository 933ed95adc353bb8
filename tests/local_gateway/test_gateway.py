"""The gateway as a whole, over real sockets."""

import asyncio
import random
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from local_gateway.serving import (
    BUFFERED,
    EXIT,
    GET,
    PRELUDE,
    STREAM,
    Told,
    answers,
    api,
    case,
    close,
    fails,
    run,
    says,
    serving,
    streams,
)  # fmt: skip
from samstream_cli.local.access_log import Access
from samstream_cli.local.gateway import Gateway
from samstream_cli.local.invocation import Answer, Function
from samstream_cli.local.limits import Options
from samstream_cli.local.routing import Route


@pytest.mark.parametrize("request_", ["GET /nowhere", "DELETE /", "GET /Prod/nowhere", "GET /Stage"])
def test_what_has_no_route_is_a_403_as_on_aws(request_: str) -> None:
    async def test() -> None:
        async with serving(api(BUFFERED), answers()) as served:
            answer = await served.client.request(*request_.split(" "))
            assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})
            assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
            (line,) = await served.logged()
            assert (line.route, line.mode, line.note) == (None, "", "no route has this method and path")

    run(test())


GUARDS = [
    (replace(BUFFERED, authorization="CUSTOM"), 401, "an authorizer (CUSTOM)"),
    (replace(STREAM, authorization="AWS_IAM", api_key_required=True), 401, "an authorizer (AWS_IAM) and an API key"),
    (replace(BUFFERED, authorization="NONE", api_key_required=True), 403, "an API key"),
]


@pytest.mark.parametrize(("route", "status", "guard"), GUARDS)
def test_a_guarded_route_lets_nobody_in(route: Route, status: int, guard: str) -> None:
    async def test() -> None:
        function = answers()
        async with serving(api(route), function) as served:
            answer = await served.client.get("/", headers={"x-api-key": "k", "authorization": "Bearer t"})
            message = (
                f"GET / needs {guard}. samstream local doesn't run authorizers or check keys; "
                "add --allow-unauthenticated."
            )
            assert (answer.status_code, answer.json()) == (status, {"message": message})
            assert [line.note for line in await served.logged()] == [message]
            assert function.events == []

    run(test())


@case
async def test_a_guarded_route_is_let_through_when_asked_and_says_so_once() -> None:
    route = replace(BUFFERED, authorization="CUSTOM")
    async with serving(api(route), answers(), Options(allow_unauthenticated=True)) as served:
        assert [(await served.client.get("/")).status_code for _ in range(2)] == [200, 200]
        assert [line.note for line in await served.logged(2)] == [
            "GET / needs an authorizer (CUSTOM), which is not checked here (--allow-unauthenticated)", "",
        ]  # fmt: skip


@case
async def test_a_let_in_route_is_named_even_where_it_fails() -> None:
    route = replace(BUFFERED, api_key_required=True)
    async with serving(api(route), Told(fails(EXIT)), Options(allow_unauthenticated=True)) as served:
        assert (await served.client.get("/")).status_code == 502
        (line,) = await served.logged()
        assert line.note == (
            "GET / needs an API key, which is not checked here (--allow-unauthenticated); "
            "Runtime.ExitError: it left with 1"
        )


@case
async def test_a_stopped_request_is_logged_and_its_answer_closed() -> None:
    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield PRELUDE
        await asyncio.Event().wait()

    function, log, sent, asked = Told(script), list[Access](), list[Message](), list[int]()

    async def receive() -> Message:
        if len(asked) == 2:
            await asyncio.Event().wait()
        asked.append(1)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    gateway = Gateway([api(STREAM)], {"Chat": function}, Options(), log.append)
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    task = asyncio.create_task(gateway(scope, receive, send))
    while not sent:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert [(line.status, line.note) for line in log] == [(200, "samstream stopped")]
    assert (function.closed, [message["type"] for message in sent]) == (1, ["http.response.start"])


class Bare:
    """A function that times out by itself, or whose answer can't be closed."""

    name, timeout = "Chat", 1.0

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = list(chunks)

    async def invoke(self, _: bytes) -> Answer:
        if not self._chunks:
            raise TimeoutError
        return Answer(False, None, self)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._chunks:
            raise StopAsyncIteration
        return self._chunks.pop()


@pytest.mark.parametrize(
    ("function", "status", "note"),
    [(Bare(b'{"statusCode": 201}'), 201, ""), (Bare(), 500, "samstream failed: TimeoutError: ")],
)
def test_any_function_will_do(function: Function, status: int, note: str) -> None:
    async def test() -> None:
        async with serving(api(BUFFERED), function) as served:
            assert (await served.client.get("/")).status_code == status
            assert [line.note for line in await served.logged()] == [note]

    run(test())


@pytest.mark.parametrize(
    ("route", "message", "note"),
    [
        (
            replace(STREAM, problem="E204: its mode is STREAM, its URI buffered"),
            "Internal server error",
            "this route can't be deployed: E204: its mode is STREAM, its URI buffered",
        ),
        (
            Route("GET", "/", kind="unsupported", problem="it is an AWS integration"),
            "samstream local doesn't run this integration: it is an AWS integration",
            "it is an AWS integration",
        ),
        (replace(BUFFERED, function="Other"), "Internal server error", "there is no function Other to invoke"),
    ],
)
def test_a_route_that_cannot_run_is_a_500(route: Route, message: str, note: str) -> None:
    async def test() -> None:
        async with serving(api(route), answers()) as served:
            answer = await served.client.get("/")
            assert (answer.status_code, answer.json()) == (500, {"message": message})
            assert [line.note for line in await served.logged()] == [note]

    run(test())


@case
async def test_a_request_over_10_mb_is_refused_and_the_connection_lives_on() -> None:
    async with serving(api(Route("POST", "/", function="Chat")), answers()) as served:
        answer = await served.client.post("/", content=bytes(10 * 1024 * 1024 + 1))
        assert (answer.status_code, answer.json()) == (413, {"message": "HTTP content length exceeded 10485760 bytes."})
        assert (await served.client.post("/", content=b"x")).status_code == 200


@case
async def test_an_unforeseen_failure_is_an_answer_and_a_line() -> None:
    script = fails(ValueError("oops"), PRELUDE, b"one")
    async with serving(api(STREAM), Told(script)) as served:
        assert (await served.exchange(GET)).endswith(b"3\r\none\r\n")
        assert [line.note for line in await served.logged()] == [
            "connection cut: samstream failed: ValueError: oops",
        ]  # fmt: skip
    async with serving(api(BUFFERED), Told(script)) as served:
        assert (await served.client.get("/")).status_code == 500


@case
async def test_a_client_that_leaves_before_the_answer_is_noted() -> None:
    waiting = asyncio.Event()

    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        waiting.set()
        await asyncio.Event().wait()
        yield b""

    function = Told(script)
    async with serving(api(STREAM), function) as served:
        _, writer = await served.raw(GET)
        await waiting.wait()
        await close(writer)
        (line,) = await served.logged()
        assert (line.status, line.ttfb, line.note, function.closed) == (None, None, "the client left", 1)


@case
async def test_a_client_that_leaves_in_its_request_is_noted() -> None:
    function = answers()
    async with serving(api(Route("POST", "/", function="Chat")), function) as served:
        _, writer = await served.raw(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
        await asyncio.sleep(0.05)
        await close(writer)
        assert [(line.status, line.note) for line in await served.logged()] == [(None, "the client left")]
        assert function.events == []


@case
async def test_no_query_and_no_header_reaches_the_log() -> None:
    async with serving(api(STREAM), streams(b"one")) as served:
        await served.client.get("/?token=hidden", headers={"authorization": "hidden"})
        assert "hidden" not in str(await served.logged())


@case
async def test_a_connection_serves_one_request_after_another() -> None:
    async with serving(api(STREAM), streams(b"one")) as served:
        got = await served.exchange(GET + GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert got.count(b"3\r\none\r\n0\r\n\r\n") == 2
        assert [line.note for line in await served.logged(2)] == ["", ""]


def test_clients_that_leave_at_random_leave_no_task_and_no_socket_behind() -> None:
    chance = random.Random(4)  # noqa: S311

    async def script(event: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        if event["path"] == "/late":
            await asyncio.sleep(0.01)
        yield PRELUDE
        for _number in range(20):
            yield bytes(1000)
            await asyncio.sleep(0.001)

    function = Told(script)

    async def test() -> None:
        routes = [Route("GET", "/{proxy+}", streaming=True, function="Chat")]
        async with serving(api(*routes), function) as served:
            places = asyncio.Semaphore(50)

            async def visit() -> None:
                async with places:
                    path = chance.choice([b"/late", b"/now"])
                    reader, writer = await served.raw(b"GET %b HTTP/1.1\r\nHost: h\r\n\r\n" % path)
                    await asyncio.sleep(chance.random() * 0.04)
                    if chance.random() < 0.2:
                        await reader.readuntil(b"\r\n0\r\n\r\n")
                    elif chance.random() < 0.5:
                        await reader.read(chance.randrange(1, 5000))
                    if chance.random() < 0.3:
                        writer.transport.abort()
                    await close(writer)

            await asyncio.gather(*(visit() for _ in range(1000)))
            lines = await served.logged(1000)
            assert len(lines) == 1000
            assert {line.note.partition(" after")[0] for line in lines} == {"", "the client left"}
            assert function.closed == len(function.events)

    before = open_files()
    run(test(), 60)
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_memory_is_flat_over_a_200_mb_stream() -> None:
    chunk = bytes(64 * 1024)

    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield PRELUDE
        for _number in range(3200):
            yield chunk

    async def test() -> None:
        options = Options(no_limits=True)
        async with serving(api(STREAM), Told(script), options) as served, served.client.stream("GET", "/") as response:
            size = 0
            async for piece in response.aiter_raw():
                size += len(piece)
                if size < 1_000_000:
                    tracemalloc.reset_peak()
                    before = tracemalloc.get_traced_memory()[0]
            assert size == 3200 * len(chunk)
            assert tracemalloc.get_traced_memory()[1] - before < 3_000_000
        (line,) = served.log
        assert (line.bytes, line.chunks) == (size, 3200)

    tracemalloc.start()
    try:
        run(test(), 60)
    finally:
        tracemalloc.stop()


def test_a_websocket_is_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    run(Gateway([], {}, Options(), lambda _: None)({"type": "websocket"}, receive, send))
    assert sent == [{"type": "websocket.close"}]


@case
async def test_a_stream_is_paced_beyond_its_free_part() -> None:
    """Of 12 MB, 2 MB wait: a second at 2 MB/s, a tenth of it here."""
    chunk = bytes(1024 * 1024)
    async with serving(api(STREAM), Told(says(PRELUDE, *[chunk] * 12)), Options(speedup=10)) as served:
        assert len((await served.client.get("/")).content) == 12 * len(chunk)
        (line,) = await served.logged()
        assert line.duration >= 0.1

"""HTTP_PROXY integrations, against another real server."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from local_gateway.serving import Served, api, case, close, listening, run, serving
from samstream_cli.local.http_proxy import target
from samstream_cli.local.limits import Options
from samstream_cli.local.routing import Match, Route

PATH = "/things/{id}/{proxy+}"


def route(uri: str, *, streaming: bool = False, timeout: int | None = None, path: str = "/{proxy+}") -> Route:
    return Route("ANY", path, kind="http", uri=uri, streaming=streaming, timeout_in_millis=timeout)


def test_a_uri_takes_parameters_variables_and_query() -> None:
    one = api(stage_variables={"Prod": {"host": "there"}})
    to = route("http://${stageVariables.host}/x/{proxy}/{id}${stageVariables.no}", path=PATH)
    match = Match(one, "Prod", "/", to, {"id": "a%2Fb", "proxy": "c/d"})
    assert target(match, "") == "http://there/x/c/d/a%2Fb"
    assert target(match, "q=%7B&r&r=2") == "http://there/x/c/d/a%2Fb?q=%7B&r=&r=2"
    assert target(Match(one, "Prod", "/", route("http://h/?a=1"), {}), "b=2") == "http://h/?a=1&b=2"


class Behind:
    """A server that echoes, or streams until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await getattr(self, scope["path"].strip("/"))(scope, receive, send)

    async def echo(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message["body"]
        names = sorted({name.decode() for name, _ in scope["headers"]})
        said = {"method": scope["method"], "query": scope["query_string"].decode(), "names": names}
        await _send(send, 201, [(b"x-a", b"1"), (b"x-a", b"2"), (b"keep-alive", b"5")], {**said, "body": body.decode()})

    async def slow(self, _: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        gone = asyncio.create_task(receive_all(receive))
        go = asyncio.create_task(self.go.wait())
        await asyncio.wait({gone, go}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            self.left.set()
        for task in (gone, go):
            task.cancel()
        await asyncio.gather(gone, go, return_exceptions=True)
        if self.go.is_set():
            await send({"type": "http.response.body", "body": b"two", "more_body": False})

    async def large(self, _: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _number in range(11):
            await send({"type": "http.response.body", "body": bytes(1024 * 1024), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def empty(self, _: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def broken(self, _: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})


async def receive_all(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], said: object) -> None:
    body = json.dumps(said).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def proxying(
    *, streaming: bool = False, timeout: int | None = None, options: Options | None = None
) -> AsyncIterator[tuple[Served, Behind]]:
    behind = Behind()
    async with listening(behind) as port:
        to = route(f"http://127.0.0.1:{port}/{{proxy}}", streaming=streaming, timeout=timeout)
        async with serving(api(to), None, options) as served:
            yield served, behind


@pytest.mark.parametrize("streaming", [True, False])
def test_a_request_and_its_answer_are_passed_on(streaming: bool) -> None:
    async def test() -> None:
        async with proxying(streaming=streaming) as (served, _):
            answer = await served.client.put("/Prod/echo?a=1&b", content=b"hello", headers={"TE": "x", "X-B": "1"})
            said = answer.json()
            assert (answer.status_code, said["method"], said["query"], said["body"]) == (201, "PUT", "a=1&b=", "hello")
            assert {"x-b", "x-forwarded-for", "x-amzn-trace-id"} <= set(said["names"])
            assert "te" not in said["names"]
            assert answer.headers.get_list("x-a") == ["1", "2"]
            assert "keep-alive" not in answer.headers
            assert int(answer.headers["content-length"]) == len(answer.content)

    run(test())


@case
async def test_an_answer_streams_while_the_server_behind_is_held_back() -> None:
    async with proxying(streaming=True) as (served, behind), served.client.stream("GET", "/slow") as response:
        chunks = response.aiter_raw()
        assert await anext(chunks) == b"one"
        assert not behind.go.is_set()
        behind.go.set()
        assert [chunk async for chunk in chunks] == [b"two"]


@case
async def test_a_client_that_leaves_is_felt_behind() -> None:
    async with proxying(streaming=True) as (served, behind):
        reader, writer = await served.raw(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        await reader.readuntil(b"one")
        await close(writer)
        await behind.left.wait()
        assert [line.note for line in await served.logged()] == ["the client left after 1 chunk"]


@case
async def test_a_buffered_integration_has_its_timeout() -> None:
    async with proxying(timeout=100) as (served, _):
        answer = await served.client.get("/slow")
        assert (answer.status_code, answer.json()) == (504, {"message": "Endpoint request timed out"})


@case
async def test_a_buffered_answer_has_its_limit() -> None:
    async with proxying() as (served, _):
        assert (await served.client.get("/large")).status_code == 500
        assert [line.note[:23] for line in await served.logged()] == ["the answer is larger th"]
    async with proxying(options=Options(no_limits=True)) as (served, _):
        assert len((await served.client.get("/large")).content) == 11 * 1024 * 1024


@case
async def test_the_server_behind_is_asked_for_what_the_client_asked() -> None:
    async with proxying() as (served, _):
        got = await served.exchange(b"GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert json.loads(got.partition(b"\r\n\r\n")[2])["names"] == [
            "host", "user-agent", "x-amzn-apigateway-api-id", "x-amzn-trace-id", "x-forwarded-for",
        ]  # fmt: skip
        answer = await served.client.head("/echo")
        assert (answer.status_code, int(answer.headers["content-length"]) > 50) == (201, True)


@case
async def test_an_answer_without_a_body_has_no_length() -> None:
    async with proxying() as (served, _):
        answer = await served.client.get("/empty")
        assert (answer.status_code, "content-length" in answer.headers) == (204, False)


@pytest.mark.parametrize(("streaming", "status"), [(True, 200), (False, 504)])
def test_a_connection_that_breaks_behind_breaks_in_front(streaming: bool, status: int) -> None:
    async def test() -> None:
        async with proxying(streaming=streaming) as (served, _):
            got = await served.exchange(b"GET /broken HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            assert got.startswith(f"HTTP/1.1 {status} ".encode())
            assert got.endswith(b"3\r\none\r\n" if streaming else b"}")
            (line,) = await served.logged()
            assert "RemoteProtocolError" in line.note
            assert line.note.startswith("connection cut: ") == streaming

    run(test())


@pytest.mark.parametrize(
    ("head", "status", "header"),
    [
        (b"HTTP/1.1 200 OK\r\nX-A: \xff\xc3\xa9", 200, b"\xff\xc3\xa9"),
        (b"HTTP/1.1 799 Odd", 502, None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: X-A\r\nX-A: 1", 200, None),
    ],
)
@pytest.mark.parametrize("streaming", [True, False])
def test_an_odd_server_behind_does_no_harm(head: bytes, status: int, header: bytes | None, streaming: bool) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        await close(writer)

    async def test() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            to = route(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", streaming=streaming)
            async with serving(api(to)) as served:
                answered = await served.client.get("/x")
                headers = {name.lower(): value for name, value in answered.headers.raw}
                assert (answered.status_code, headers.get(b"x-a")) == (status, header)

    run(test())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("uri", "status", "message"),
    [
        ("http://127.0.0.1:{port}/", 504, "Network error communicating with endpoint"),
        ("nonsense", 500, "Internal server error"),
        ("http://[::", 500, "Internal server error"),
    ],
)
def test_a_server_that_cannot_be_reached(uri: str, status: int, message: str) -> None:
    async def test() -> None:
        async with serving(api(route(uri.replace("{port}", str(free_port()))))) as served:
            answer = await served.client.get("/x")
            assert (answer.status_code, answer.json()) == (status, {"message": message})

    run(test())

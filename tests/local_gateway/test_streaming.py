"""Streaming routes, over real sockets."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_gateway.serving import EXIT, GET, PRELUDE, STREAM, Told, api, case, close, fails, run, says, serving, streams
from samstream_cli.local.limits import Options
from samstream_cli.local.reply import Malformed, response_headers, with_default_type
from samstream_cli.local.routing import Route
from samstream_cli.local.streaming import metadata_of


@case
async def test_the_first_chunk_arrives_while_the_function_is_held_back() -> None:
    released = asyncio.Event()

    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield PRELUDE
        yield b"one"
        await released.wait()
        yield b"two"

    async with serving(api(STREAM), Told(script)) as served, served.client.stream("GET", "/Prod/") as response:
        chunks = response.aiter_raw()
        assert (response.status_code, response.headers["content-type"]) == (200, "text/plain")
        assert await anext(chunks) == b"one"
        assert not released.is_set()
        released.set()
        assert [chunk async for chunk in chunks] == [b"two"]


@case
async def test_headers_arrive_while_the_function_has_written_its_prelude_alone() -> None:
    released = asyncio.Event()

    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield PRELUDE
        await released.wait()

    async with serving(api(STREAM), Told(script)) as served, served.client.stream("GET", "/") as response:
        assert response.status_code == 200
        released.set()
        assert await response.aread() == b""


@case
async def test_each_chunk_is_one_http_chunk_and_the_end_is_marked() -> None:
    async with serving(api(STREAM), streams(b"one", b"three")) as served:
        head, _, body = (await served.exchange(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))).partition(
            b"\r\n\r\n"
        )
        assert b"transfer-encoding: chunked" in head.lower()
        assert body == b"3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"


@case
async def test_a_content_length_replaces_chunking() -> None:
    metadata = b'{"headers": {"Content-Length": "3"}}' + bytes(8)
    async with serving(api(STREAM), Told(says(metadata, b"one"))) as served:
        answer = await served.client.get("/")
        assert (answer.headers["content-length"], answer.content) == ("3", b"one")
        assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("length", "chunks", "note"),
    [("5", [b"one"], "it is 2 bytes shorter than"), ("2", [b"on", b"e"], "it is longer than")],
)
def test_a_wrong_content_length_cuts_the_connection(length: str, chunks: list[bytes], note: str) -> None:
    async def test() -> None:
        metadata = json.dumps({"headers": {"Content-Length": length}}).encode() + bytes(8)
        async with serving(api(STREAM), Told(says(metadata, *chunks))) as served:
            assert (await served.exchange(GET)).endswith(b"\r\n\r\n" + b"one"[: int(length)])
            assert [line.note for line in await served.logged()] == [f"connection cut: {note} its Content-Length"]

    run(test())


PRELUDES = [
    (b"{}", 200, [("content-type", "application/json")]),
    (b'{"statusCode": 404}', 404, [("content-type", "application/json")]),
    (b'{"statusCode": "201"}', 201, [("content-type", "application/json")]),
    (b'{"headers": {"content-type": "text/plain"}}', 200, [("content-type", "text/plain")]),
    (
        b'{"headers": {"X-A": "no", "Content-Type": "a/b"}, "multiValueHeaders": {"x-a": ["1", "2"]}}',
        200,
        [("content-type", "a/b"), ("x-a", "1"), ("x-a", "2")],
    ),
    (
        b'{"cookies": ["a=1; Secure", "b=2"], "headers": {"Content-Type": "a/b"}}',
        200,
        [("content-type", "a/b"), ("set-cookie", "a=1; Secure"), ("set-cookie", "b=2")],
    ),
    (
        b'{"headers": {"Content-Type": "a/b", "Date": "today", "Connection": "close", "Transfer-Encoding": "gzip"}}',
        200,
        [("content-type", "a/b"), ("x-amzn-remapped-date", "today"), ("x-amzn-remapped-connection", "close")],
    ),
    ('{"headers": {"X-Name": " Gr\u00fc\u00dfe ", "Content-Type": "a/b"}}'.encode(), 200, [("content-type", "a/b")]),
]


@pytest.mark.parametrize(("metadata", "status", "headers"), PRELUDES)
def test_metadata_become_status_and_headers(metadata: bytes, status: int, headers: list[tuple[str, str]]) -> None:
    async def test() -> None:
        async with serving(api(STREAM), Told(says(metadata + bytes(8) + b"body"))) as served:
            answer = await served.client.get("/")
            own = {"date", "server", "transfer-encoding", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"}
            names = {name for name, _ in headers}
            got = [(name.decode(), value.decode()) for name, value in answer.headers.raw]
            assert [pair for pair in got if pair[0] in names] == sorted(headers, key=got.index)
            assert {name for name, _ in got} - own - names <= {"x-name"}
            assert (answer.status_code, answer.content) == (status, b"body")

    run(test())


WRONG = [
    ([b""], "it is empty; a body-less answer needs its metadata and 8 NUL bytes too"),
    ([b"hello"], "it ends before the 8 NUL bytes that end the metadata"),
    ([b"{}", bytes(7)], "it ends before the 8 NUL bytes that end the metadata"),
    ([bytes(8)], "its metadata are empty"),
    ([b"nonsense" + bytes(8)], "its metadata are no JSON"),
    ([b"[1]" + bytes(8)], "its metadata are no JSON object"),
    ([b"[" * 10_000 + bytes(8)], "its metadata are no JSON"),
    ([b"\xff\xfe{" + bytes(8)], "its metadata are no JSON"),
    ([b'{"body": "x"}' + bytes(8)], "its metadata have body, but may have cookies, headers, multiValueHeaders, "),
    ([b'{"statusCode": 101}' + bytes(8)], "its statusCode is not a number from 200 to 599"),
    ([b'{"statusCode": true}' + bytes(8)], "its statusCode is not a number from 200 to 599"),
    ([b'{"statusCode": 1e400}' + bytes(8)], "its statusCode is not a number from 200 to 599"),
    ([b'{"headers": {"A": ["1"]}}' + bytes(8)], "its header A is an array: write it into multiValueHeaders"),
    ([b'{"headers": {"A": {}}}' + bytes(8)], "its header A is no string"),
    ([b'{"headers": {"A": "1\\r\\nB: 2"}}' + bytes(8)], "its header A has a character that HTTP forbids"),
    ([b'{"headers": {"A": "\\ud800"}}' + bytes(8)], "its header A has a character that HTTP forbids"),
    ([b'{"headers": {"A B": "1"}}' + bytes(8)], "a name among its headers is none that HTTP allows"),
    ([b'{"headers": []}' + bytes(8)], "its headers are no map"),
    ([b'{"headers": {"Content-Length": "-1"}}' + bytes(8)], "its Content-Length is not a number"),
    ([b'{"multiValueHeaders": {"A": "1"}}' + bytes(8)], "A in its multiValueHeaders is no array"),
    ([b'{"cookies": "a=1"}' + bytes(8)], "its cookies are no array"),
    ([b" " * 16_377 + b"{}" + bytes(8)], "the 8 NUL bytes that end the metadata don't come within 16384 bytes"),
    ([b"x" * 9000, b"x" * 9000], "the 8 NUL bytes that end the metadata don't come within 16384 bytes"),
]


@pytest.mark.parametrize(("chunks", "problem"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_is_no_prelude_answers_502_and_says_why(chunks: list[bytes], problem: str) -> None:
    async def test() -> None:
        function = Told(says(*chunks))
        async with serving(api(STREAM), function) as served:
            answer = await served.client.get("/")
            assert (answer.status_code, answer.json()) == (502, {"message": "Internal server error"})
            assert answer.headers["x-amzn-errortype"] == "InternalServerErrorException"
            (line,) = await served.logged()
            assert line.note.startswith(f"Chat streams, but not as API Gateway reads it: {problem}")
            assert (line.mode, line.status, function.closed) == ("stream", 502, 1)

    run(test())


KEYS = ["statusCode", "headers", "multiValueHeaders", "cookies", "more"]
words = st.text(max_size=4) | st.sampled_from(
    ["Content-Length", "5", "Connection", "close", "a\t b", "\u00a0", "\x0b", ""]
)
values = words | st.none() | st.booleans() | st.integers() | st.floats()
maps = st.dictionaries(words, values | st.lists(values, max_size=2), max_size=3)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, values | maps | st.lists(values, max_size=2))))
def test_any_metadata_are_malformed_or_what_a_server_takes(metadata: dict[str, Any]) -> None:
    with suppress(Malformed):
        status, headers = metadata_of(json.dumps(metadata).encode())
        kept = with_default_type(response_headers(headers, [], keep_length=True))
        h11.Response(status_code=status, headers=[(name.encode(), value.encode()) for name, value in kept])


@case
async def test_metadata_may_come_in_pieces_up_to_the_last_byte_of_the_limit() -> None:
    metadata = b" " * 16_374 + b"{}"
    prelude = metadata + bytes(8)
    assert len(prelude) == 16_384
    pieces = [prelude[at : at + 100] for at in range(0, len(prelude), 100)]
    async with serving(api(STREAM), Told(says(*pieces, b"body"))) as served:
        assert (await served.client.get("/")).content == b"body"


@case
async def test_nuls_after_the_delimiter_are_payload() -> None:
    async with serving(api(STREAM), Told(says(b"{}" + bytes(4), bytes(6), b"x"))) as served:
        assert (await served.client.get("/")).content == bytes(2) + b"x"


@case
async def test_the_status_of_a_malformed_stream_and_the_limit_are_options() -> None:
    options = Options(malformed_stream="500", prelude_limit=12)
    async with serving(api(STREAM), Told(says(b"{         }" + bytes(8))), options) as served:
        answer = await served.client.get("/")
        assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})


@pytest.mark.parametrize(("adapter", "rule"), [(True, "E301"), (False, "W303")])
def test_a_buffered_answer_on_a_streaming_route_names_the_rule(adapter: bool, rule: str) -> None:
    async def test() -> None:
        buffered = json.dumps({"statusCode": 200, "headers": {}, "body": "x" * 20_000}).encode()
        route = Route("GET", "/", streaming=True, function="Chat", adapter=adapter)
        async with serving(api(route), Told(says(buffered), streaming=False)) as served:
            assert (await served.client.get("/")).status_code == 502
            assert [line.note.partition(":")[0] for line in await served.logged()] == [rule]

    run(test())


@case
async def test_a_failure_in_the_middle_cuts_the_connection_without_a_last_chunk() -> None:
    async with serving(api(STREAM), Told(fails(EXIT, PRELUDE, b"one"))) as served:
        assert (await served.exchange(GET)).endswith(b"\r\n\r\n3\r\none\r\n")
        (line,) = await served.logged()
        assert (line.status, line.chunks, line.note) == (
            200, 1, "connection cut: Runtime.ExitError: it left with 1",
        )  # fmt: skip


@case
async def test_a_failure_before_the_answer_is_a_502() -> None:
    async with serving(api(STREAM), Told(fails(EXIT))) as served:
        assert (await served.client.get("/")).status_code == 502
        assert [line.note for line in await served.logged()] == ["Runtime.ExitError: it left with 1"]


@case
async def test_an_integration_timeout_cuts_the_stream_in_the_middle() -> None:
    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield PRELUDE
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    route = Route("GET", "/", streaming=True, function="Chat", timeout_in_millis=200)
    function = Told(script)
    async with serving(api(route), function) as served:
        assert not (await served.exchange(GET)).endswith(b"0\r\n\r\n")
        (line,) = await served.logged()
        assert line.note == "connection cut: the integration's timeout of 0.2 s ran out (timeoutInMillis)"
        assert (line.status, function.closed) == (200, 1)


@case
async def test_a_timeout_before_the_prelude_is_a_504() -> None:
    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        await asyncio.Event().wait()
        yield b""

    route = Route("GET", "/", streaming=True, function="Chat", timeout_in_millis=50)
    async with serving(api(route), Told(script)) as served:
        answer = await served.client.get("/")
        assert (answer.status_code, answer.json()) == (504, {"message": "Endpoint request timed out"})


@pytest.mark.parametrize(("endpoint", "seconds"), [("EDGE", "0.3"), ("REGIONAL", "3")])
def test_a_quiet_stream_is_cut_by_endpoint_type(endpoint: str, seconds: str) -> None:
    async def test() -> None:
        async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
            yield PRELUDE
            yield b"one"
            await asyncio.Event().wait()

        route = Route("GET", "/", streaming=True, function="Chat", timeout_in_millis=900_000)
        async with serving(api(route, endpoint=endpoint), Told(script), Options(speedup=100)) as served:
            assert (await served.exchange(GET)).endswith(b"3\r\none\r\n")
            (line,) = await served.logged()
            assert line.note == (
                f"connection cut: the stream was quiet for {seconds} s, the idle limit of this endpoint type"
            )

    run(test())


@case
async def test_a_client_that_leaves_closes_the_answer() -> None:
    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield PRELUDE
        yield b"one"
        await asyncio.Event().wait()

    function = Told(script)
    async with serving(api(STREAM), function) as served:
        reader, writer = await served.raw(GET)
        await reader.readuntil(b"one")
        await close(writer)
        (line,) = await served.logged()
        assert (line.note, line.status, line.chunks, line.bytes) == ("the client left after 1 chunk", 200, 1, 3)
        assert function.closed == 1


@case
async def test_a_client_that_does_not_read_holds_the_function_back() -> None:
    made = 0

    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        nonlocal made
        yield PRELUDE
        while made < 1000:
            made += 1
            yield bytes(65_536)

    async with serving(api(STREAM), Told(script), Options(no_limits=True)) as served:
        _, writer = await served.raw(GET)
        before = -1
        while made != before:
            before = made
            await asyncio.sleep(0.2)
        assert 0 < made < 500
        await close(writer)
        await served.logged()


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_what_has_no_body_gets_none(method: str, status: int) -> None:
    async def test() -> None:
        metadata = json.dumps({"statusCode": status, "headers": {"X-A": "1"}}).encode() + bytes(8)
        function = Told(says(metadata, b"body", b"more"))
        async with serving(api(Route("ANY", "/", streaming=True, function="Chat")), function) as served:
            answer = await served.client.request(method, "/")
            assert (answer.status_code, answer.content, answer.headers["x-a"]) == (status, b"", "1")
            assert (await served.client.request(method, "/")).status_code == status
            assert [line.note for line in await served.logged(2)] == ["", ""]
            assert function.closed == 2

    run(test())


@case
async def test_an_answer_without_a_body_ends_while_the_function_is_held_back() -> None:
    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        try:
            yield b'{"statusCode": 204}' + bytes(8)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)

    function = Told(script)
    async with serving(api(STREAM), function) as served:
        assert (await served.client.get("/")).status_code == 204
        assert [(line.status, line.note) for line in await served.logged()] == [(204, "")]
        assert function.closed == 1


@case
async def test_two_hundred_clients_get_every_event_in_order() -> None:
    async def script(event: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield b'{"headers": {"Content-Type": "text/event-stream"}}' + bytes(8)
        for number in range(20):
            yield f"data: {event['queryStringParameters']['n']} {number}\n\n".encode()
            await asyncio.sleep(0)

    async with serving(api(STREAM), Told(script)) as served:

        async def listen(n: int) -> list[tuple[int, int]]:
            answer = await served.client.get("/", params={"n": n})
            return [(int(a), int(b)) for a, b in re.findall(r"data: (\d+) (\d+)\n\n", answer.text)]

        heard = await asyncio.gather(*(listen(n) for n in range(200)))
        assert heard == [[(n, number) for number in range(20)] for n in range(200)]
        assert len(await served.logged(200)) == 200

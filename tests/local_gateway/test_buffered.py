"""Buffered routes, over real sockets."""

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_gateway.serving import BUFFERED, GET, PRELUDE, Told, answers, api, case, fails, run, says, serving
from samstream_cli.local.buffered import read_answer
from samstream_cli.local.invocation import FunctionError
from samstream_cli.local.limits import Options
from samstream_cli.local.reply import Malformed
from samstream_cli.local.routing import Route

FAILED = (502, {"message": "Internal server error"})


@case
async def test_an_answer_is_passed_on_whole() -> None:
    function = answers(
        statusCode=201,
        headers={"X-A": "1", "X-B": "2", "X-C": True, "X-D": 7, "X-E": None, "Content-Length": "99", "Server": "me"},
        multiValueHeaders={"x-a": ["3", "4"], "Set-Cookie": ["a=1", "b=2"]},
        body="h\u00e9llo",
        isBase64Encoded=False,
    )
    async with serving(api(BUFFERED), function) as served:
        answer = await served.client.get("/Prod/")
        got = [(name.decode(), value.decode()) for name, value in answer.headers.raw]
        assert [pair for pair in got if not pair[0].startswith(("date", "x-amzn-r", "x-amzn-t", "x-amz-"))] == [
            ("server", "uvicorn"), ("x-b", "2"), ("x-c", "true"), ("x-d", "7"), ("x-a", "3"), ("x-a", "4"),
            ("set-cookie", "a=1"), ("set-cookie", "b=2"), ("content-type", "application/json"), ("content-length", "6"),
        ]  # fmt: skip
        assert [pair for pair in got if "remapped" in pair[0]] == [
            ("x-amzn-remapped-content-length", "99"), ("x-amzn-remapped-server", "me"),
        ]  # fmt: skip
        assert (answer.status_code, answer.text) == (201, "h\u00e9llo")
        (line,) = await served.logged()
        assert (line.mode, line.status, line.chunks, line.bytes, line.note) == ("buffered", 201, 1, 6, "")
        assert (line.api, line.stage, line.method, line.path, line.route) == ("Api", "Prod", "GET", "/Prod/", "GET /")


@pytest.mark.parametrize("payload", [{}, {"statusCode": 200}, {"statusCode": "200", "body": None, "headers": None}])
def test_no_key_is_needed(payload: dict[str, Any]) -> None:
    async def test() -> None:
        async with serving(api(BUFFERED), answers(**payload)) as served:
            answer = await served.client.get("/")
            assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")

    run(test())


MALFORMED = [
    (b"", "it is no JSON"),
    (b"null", "it is no JSON object"),
    (b'"hello"', "it is no JSON object"),
    (b"[" * 100_000, "it is no JSON"),
    (b'{"errorMessage": "x"}', "API Gateway takes body, headers, isBase64Encoded, multiValueHeaders, statusCode, and "),
    (b'{"statusCode": "ok"}', "its statusCode is not a number from 200 to 599"),
    (b'{"statusCode": 200.5}', "its statusCode is not a number from 200 to 599"),
    (b'{"statusCode": 99999}', "its statusCode is not a number from 200 to 599"),
    (b'{"body": {"a": 1}}', "its body is no string"),
    (b'{"isBase64Encoded": "yes"}', "its isBase64Encoded is neither true nor false"),
    (b'{"headers": {"a": ["b"]}}', "its header a is an array: write it into multiValueHeaders"),
    (b'{"multiValueHeaders": {"a": "b"}}', "a in its multiValueHeaders is no array"),
    (b'{"headers": "a"}', "its headers are no map"),
]


@pytest.mark.parametrize(("payload", "problem"), MALFORMED, ids=[str(number) for number in range(len(MALFORMED))])
def test_a_malformed_answer_is_a_502_and_says_why(payload: bytes, problem: str) -> None:
    async def test() -> None:
        async with serving(api(BUFFERED), Told(says(payload), streaming=False)) as served:
            answer = await served.client.get("/")
            assert (answer.status_code, answer.json()) == FAILED
            (line,) = await served.logged()
            assert line.note.startswith(f"Chat: malformed Lambda proxy response: {problem}")

    run(test())


keys = st.sampled_from(["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "more"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(keys, values) | values)
def test_any_json_is_an_answer_or_malformed(value: Any) -> None:
    with suppress(Malformed):
        answer = read_answer(json.dumps(value).encode(), api(), "*/*")
        assert 200 <= answer.status <= 599
        assert not any(set("\r\n\0") & set(name + text) for name, text in answer.headers)


BINARY = [
    ("image/png", None, ("image/png",), True),
    ("image/png", "image/png,*/*", ("image/png",), True),
    ("text/plain", "image/png;q=1,*/*", ("image/png",), True),
    ("text/plain", "text/html,image/png", ("image/png",), False),
    ("image/png", "image/png", (), False),
    ("text/plain", None, ("*/*",), True),
]


@pytest.mark.parametrize(("content_type", "accept", "types", "decoded"), BINARY)
def test_base64_is_decoded_for_binary_media_types(
    content_type: str, accept: str | None, types: tuple[str, ...], decoded: bool
) -> None:
    body = base64.b64encode(b"\x00\xff").decode()
    payload = json.dumps({"headers": {"Content-Type": content_type}, "body": body, "isBase64Encoded": True})
    answer = read_answer(payload.encode(), api(binary_media_types=types), accept)
    assert answer.body == (b"\x00\xff" if decoded else body.encode())


def test_what_is_no_base64_is_malformed() -> None:
    with pytest.raises(Malformed, match="its body is no base64"):
        read_answer(b'{"body": "%%", "isBase64Encoded": true}', api(binary_media_types=("*/*",)), "*/*")


@case
async def test_a_function_that_fails_is_a_502() -> None:
    error = FunctionError("Sandbox.Timedout", "Task timed out after 3.00 seconds")
    async with serving(api(BUFFERED), Told(fails(error), streaming=False)) as served:
        answer = await served.client.get("/")
        assert (answer.status_code, answer.json()) == FAILED
        assert [line.note for line in await served.logged()] == ["Sandbox.Timedout: Task timed out after 3.00 seconds"]


@case
async def test_an_integration_timeout_is_a_504() -> None:
    async def script(_: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        yield b"{"
        await asyncio.Event().wait()

    function = Told(script, streaming=False)
    async with serving(api(Route("GET", "/", function="Chat", timeout_in_millis=50)), function) as served:
        answer = await served.client.get("/")
        assert (answer.status_code, answer.json()) == (504, {"message": "Endpoint request timed out"})
        (line,) = await served.logged()
        assert line.note == "the integration's timeout of 0.05 s ran out (timeoutInMillis)"
        assert function.closed == 1


@case
async def test_an_answer_larger_than_lambda_passes_on_is_a_502() -> None:
    payload = b'{"body": "' + b"x" * 6_291_556 + b'"}'
    async with serving(api(BUFFERED), Told(says(payload), streaming=False)) as served:
        assert (await served.client.get("/")).status_code == 502
        assert [line.note[:23] for line in await served.logged()] == ["the answer is larger th"]
    async with serving(api(BUFFERED), Told(says(payload), streaming=False), Options(no_limits=True)) as served:
        assert len((await served.client.get("/")).content) == 6_291_556


FORMATS: list[tuple[bool, Literal["502", "no-body"], str, int]] = [
    (True, "502", "E303", 502), (False, "502", "W304", 502), (True, "no-body", "E303", 404),
]  # fmt: skip


@pytest.mark.parametrize(("adapter", "option", "rule", "status"), FORMATS)
@pytest.mark.parametrize("streaming", [True, False])
def test_the_streaming_format_on_a_buffered_route_names_the_rule(
    adapter: bool, option: Literal["502", "no-body"], rule: str, status: int, streaming: bool
) -> None:
    async def test() -> None:
        payload = b'{"statusCode": 404, "headers": {"X-A": "1"}}' + bytes(8) + b"body"
        route = Route("GET", "/", function="Chat", adapter=adapter)
        options = Options(buffered_prelude=option)
        async with serving(api(route), Told(says(payload), streaming=streaming), options) as served:
            answer = await served.client.get("/")
            assert (answer.status_code, b"body" in answer.content) == (status, False)
            assert answer.headers.get("x-a") == ("1" if status == 404 else None)
            assert [line.note.partition(":")[0] for line in await served.logged()] == [rule]

    run(test())


@case
async def test_a_buffered_answer_may_be_posted_as_a_stream() -> None:
    async with serving(api(BUFFERED), Told(says(b'{"statusCode": ', b"201}"))) as served:
        assert (await served.client.get("/")).status_code == 201


@pytest.mark.parametrize("payload", [b"nonsense", b"nonsense" + bytes(8)])
def test_a_stream_without_valid_metadata_is_a_502_even_with_the_option(payload: bytes) -> None:
    async def test() -> None:
        async with serving(api(BUFFERED), Told(says(payload)), Options(buffered_prelude="no-body")) as served:
            assert (await served.client.get("/")).status_code == 502
            assert [line.note.partition(":")[0] for line in await served.logged()] == ["W304"]

    run(test())


@case
async def test_the_streaming_format_on_a_stage_that_lags_behind_has_no_advice_for_the_template() -> None:
    payload = b'{"statusCode": 200}' + bytes(8)
    stale = api(Route("GET", "/", streaming=True, function="Chat"), stale_stages=frozenset({"Prod"}))
    async with serving(stale, Told(says(payload), streaming=True)) as served:
        assert (await served.client.get("/")).status_code == 502
        notes = [line.note for line in await served.logged()]
    assert notes == ["W304: Chat writes the streaming format, but this route is buffered, which can't read it"]


@case
async def test_head_has_the_length_of_the_body_that_it_leaves_out() -> None:
    async with serving(api(Route("HEAD", "/", function="Chat")), answers(body="hello")) as served:
        answer = await served.client.head("/")
        assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "5", b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_leaves_it_out(status: int) -> None:
    async def test() -> None:
        async with serving(api(BUFFERED), answers(statusCode=status, body="hello")) as served:
            close = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            assert (await served.exchange(close)).endswith(b"\r\n\r\n")

    run(test())


@pytest.mark.parametrize(
    ("least", "accept", "encoded"), [(1, "gzip", True), (None, "gzip", False), (1, "br", False), (9, "gzip", False)]
)
def test_an_answer_is_compressed_from_the_api_s_size_on(least: int | None, accept: str, encoded: bool) -> None:
    async def test() -> None:
        async with serving(api(BUFFERED, minimum_compression_size=least), answers(body="hello")) as served:
            request = f"GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: {accept}\r\nConnection: close\r\n\r\n".encode()
            _, _, body = (await served.exchange(request)).partition(b"\r\n\r\n")
            assert (gzip.decompress(body) if encoded else body) == b"hello"

    run(test())


def test_a_prelude_is_not_taken_for_json() -> None:
    with pytest.raises(Malformed):
        read_answer(PRELUDE, api(), None)

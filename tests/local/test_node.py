"""Node.js functions by AWS's own runtime clients: release 3, which nodejs22.x has, and 4, which nodejs24.x has."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import httpx
import pytest

from local_gateway.serving import Served, api, close, run, serving
from local_session import running as session
from programs import needed
from samstream_cli.local.launch import prepare
from samstream_cli.local.nodejs import CLIENT, home, kept_node, release_for
from samstream_cli.local.routing import Route
from samstream_cli.local.workers import LambdaFunction

from .running import FUNCTIONS, Lines, spec

NODE = FUNCTIONS / "node"
RUNTIMES = ("nodejs22.x", "nodejs24.x")
OWN = {"date", "server", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"}
"""Headers that API Gateway, or the server that stands for it, adds to every answer."""

BROKEN = (502, [("content-length", "35"), ("content-type", "application/json")], b'{"message":"Internal server error"}')
UNREADABLE = "Node streams, but not as API Gateway reads it: it"


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    return installed(request.param)


def installed(runtime: str) -> str:
    client = home() / release_for(runtime) / "node_modules" / ".bin" / CLIENT
    for path, what in ((kept_node(), "the Node.js for tests"), (client, f"{CLIENT} for {runtime}")):
        needed(path if path.exists() else None, what, "Run `make node`.")
    return runtime


@asynccontextmanager
async def function(runtime: str, handler: str, streaming: bool = True) -> AsyncIterator[tuple[Served, Lines]]:
    """A function behind its route, every path of which is its own."""
    log = Lines()
    node = spec(handler, name="Node", folder=NODE, runtime=runtime)
    route = Route("ANY", "/{proxy+}", streaming=streaming, function="Node", timeout_in_millis=20_000)
    async with (
        LambdaFunction(node, await prepare(node), log=log) as started,
        serving(api(route), started) as served,
    ):
        yield served, log


class Got(NamedTuple):
    """What a client got, with the headers that are the function's."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


async def get(served: Served, path: str, method: str = "GET") -> Got:
    answer = await served.client.request(method, path)
    headers = sorted(pair for pair in answer.headers.multi_items() if pair[0] not in {*OWN, "x-amzn-errortype"})
    return Got(answer.status_code, headers, answer.content)


async def told(served: Served) -> list[tuple[int | None, str]]:
    """Status and note of each line of the access log so far."""
    return [(line.status, line.note) for line in await served.logged()]


CHUNKED = ("transfer-encoding", "chunked")
TEXT = ("content-type", "text/plain")

ANSWERS: dict[str, tuple[int, list[tuple[str, str]], bytes]] = {
    **{f"/status?code={code}": (code, [TEXT, CHUNKED, ("x-code", str(code))], b"") for code in (200, 302, 404, 500)},
    **{f"/status?code={code}": (code, [TEXT, ("x-code", str(code))], b"") for code in (204, 304)},
    "/cookies": (200, [TEXT, ("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2, 3"), CHUNKED], b"x"),
    "/repeated": (
        200,
        [TEXT, CHUNKED, ("vary", "accept"), ("vary", "origin"), ("x-many", "one"), ("x-many", "two")],
        b"x",
    ),
    "/binary": (200, [("content-type", "image/png"), CHUNKED], bytes(range(256))),
}


def test_answers_reach_the_client_as_the_function_gives_them(runtime: str) -> None:
    async def main() -> None:
        async with function(runtime, "answers.handler") as (served, _):
            assert {path: tuple(await get(served, path)) for path in ANSWERS} == ANSWERS
            assert await get(served, "/repeated", "HEAD") == (
                200,
                sorted(set(ANSWERS["/repeated"][1]) - {CHUNKED}),
                b"",
            )

    run(main())


def test_a_chunk_arrives_while_the_function_holds_the_next_one(runtime: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            function(runtime, "answers.handler") as (served, _),
            served.client.stream("GET", "/events", params={"folder": str(tmp_path), "count": "3"}) as answer,
        ):
            chunks = answer.aiter_raw()
            for number in range(3):
                assert await anext(chunks) == b"data: %d\n\n" % number
                (tmp_path / str(number + 1)).touch()
            assert await anext(chunks, None) is None

    run(main())


def test_20_megabytes_come_whole(runtime: str) -> None:
    async def main() -> None:
        async with function(runtime, "answers.handler") as (served, _):
            answer = await served.client.get("/large", params={"blocks": "320"})
            assert answer.content == b"".join(number.to_bytes(4, "big") * 2**14 for number in range(320))

    run(main())


def test_metadata_that_no_write_has_sent_are_missing_and_the_log_says_so(runtime: str) -> None:
    async def main() -> None:
        async with function(runtime, "answers.handler") as (served, _):
            paths = ("/ends", "/endsWithText", "/plain")
            assert [tuple(await get(served, path)) for path in paths] == [BROKEN] * 3
            await served.logged(3)
            assert await told(served) == [
                (502, f"{UNREADABLE} is empty; a body-less answer needs its metadata and 8 NUL bytes too"),
                (502, f"{UNREADABLE} ends before the 8 NUL bytes that end the metadata"),
                (502, f"{UNREADABLE} ends before the 8 NUL bytes that end the metadata"),
            ]

    run(main())


def test_a_function_that_throws_ends_the_answer_with_its_reason(runtime: str) -> None:
    async def main() -> None:
        async with function(runtime, "answers.handler") as (served, _):
            assert await get(served, "/throwsFirst") == BROKEN
            assert [await cut_off(served, path) for path in ("/throwsMidway", "/exits")] == [b"half", b"half"]
            await served.logged(3)
            assert await told(served) == [
                (502, "TypeError: before anything is written"),
                (200, "connection cut: TypeError: in the middle"),
                (200, "connection cut: Runtime.ExitError: Runtime exited with error: exit status 3"),
            ]
            assert (await get(served, "/cookies")).status == 200

    run(main())


async def cut_off(served: Served, path: str) -> bytes:
    """The first chunk of an answer that ends before its end."""
    async with served.client.stream("GET", path) as answer:
        chunks = answer.aiter_raw()
        came = await anext(chunks)
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(chunks)
        return came


def test_a_function_runs_on_when_its_client_leaves(runtime: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with function(runtime, "answers.handler") as (served, log):
            reader, writer = await served.raw(f"GET /leaves?folder={tmp_path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            await reader.readuntil(b"first")
            await close(writer)
            (line,) = await served.logged()
            (tmp_path / "left").touch()
            await log.until("ran on to its end")
            assert (line.status, line.note) == (200, "the client left after 1 chunk")

    run(main())


def test_a_buffered_handler_of_commonjs_answers(runtime: str) -> None:
    async def main() -> None:
        async with function(runtime, "buffered.echo", streaming=False) as (served, _):
            status, headers, body = await get(served, "/here")
            expected = {"path": "/here", "name": "Node", "node": "22"}
            assert (status, headers, json.loads(body)) == (
                201,
                [
                    ("content-length", str(len(body))),
                    ("content-type", "application/json"),
                    ("x-many", "one"),
                    ("x-many", "two"),
                ],
                expected,
            )

    run(main())


@pytest.mark.parametrize(
    ("handler", "streaming", "said"),
    [
        ("buffered.echo", True, "W303: Node answers with the JSON of a buffered route"),
        ("answers.handler", False, "W304: Node writes the streaming format, but this route is buffered"),
    ],
)
def test_a_handler_of_the_other_mode_is_told(runtime: str, handler: str, streaming: bool, said: str) -> None:
    async def main() -> None:
        async with function(runtime, handler, streaming) as (served, _):
            assert await get(served, "/cookies") == BROKEN
            (line,) = await served.logged()
            assert line.note[: len(said)] == said

    run(main())


def test_a_handler_in_a_folder_of_modules_answers(runtime: str) -> None:
    async def main() -> None:
        async with function(runtime, "src/nested.handler", streaming=False) as (served, _):
            assert (await get(served, "/x")).body == b"nested.js"

    run(main())


@pytest.mark.parametrize(
    ("runtime", "status", "said"),
    [
        ("nodejs22.x", 200, ""),
        ("nodejs24.x", 502, "Runtime.CallbackHandlerDeprecated: ERROR: AWS Lambda has removed support for callback"),
    ],
)
def test_a_callback_is_called_up_to_nodejs22_as_on_lambda(runtime: str, status: int, said: str) -> None:
    async def main() -> None:
        async with function(installed(runtime), "buffered.calls", streaming=False) as (served, _):
            assert (await get(served, "/x")).status == status
            (line,) = await served.logged()
            assert line.note[: len(said) or None] == said

    run(main())


@pytest.mark.parametrize(("runtime", "status"), [("nodejs22.x", 502), ("nodejs24.x", 200)])
def test_a_module_that_nothing_says_is_one_is_found_out_from_nodejs24_on_as_on_lambda(
    runtime: str, status: int
) -> None:
    async def main() -> None:
        async with function(installed(runtime), "undeclared.handler", streaming=False) as (served, _):
            assert (await get(served, "/x")).status == status

    run(main())


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("buffered.fails", "RangeError: no such thing"),
        ("buffered.missing", "Runtime.HandlerNotFound: buffered.missing is undefined or not exported"),
        ("nowhere.handler", "Runtime.ImportModuleError: Error: Cannot find module 'nowhere'\n"),
        ("unfinished.handler", "Runtime.UserCodeSyntaxError: SyntaxError: Unexpected end of input"),
        ("nodot", "Runtime.MalformedHandlerName: Bad handler"),
    ],
)
def test_code_that_can_not_run_is_a_502_with_nodes_own_reason(runtime: str, handler: str, said: str) -> None:
    async def main() -> None:
        async with function(runtime, handler, streaming=False) as (served, _):
            assert await get(served, "/x") == BROKEN
            (line,) = await served.logged()
            assert line.note[: len(said)] == said

    run(main())


def test_a_template_with_a_node_function_streams(tmp_path: Path) -> None:
    installed("nodejs22.x")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "answers.mjs").write_bytes((NODE / "answers.mjs").read_bytes())
    (tmp_path / "template.yaml").write_text(
        dedent("""
        Transform: [SamStream, AWS::Serverless-2016-10-31, SamStream]
        Resources:
          Chat:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: nodejs22.x
              Handler: src/answers.handler
              CodeUri: .
              Events:
                Events: {Type: Api, Properties: {Path: /events, Method: get, Streaming: true}}
                Ends: {Type: Api, Properties: {Path: /ends, Method: get, Streaming: true}}
        """)
    )
    query = {"folder": str(tmp_path), "count": "2"}
    with (
        session(tmp_path, XDG_CACHE_HOME=str(home().parents[1])) as started,
        httpx.Client(base_url=started.address, timeout=20) as client,
    ):
        with client.stream("GET", "/events", params=query) as answer:
            chunks = answer.iter_raw()
            assert next(chunks) == b"data: 0\n\n"
            (tmp_path / "1").touch()
            assert list(chunks) == [b"data: 1\n\n"]
        assert client.get("/ends").status_code == 502
        started.until(r"502 .*GET /ends .*it is empty; a body-less answer needs its metadata")

"""One table of cases, through the built-in adapter and through the real one where it is found: the same answers.

The real one is the file that LAMBDA_ADAPTER names, `lambda-adapter` on PATH, or what `make adapter` built.
"""

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from samstream_cli.local.adapter_formats import Settings, statuses
from samstream_cli.local.invocation import FunctionError
from samstream_cli.local.launch import Launch

from .adapters import ADAPTERS, BUILT_IN, behind_adapter, command_of
from .functions.web import ANSWERS, grouped
from .running import Lines, body, failure, run, running

EXAMPLE = Path(__file__).parents[2] / "example"
STREAMED = "application/vnd.awslambda.http-integration-response"
BROKEN_OFF = (
    b"halfLambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n"
    b"Lambda-Runtime-Function-Error-Body: ZXJyb3IgcmVhZGluZyBhIGJvZHkgZnJvbSBjb25uZWN0aW9u\r\n"
)
EXITING = 0.5
"""Seconds for a process to be gone that has closed its sockets: until then its adapter would take one more event."""

HOST = "abc.execute-api.eu-west-1.amazonaws.com"


@pytest.fixture(params=ADAPTERS)
def command(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return command_of(request.param)


def event(path: str, method: str = "GET", **changes: Any) -> dict[str, Any]:
    context = {
        "stage": "Prod",
        "requestId": "r",
        "httpMethod": method,
        "path": f"/Prod{path}",
        "accountId": "caf\u00e9",
    }
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Host": HOST},
        "multiValueHeaders": {"Host": [HOST]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": context,
        "body": None,
        "isBase64Encoded": False,
        **changes,
    }


class Streamed(NamedTuple):
    """A streamed answer, taken apart."""

    content_type: str | None
    prelude: dict[str, Any]
    body: bytes


async def streamed(function: Any, sent: object) -> Streamed:
    answer = await function.invoke(json.dumps(sent).encode())
    assert answer.streaming
    prelude, nul, rest = (await body(answer)).partition(bytes(8))
    assert nul == bytes(8)
    return Streamed(answer.content_type, json.loads(prelude), rest)


async def buffered(function: Any, sent: object) -> Any:
    answer = await function.invoke(json.dumps(sent).encode())
    assert (answer.streaming, answer.content_type) == (False, None)
    return json.loads(await body(answer))


async def end_of(function: Any, sent: object) -> bytes | str:
    """A streamed answer's body, or what it failed with."""
    try:
        return (await streamed(function, sent)).body
    except FunctionError as error:
        return str(error)


def in_prelude(status: int, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    groups = grouped(headers)
    cookies = groups.pop("set-cookie", [])
    groups.setdefault("content-type", ["application/octet-stream"])
    single = {name: values[0] if len(values) == 1 else values for name, values in groups.items()}
    return {"statusCode": status, "headers": single, "cookies": cookies}


TEXTS = {
    "/latin": "caf\u00e9", "/broken-text": "a\ufffdb", "/binary": None, "/encoded": None
}  # fmt: skip


def in_proxy_answer(path: str) -> dict[str, Any]:
    status, headers, content = ANSWERS[path]
    text = TEXTS[path] if path in TEXTS else content.decode()
    return {
        "statusCode": status,
        "headers": {},
        "multiValueHeaders": grouped(headers),
        "body": base64.b64encode(content).decode() if text is None else text,
        "isBase64Encoded": text is None,
    }


def test_every_answer_is_streamed_behind_its_prelude(command: tuple[str, ...]) -> None:
    async def main() -> None:
        async with running(behind_adapter(command, "RESPONSE_Stream")) as function:
            expected = {
                path: Streamed(STREAMED, in_prelude(status, headers), content)
                for path, (status, headers, content) in ANSWERS.items()
            }
            assert {path: await streamed(function, event(path)) for path in ANSWERS} == expected

    run(main())


def test_every_answer_is_buffered_as_json_in_any_other_mode(command: tuple[str, ...]) -> None:
    async def main() -> None:
        async with running(behind_adapter(command, "stream")) as function:
            expected = {path: in_proxy_answer(path) for path in ANSWERS}
            assert {path: await buffered(function, event(path)) for path in ANSWERS} == expected

    run(main())


def test_head_has_the_headers_and_no_body(command: tuple[str, ...]) -> None:
    async def main() -> None:
        paths = ("/", "/204", "/with-length", "/typeless")
        async with running(behind_adapter(command, "response_stream")) as function:
            expected = [Streamed(STREAMED, in_prelude(*ANSWERS[path][:2]), b"") for path in paths]
            assert [await streamed(function, event(path, "HEAD")) for path in paths] == expected
        async with running(behind_adapter(command, "buffered")) as function:
            whole = [in_proxy_answer(path) | {"body": "", "isBase64Encoded": False} for path in paths]
            assert [await buffered(function, event(path, "HEAD")) for path in paths] == whole

    run(main())


SENT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (event("/echo", "POST", body="caf\u00e9"), {"method": "POST", "body": "caf\u00e9".encode()}),
    (event("/echo", "POST"), {"method": "POST"}),
    (event("/echo", "PUT", body="AAH/", isBase64Encoded=True), {"method": "PUT", "body": b"\0\x01\xff"}),
    (event("/echo", "OPTIONS"), {"method": "OPTIONS"}),
    (
        event("/echo", multiValueQueryStringParameters={"a": ["1", "2 ~*\u00e9&", ""]}),
        {"query": "a=1&a=2+%7E*%C3%A9%26&a="},
    ),
    (event("/echo", queryStringParameters={"a": "/?"}), {"query": "a=%2F%3F"}),
    (
        event("/echo/a b%20c/\u00e9/{x}|^~[y]\"<>`/;=@:!$&'()*+,"),
        {"target": "/echo/a%20b%20c/%C3%A9/%7Bx%7D|^~[y]%22%3C%3E%60/;=@:!$&'()*+,"},
    ),
    (event("/api/v1/echo"), {"target": "/v1/echo"}),
    (event("/api/api/echo"), {"target": "/echo"}),
    (
        event("/echo", headers={"X-A": "2", "Host": "h"}, multiValueHeaders={"X-a": ["1", "2"], "X-B": ["3", "4"]}),
        {"headers": [["host", "h"], ["x-a", "2"], ["x-b", "3"], ["x-b", "4"]]},
    ),
    (
        event("/echo", headers={"Host": "h", "X-U": "\u00e9", "X-Token": "secret", "Cookie": "a=1; b=2"}),
        {"headers": [["authorization", "secret"], ["cookie", "a=1; b=2"], ["host", "h"], ["x-u", "\u00c3\u00a9"]]},
    ),
]


@pytest.mark.parametrize("mode", ["buffered", "response_stream"])
def test_a_request_reaches_the_app_as_it_was_sent(command: tuple[str, ...], mode: str) -> None:
    async def main() -> None:
        started = behind_adapter(command, mode, AWS_LWA_REMOVE_BASE_PATH="/api", AWS_LWA_AUTHORIZATION_SOURCE="x-token")
        async with running(started) as function:
            for sent, expected in SENT:
                if mode == "buffered":
                    told = json.loads((await buffered(function, sent))["body"])
                else:
                    told = json.loads((await streamed(function, sent)).body)
                content = expected.get("body", b"")
                headers = dict(told["headers"])
                assert headers.pop("content-length") == str(len(content))
                trace = headers["x-amzn-trace-id"]
                of_lambda = json.loads(headers["x-amzn-lambda-context"])
                assert (of_lambda["xray_trace_id"], of_lambda["env_config"]["function_name"]) == (trace, "Web")
                assert json.loads(headers["x-amzn-request-context"].encode("latin-1"))["accountId"] == "caf\u00e9"
                told["headers"] = [
                    pair
                    for pair in told["headers"]
                    if pair[0] != "content-length" and not pair[0].startswith("x-amzn-")
                ]
                usual = {"method": "GET", "target": "/echo", "query": "", "headers": [["host", HOST]]}
                assert told == usual | expected | {"body": base64.b64encode(content).decode()}

    run(main())


def test_an_event_arrives_while_the_app_holds_the_next_one(command: tuple[str, ...], tmp_path: Path) -> None:
    async def main() -> None:
        async with running(behind_adapter(command, "response_stream")) as function:
            query = {"count": "3", "folder": str(tmp_path)}
            answer = await function.invoke(json.dumps(event("/events", queryStringParameters=query)).encode())
            came = b""
            for number in range(3):
                while f"data: {number}\n\n".encode() not in came:
                    came += await anext(answer.chunks)
                assert f"data: {number + 1}\n\n".encode() not in came
                (tmp_path / str(number + 1)).touch()
            assert (await body(answer), came.partition(bytes(8))[2]) == (b"", b"data: 0\n\ndata: 1\n\ndata: 2\n\n")

    run(main())


def test_20_megabytes_come_whole_and_at_the_readers_pace(command: tuple[str, ...]) -> None:
    async def main() -> None:
        log = Lines()
        async with running(behind_adapter(command, "response_stream", RUST_LOG="error"), log) as function:
            sent = json.dumps(event("/large", queryStringParameters={"blocks": "1600"})).encode()  # 100 MB
            answer = await function.invoke(sent)
            came = len(await anext(answer.chunks))
            before = -1
            while len(log.lines) > before:
                before = len(log.lines)
                await asyncio.sleep(0.2)
            assert before < 800
            await answer.chunks.aclose()  # type: ignore[attr-defined]
            await log.until("sent a block", 1600)  # The client left; the function ran on to its end.
            whole = await streamed(function, event("/large", queryStringParameters={"blocks": "320"}))
            assert came > 0
            assert whole.body == b"".join(number.to_bytes(4, "big") * 2**14 for number in range(320))

    run(main())


def test_an_app_that_breaks_off_in_the_middle_leaves_text_in_the_stream(command: tuple[str, ...]) -> None:
    async def main() -> None:
        async with running(behind_adapter(command, "response_stream")) as function:
            assert (await streamed(function, event("/breaks"))).body == BROKEN_OFF
            assert (await streamed(function, event("/"))).body == b"ready"

    run(main())


def test_an_app_that_dies_in_the_middle_ends_the_environment(command: tuple[str, ...]) -> None:
    async def main() -> None:
        async with running(behind_adapter(command, "response_stream")) as function:
            assert await end_of(function, event("/dies")) in (  # whichever notices first: Lambda or the adapter
                "Runtime.ExitError: Runtime exited with error: exit status 9",
                BROKEN_OFF,
            )
            await asyncio.sleep(EXITING)
            assert (await streamed(function, event("/"))).body == b"ready"

    run(main())


@pytest.mark.parametrize("path", ["/breaks", "/dies"])
def test_a_buffered_answer_that_breaks_off_is_an_error(command: tuple[str, ...], path: str) -> None:
    async def main() -> None:
        async with running(behind_adapter(command, "buffered")) as function:
            assert await failure(function, event(path))  # Each adapter in its own words.
            await asyncio.sleep(EXITING)
            assert (await buffered(function, event("/")))["body"] == "ready"

    run(main())


def test_an_error_status_that_is_listed_fails_the_invocation(command: tuple[str, ...]) -> None:
    async def main() -> None:
        async with running(
            behind_adapter(command, "response_stream", AWS_LWA_ERROR_STATUS_CODES="500-503")
        ) as function:
            _, message = await failure(function, event("/500"))
            assert message == "Request failed with configured error status code: 500"
            assert (await streamed(function, event("/404"))).prelude["statusCode"] == 404

    run(main())


def test_two_requests_at_once_are_two_apps_on_two_ports(command: tuple[str, ...], tmp_path: Path) -> None:
    async def main() -> None:
        async with running(behind_adapter(command, "response_stream")) as function:
            query = {"count": "2", "folder": str(tmp_path)}
            sent = json.dumps(event("/events", queryStringParameters=query)).encode()
            answers = [await function.invoke(sent) for _ in range(2)]
            (tmp_path / "1").touch()
            for answer in answers:
                assert (await body(answer)).endswith(b"data: 0\n\ndata: 1\n\n")

    run(main())


def test_the_example_streams_token_by_token(command: tuple[str, ...]) -> None:
    async def main() -> None:
        started = behind_adapter(command, "response_stream", (str(EXAMPLE / "run.sh"),))
        async with running(started) as function:
            headers = {"Host": HOST, "Content-Type": "application/json"}
            answer = await function.invoke(
                json.dumps(event("/chat", "POST", headers=headers, body='{"prompt": "Hi."}')).encode()
            )
            came = [chunk async for chunk in answer.chunks]
            assert len(came) > 10
            head, _, text = b"".join(came).partition(bytes(8))
            assert json.loads(head)["headers"]["content-type"] == "text/event-stream; charset=utf-8"
            first, *_, last = text.decode().removesuffix("\n\n").split("\n\n")
            assert (json.loads(first.removeprefix("data: ")), last) == ({"text": "You "}, "event: done\ndata: {}")

    run(main())


def test_an_app_that_never_listens_is_told_where_it_should() -> None:
    async def main() -> None:
        app = (sys.executable, "-c", "import time; time.sleep(60)")
        slow = behind_adapter(BUILT_IN, "buffered", app)
        started = Launch(slow.commands, slow.folder, slow.environment, slow.port, init_timeout=0.3)
        async with running(started, timeout=0.3) as function:
            kind, message = await failure(function, event("/"))
            assert kind == "Sandbox.Timedout"
            assert "which it is told as PORT and AWS_LWA_PORT" in message

    run(main())


def test_settings_have_the_adapters_names_and_defaults() -> None:
    assert Settings.load({}) == Settings("127.0.0.1", 8080, 8080, "/", False, 500, "", False, "", frozenset())
    given = {
        "PORT": "1", "AWS_LWA_PORT": "2", "READINESS_CHECK_PATH": "/up", "AWS_LWA_READINESS_CHECK_PROTOCOL": "TCP",
        "AWS_LWA_INVOKE_MODE": "Response_Stream", "REMOVE_BASE_PATH": "/v1", "AWS_LWA_AUTHORIZATION_SOURCE": "X-Token",
    }  # fmt: skip
    assert Settings.load(given) == Settings("127.0.0.1", 2, 2, "/up", True, 500, "/v1", True, "x-token", frozenset())


def test_error_statuses_are_numbers_and_ranges() -> None:
    assert statuses("500, 502-504,x,1-x,") == {500, 502, 503, 504}

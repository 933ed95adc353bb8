"""The event of the proxy integration."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from local_gateway.serving import Told, api, case, run, says, serving
from samstream_cli.local.events import is_binary_type, proxy_event
from samstream_cli.local.exchange import Exchange, Request, request_of
from samstream_cli.local.limits import Deadline, Options
from samstream_cli.local.reply import Refusal, Reply
from samstream_cli.local.routing import Api, Match, Route

PROXY = Route("ANY", "/{proxy+}", function="Chat")
REQUEST = Request(
    method="POST",
    path="/test-path/",
    query="a=1&a=2&b=x+y%2B%C3%A9&c&d=%FF",
    headers=[
        ("host", "here:80"), ("user-agent", "curl"), ("x-two", "1"), ("x-two", "2"), ("authorization", "Bearer x"),
        ("connection", "keep-alive"), ("content-length", "2"), ("x-forwarded-for", "9.9.9.9"),
        ("content-type", "application/json"), ("x-amzn-trace-id", "mine"),
    ],
    body=b"{}",
    received=datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC),
    id="id",
    extended_id="xid",
    trace_id="Root=1",
)  # fmt: skip


async def _nowhere(_: Message) -> None:
    pass


def event_of(request: Request, match: Match, options: Options | None = None) -> Any:
    options = options or Options()
    events = []

    async def make() -> None:
        events.append(proxy_event(Exchange(request, match, options, Reply(_nowhere, "GET"), Deadline(1, None))))

    run(make())
    return json.loads(events[0])


def match_of(route: Route = PROXY, parameters: dict[str, str] | None = None, **settings: Any) -> Match:
    defaults: dict[str, Any] = {"id": "AbC", "stages": ("test",)}
    return Match(Api(**{**defaults, **settings}), "test", "/test-path/", route, parameters or {})


def test_an_event_has_all_that_was_recorded_on_aws() -> None:
    """The keys are those of LocalStack's `test_lambda_aws_proxy_integration`, less CloudFront's headers."""
    match = match_of(parameters={"proxy": "test-path"}, stage_variables={"test": {"k": "v"}})
    assert event_of(REQUEST, match) == {
        "resource": "/{proxy+}",
        "path": "/test-path/",
        "httpMethod": "POST",
        "headers": {
            "Host": "here:80",
            "User-Agent": "curl",
            "x-two": "2",
            "Authorization": "Bearer x",
            "X-Forwarded-For": "9.9.9.9, 127.0.0.1",
            "content-type": "application/json",
            "X-Forwarded-Port": "80",
            "X-Forwarded-Proto": "http",
            "X-Amzn-Trace-Id": "Root=1",
        },
        "multiValueHeaders": {
            "Host": ["here:80"],
            "User-Agent": ["curl"],
            "x-two": ["1", "2"],
            "Authorization": ["Bearer x"],
            "X-Forwarded-For": ["9.9.9.9, 127.0.0.1"],
            "content-type": ["application/json"],
            "X-Forwarded-Port": ["80"],
            "X-Forwarded-Proto": ["http"],
            "X-Amzn-Trace-Id": ["Root=1"],
        },
        "queryStringParameters": {"a": "2", "b": "x y+\u00e9", "c": "", "d": "\ufffd"},
        "multiValueQueryStringParameters": {"a": ["1", "2"], "b": ["x y+\u00e9"], "c": [""], "d": ["\ufffd"]},
        "pathParameters": {"proxy": "test-path"},
        "stageVariables": {"k": "v"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "AbC",
            "deploymentId": "local",
            "domainName": "here:80",
            "domainPrefix": "AbC",
            "extendedRequestId": "xid",
            "httpMethod": "POST",
            "identity": {
                "accessKey": None,
                "accountId": None,
                "caller": None,
                "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None,
                "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None,
                "principalOrgId": None,
                "sourceIp": "127.0.0.1",
                "user": None,
                "userAgent": "curl",
                "userArn": None,
            },
            "path": "/test/test-path/",
            "protocol": "HTTP/1.1",
            "requestId": "id",
            "requestTime": "02/Jan/2026:03:04:05 +0000",
            "requestTimeEpoch": 1767323045678,
            "resourceId": "local",
            "resourcePath": "/{proxy+}",
            "stage": "test",
        },
        "body": "{}",
        "isBase64Encoded": False,
    }


def test_what_a_request_lacks_is_null() -> None:
    event = event_of(Request("GET", "/"), match_of())
    names = ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body")
    assert [event[name] for name in names] == [None] * 5
    assert event["requestContext"]["domainName"] == "abc.execute-api.us-east-1.amazonaws.com"


@pytest.mark.parametrize(("decode", "value"), [(False, "a%20b/c%2Fd%25"), (True, "a b/c/d%")])
def test_path_parameters_stay_encoded_unless_asked(decode: bool, value: str) -> None:
    match = match_of(parameters={"proxy": "a%20b/c%2Fd%25"})
    assert event_of(REQUEST, match, Options(decode_path_parameters=decode))["pathParameters"] == {"proxy": value}


BODIES = [
    (b"\xc3\xa9", "text/plain", (), "\u00e9", False),
    (b"\xe9", "text/plain; charset=ISO-8859-1", (), "\u00e9", False),
    (b"\xe9", 'text/plain; charset="iso-8859-1"', (), "\u00e9", False),
    (b"\xe9", "text/plain; charset=rot13", (), "\ufffd", False),
    (b"\xe9", None, (), "\ufffd", False),
    (b"\xe9", "image/png", ("image/png",), "6Q==", True),
    (b"\xe9", "image/png", ("image~1*",), "6Q==", True),
    (b"\xe9", "IMAGE/PNG; q=1", ("*/*",), "6Q==", True),
    (b"\xe9", None, ("*/*",), "6Q==", True),
    (b"", "image/png", ("*/*",), None, False),
]


@pytest.mark.parametrize(("body", "content_type", "binary", "text", "encoded"), BODIES)
def test_a_body_is_text_unless_the_api_takes_its_type_for_binary(
    body: bytes, content_type: str | None, binary: tuple[str, ...], text: str | None, encoded: bool
) -> None:
    headers = [("content-type", content_type)] if content_type else []
    event = event_of(Request("POST", "/", headers=headers, body=body), match_of(binary_media_types=binary))
    assert (event["body"], event["isBase64Encoded"]) == (text, encoded)


def test_binary_types_have_wildcards() -> None:
    cases = [("image/png", "image/*"), ("image/png", "*/*"), ("image/png", "text/*"), (None, "*/*"), ("x", "*/*")]
    assert [is_binary_type(media_type, [known]) for media_type, known in cases] == [True, True, False, False, True]


def test_an_event_that_lambda_would_not_take_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        event_of(Request("POST", "/", body=b"x" * 6_291_556), match_of())
    assert (refused.value.status, refused.value.body) == (413, b'{"message":"Request Too Long"}')
    assert len(event_of(Request("POST", "/", body=b"x" * 6_291_556), match_of(), Options(no_limits=True))) == 12


text = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.text("abc-", min_size=1, max_size=5)


@given(st.binary(max_size=40), st.text("a=&%+;\u00e9{}2F ", max_size=20), st.lists(st.tuples(names, text)), text)
def test_any_request_makes_valid_json(body: bytes, query: str, headers: list[tuple[str, str]], path: str) -> None:
    match = Match(Api("a", ("s",), binary_media_types=("a/*",)), "s", path, PROXY, {"proxy": path})
    request = Request("POST", path, query, headers, body)
    exchange = [*headers, ("content-type", "a/b")]
    event = event_of(request, match)
    assert event["path"] == path
    assert {name.lower() for name in event["headers"]} >= {name for name, _ in headers if name in event["headers"]}
    binary = event_of(Request("POST", path, query, exchange, body), match)
    if body:
        assert base64.b64decode(binary["body"]) == body


def test_a_server_that_keeps_no_raw_path_will_do() -> None:
    scope = {"type": "http", "method": "GET", "path": "/\u00e9 x", "query_string": b"", "headers": [(b"A", b"1")]}
    request = request_of(scope)
    assert (request.path, request.headers, request.source_ip) == ("/%C3%A9%20x", [("a", "1")], "127.0.0.1")


@case
async def test_a_request_over_a_socket_is_as_the_client_sent_it() -> None:
    function = Told(says(b'{"statusCode":200}'), streaming=False)
    async with serving(api(PROXY), function) as served:
        await served.exchange(
            b"POST /Prod/a%2Fb//c/?q=%7B HTTP/1.1\r\nHost: here\r\nX-A: \xe9\r\nTransfer-Encoding: chunked\r\n"
            b"Connection: close\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
        )
        (event,) = function.events
        assert (event["path"], event["pathParameters"]) == ("/a%2Fb//c/", {"proxy": "a%2Fb//c"})
        assert (event["requestContext"]["path"], event["body"]) == ("/Prod/a%2Fb//c/", "hello")
        assert (event["queryStringParameters"], event["headers"]["x-a"]) == ({"q": "{"}, "\u00e9")
        assert sorted(event["headers"]) == [
            "Host", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "x-a",
        ]  # fmt: skip

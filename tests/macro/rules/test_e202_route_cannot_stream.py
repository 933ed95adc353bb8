"""E202: routes whose integration can't stream are told with what could."""

from typing import Any

import pytest

from macro.samples import app, findings, function, look, method, operation, proxy, run, streams, web_app
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")
REMEDIES = {
    "MOCK": "Make it AWS_PROXY or HTTP_PROXY, or take its Streaming away.",
    "HTTP": "Make it HTTP_PROXY, or take its Streaming away.",
    "AWS": "Make it AWS_PROXY, or take its Streaming away.",
    "AWS_PROXY": "Mend its Uri, or take its Streaming away.",
}
INVOCATIONS = "arn:aws:apigateway:eu-west-1:lambda:path/{}/functions/arn:aws:lambda:eu-west-1:1:function:f/{}"
UNREADABLE = "its Uri is none of a Lambda function's"


def mixed(version: str, action: str) -> tuple[dict[str, Any], str]:
    return proxy(uri=INVOCATIONS.format(version, action)), f"its Uri mixes the API versions: {version} with {action}"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "mock": ({"type": "MOCK"}, "its integration is MOCK, and only AWS_PROXY and HTTP_PROXY integrations stream"),
    "http": (
        {"type": "http", "uri": "https://example.com"},
        "its integration is HTTP, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ),
    "mapping templates": (
        {**proxy(), "type": "aws"},
        "its integration is AWS, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ),
    "another service": (
        {"type": "AWS", "uri": "arn:aws:apigateway:eu-west-1:sqs:path/queue"},
        "its integration is AWS, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ),
    "no type": ({"uri": "https://example.com"}, "its type is not known before the deployment"),
    "imported type": (proxy(type={"Fn::ImportValue": "x"}), "its type is not known before the deployment"),
    "no uri": ({"type": "AWS_PROXY"}, UNREADABLE),
    "no value for its uri": (proxy(uri={"Ref": "AWS::NoValue"}), "it has no Uri"),
    "imported uri": (proxy(uri={"Fn::ImportValue": "Uri"}), UNREADABLE),
    "uri of a list": (proxy(uri=["a"]), UNREADABLE),
    "new version, old action": mixed("2021-11-15", "invocations"),
    "old version, new action": mixed("2015-03-31", "response-streaming-invocations"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_integration_that_can_not_stream_is_told(name: str) -> None:
    integration, why = BAD[name]
    remedy = REMEDIES.get(str(integration.get("type")).upper(), REMEDIES["MOCK"])
    fragment = app({"/chat": {"post": operation(integration)}})
    message = f"Api POST /chat (Routes of the Transform entry): it can't stream: {why}. {remedy}"
    assert findings(fragment, {"Routes": "POST /chat"}) == [Finding("E202", "Api", PLACE, message)]


def test_the_tag_on_the_operation_itself_is_not_named_twice() -> None:
    fragment = app({"/chat": {"post": operation({"type": "mock"}, **{"x-samstream-streaming": True})}})
    message = f"Api POST /chat: it can't stream: {BAD['mock'][1]}. {REMEDIES['MOCK']}"
    assert findings(fragment) == [Finding("E202", "Api", PLACE, message)]


@pytest.mark.parametrize("body", [{}, {"x-amazon-apigateway-integration": {"Ref": "AWS::NoValue"}}])
def test_an_operation_without_integration_is_told(body: dict[str, Any]) -> None:
    message = (
        "Api POST /chat (Routes of the Transform entry): it can't stream: it has no integration. "
        "Give it an AWS_PROXY or HTTP_PROXY integration."
    )
    fragment = app({"/chat": {"post": body}})
    assert findings(fragment, {"Routes": "POST /chat"}) == [Finding("E202", "Api", PLACE[:-1], message)]


def test_a_method_that_can_not_stream_is_told() -> None:
    fragment = app(Get=method({"Type": "MOCK"}, Metadata={"Streaming": True}))
    message = f"Api GET / (Metadata of Get): it can't stream: {BAD['mock'][1]}. {REMEDIES['MOCK']}"
    assert findings(fragment) == [Finding("E202", "Get", ("Resources", "Get", "Properties", "Integration"), message)]


def test_a_method_that_this_deployment_does_not_create_need_not_stream() -> None:
    fragment = app(Get=method({"Type": "MOCK"}, Metadata={"Streaming": True}, Condition="Never"))
    fragment["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    assert findings(fragment) == []


def test_a_sibling_that_can_not_stream_is_told_with_why_it_should() -> None:
    paths = {
        "/chat": {"post": operation(**{"x-samstream-streaming": True})},
        "/old": {"get": operation(proxy(type="AWS"))},
    }
    place = ("Resources", "Api", "Properties", "Body", "paths", "/old", "get", "x-amazon-apigateway-integration")
    message = (
        "Api GET /old: Chat streams as a whole (Lambda Web Adapter), but it can't stream: "
        f"{BAD['mapping templates'][1]}. {REMEDIES['AWS']}"
    )
    assert findings(app(paths, Chat=web_app())) == [Finding("E202", "Api", place, message)]


def test_proxies_of_functions_and_of_urls_can_stream() -> None:
    fragment = app(
        {
            "/chat": {"post": operation()},
            "/site": {"get": operation({"type": "http_proxy", "uri": "https://a.example"})},
        }
    )
    routes = ["POST /chat", "GET /site"]
    assert streams(run(fragment, {"Routes": routes})) == [f"Api {route}" for route in routes]


def test_an_api_wide_tag_leaves_out_what_can_not_stream() -> None:
    paths = {"/chat": {"post": operation(), "options": operation({"type": "mock"})}}
    fragment = app(paths, Chat=function())
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": True}
    assert streams(run(fragment)) == ["Api POST /chat"]


def alone(kind: str, mode: Any = "STREAM") -> list[Finding]:
    """What is told of a mode that no tag asked for."""
    integration = {**proxy(), "type": kind, "responseTransferMode": mode}
    return look(app({"/chat": {"post": operation(integration)}}), parameters={"Mode": "STREAM"})


@pytest.mark.parametrize(
    ("kind", "remedy"), [("aws", "AWS_PROXY"), ("http", "HTTP_PROXY"), ("MOCK", "AWS_PROXY or HTTP_PROXY")]
)
@pytest.mark.parametrize("mode", ["STREAM", {"Ref": "Mode"}])
def test_a_mode_that_streams_on_what_can_not_is_told(kind: str, remedy: str, mode: Any) -> None:
    message = (
        f"Api POST /chat: its mode is STREAM, but its integration is {kind.upper()}, and only AWS_PROXY and HTTP_PROXY "
        f"integrations stream. Make it {remedy}, or remove its responseTransferMode."
    )
    assert alone(kind, mode) == [Finding("E202", "Api", PLACE, message)]


@pytest.mark.parametrize("mode", ["BUFFERED", {"Ref": "Unknown"}, {"Fn::ImportValue": "Mode"}, {"Ref": "AWS::NoValue"}])
def test_a_mode_that_does_not_or_that_nobody_knows_is_not(mode: Any) -> None:
    assert alone("MOCK", mode) == []


@pytest.mark.parametrize("kind", ["{{resolve:ssm:type}}", "", "LAMBDA"])
def test_a_type_that_nobody_knows_is_not(kind: str) -> None:
    assert alone(kind) == []


def test_a_method_is_told_in_its_own_words() -> None:
    (found,) = look(app({}, Get=method({"Type": "MOCK", "ResponseTransferMode": "STREAM"})))
    assert (found.rule, found.resource) == ("E202", "Get")
    assert found.message.endswith("remove its ResponseTransferMode.")

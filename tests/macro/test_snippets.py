"""Fn::Transform inside a template makes streaming just what it stands in."""

import copy
from typing import Any

import pytest

from macro.samples import buffered, event, findings, method, operation, proxy, run, streamed, streaming
from samstream.findings import Finding

Json = dict[str, Any]

STREAM = {"Uri": {"Fn::Sub": streaming()}, "ResponseTransferMode": "STREAM"}
PROPERTIES = method()["Properties"]
INTEGRATION = PROPERTIES["Integration"]
SITE = {"Type": "HTTP_PROXY", "Uri": "https://example.com"}
ASK = event()["Properties"]

# A snippet, and what becomes of it.
MADE: dict[str, tuple[Json, Json]] = {
    "a method's properties": (PROPERTIES, {**PROPERTIES, "Integration": {**INTEGRATION, **STREAM}}),
    "an integration": (INTEGRATION, {**INTEGRATION, **STREAM}),
    "an integration of a site": (SITE, {**SITE, "ResponseTransferMode": "STREAM"}),
    "an operation": (operation(security=[]), operation(streamed(), security=[])),
    "an integration of an operation": (proxy(), streamed()),
    "an event's properties": (ASK, {**ASK, "ResponseTransferMode": "RESPONSE_STREAM"}),
    "an event whose path is an intrinsic": (
        {"Path": {"Ref": "Path"}, "Method": "get"},
        {"Path": {"Ref": "Path"}, "Method": "get", "ResponseTransferMode": "RESPONSE_STREAM"},
    ),
    "what streams already": ({**INTEGRATION, **STREAM}, {**INTEGRATION, **STREAM}),
    "an if around a method's integration": (
        {**PROPERTIES, "Integration": {"Fn::If": ["A", INTEGRATION, SITE]}},
        {
            **PROPERTIES,
            "Integration": {"Fn::If": ["A", {**INTEGRATION, **STREAM}, {**SITE, "ResponseTransferMode": "STREAM"}]},
        },
    ),
    "an if around an operation's integration": (
        operation({"Fn::If": ["A", proxy(), {"Ref": "AWS::NoValue"}]}),
        operation({"Fn::If": ["A", streamed(), {"Ref": "AWS::NoValue"}]}),
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_a_snippet_is_made_to_stream(name: str) -> None:
    before, after = MADE[name]
    sent = copy.deepcopy(before)
    result = run(sent)
    assert (result.template, result.findings) == (after, ())
    assert sent == before
    again = run(result.template)
    assert (again.template, again.edits) == (after, ())


@pytest.mark.parametrize("settings", [{"TimeoutInMillis": 60_000}, {"TimeoutInMillis": "60000", "Strict": True}])
def test_a_snippet_may_be_given_a_timeout(settings: Json) -> None:
    assert run(INTEGRATION, settings).template == {**INTEGRATION, **STREAM, "TimeoutInMillis": 60_000}
    assert run(proxy(), settings).template == streamed(timeoutInMillis=60_000)
    assert run(ASK, settings).template["TimeoutInMillis"] == 60_000


def test_the_snippets_own_timeout_wins() -> None:
    settings = {"TimeoutInMillis": 60_000}
    assert run({**ASK, "TimeoutInMillis": 500}, settings).template["TimeoutInMillis"] == 500
    assert run(proxy(timeoutInMillis=500), settings).template == streamed(timeoutInMillis=500)


def test_the_organisations_timeout_holds_for_snippets_too() -> None:
    made = run(INTEGRATION, environment={"SAMSTREAM_TIMEOUT_IN_MILLIS": "60000", "SAMSTREAM_ROUTES": "GET /"})
    assert made.template["TimeoutInMillis"] == 60_000


def test_a_snippets_uri_may_be_built_of_parameters() -> None:
    snippet = {**INTEGRATION, "Type": {"Ref": "Kind"}, "Uri": {"Fn::Sub": buffered("${Arn}")}}
    made = run(snippet, parameters={"Kind": "AWS_PROXY", "Arn": "arn:aws:lambda:eu-west-1:1:function:f"})
    assert made.template["Uri"] == {"Fn::Sub": streaming("${Arn}")}


CANNOT: dict[str, tuple[Json, tuple[str, ...], str]] = {
    "mock": (
        {"RestApiId": "a", "Integration": {"Type": "MOCK"}},
        ("Integration",),
        "its integration is MOCK, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ),
    "mapping templates": (
        {"type": "aws", "httpMethod": "POST", "uri": "arn:aws:apigateway:eu-west-1:sqs:path/queue"},
        (),
        "its integration is AWS, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ),
    "an unknown uri": (
        operation({"type": "aws_proxy", "uri": {"Fn::ImportValue": "Uri"}}),
        ("x-amazon-apigateway-integration",),
        "its Uri is none of a Lambda function's",
    ),
}


@pytest.mark.parametrize("name", CANNOT)
def test_a_snippet_that_can_not_stream_is_told(name: str) -> None:
    snippet, place, why = CANNOT[name]
    message = f"What this Fn::Transform stands in can't stream: {why}."
    result = run(snippet)
    assert result.findings == (Finding("E202", "", place, message),)
    assert result.template is snippet


BESIDE = "Streaming and ResponseTransferMode beside this Fn::Transform say the same or the contrary; remove them."

EVENTS: dict[str, tuple[Json, Finding]] = {
    "an event of an HTTP API": (
        {**ASK, "ApiId": {"Ref": "HttpApi"}},
        Finding(
            "E103",
            "",
            (),
            "This Fn::Transform stands in an event of an HTTP API, and API Gateway streams REST APIs only.",
        ),
    ),
    "a tag beside it": ({**ASK, "Streaming": False}, Finding("E106", "", (), BESIDE)),
    "another mode beside it": ({**ASK, "ResponseTransferMode": "BUFFERED"}, Finding("E106", "", (), BESIDE)),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_that_says_otherwise_is_told(name: str) -> None:
    snippet, finding = EVENTS[name]
    result = run(snippet)
    assert (result.findings, result.template) == ((finding,), snippet)


def test_routes_have_no_meaning_in_a_snippet() -> None:
    message = "Routes has no meaning in a Fn::Transform, which makes streaming just what it stands in. Remove it."
    assert findings(INTEGRATION, {"Routes": "GET /"}) == [Finding("E001", "", (), message)]


UNKNOWN = (
    "The fragment is neither a template with Resources nor what a Fn::Transform of SamStream may stand in: "
    "the Properties of an AWS::ApiGateway::Method, its Integration, an operation of an OpenAPI body or the Properties "
    "of an Api event."
)


@pytest.mark.parametrize(
    "fragment",
    [
        None, 5, "text", [], [1], {}, {"Resources": []}, {"Type": "AWS::Lambda::Function"}, {"Path": 5, "Method": 5},
        {"Integration": "text"}, {"Integration": None}, {"Integration": {"Ref": "AWS::NoValue"}}, {"Path": "/chat"},
        {"Runtime": "nodejs22.x", "Timeout": 3},
    ],
)  # fmt: skip
def test_what_a_snippet_can_not_stand_in_is_told(fragment: Any) -> None:
    result = run(fragment)
    assert result.findings == (Finding("E002", "", (), UNKNOWN),)
    assert result.template is fragment

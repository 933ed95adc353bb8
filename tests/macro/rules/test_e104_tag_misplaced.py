"""E104: a tag where it would be lost is told with where it belongs."""

from typing import Any

import pytest

from macro.samples import (
    api,
    app,
    event,
    findings,
    function,
    look,
    method,
    operation,
    proxy,
    run,
    sam_function,
    streams,
)
from samstream.findings import Finding

WHERE = "put Streaming on an Api event, or into the Metadata of a function, a REST API or a Method"
TAG = {"Metadata": {"Streaming": True}}


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGateway::Deployment",
        "AWS::Lambda::Alias",
        "AWS::Serverless::HttpApi",
        "AWS::Serverless::StateMachine",
        "AWS::Serverless::LayerVersion",
        "AWS::CloudFormation::Stack",
    ],
)
def test_metadata_of_what_has_no_rest_route_is_told(kind: str) -> None:
    message = f"It: {kind} can't stream; {WHERE}."
    assert findings({"Resources": {"It": {"Type": kind, **TAG}}}) == [
        Finding("E104", "It", ("Resources", "It", "Metadata", "Streaming"), message)
    ]


def test_metadata_of_another_family_is_someone_elses() -> None:
    fragment = app(Table={"Type": "AWS::DynamoDB::Table", **TAG})
    assert run(fragment).template is fragment


@pytest.mark.parametrize(
    "kind",
    ["AWS::Serverless::Function", "AWS::Serverless::Api", "AWS::Lambda::Function", "AWS::ApiGateway::RestApi"],
)
def test_a_property_beside_the_own_ones_is_told(kind: str) -> None:
    fragment = app(It={"Type": kind, "Properties": {"Streaming": True}, "Metadata": {"Streaming": False}})
    message = f"It: Streaming is no property of {kind}; {WHERE}."
    assert findings(fragment) == [Finding("E104", "It", ("Resources", "It", "Properties", "Streaming"), message)]


def test_a_tag_beside_the_properties_is_told() -> None:
    fragment = app(Chat=function({"Streaming": True}))
    message = f"Chat: Streaming is no property of AWS::Lambda::Function; {WHERE}."
    assert findings(fragment) == [Finding("E104", "Chat", ("Resources", "Chat", "Streaming"), message)]


def test_the_templates_own_metadata_is_its_authors() -> None:
    fragment = {**app(), **TAG}
    assert (run(fragment).template, run(fragment).findings) == (fragment, ())


@pytest.mark.parametrize("key", ["streaming", "STREAMING", " Streaming"])
def test_a_tag_spelt_otherwise_is_told(key: str) -> None:
    message = f"Chat: its Metadata says {key}; write Streaming."
    assert findings(app(Chat=function({"Metadata": {key: True}}))) == [
        Finding("E104", "Chat", ("Resources", "Chat", "Metadata", key), message)
    ]


def test_a_tag_in_an_events_metadata_is_told() -> None:
    place = ("Resources", "Chat", "Properties", "Events", "Ask", "Metadata", "Streaming")
    message = "Event Ask of Chat: SAM drops its Metadata; put Streaming into its Properties."
    events = {"Ask": event(beside=TAG), "Odd": 5}
    assert findings({"Resources": {"Chat": sam_function(events)}}) == [Finding("E104", "Chat", place, message)]


@pytest.mark.parametrize("section", ["HttpApi", "StateMachine", "WebSocketApi"])
def test_globals_of_what_can_not_stream_are_told(section: str) -> None:
    fragment = {"Globals": {section: {"Streaming": True}}, "Resources": {"Chat": sam_function(**TAG)}}
    message = f"Globals.{section} can't stream: put Streaming under Globals.Function or Globals.Api."
    assert findings(fragment) == [Finding("E104", "", ("Globals", section, "Streaming"), message)]


def with_body(body: Any) -> dict[str, Any]:
    fragment = app(Api={"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}})
    fragment["Resources"]["Chat"]["Metadata"] = {"Streaming": True}
    return fragment


INTEGRATION: dict[str, Any] = {**proxy(), "x-samstream-streaming": True}

TAGGED: dict[str, tuple[Any, tuple[Any, ...], str]] = {
    "the body": (
        {"x-samstream-streaming": True, "paths": {"/chat": {"post": operation()}}},
        (),
        "the body",
    ),
    "a body without paths": ({"x-samstream-streaming": True}, (), "the body"),
    "all paths": (
        {"paths": {"x-samstream-streaming": True, "/chat": {"post": operation()}}},
        ("paths",),
        "paths",
    ),
    "a response of an operation": (
        {"paths": {"/chat": {"post": operation(responses=[{"x-samstream-streaming": True}])}}},
        ("paths", "/chat", "post", "responses", 0),
        "paths./chat.post.responses.0",
    ),
    "a path item": (
        {"paths": {"/chat": {"x-samstream-streaming": True, "post": operation()}}},
        ("paths", "/chat"),
        "paths./chat",
    ),
    "an integration": (
        {"paths": {"/chat": {"post": operation(INTEGRATION)}}},
        ("paths", "/chat", "post", "x-amazon-apigateway-integration"),
        "paths./chat.post.x-amazon-apigateway-integration",
    ),
}


@pytest.mark.parametrize("name", TAGGED)
def test_a_tag_beside_an_operation_is_told(name: str) -> None:
    body, place, where = TAGGED[name]
    at = ("Resources", "Api", "Properties", "Body", *place, "x-samstream-streaming")
    message = f"Api: x-samstream-streaming belongs on an operation (a method of a path), not on {where}."
    assert [found for found in findings(with_body(body)) if found.rule == "E104"] == [
        Finding("E104", "Api", at, message)
    ]


@pytest.mark.parametrize("kind", ["AWS::ApiGatewayV2::Api", "AWS::Serverless::HttpApi"])
def test_a_tag_in_an_http_api_is_told(kind: str) -> None:
    body = api({"/chat": {"post": operation(**{"x-samstream-streaming": True})}})
    message = "Http: HTTP and WebSocket APIs can't stream; remove x-samstream-streaming."
    fragment = {"Resources": {"Http": {**body, "Type": kind}}}
    place = ("Resources", "Http", "Properties", "Body", "paths", "/chat", "post", "x-samstream-streaming")
    assert findings(fragment) == [Finding("E104", "Http", place, message)]


def test_a_tag_in_its_place_is_not_told() -> None:
    fragment = app(Api=api({"/chat": {"post": operation()}}, **TAG), Chat=function(TAG), Get=method(**TAG))
    assert streams(run(fragment)) == ["Api POST /chat", "Api GET /"]


def test_a_section_of_its_own_is_told() -> None:
    where = "put Streaming on an Api event, or into the Metadata of a function, a REST API or a Method"
    message = f"Streaming is no section of a template; {where}."
    assert look({**app(), "Streaming": True}) == [Finding("E104", "", ("Streaming",), message)]

"""E303: an adapter that streams on every route can't answer a buffered one."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, buffered, findings, function, look, method, operation, proxy, streamed, web_app
from samstream.findings import Finding

PATH = ("Resources", "Api", "Properties", "Body", "paths", "/chat")
INTEGRATION = "x-amazon-apigateway-integration"
MESSAGE = (
    "Chat's adapter has AWS_LWA_INVOKE_MODE set to response_stream, but this route is buffered, and its callers get an "
    "error. Tag the route, or take the variable away if no route of the function streams."
)
MODE = {"AWS_LWA_INVOKE_MODE": "response_stream"}
STREAMS = web_app(AWS_LWA_INVOKE_MODE="response_stream")
CONDITIONS = {"Never": {"Fn::Equals": ["a", "b"]}, "Hidden": {"Fn::Equals": [{"Ref": "Secret"}, "a"]}}
GET = {"/chat": {"get": operation()}}


def check(paths: Any = None, chat: Any = STREAMS, **more: Any) -> list[Finding]:
    body = {**app(GET if paths is None else paths, Chat=chat, **more), "Conditions": CONDITIONS}
    return [found for found in look(body, parameters={"Mode": "response_stream"}) if found.rule[0] == "E"]


def told(*place: str | int) -> list[Finding]:
    return [Finding("E303", "Api", (*PATH, *(place or ("get", INTEGRATION))), f"Api GET /chat: {MESSAGE}")]


@pytest.mark.parametrize("mode", ["response_stream", "RESPONSE_STREAM", {"Ref": "Mode"}])
def test_a_buffered_route_of_an_adapter_that_streams_is_told(mode: Any) -> None:
    assert check(chat=web_app(AWS_LWA_INVOKE_MODE=mode)) == told()


def test_it_is_told_beside_routes_that_stream() -> None:
    assert check({"/chat": {"post": operation(streamed()), "get": operation()}}) == told()


def test_a_method_is_told() -> None:
    place = ("Resources", "Get", "Properties", "Integration")
    assert check({}, Get=method()) == [Finding("E303", "Get", place, f"Api GET /: {MESSAGE}")]


ADAPTERS: dict[str, Any] = {
    "by its wrapper": function(
        Runtime="python3.13",
        Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap", **MODE}},
    ),
    "in an image": function(PackageType="Image", Runtime=None, Environment={"Variables": MODE}),
}


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_adapter_may_show_itself_otherwise(name: str) -> None:
    assert check(chat=ADAPTERS[name]) == told()


def with_layers(layers: Any) -> dict[str, Any]:
    return function(Runtime="python3.13", Layers=layers, Environment={"Variables": MODE})


NOT_SURE: dict[str, Any] = {
    "the variable alone, which Globals give to all": function(Environment={"Variables": MODE}),
    "a layer by a condition": with_layers([{"Fn::If": ["Never", *web_app()["Properties"]["Layers"], NO_VALUE]}]),
    "a mode by a condition": web_app(AWS_LWA_INVOKE_MODE={"Fn::If": ["Never", "response_stream", NO_VALUE]}),
    "a mode nobody knows": web_app(AWS_LWA_INVOKE_MODE={"Fn::ImportValue": "Mode"}),
    "buffered": web_app(AWS_LWA_INVOKE_MODE="buffered"),
    "misspelt, which is buffered": web_app(AWS_LWA_INVOKE_MODE="response-stream"),
    "no mode": web_app(),
    "another variable": web_app(AWS_LWA_PORT="8080"),
    "one that only sounds like it": web_app(MY_AWS_LWA_INVOKE_MODE="response_stream"),
    "no adapter": function(),
}


@pytest.mark.parametrize("name", NOT_SURE)
def test_an_adapter_that_may_be_buffered_is_not_told(name: str) -> None:
    assert check(chat=NOT_SURE[name]) == []


ELSE = {"Fn::Sub": buffered("${Other.Arn}")}
ROUTES: dict[str, Any] = {
    "one that streams": streamed(),
    "one whose mode says so": proxy(responseTransferMode={"Fn::ImportValue": "Mode"}),
    "one of another function": proxy("${Other.Arn}"),
    "one of another function by a condition": proxy(uri={"Fn::If": ["Never", {"Fn::Sub": buffered()}, ELSE]}),
    "one of either": proxy(uri={"Fn::If": ["Hidden", {"Fn::Sub": buffered()}, ELSE]}),
    "one with mapping templates": proxy(type="aws"),
    "one in a branch that isn't taken": {"Fn::If": ["Never", proxy(), {"type": "mock"}]},
    "a preflight": {"type": "mock"},
}


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_that_may_not_be_its_own_is_not_told(name: str) -> None:
    assert check({"/chat": {"get": operation(ROUTES[name])}}, Other=function()) == []


def test_a_mode_alone_is_told_as_what_it_is() -> None:
    mode_alone = proxy(responseTransferMode="STREAM")
    assert [found.rule for found in check({"/chat": {"get": operation(mode_alone)}})] == ["E204"]


def test_the_branch_that_is_taken_is_told() -> None:
    choice = {"Fn::If": ["Never", {"type": "mock"}, proxy()]}
    assert check({"/chat": {"get": operation(choice)}}) == told("get", INTEGRATION, "Fn::If", 2)


@pytest.mark.parametrize("name", ["Api", "Get"])
def test_what_this_deployment_does_not_create_is_not_told(name: str) -> None:
    fragment = app({}, Chat=STREAMS, Get=method())
    fragment["Resources"][name]["Condition"] = "Never"
    assert look({**fragment, "Conditions": CONDITIONS}) == []


def test_a_tag_makes_the_siblings_stream() -> None:
    assert (
        findings(app({"/chat": {"post": operation(), "get": operation()}}, Chat=STREAMS), {"Routes": "POST /chat"})
        == []
    )


def test_siblings_that_are_refused_are_told_once() -> None:
    fragment = app({"/chat": {"post": operation(), "get": operation()}}, Chat=STREAMS)
    found = findings(fragment, {"Routes": "POST /chat", "SiblingRoutes": "error"})
    assert [finding.rule for finding in found] == ["E302"]

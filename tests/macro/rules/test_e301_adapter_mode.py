"""E301: a mode of the adapter that someone set is never overwritten."""

from typing import Any

import pytest

from macro.samples import (
    NO_VALUE,
    app,
    at,
    buffered,
    findings,
    function,
    look,
    operation,
    run,
    streamed,
    streaming,
    streams,
    tagged,
    web_app,
)
from samstream.findings import Finding

PLACE = ("Resources", "Chat", "Properties", "Environment")
REMEDY = "Write AWS_LWA_INVOKE_MODE: response_stream into its Environment.Variables, a map."
MISSPELT = "its AWS_LWA_INVOKE_MODE is misspelt, which the adapter takes for buffered"

BAD: dict[str, tuple[Any, str]] = {
    "buffered": ("buffered", "its AWS_LWA_INVOKE_MODE is buffered"),
    "any case of it": ("Buffered", "its AWS_LWA_INVOKE_MODE is buffered"),
    "SAM's word": ("STREAM", MISSPELT),
    "a dash": ("response-stream", MISSPELT),
    "a space": ("response_stream ", MISSPELT),
    "a number": (1, MISSPELT),
    "a parameter": ({"Ref": "Mode"}, "its AWS_LWA_INVOKE_MODE is buffered"),
    "an import": (
        {"Fn::ImportValue": "Mode"},
        "its AWS_LWA_INVOKE_MODE can't be checked: Fn::ImportValue is not known before the deployment",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mode_that_is_not_streaming_is_told(name: str) -> None:
    mode, why = BAD[name]
    fragment = tagged(Chat=web_app(AWS_LWA_INVOKE_MODE=mode))
    message = f"Chat: {why}, but its routes are to stream. {REMEDY}"
    assert findings(fragment, parameters={"Mode": "buffered"}) == [
        Finding("E301", "Chat", (*PLACE, "Variables", "AWS_LWA_INVOKE_MODE"), message)
    ]


@pytest.mark.parametrize("mode", ["response_stream", "RESPONSE_STREAM", {"Ref": "Mode"}])
def test_a_mode_that_streams_stays_as_it_is_written(mode: Any) -> None:
    function = web_app(AWS_LWA_INVOKE_MODE=mode)
    result = run(tagged(Chat=function), parameters={"Mode": "response_stream"})
    assert streams(result) == ["Api POST /chat"]
    assert at(result.template, "Resources", "Chat") == function


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"Fn::ImportValue": "Environment"}, ()),
        ({"Variables": {"Ref": "Variables"}}, ("Variables",)),
        ("AWS_LWA_PORT=8080", ()),
        ({"Variables": ["AWS_LWA_PORT"]}, ("Variables",)),
    ],
)
def test_an_environment_that_is_no_map_is_told(environment: Any, place: tuple[str, ...]) -> None:
    function = web_app()
    function["Properties"]["Environment"] = environment
    message = f"Chat: its Variables is not written as a map, but its routes are to stream. {REMEDY}"
    assert findings(tagged(Chat=function)) == [
        Finding("E301", "Chat", (*PLACE, *place, "AWS_LWA_INVOKE_MODE"), message)
    ]


def test_a_function_without_the_adapter_may_say_what_it_likes() -> None:
    fragment = tagged(Other=web_app(AWS_LWA_INVOKE_MODE="buffered"))
    assert findings(fragment) == []


CONDITIONS = {"Never": {"Fn::Equals": ["a", "b"]}, "Hidden": {"Fn::Equals": [{"Ref": "Secret"}, "a"]}}
ADD = "Set AWS_LWA_INVOKE_MODE to response_stream in its Environment.Variables, or tag the routes, which sets it."
MISSING = "Chat: its AWS_LWA_INVOKE_MODE is missing, which means buffered, but routes of it stream."
WRAPPER = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}


def untagged(chat: Any, integration: Any = None, **more: Any) -> list[Finding]:
    """The errors of a template whose POST /chat streams by itself."""
    paths = {"/chat": {"post": operation(streamed() if integration is None else integration)}}
    body = {**app(paths, Chat=chat, **more), "Conditions": CONDITIONS}
    return [found for found in look(body, parameters={"Mode": "buffered"}) if found.rule[0] == "E"]


def with_variables(variables: Any, **properties: Any) -> dict[str, Any]:
    return function(Runtime="python3.13", Environment={"Variables": variables}, **properties)


@pytest.mark.parametrize("name", [name for name in BAD if name != "an import"])
def test_a_mode_that_is_not_streaming_is_told_without_a_tag_too(name: str) -> None:
    mode, why = BAD[name]
    message = f"Chat: {why}, but its routes are to stream. {REMEDY}"
    expected = [Finding("E301", "Chat", (*PLACE, "Variables", "AWS_LWA_INVOKE_MODE"), message)]
    assert untagged(web_app(AWS_LWA_INVOKE_MODE=mode)) == expected
    assert untagged(with_variables({"AWS_LWA_INVOKE_MODE": mode}, PackageType="Image")) == expected


@pytest.mark.parametrize(
    "chat",
    [
        web_app(),
        web_app(AWS_LWA_PORT="8080"),
        web_app(AWS_LWA_INVOKE_MODE=NO_VALUE),
        with_variables(WRAPPER),
    ],
)
def test_a_mode_that_is_missing_without_a_tag_is_told(chat: Any) -> None:
    assert untagged(chat) == [Finding("E301", "Chat", PLACE, f"{MISSING} {ADD}")]


NOT_SURE: dict[str, Any] = {
    "streaming": web_app(AWS_LWA_INVOKE_MODE="response_stream"),
    "no adapter": function(),
    "a variable that Globals give to all": with_variables({"AWS_LWA_PORT": "8080"}),
    "a mode that Globals give to all": with_variables({"AWS_LWA_INVOKE_MODE": "buffered"}),
    "an image that may set it": with_variables({"AWS_LWA_PORT": "8080"}, PackageType="Image"),
    "an import": web_app(AWS_LWA_INVOKE_MODE={"Fn::ImportValue": "Mode"}),
    "a parameter without a value": web_app(AWS_LWA_INVOKE_MODE={"Ref": "Unknown"}),
    "a dynamic reference": web_app(AWS_LWA_INVOKE_MODE="{{resolve:ssm:mode}}"),
    "variables that are no map": {**web_app(), "Properties": {**web_app()["Properties"], "Environment": {"Ref": "E"}}},
    "variables by a condition": with_variables({"Fn::If": ["Never", WRAPPER, {**WRAPPER, "AWS_LWA_INVOKE_MODE": "x"}]}),
    "a mode by a condition": web_app(AWS_LWA_INVOKE_MODE={"Fn::If": ["Never", "buffered", "response_stream"]}),
}


@pytest.mark.parametrize("name", NOT_SURE)
def test_an_adapter_that_may_stream_without_a_tag_is_not_told(name: str) -> None:
    assert untagged(NOT_SURE[name]) == []


ELSE = {"Fn::Sub": streaming("${Other.Arn}")}
ROUTES: dict[str, Any] = {
    "another function's": streamed("${Other.Arn}"),
    "another function's by a condition": streamed(uri={"Fn::If": ["Never", {"Fn::Sub": streaming()}, ELSE]}),
    "either's": streamed(uri={"Fn::If": ["Hidden", {"Fn::Sub": streaming()}, ELSE]}),
    "one in a branch that isn't taken": {"Fn::If": ["Never", streamed(), {"type": "mock"}]},
    "a buffered one": {"type": "aws_proxy", "uri": {"Fn::Sub": buffered()}},
}


@pytest.mark.parametrize("name", ROUTES)
def test_a_function_whose_own_routes_may_be_buffered_is_not_told(name: str) -> None:
    assert untagged(web_app(), ROUTES[name], Other=function()) == []


def test_a_route_of_an_api_that_is_not_created_is_not_told() -> None:
    fragment = app({"/chat": {"post": operation(streamed())}}, Chat=web_app())
    fragment["Resources"]["Api"]["Condition"] = "Never"
    assert look({**fragment, "Conditions": CONDITIONS}) == []


def test_a_function_is_told_once_though_it_is_tagged_and_streams_by_itself() -> None:
    paths = {"/chat": {"post": operation(), "get": operation(streamed())}}
    found = findings(app(paths, Chat=web_app(AWS_LWA_INVOKE_MODE="buffered")), {"Routes": "POST /chat"})
    assert [finding.rule for finding in found] == ["E301"]

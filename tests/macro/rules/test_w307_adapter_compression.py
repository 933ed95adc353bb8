"""W307: the adapter compresses buffered answers only."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, findings, function, look, operation, streamed, web_app
from samstream.findings import Finding

STREAMED = {"/chat": {"post": operation(streamed())}}
PLACE = ("Resources", "Chat", "Properties", "Environment")
NAME = "AWS_LWA_ENABLE_COMPRESSION"
MESSAGE = f"Chat: the adapter doesn't compress what it streams. Remove {NAME}."
CONDITIONS = {"Never": {"Fn::Equals": ["a", "b"]}}


def check(chat: Any) -> list[Finding]:
    return look({**app(STREAMED, Chat=chat), "Conditions": CONDITIONS}, parameters={"On": "true", "Off": "false"})


def compressing(value: Any) -> dict[str, Any]:
    return web_app(AWS_LWA_INVOKE_MODE="response_stream", AWS_LWA_ENABLE_COMPRESSION=value)


@pytest.mark.parametrize("value", ["true", "True", True, {"Ref": "On"}])
def test_compression_that_is_on_is_told(value: Any) -> None:
    assert check(compressing(value)) == [Finding("W307", "Chat", (*PLACE, "Variables", NAME), MESSAGE)]


@pytest.mark.parametrize(
    "value", ["false", "", "1", False, {"Ref": "Off"}, {"Ref": "Unknown"}, NO_VALUE, None, ["true"]]
)
def test_compression_that_is_off_or_that_nobody_knows_is_not(value: Any) -> None:
    assert check(compressing(value)) == []


def test_only_the_variables_that_the_deployment_takes_are_told() -> None:
    both = {"AWS_LWA_INVOKE_MODE": "response_stream"}
    on, off = {"Variables": {**both, NAME: "true"}}, {"Variables": both}
    chat = web_app()
    chat["Properties"]["Environment"] = {"Fn::If": ["Never", on, off]}
    assert check(chat) == []
    chat["Properties"]["Environment"] = {"Fn::If": ["Never", off, on]}
    assert check(chat) == [Finding("W307", "Chat", (*PLACE, "Fn::If", 2, "Variables", NAME), MESSAGE)]


@pytest.mark.parametrize("environment", [None, {}, {"Variables": None}, {"Variables": {"Ref": "X"}}, "text", []])
def test_an_environment_without_a_map_of_variables_has_nothing_to_tell(environment: Any) -> None:
    assert check(function(Environment=environment)) == []


def test_a_tagged_function_is_told() -> None:
    chat = web_app(AWS_LWA_ENABLE_COMPRESSION="true")
    assert findings(app(Chat=chat), {"Routes": "POST /chat"}) == [
        Finding("W307", "Chat", (*PLACE, "Variables", NAME), MESSAGE)
    ]


def test_a_function_whose_routes_stay_buffered_compresses() -> None:
    assert look(app(Chat=web_app(AWS_LWA_ENABLE_COMPRESSION="true"))) == []

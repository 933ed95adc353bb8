"""W303: runtimes that don't stream by themselves need the adapter."""

from typing import Any

import pytest

from macro.samples import app, findings, function, look, operation, proxy, streamed, tagged, web_app
from samstream.findings import Finding

PLACE = ("Resources", "Chat", "Properties", "Runtime")


@pytest.mark.parametrize("runtime", ["python3.13", "java21", "dotnet8", "ruby3.4", "go1.x"])
def test_a_runtime_that_does_not_stream_is_told(runtime: str) -> None:
    message = (
        f"Chat: {runtime} doesn't stream by itself, and no Lambda Web Adapter is to be seen. Add its layer with "
        "AWS_LAMBDA_EXEC_WRAPPER=/opt/bootstrap, or write the streaming format in its code, or the client gets an "
        "error."
    )
    assert findings(tagged(Chat=function(Runtime=runtime))) == [Finding("W303", "Chat", PLACE, message)]


@pytest.mark.parametrize("runtime", ["nodejs18.x", "nodejs22.x", "provided.al2023", {"Ref": "Runtime"}, None])
def test_a_runtime_that_may_stream_is_not(runtime: Any) -> None:
    assert findings(tagged(Chat=function(Runtime=runtime))) == []


def test_the_adapter_streams_for_any_runtime() -> None:
    assert findings(tagged(Chat=web_app())) == []


def test_a_function_is_told_once_however_many_routes_it_has() -> None:
    paths = {"/chat": {"post": operation(), "get": operation()}, "/talk": {"get": operation()}}
    found = findings(app(paths, Chat=function({"Metadata": {"Streaming": True}}, Runtime="python3.13")))
    assert [(finding.rule, finding.resource) for finding in found] == [("W303", "Chat")]


def test_a_function_that_this_deployment_does_not_create_is_not_told() -> None:
    paths = {"/chat": {"post": operation(proxy("${Chat.Arn}"))}}
    fragment = app(paths, Chat=function({"Condition": "Never"}, Runtime="python3.13"))
    fragment["Conditions"] = {"Never": {"Fn::Equals": [{"Ref": "Stage"}, "none"]}}
    routes = {"Routes": "POST /chat"}
    assert findings(fragment, routes, parameters={"Stage": "prod"}) == []
    assert [found.rule for found in findings(fragment, routes, parameters={"Stage": "none"})] == ["W303"]


def test_a_function_whose_routes_stream_by_themselves_is_told() -> None:
    python = function(Runtime="python3.13")
    paths = {"/chat": {"post": operation(streamed()), "get": operation(streamed())}}
    assert [(found.rule, found.place) for found in look(app(paths, Chat=python))] == [("W303", PLACE)]
    assert look(app(paths, Chat=web_app(AWS_LWA_INVOKE_MODE="response_stream"))) == look(app(paths)) == []
    assert look(app(Chat=python)) == []

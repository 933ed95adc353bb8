"""W204: a function that is stopped in the middle of an answer cuts the connection."""

from typing import Any

import pytest

from macro.samples import app, findings, function, look, method, operation, proxy, streamed, streaming
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")


def check(timeout: Any, seconds: Any, **more: Any) -> list[Finding]:
    paths = {"/chat": {"post": operation(streamed(timeoutInMillis=timeout))}}
    return look(app(paths, Chat=function(Timeout=seconds)), parameters={"Seconds": "29"}, **more)


def told(waits: str, stopped: int, name: str = "Chat") -> str:
    return (
        f"it waits for {waits} s, but {name} is stopped after {stopped} s, in the middle of an answer. "
        f"Raise the Timeout of {name}, up to 900, or lower the route's."
    )


@pytest.mark.parametrize(
    ("timeout", "seconds", "message"),
    [
        (60_000, 29, told("60", 29)),
        (900_000, 899, told("900", 899)),
        (29_001, {"Ref": "Seconds"}, told("29.001", 29)),
        ("60000", "4", told("60", 4)),
    ],
)
def test_a_route_that_waits_longer_than_its_function_runs_is_told(timeout: Any, seconds: Any, message: str) -> None:
    place = (*PLACE, "timeoutInMillis")
    assert check(timeout, seconds) == [Finding("W204", "Api", place, f"Api POST /chat: {message}")]


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [(29_000, 29), (60_000, 60), (60_000, 900), (60_000, {"Ref": "Unknown"}), ({"Ref": "Unknown"}, 29), (60_000, [29])],
)
def test_one_that_does_not_or_nobody_knows_is_not(timeout: Any, seconds: Any) -> None:
    assert check(timeout, seconds) == []


def test_what_api_gateway_refuses_or_lambda_sets_by_default_is_told_by_other_rules() -> None:
    assert [found.rule for found in check(900_001, 29)] == ["E203"]
    assert [found.rule for found in check(60_000, 3)] == ["W306"]


def test_the_timeout_of_a_tag_is_told_where_the_route_is() -> None:
    fragment = app({"/chat": {"post": operation(**{"x-samstream-streaming": {"TimeoutInMillis": 60_000}})}})
    assert findings(fragment) == [Finding("W204", "Api", PLACE, f"Api POST /chat: {told('60', 29)}")]


def test_the_transform_entrys_timeout_is_told() -> None:
    (found,) = findings(app(), {"Routes": "POST /chat", "TimeoutInMillis": 60_000})
    assert found.message == f"Api POST /chat (Routes of the Transform entry): {told('60', 29)}"


def test_a_method_is_told() -> None:
    integration = {
        "Type": "AWS_PROXY",
        "Uri": {"Fn::Sub": streaming()},
        "ResponseTransferMode": "STREAM",
        "TimeoutInMillis": 60_000,
    }
    place = ("Resources", "Get", "Properties", "Integration", "TimeoutInMillis")
    assert look(app({}, Get=method(integration))) == [Finding("W204", "Get", place, f"Api GET /: {told('60', 29)}")]


def test_each_function_behind_a_route_is_told() -> None:
    uri = {"Fn::If": ["Hidden", streamed()["uri"], {"Fn::Sub": streaming("${Talk.Arn}")}]}
    paths = {"/chat": {"post": operation(streamed(uri=uri, timeoutInMillis=60_000))}}
    found = look(app(paths, Talk=function(Timeout=30)), {"Ignore": "W308"})
    assert [finding.message.partition(": ")[2] for finding in found] == [told("60", 29), told("60", 30, "Talk")]


def test_a_route_that_stays_buffered_is_not() -> None:
    assert look(app({"/chat": {"post": operation(proxy(timeoutInMillis=29_000))}}, Chat=function(Timeout=10))) == []

"""W306: a function without a Timeout is stopped after 3 seconds."""

from typing import Any

import pytest

from macro.samples import app, findings, function, look, operation, streamed
from samstream.findings import Finding

STREAMED = {"/chat": {"post": operation(streamed()), "get": operation(streamed())}}
PLACE = ("Resources", "Chat", "Properties", "Timeout")


def told(seconds: int) -> list[Finding]:
    message = (
        f"Chat: its Timeout is {seconds} s, and a stream is cut off there. Set Timeout to what its longest answer "
        "takes, up to 900."
    )
    return [Finding("W306", "Chat", PLACE, message)]


def check(chat: Any) -> list[Finding]:
    return look(app(STREAMED, Chat=chat), parameters={"Seconds": "2"})


def without_timeout() -> dict[str, Any]:
    made = function()
    del made["Properties"]["Timeout"]
    return made


def test_a_function_without_a_timeout_is_told_once() -> None:
    assert check(without_timeout()) == told(3)


@pytest.mark.parametrize(("timeout", "shown"), [(3, 3), (1, 1), ("3", 3), ({"Ref": "Seconds"}, 2)])
def test_a_function_with_no_more_than_that_is_told(timeout: Any, shown: int) -> None:
    assert check(function(Timeout=timeout)) == told(shown)


@pytest.mark.parametrize("timeout", [4, 29, "10", {"Ref": "Unknown"}, {"Fn::ImportValue": "T"}, None, [3], True])
def test_one_with_more_or_that_nobody_knows_is_not(timeout: Any) -> None:
    assert check(function(Timeout=timeout)) == []


def test_a_tagged_function_is_told() -> None:
    assert findings(app(Chat=without_timeout()), {"Routes": "POST /chat"}) == told(3)


def test_a_function_whose_routes_stay_buffered_is_not() -> None:
    assert look(app(Chat=without_timeout())) == []


def test_a_function_that_this_deployment_does_not_create_is_not() -> None:
    fragment = app(STREAMED, Chat={**without_timeout(), "Condition": "Never"})
    assert look({**fragment, "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}) == []

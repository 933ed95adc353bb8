"""E203: the service refuses timeouts below 50 ms and above 15 minutes."""

from typing import Any

import pytest

from macro.samples import app, findings, function, look, method, operation, proxy, run, streamed, streams
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")


@pytest.mark.parametrize("timeout", [49, 900_001, "900001", 0, -1])
def test_a_timeout_of_the_route_itself_is_told(timeout: Any) -> None:
    fragment = app({"/chat": {"post": operation(proxy(timeoutInMillis=timeout))}})
    message = (
        "Api POST /chat (Routes of the Transform entry): its timeout is out of range; "
        "set timeoutInMillis from 50 to 900000."
    )
    assert findings(fragment, {"Routes": "POST /chat"}) == [
        Finding("E203", "Api", (*PLACE, "timeoutInMillis"), message)
    ]


def test_a_timeout_of_a_method_is_told() -> None:
    get = method(Metadata={"Streaming": True})
    get["Properties"]["Integration"]["TimeoutInMillis"] = 20
    (finding,) = findings(app({}, Get=get))
    assert (finding.rule, finding.place) == (
        "E203",
        ("Resources", "Get", "Properties", "Integration", "TimeoutInMillis"),
    )


@pytest.mark.parametrize("timeout", [50, 29_000, 900_000, "900000", {"Ref": "Unknown"}])
def test_a_timeout_within_bounds_or_unknown_is_not(timeout: Any) -> None:
    fragment = app({"/chat": {"post": operation(proxy(timeoutInMillis=timeout))}})
    assert streams(run(fragment, {"Routes": "POST /chat"})) == ["Api POST /chat"]


def test_a_timeout_of_a_route_that_stays_buffered_is_its_own_matter() -> None:
    paths = {"/chat": {"post": operation(), "get": operation(proxy("${Other.Arn}", timeoutInMillis=1))}}
    assert streams(run(app(paths), {"Routes": "POST /chat"})) == ["Api POST /chat"]


def test_the_tags_timeout_takes_the_place_of_a_wrong_one() -> None:
    value = {"TimeoutInMillis": 60_000}
    integration = proxy(timeoutInMillis=1)
    paths = {"/chat": {"post": operation(integration, **{"x-samstream-streaming": value})}}
    assert findings(app(paths, Chat=function(Timeout=60))) == []


@pytest.mark.parametrize(
    "integration", [streamed(), {"type": "http_proxy", "uri": "https://a", "responseTransferMode": "STREAM"}]
)
@pytest.mark.parametrize("timeout", [49, 900_001, "900001", {"Ref": "Short"}])
def test_a_route_that_streams_by_itself_is_told(integration: Any, timeout: Any) -> None:
    fragment = app({"/chat": {"post": operation({**integration, "timeoutInMillis": timeout})}})
    message = "Api POST /chat: its timeout is out of range; set timeoutInMillis from 50 to 900000."
    expected = [Finding("E203", "Api", (*PLACE, "timeoutInMillis"), message)]
    assert look(fragment, parameters={"Short": "5"}) == expected


@pytest.mark.parametrize("timeout", [50, 900_000, {"Ref": "Unknown"}, "junk", None, [1]])
def test_a_timeout_of_a_streaming_route_within_bounds_or_unknown_is_not(timeout: Any) -> None:
    fragment = app({"/chat": {"post": operation(streamed(timeoutInMillis=timeout))}}, Chat=function(Timeout=900))
    assert look(fragment) == []


def test_a_timeout_of_a_buffered_route_is_its_own_matter() -> None:
    assert look(app({"/chat": {"post": operation(proxy(timeoutInMillis=1))}})) == []

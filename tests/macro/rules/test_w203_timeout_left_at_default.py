"""W203: a stream ends after 29 seconds, the default of an integration, unless it says otherwise."""

from typing import Any

import pytest

from macro.samples import app, findings, function, look, method, operation, proxy, streamed, streaming
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")
SITE = {"type": "http_proxy", "uri": "https://example.com", "responseTransferMode": "STREAM"}
REMEDY = "Set timeoutInMillis, up to 900000 (of an Api event of SAM: TimeoutInMillis)."
SITE_MAY = f"its answers end after 29 s, the default, while what answers it may well take longer. {REMEDY}"


def check(integration: Any, **more: Any) -> list[Finding]:
    return look(app({"/chat": {"post": operation(integration)}}, **more), parameters={"Timeout": "60"})


@pytest.mark.parametrize(("timeout", "shown"), [(30, 30), (900, 900), ("60", 60), ({"Ref": "Timeout"}, 60)])
def test_a_function_that_may_run_longer_is_told(timeout: Any, shown: int) -> None:
    message = (
        f"Api POST /chat: its answers end after 29 s, the default, while its function may run for {shown} s. {REMEDY}"
    )
    assert check(streamed(), Chat=function(Timeout=timeout)) == [Finding("W203", "Api", PLACE, message)]


@pytest.mark.parametrize("timeout", [29, 10, {"Ref": "Unknown"}, "junk"])
def test_one_that_may_not_or_nobody_knows_is_not(timeout: Any) -> None:
    assert check(streamed(), Chat=function(Timeout=timeout)) == []


@pytest.mark.parametrize("timeout", [29_000, 60_000, {"Ref": "Unknown"}, None])
def test_a_route_that_says_how_long_is_not(timeout: Any) -> None:
    assert check(streamed(timeoutInMillis=timeout), Chat=function(Timeout=60)) == []


def test_of_two_functions_the_longer_counts() -> None:
    uri = {"Fn::If": ["Hidden", streamed()["uri"], {"Fn::Sub": streaming("${Slow.Arn}")}]}
    found = check(streamed(uri=uri), Slow=function(Timeout=90))
    assert [finding.message.partition(" run for ")[2][:4] for finding in found if finding.rule == "W203"] == ["90 s"]


def test_a_site_is_told() -> None:
    assert check(SITE) == [Finding("W203", "Api", PLACE, f"Api POST /chat: {SITE_MAY}")]
    assert check({**SITE, "timeoutInMillis": 60_000}) == []


def test_a_site_that_a_tag_makes_stream_is_told_with_its_tag() -> None:
    fragment = app({"/chat": {"post": operation({"type": "http_proxy", "uri": "https://example.com"})}})
    message = f"Api POST /chat (Routes of the Transform entry): {SITE_MAY}"
    assert findings(fragment, {"Routes": "POST /chat"}) == [Finding("W203", "Api", PLACE, message)]
    assert findings(fragment, {"Routes": "POST /chat", "TimeoutInMillis": 60_000}) == []


def test_a_method_is_told_in_its_own_words() -> None:
    integration = {"Type": "HTTP_PROXY", "Uri": "https://a", "ResponseTransferMode": "STREAM"}
    message = f"Api GET /: {SITE_MAY.replace('timeoutInMillis', 'TimeoutInMillis')}"
    assert look(app({}, Get=method(integration))) == [
        Finding("W203", "Get", ("Resources", "Get", "Properties", "Integration"), message)
    ]


def test_a_function_out_of_sight_is_told_by_another_rule() -> None:
    assert [found.rule for found in check(streamed("arn:aws:lambda:eu-west-1:1:function:f"))] == ["W301"]


def test_a_route_that_stays_buffered_is_not() -> None:
    assert check(proxy(), Chat=function(Timeout=60)) == []


def test_a_tag_takes_the_functions_timeout_over() -> None:
    assert findings(app(Chat=function(Timeout=60)), {"Routes": "POST /chat"}) == []

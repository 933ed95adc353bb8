"""W305: what else calls a function that streams."""

from typing import Any

import pytest

from macro.samples import alias, app, findings, function, look, operation, streamed, web_app
from samstream.findings import Finding

TAG: dict[str, Any] = {"Metadata": {"Streaming": True}}
BY_ITSELF = {"/chat": {"post": operation(streamed())}}
WHOLE, NATIVE = "whose adapter streams as a whole", "which streams"


def caller(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def url(**more: Any) -> dict[str, Any]:
    return caller("AWS::Lambda::Url", TargetFunctionArn={"Fn::GetAtt": ["Chat", "Arn"]}, AuthType="NONE", **more)


EVENTS = {
    "queue": caller("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Chat"}),
    "queue by alias": caller("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Live"}),
    "rule": caller("AWS::Events::Rule", Targets=[{"Arn": {"Fn::GetAtt": "Chat.Arn"}, "Id": "Chat"}]),
    "schedule": caller("AWS::Scheduler::Schedule", Target={"Arn": {"Fn::GetAtt": "Chat.Arn"}}),
    "topic": caller("AWS::SNS::Subscription", Endpoint={"Fn::GetAtt": "Chat.Arn"}),
}
URLS = {"function url": url(), "function url that buffers": url(InvokeMode="BUFFERED")}
OVER_HTTP = {
    "http api": caller("AWS::ApiGatewayV2::Api", Body={"paths": {"/": {"uri": {"Fn::Sub": "x/${Chat.Arn}/y"}}}}),
    "integration of an http api": caller("AWS::ApiGatewayV2::Integration", IntegrationUri={"Fn::Sub": "${Chat.Arn}"}),
    "load balancer": caller("AWS::ElasticLoadBalancingV2::TargetGroup", Targets=[{"Id": {"Fn::GetAtt": "Chat.Arn"}}]),
}


ALL = EVENTS | URLS | OVER_HTTP


def told(other: dict[str, Any], how: str) -> list[Finding]:
    is_url = other["Type"] == "AWS::Lambda::Url"
    remedy = "Set its InvokeMode to RESPONSE_STREAM." if is_url else "Give it a function of its own."
    message = f"Other ({other['Type']}) calls Chat, {how}, and can't read that. {remedy}"
    return [Finding("W305", "Other", ("Resources", "Other"), message)]


@pytest.mark.parametrize("other", ALL.values(), ids=ALL)
def test_a_caller_of_a_function_with_the_adapter_is_told(other: dict[str, Any]) -> None:
    assert findings(app(Chat=web_app(TAG), Live=alias("Published"), Other=other)) == told(other, WHOLE)


@pytest.mark.parametrize("other", ALL.values(), ids=ALL)
def test_a_function_that_streams_without_a_tag_is_told_of_too(other: dict[str, Any]) -> None:
    chat = web_app(AWS_LWA_INVOKE_MODE="response_stream")
    assert look(app(BY_ITSELF, Chat=chat, Live=alias("Published"), Other=other)) == told(other, WHOLE)


@pytest.mark.parametrize("other", OVER_HTTP.values(), ids=OVER_HTTP)
def test_without_the_adapter_only_those_that_take_the_answer_are_told(other: dict[str, Any]) -> None:
    assert findings(app(Chat=function(TAG), Other=other)) == told(other, NATIVE)
    assert look(app(BY_ITSELF, Other=other)) == told(other, NATIVE)


@pytest.mark.parametrize("other", (EVENTS | URLS).values(), ids=EVENTS | URLS)
def test_without_the_adapter_events_and_urls_are_none_of_its_matter(other: dict[str, Any]) -> None:
    assert findings(app(Chat=function(TAG), Live=alias("Published"), Other=other)) == []


@pytest.mark.parametrize("mode", ["RESPONSE_STREAM", {"Ref": "Mode"}, {"Fn::ImportValue": "Mode"}])
def test_a_function_url_that_streams_or_may_is_not(mode: Any) -> None:
    fragment = app(Chat=web_app(TAG), Other=url(InvokeMode=mode))
    assert findings(fragment, parameters={"Mode": "RESPONSE_STREAM"}) == []


def test_a_function_url_whose_parameter_says_buffered_is() -> None:
    other = url(InvokeMode={"Ref": "Mode"})
    assert findings(app(Chat=web_app(TAG), Other=other), parameters={"Mode": "BUFFERED"}) == told(other, WHOLE)


def test_a_caller_of_another_function_is_not() -> None:
    queue = caller("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Worker"})
    assert findings(app(Chat=web_app(TAG), Worker=function(), Other=queue)) == []


def test_settings_that_only_mention_the_function_are_no_call() -> None:
    target = {"Arn": {"Fn::GetAtt": "Worker.Arn"}, "Input": {"Fn::Sub": "${Chat}"}, "Id": {"Ref": "Chat"}}
    rule = caller("AWS::Events::Rule", Targets=[target], Name={"Ref": "Chat"})
    assert findings(app(Chat=web_app(TAG), Worker=function(), Other=rule)) == []


@pytest.mark.parametrize("targets", [None, "text", 5, {}, [], [None, "x", ["Chat"], {"Arn": None}]])
def test_targets_of_another_shape_call_nobody(targets: Any) -> None:
    assert findings(app(Chat=web_app(TAG), Other=caller("AWS::Events::Rule", Targets=targets))) == []


def test_a_caller_of_a_function_whose_routes_are_buffered_is_not() -> None:
    assert look(app(Chat=web_app(), Other=EVENTS["queue"])) == []


def test_a_caller_that_this_deployment_does_not_create_is_not() -> None:
    fragment = app(Chat=web_app(TAG), Other={**url(), "Condition": "Never"})
    fragment["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    assert findings(fragment) == []


def test_callers_are_told_of_each_function_that_they_call() -> None:
    paths = {"/chat": {"post": operation(streamed())}, "/talk": {"get": operation(streamed("${Talk.Arn}"))}}
    targets = [{"Id": {"Fn::GetAtt": [name, "Arn"]}} for name in ("Talk", "Chat")]
    other = caller("AWS::ElasticLoadBalancingV2::TargetGroup", Targets=targets)
    found = look(app(paths, Talk=function(), Other=other), {"Ignore": "W308"})
    assert [finding.message.partition(" calls ")[2].partition(",")[0] for finding in found] == ["Chat", "Talk"]

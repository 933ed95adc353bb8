"""W305: what else calls a function that now streams as a whole."""

from typing import Any

import pytest

from macro.samples import alias, app, findings, function, web_app
from samstream.findings import Finding

TAG: dict[str, Any] = {"Metadata": {"Streaming": True}}


def caller(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


CALLERS = {
    "queue": caller("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Chat"}),
    "queue by alias": caller("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Live"}),
    "function url": caller("AWS::Lambda::Url", TargetFunctionArn={"Fn::GetAtt": ["Chat", "Arn"]}, AuthType="NONE"),
    "http api": caller("AWS::ApiGatewayV2::Integration", IntegrationUri={"Fn::Sub": "${Chat.Arn}"}),
    "rule": caller("AWS::Events::Rule", Targets=[{"Arn": {"Fn::GetAtt": "Chat.Arn"}, "Id": "Chat"}]),
}


@pytest.mark.parametrize("other", CALLERS.values(), ids=CALLERS)
def test_a_caller_that_can_not_read_a_stream_is_told(other: dict[str, Any]) -> None:
    message = (
        f"Other ({other['Type']}) calls Chat, whose adapter now streams as a whole, and can't read that. "
        "Give it a function of its own."
    )
    assert findings(app(Chat=web_app(TAG), Live=alias("Published"), Other=other)) == [
        Finding("W305", "Other", ("Resources", "Other"), message)
    ]


def test_a_function_url_that_streams_is_not() -> None:
    url = caller("AWS::Lambda::Url", TargetFunctionArn={"Ref": "Chat"}, InvokeMode="RESPONSE_STREAM")
    assert findings(app(Chat=web_app(TAG), Other=url)) == []


def test_a_caller_of_another_function_is_not() -> None:
    queue = caller("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Worker"})
    assert findings(app(Chat=web_app(TAG), Worker=function(), Other=queue)) == []


def test_a_function_without_the_adapter_is_not() -> None:
    assert findings(app(Chat=function(TAG), Other=CALLERS["queue"])) == []

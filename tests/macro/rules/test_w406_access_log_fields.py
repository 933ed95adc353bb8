"""W406: how long an answer took says little of a stream."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, deployment, findings, look, operation, stage, streamed
from samstream.findings import Finding

STREAMED = {"/chat": {"post": operation(streamed())}}
OLD = '{"status": "$context.status", "latency": "$context.responseLatency"}'
FIELDS = ("responseTransferMode", "timeToAllHeaders", "timeToFirstContent")


def told(resource: str = "Stage", *place: str, name: str = "stage live") -> list[Finding]:
    message = (
        f"Api, {name}: its access log doesn't tell streams from buffered answers. Add "
        "$context.integration.responseTransferMode and $context.integration.timeToFirstContent."
    )
    at = ("Resources", resource, "Properties", *place, "AccessLogSetting", "Format")
    return [Finding("W406", resource, at, message)]


def check(log: Any, **more: Any) -> list[Finding]:
    fragment = app(STREAMED, Stage=stage(AccessLogSetting=log, **more))
    return look(fragment, parameters={"Old": OLD, "New": "$context.integration.timeToFirstContent"})


FORMATS: list[Any] = [
    OLD,
    "$context.integration.latency",
    {"Ref": "Old"},
    {"Fn::Sub": "${AWS::StackName} $context.status"},
    {"Fn::Join": [" ", ["$context.status", {"Ref": "AWS::StackName"}]]},
]


@pytest.mark.parametrize("form", FORMATS)
def test_a_log_without_the_fields_is_told(form: Any) -> None:
    assert check({"DestinationArn": "arn", "Format": form}) == told()


@pytest.mark.parametrize("field", FIELDS)
def test_a_log_with_one_of_them_is_not(field: str) -> None:
    text = f"$context.status $context.integration.{field}"
    for form in (text, {"Fn::Sub": text}, {"Fn::Join": ["", ["$context.status", f" $context.integration.{field}"]]}):
        assert check({"Format": form}) == []


def test_a_field_in_pieces_or_of_a_parameter_is_found() -> None:
    assert check({"Format": {"Fn::Join": [".", ["$context", "integration", "timeToFirstContent"]]}}) == []
    assert check({"Format": {"Fn::Sub": "$context.status ${New}"}}) == []
    assert check({"Format": {"Ref": "New"}}) == []


@pytest.mark.parametrize(
    "log",
    [
        {"Format": {"Ref": "Unknown"}},
        {"Format": {"Fn::ImportValue": "Format"}},
        {"Format": {"Fn::If": ["A", OLD, OLD]}},
        {"Format": NO_VALUE},
        {"Format": None},
        {"Format": ["$context.status"]},
        {"DestinationArn": "arn"},
        {"Fn::If": ["A", {"Format": OLD}, NO_VALUE]},
        NO_VALUE,
        None,
        "text",
    ],
)
def test_a_log_that_can_not_be_read_or_is_none_is_not(log: Any) -> None:
    assert check(log) == []


def test_a_stage_is_told_by_its_name_else_by_its_id() -> None:
    assert check({"Format": OLD}, StageName="prod") == told(name="stage prod")
    assert check({"Format": OLD}, StageName={"Ref": "Stage"}) == told(name="Stage")


def test_a_deployment_may_describe_the_stage() -> None:
    made = deployment(StageName="live", StageDescription={"AccessLogSetting": {"Format": OLD}})
    assert look(app(STREAMED, Deployment=made)) == told("Deployment", "StageDescription")


def test_a_tagged_api_is_told_and_a_buffered_one_is_not() -> None:
    fragment = app(Stage=stage(AccessLogSetting={"Format": OLD}))
    assert findings(fragment, {"Routes": "POST /chat"}) == told()
    assert look(fragment) == []

"""E103: events of other kinds than Api, and of state machines, can't stream."""

from typing import Any

import pytest

from macro.samples import event, findings, run, sam_app, sam_function
from samstream.findings import Finding

PLACE = ("Resources", "Chat", "Properties", "Events", "Ask", "Properties", "Streaming")


@pytest.mark.parametrize("kind", ["HttpApi", "SQS", "Schedule", "S3"])
def test_an_event_of_another_kind_is_told(kind: str) -> None:
    fragment = {"Resources": {"Chat": sam_function({"Ask": event(kind=kind, Streaming=True)})}}
    message = (
        f"Event Ask of Chat: it is of Type {kind}, and API Gateway streams REST APIs only; "
        "make it Type: Api or remove its Streaming."
    )
    assert findings(fragment) == [Finding("E103", "Chat", PLACE, message)]


@pytest.mark.parametrize("kind", ["AWS::Serverless::Function", "AWS::Serverless::StateMachine"])
def test_an_event_in_a_loop_over_functions_is_told(kind: str) -> None:
    chat = {**sam_function({"Ask": event(kind="HttpApi", Streaming=True)}), "Type": kind}
    fragment = {"Resources": {"Fn::ForEach::Names": ["Name", ["A"], {"Chat": chat}]}}
    place = ("Resources", "Fn::ForEach::Names", 2, *PLACE[1:])
    assert [(found.rule, found.resource, found.place) for found in findings(fragment)] == [("E103", "Chat", place)]


@pytest.mark.parametrize("kind", [{}, {"Type": None}, {"Type": {"Ref": "Kind"}}])
def test_an_event_without_a_type_is_told(kind: dict[str, Any]) -> None:
    ask = {**kind, "Properties": {"Streaming": True}}
    message = (
        "Event Ask of Chat: it is without Type, and API Gateway streams REST APIs only; "
        "make it Type: Api or remove its Streaming."
    )
    fragment = {"Resources": {"Chat": sam_function({"Ask": ask})}}
    assert findings(fragment) == [Finding("E103", "Chat", PLACE, message)]


def machine(value: Any) -> dict[str, Any]:
    body = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Events": {"Ask": event(Streaming=value)}}}
    return {"Resources": {"Chat": body}}


def test_an_api_event_of_a_state_machine_is_told() -> None:
    message = "Event Ask of Chat: a state machine's response can't be streamed; remove its Streaming."
    assert findings(machine(True)) == [Finding("E103", "Chat", PLACE, message)]


def test_a_tag_that_says_no_leaves_any_event_without_a_word() -> None:
    result = run(machine("false"))
    assert result.findings == ()
    assert result.template["Resources"]["Chat"]["Properties"]["Events"] == {"Ask": event()}
    assert "Metadata" not in result.template["Resources"]["Chat"]


def test_an_api_event_of_a_function_can_stream() -> None:
    assert findings(sam_app(Streaming=True)) == []

"""Refusals as findings."""

import pytest

from samstream.findings import Finding
from samstream_cli.cloudformation import Refusal
from samstream_cli.refusals import findings_of_refusal

SAM = "Transform AWS::Serverless-2016-10-31"


@pytest.mark.parametrize(
    ("reason", "resource", "place"),
    [
        ("Resource with id [Chat] is invalid. Missing it.", "Chat", ("Resources", "Chat")),
        (
            "Resource with id [Chat] is invalid. Event with id [Ask] is invalid. No Path.",
            "Chat",
            ("Resources", "Chat", "Properties", "Events", "Ask", "Properties"),
        ),
        ("Structure of the SAM template is invalid.", "", ("Transform",)),
    ],
)
def test_what_sam_refuses_stands_where_sam_says(reason: str, resource: str, place: tuple[str, ...]) -> None:
    message = f"{SAM} refuses the template: {reason} Do this."
    assert [*findings_of_refusal(Refusal(SAM, (reason,), remedy="Do this."))] == [
        Finding("E004", resource, place, message)
    ]


@pytest.mark.parametrize(
    ("name", "hint"), [("streaming", True), ("Streeming", True), ("Streaming", False), ("Timeout", False)]
)
def test_a_misspelt_tag_is_told_where_it_stands(name: str, hint: bool) -> None:
    event = ("Resources", "Chat", "Properties", "Events", "Ask", "Properties")
    reason = f"Resource with id [Chat] is invalid. Event with id [Ask] is invalid. property {name} not defined for it"
    (found,) = findings_of_refusal(Refusal(SAM, (reason,)))
    assert found.place == ((*event, name) if hint else event)
    assert found.message.endswith("for it. Did you mean Streaming?" if hint else "for it.")


def test_what_cloudformation_refuses_is_its_own_rule() -> None:
    reason = "Unrecognized resource types: [AWS::Serverless::Function]"
    message = f"CloudFormation refuses the template: {reason}."
    assert [*findings_of_refusal(Refusal("CloudFormation", (reason,)))] == [
        Finding("E005", "", ("Transform",), message)
    ]


def test_what_may_be_refused_is_a_warning() -> None:
    refusal = Refusal(SAM, ("No.",), remedy="Acme didn't run, which may be the reason.", certain=False)
    assert [(found.rule, found.severity) for found in findings_of_refusal(refusal)] == [("W001", "warning")]


def test_findings_of_the_macro_are_no_refusals_of_their_own() -> None:
    assert [*findings_of_refusal(Refusal("Transform X", findings=(Finding("E201", "", (), "No."),)))] == []
    assert [*findings_of_refusal(None)] == []

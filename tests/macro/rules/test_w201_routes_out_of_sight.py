"""W201: what a function has in a definition out of sight stays as it is."""

from typing import Any

import pytest

from macro.samples import app, findings, function
from samstream.findings import Finding

AT = ("Resources", "Chat", "Metadata", "Streaming")
HIDDEN = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"BodyS3Location": "s3://b/k"}}
MESSAGE = (
    "Metadata of Chat: routes that Hidden has for it, if any, stay as they are: its body is a file in S3, which a "
    "macro doesn't see; write it into Body or DefinitionBody, or let AWS::Include fetch it."
)


def test_a_tagged_function_beside_an_api_out_of_sight_is_told() -> None:
    fragment = app(Hidden=HIDDEN, Chat=function({"Metadata": {"Streaming": True}}))
    assert findings(fragment) == [Finding("W201", "Chat", AT, MESSAGE)]


@pytest.mark.parametrize("value", [False, "POST /chat", {"Enabled": False}])
def test_a_tag_that_does_not_mean_all_of_its_routes_is_not(value: Any) -> None:
    assert findings(app(Hidden=HIDDEN, Chat=function({"Metadata": {"Streaming": value}}))) == []


def test_a_tag_on_an_api_or_a_route_is_not() -> None:
    fragment = app(Hidden=HIDDEN)
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": True}
    assert findings(fragment) == []


def test_a_function_without_any_route_in_sight_is_told_by_another_rule() -> None:
    fragment = app({}, Hidden=HIDDEN, Chat=function({"Metadata": {"Streaming": True}}))
    assert [finding.rule for finding in findings(fragment)] == ["E201"]

"""E102: what only the deployment knows can't decide what is deployed."""

from typing import Any

import pytest

from macro.samples import findings, function, run, sam_function, streams, tagged
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-samstream-streaming")
REMEDY = "Write it out, or let it depend on what parameters and mappings say."

BAD: dict[str, tuple[Any, str]] = {
    "a resource": ({"Ref": "Chat"}, "Ref to the resource Chat is not known before the deployment"),
    "a misspelt parameter": ({"Ref": "Strem"}, "Ref Strem has no value that a macro can see"),
    "an attribute": ({"Fn::GetAtt": ["Chat", "Arn"]}, "Fn::GetAtt is not known before the deployment"),
    "an import": ({"Fn::ImportValue": "Streaming"}, "Fn::ImportValue is not known before the deployment"),
    "no condition": ({"Fn::If": ["Prod", True, False]}, "there is no Condition Prod"),
    "within a map": ({"Enabled": {"Ref": "Chat"}}, "Ref to the resource Chat is not known before the deployment"),
    "a mapping": ({"Fn::FindInMap": ["Stages", "a", "b"]}, "Fn::FindInMap finds nothing in Stages under these keys"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_deployment_alone_knows_is_told(name: str) -> None:
    value, reason = BAD[name]
    message = f"Api POST /chat: its value can't be resolved: {reason}. {REMEDY}"
    assert findings(tagged(value)) == [Finding("E102", "Api", PLACE, message)]


def test_a_condition_that_depends_on_itself_is_told_with_its_way_round() -> None:
    fragment = tagged({"Fn::If": ["A", True, False]})
    fragment["Conditions"] = {
        "A": {"Fn::Not": [{"Condition": "B"}]},
        "B": {"Fn::And": [{"Condition": "C"}, {"Fn::Equals": [1, 1]}]},
        "C": {"Condition": "B"},
    }
    reason = "Condition B depends on itself (B -> C -> B)"
    message = f"Api POST /chat: its value can't be resolved: {reason}. {REMEDY}"
    assert findings(fragment) == [Finding("E102", "Api", PLACE, message)]


def test_a_value_nested_too_deeply_is_told() -> None:
    value: Any = True
    for _ in range(5000):
        value = {"Fn::If": ["Yes", value, False]}
    fragment = tagged(value)
    fragment["Conditions"] = {"Yes": {"Fn::Equals": ["1", "1"]}}
    (finding,) = findings(fragment)
    assert finding.rule in ("E003", "E102")
    assert "nested too deeply" in finding.message


def test_what_a_parameter_says_is_known() -> None:
    fragment = tagged({"Ref": "Stream"})
    assert streams(run(fragment, parameters={"Stream": "true"})) == ["Api POST /chat"]


def test_a_function_that_this_deployment_does_not_create_needs_no_value() -> None:
    fragment = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {
            "Dead": sam_function(Condition="Never", Metadata={"Streaming": {"Ref": "Dead"}}),
            "Plain": function({"Condition": "Never", "Metadata": {"Streaming": {"Ref": "Plain"}}}),
        },
    }
    assert findings(fragment) == []

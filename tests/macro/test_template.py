"""A template, read once."""

from typing import Any

import pytest

from macro.samples import read
from samstream.template import Resource, is_template

LOOP = "Fn::ForEach::Functions"
LOOPED = {"Type": "AWS::Lambda::Function"}


def test_resources_and_what_loops_will_make_are_kept_apart() -> None:
    chat = {"Type": "AWS::Lambda::Function", "Metadata": {"Streaming": True}}
    template = read({"Resources": {"Chat": chat, LOOP: ["Name", ["A"], {"${Name}": LOOPED}], "Odd": {"Type": 5}}})
    resource = Resource("Chat", ("Resources", "Chat"), "AWS::Lambda::Function", chat)
    looped = Resource("${Name}", ("Resources", LOOP, 2, "${Name}"), "AWS::Lambda::Function", LOOPED, in_loop=True)
    assert template.resources == {"Chat": resource}
    assert template.looped == [looped]
    assert template.with_metadata == [resource]
    assert list(template.of_type("AWS::Lambda::Function")) == [resource]
    assert list(template.of_type("AWS::Lambda::Function", looped=True)) == [resource, looped]
    assert list(template.of_type("AWS::Lambda::Alias")) == []


def test_a_loop_within_a_loop_is_read_too() -> None:
    inner = {"Fn::ForEach::Inner": ["B", ["x"], {"${A}${B}": LOOPED}]}
    template = read({"Resources": {"Fn::ForEach::Outer": ["A", ["y"], inner]}})
    place = ("Resources", "Fn::ForEach::Outer", 2, "Fn::ForEach::Inner", 2, "${A}${B}")
    assert template.looped == [Resource("${A}${B}", place, "AWS::Lambda::Function", LOOPED, in_loop=True)]


@pytest.mark.parametrize("body", [None, "text", [], ["a", "b"], ["a", "b", "c"], {"no": "type"}])
def test_what_is_no_resource_and_no_loop_is_passed_over(body: Any) -> None:
    template = read({"Resources": {LOOP: body, "Odd": body}})
    assert (template.resources, template.looped) == ({}, [])


@pytest.mark.parametrize("body", [{"Properties": None}, {"Properties": ["a"], "Metadata": "text"}, {}])
def test_properties_and_metadata_that_are_no_maps_read_as_empty(body: dict[str, Any]) -> None:
    resource = Resource("Odd", (), "Odd", body)
    assert (resource.properties, resource.metadata) == ({}, {})


@pytest.mark.parametrize(
    ("resources", "before"),
    [
        ({"A": {"Type": "AWS::Serverless::Function"}}, True),
        ({LOOP: ["Name", [], {"A": {"Type": "AWS::Serverless::SimpleTable"}}]}, True),
        ({"A": {"Type": "AWS::Lambda::Function"}}, False),
        ({}, False),
    ],
)
def test_sam_has_yet_to_run_where_there_is_something_of_its_own(resources: dict[str, Any], before: bool) -> None:
    assert read({"Resources": resources}).before_sam is before


def test_a_resource_is_dead_only_if_its_condition_is_known_to_be_false() -> None:
    template = read(
        {
            "Conditions": {
                "Yes": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
                "No": {"Fn::Not": [{"Condition": "Yes"}]},
                "Unknown": {"Fn::Equals": [{"Ref": "Chat"}, "x"]},
            },
            "Resources": {
                name: {"Type": "T", "Condition": condition}
                for name, condition in {"A": "Yes", "B": "No", "C": "Unknown", "D": "Nowhere", "E": ["No"]}.items()
            },
        },
        {"Stage": "prod"},
    )
    assert [name for name in ("A", "B", "C", "D", "E", "Nobody") if template.is_dead(name)] == ["B"]


@pytest.mark.parametrize("fragment", [None, [], "text", 5, {}, {"Resources": []}, {"Resources": None}])
def test_without_a_map_of_resources_it_is_no_template(fragment: Any) -> None:
    assert not is_template(fragment)


def test_a_map_of_resources_is_enough_of_a_template() -> None:
    assert is_template({"Resources": {}})

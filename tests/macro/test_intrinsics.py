"""CloudFormation's functions, as far as parameter values resolve them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from macro.samples import ACCOUNT, REGION
from samstream.intrinsics import (
    NO_VALUE,
    Resolver,
    Unresolvable,
    all_branches,
    branches,
    inputs,
    is_intrinsic,
    referenced,
    sub_arguments,
)

PARAMETERS = {"Stage": "prod", "Zones": ["a", "b"], "Size": "3", "On": "true"}

BODY: dict[str, Any] = {
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Equals": [1, "1"]}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Word": {"Ref": "On"},
        "Round": {"Condition": "Again"},
        "Again": {"Fn::Or": [{"Condition": "Round"}, {"Condition": "IsProd"}]},
        "Unknown": {"Fn::Equals": [{"Ref": "Chat"}, "x"]},
        "NoAnswer": {"Ref": "Stage"},
        "NoConditions": {"Fn::And": []},
        "NoList": {"Fn::Or": {"Ref": "Stage"}},
    },
    "Mappings": {"Stages": {"prod": {"Streaming": "true", "Routes": ["POST /chat"]}, "dev": {"Streaming": False}}},
    "Resources": {"Chat": {"Type": "AWS::Lambda::Function"}},
}


def resolver(region: str = REGION, parameters: Mapping[str, Any] = PARAMETERS) -> Resolver:
    return Resolver(BODY, region, ACCOUNT, parameters)


VALUES: dict[str, tuple[Any, Any]] = {
    "plain": ({"a": [1, "b", None, True]}, {"a": [1, "b", None, True]}),
    "parameter": ({"Ref": "Stage"}, "prod"),
    "list parameter": ({"Ref": "Zones"}, ["a", "b"]),
    "region": ({"Ref": "AWS::Region"}, REGION),
    "account": ({"Ref": "AWS::AccountId"}, ACCOUNT),
    "partition": ({"Ref": "AWS::Partition"}, "aws"),
    "suffix": ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
    "no value": ({"Ref": "AWS::NoValue"}, NO_VALUE),
    "no value in a map": ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
    "no value in a list": ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
    "if": ({"Fn::If": ["IsProd", "yes", "no"]}, "yes"),
    "else": ({"Fn::If": ["IsDev", "yes", {"Ref": "Stage"}]}, "prod"),
    "if of unknown but untaken": ({"Fn::If": ["IsDev", {"Fn::ImportValue": "x"}, "no"]}, "no"),
    "condition": ({"Condition": "Both"}, True),
    "or": ({"Condition": "Either"}, True),
    "a parameter as condition": ({"Condition": "Word"}, True),
    "equals of number and text": ({"Fn::Equals": [3, {"Ref": "Size"}]}, True),
    "equals of truth and text": ({"Fn::Equals": [True, "true"]}, True),
    "equals of lists": ({"Fn::Equals": [["a", 1], ["a", "1"]]}, True),
    "equals of maps": ({"Fn::Equals": [{"a": 1, "b": 2}, {"a": "1", "b": 3}]}, False),
    "equals of nothing": ({"Fn::Equals": [None, {"Ref": "AWS::NoValue"}]}, False),
    "map": ({"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Streaming"]}, "true"),
    "map of lists": ({"Fn::FindInMap": ["Stages", "prod", "Routes"]}, ["POST /chat"]),
    "map with an unneeded default": (
        {"Fn::FindInMap": ["Stages", "dev", "Streaming", {"DefaultValue": True}]},
        False,
    ),
    "map with a default": ({"Fn::FindInMap": ["Stages", "test", "Streaming", {"DefaultValue": {"Ref": "On"}}]}, "true"),
    "join": ({"Fn::Join": [" ", ["POST", {"Fn::Join": ["/", ["", {"Ref": "Stage"}, 1]]}]]}, "POST /prod/1"),
    "join of a list parameter": ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
    "length": ({"Fn::Length": {"Ref": "Zones"}}, 2),
    "select": ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
    "select by text": ({"Fn::Select": ["0", ["x", "y"]]}, "x"),
    "split": ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
    "sub": ({"Fn::Sub": "POST /${Stage}/${!Literal}/${AWS::Region}"}, "POST /prod/${Literal}/eu-west-1"),
    "sub with a map": ({"Fn::Sub": ["${Stage}-${ Own }", {"Own": {"Ref": "Size"}, "Stage": True}]}, "true-3"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_resolves(name: str) -> None:
    value, resolved = VALUES[name]
    assert resolver().resolve(value) == resolved


UNRESOLVABLE: dict[str, tuple[Any, str]] = {
    "attribute": ({"Fn::GetAtt": ["Chat", "Arn"]}, "Fn::GetAtt is not known before the deployment"),
    "import": ({"a": [{"Fn::ImportValue": "x"}]}, "Fn::ImportValue is not known before the deployment"),
    "resource": ({"Ref": "Chat"}, "Ref to the resource Chat is not known before the deployment"),
    "stack": ({"Ref": "AWS::StackName"}, "Ref AWS::StackName has no value that a macro can see"),
    "nobody": ({"Ref": "Nobody"}, "Ref Nobody has no value that a macro can see"),
    "ref of a list": ({"Ref": ["Stage"]}, "Ref takes a name"),
    "no condition": ({"Fn::If": ["Nowhere", 1, 2]}, "there is no Condition Nowhere"),
    "if of a map": ({"Fn::If": [{"Condition": "IsProd"}, 1, 2]}, "Fn::If takes a name"),
    "short if": ({"Fn::If": ["IsProd", 1]}, "Fn::If takes a list of 3"),
    "if of text": ({"Fn::If": "IsProd"}, "Fn::If takes a list of 3"),
    "cycle": ({"Condition": "Round"}, "Condition Round depends on itself (Round -> Again -> Round)"),
    "unknown condition": ({"Condition": "Unknown"}, "Ref to the resource Chat is not known before the deployment"),
    "no answer": ({"Condition": "NoAnswer"}, "a condition is neither true nor false"),
    "no conditions": ({"Condition": "NoConditions"}, "a condition function has no conditions"),
    "no list": ({"Condition": "NoList"}, "a condition function takes a list"),
    "empty not": ({"Fn::Not": []}, "a condition function has no conditions"),
    "condition of a list": ({"Condition": ["IsProd"]}, "Condition takes a name"),
    "short equals": ({"Fn::Equals": ["a"]}, "Fn::Equals takes a list of 2"),
    "equals of a text": ({"Fn::Equals": "ab"}, "Fn::Equals takes a list of 2"),
    "map of three letters": ({"Fn::FindInMap": "abc"}, "Fn::FindInMap takes a map's name and two keys"),
    "short map": ({"Fn::FindInMap": ["Stages", "prod"]}, "Fn::FindInMap takes a map's name and two keys"),
    "map of text": ({"Fn::FindInMap": "Stages"}, "Fn::FindInMap takes a map's name and two keys"),
    "map by a list": ({"Fn::FindInMap": ["Stages", ["prod"], "Streaming"]}, "Fn::FindInMap takes strings"),
    "join of lists": ({"Fn::Join": [",", [["a"], "b"]]}, "Fn::Join takes strings"),
    "join of text": ({"Fn::Join": [",", "a"]}, "Fn::Join takes a list"),
    "join by a map": ({"Fn::Join": [{"Ref": "Stage"}, ["a"]]}, "Fn::Join takes a name"),
    "length of text": ({"Fn::Length": "abc"}, "Fn::Length takes a list"),
    "select beyond": ({"Fn::Select": [2, {"Ref": "Zones"}]}, "Fn::Select has no item of that number"),
    "select before": ({"Fn::Select": [-1, {"Ref": "Zones"}]}, "Fn::Select has no item of that number"),
    "select by word": ({"Fn::Select": ["first", {"Ref": "Zones"}]}, "Fn::Select has no item of that number"),
    "split by nothing": ({"Fn::Split": ["", "abc"]}, "Fn::Split takes a delimiter and a string"),
    "split by a map": ({"Fn::Split": [{"Ref": "Stage"}, "abc"]}, "Fn::Split takes a delimiter and a string"),
    "split of a list": ({"Fn::Split": [",", ["a"]]}, "Fn::Split takes strings"),
    "sub of a list": ({"Fn::Sub": ["a", {}, "b"]}, "Fn::Sub takes a string, or a string and a map"),
    "sub with a list": ({"Fn::Sub": ["a", []]}, "Fn::Sub takes a string, or a string and a map"),
    "sub of a resource": ({"Fn::Sub": "${Chat}"}, "Ref to the resource Chat is not known before the deployment"),
    "sub of an attribute": ({"Fn::Sub": "${Chat.Arn}"}, "Ref Chat.Arn has no value that a macro can see"),
    "sub of a list parameter": ({"Fn::Sub": "${Zones}"}, "Fn::Sub takes strings"),
    "sub of no value": ({"Fn::Sub": "${AWS::NoValue}"}, "Fn::Sub takes strings"),
}


@pytest.mark.parametrize("name", UNRESOLVABLE)
def test_what_can_not_be_resolved_says_why_and_no_parameters_value(name: str) -> None:
    value, why = UNRESOLVABLE[name]
    with pytest.raises(Unresolvable) as caught:
        resolver().resolve(value)
    assert str(caught.value) == why


def test_a_mapping_without_such_a_key_is_named() -> None:
    value = {"Fn::FindInMap": ["Stages", "test", "Streaming"]}
    with pytest.raises(Unresolvable, match=r"^Fn::FindInMap finds nothing in Stages under these keys$"):
        resolver().resolve(value)
    by_parameter = {"Fn::FindInMap": [{"Ref": "Stage"}, "test", "Streaming"]}
    with pytest.raises(Unresolvable, match=r"^Fn::FindInMap finds nothing under these keys$"):
        resolver().resolve(by_parameter)
    with pytest.raises(Unresolvable):
        resolver().resolve({"Fn::FindInMap": ["Stages", "test", "Streaming", {"Default": 1}]})


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "amazonaws.com"),
        ("us-isob-east-1", "aws-iso-b", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.com"),
        ("", "aws", "amazonaws.com"),
    ],
)
def test_the_region_says_partition_and_suffix(region: str, partition: str, suffix: str) -> None:
    values = [{"Ref": f"AWS::{name}"} for name in ("Region", "Partition", "URLSuffix")]
    assert resolver(region).resolve(values) == [region, partition, suffix]


def test_a_parameter_of_a_pseudo_parameters_name_wins() -> None:
    assert resolver(parameters={"AWS::StackName": "mine"}).resolve({"Ref": "AWS::StackName"}) == "mine"


def test_no_value_says_its_name() -> None:
    assert repr(NO_VALUE) == "AWS::NoValue"


def test_a_condition_is_worked_out_once_even_after_a_failure() -> None:
    mine = resolver()
    for _ in range(2):
        with pytest.raises(Unresolvable, match=r"\(Round -> Again -> Round\)"):
            mine.condition("Round")
    assert (mine.condition("IsProd"), mine.condition("IsProd")) == (True, True)


def test_a_parameters_value_is_found_by_its_name() -> None:
    assert (resolver().parameter("Stage"), resolver().parameter("Chat")) == ("prod", "Chat")


@pytest.mark.parametrize("template", [{}, {"Conditions": [], "Mappings": "x", "Resources": None}])
def test_a_template_without_these_sections_resolves_parameters_all_the_same(template: dict[str, Any]) -> None:
    assert Resolver(template, REGION, ACCOUNT, PARAMETERS).resolve({"Ref": "Stage"}) == "prod"


@pytest.mark.parametrize(
    ("value", "yes"),
    [
        ({"Ref": "a"}, True),
        ({"Condition": "a"}, True),
        ({"Fn::Anything": []}, True),
        ({"Ref": "a", "b": 1}, False),
        ({"Other": 1}, False),
        ({5: 1}, False),
        ({}, False),
        (["Ref"], False),
        ("Ref", False),
    ],
)
def test_an_intrinsic_is_a_map_of_one_key_that_cloudformation_evaluates(value: Any, yes: bool) -> None:
    assert is_intrinsic(value) is yes


NESTED = {"Fn::If": ["A", "one", {"Fn::If": ["B", {"Ref": "AWS::NoValue"}, {"x": 1}]}]}


def test_branches_are_what_an_if_can_choose_with_their_places() -> None:
    one = ("one", ("p", "Fn::If", 1))
    nothing = ({"Ref": "AWS::NoValue"}, ("p", "Fn::If", 2, "Fn::If", 1))
    two = ({"x": 1}, ("p", "Fn::If", 2, "Fn::If", 2))
    assert list(branches(NESTED, ("p",))) == [one, two]
    assert list(all_branches(NESTED, ("p",))) == [one, nothing, two]


@pytest.mark.parametrize(
    "value", [None, "text", ["a"], {}, {"Fn::If": ["A", 1]}, {"Fn::If": "A"}, {"Fn::If": [], "b": 1}]
)
def test_what_has_no_if_is_its_only_branch(value: Any) -> None:
    assert list(branches(value, ("p",))) == list(all_branches(value, ("p",))) == [(value, ("p",))]


def test_no_value_has_no_branch() -> None:
    assert list(branches({"Ref": "AWS::NoValue"}, ())) == []


REFERENCES: dict[str, tuple[Any, list[str]]] = {
    "plain": ("Chat", []),
    "ref": ({"Ref": "Chat"}, ["Chat"]),
    "attribute as a list": ({"Fn::GetAtt": ["Chat", "Arn"]}, ["Chat"]),
    "attribute dotted": ({"Fn::GetAtt": "Chat.Arn"}, ["Chat"]),
    "sub": ({"Fn::Sub": "${A}${B.Arn}${!C}"}, ["A", "B"]),
    "sub with a map": ({"Fn::Sub": ["${A}${B}", {"A": {"Ref": "D"}}]}, ["B", "D"]),
    "nested": ([{"x": {"Fn::Join": ["", [{"Ref": "A"}, {"Fn::Sub": "${B}"}]]}}], ["A", "B"]),
    "broken": ([{"Ref": 5}, {"Fn::GetAtt": []}, {"Fn::GetAtt": [5]}, {"Fn::Sub": 5}], []),
    "no intrinsic": ({"Ref": "A", "b": "c"}, []),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_the_names_that_a_value_refers_to(name: str) -> None:
    value, names = REFERENCES[name]
    assert list(referenced(value)) == names


def test_what_values_depend_on_is_what_their_names_say_but_secrets() -> None:
    body = {**BODY, "Parameters": {"Secret": {"Type": "String", "NoEcho": True}, "Stage": {"Type": "String"}}}
    mine = Resolver(body, REGION, ACCOUNT, {**PARAMETERS, "Secret": "s3cr3t"})
    chosen = {"Fn::If": ["IsProd", {"Fn::Sub": "${Stage}/${Secret}"}, {"Ref": "Chat"}]}
    mapped = {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Routes"]}
    unknown = {"Fn::If": ["Unknown", 1, 2]}
    unmapped = {"Fn::FindInMap": ["Stages", "prod", "x"]}
    assert inputs([{"a": [chosen, mapped], "b": {"Ref": "Size"}}, [unknown, unmapped, {"Fn::If": []}]], mine) == {
        "Size": "3",
        "Stage": "prod",
        json.dumps(chosen): True,
        json.dumps(mapped): ["POST /chat"],
        json.dumps(unknown): None,
        json.dumps(unmapped): None,
        json.dumps({"Fn::If": []}): None,
    }


def test_what_names_nothing_depends_on_nothing() -> None:
    assert inputs([{"Ref": "Chat"}, "Stage", {"Stage": {"Fn::GetAtt": "Chat.Arn"}}], resolver()) == {}


def test_the_argument_of_a_sub_is_a_pattern_and_a_map() -> None:
    assert sub_arguments("a") == ("a", {})
    assert sub_arguments(["a", {"b": 1}]) == ("a", {"b": 1})


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"Type": "String", "Default": "prod"}, "prod"),
        ({"Type": "Number", "Default": 5}, 5),
        ({"Type": "CommaDelimitedList", "Default": "GET /a, GET /b"}, ["GET /a", "GET /b"]),
        ({"Type": "List<Number>", "Default": "1,2"}, ["1", "2"]),
    ],
)
def test_a_parameter_without_a_value_has_its_default(declared: dict[str, Any], value: Any) -> None:
    body = {"Parameters": {"Mine": declared}}
    assert Resolver(body, REGION, ACCOUNT, {}).resolve({"Ref": "Mine"}) == value
    assert Resolver(body, REGION, ACCOUNT, {"Mine": "given"}).resolve({"Ref": "Mine"}) == "given"


def test_the_default_of_an_ssm_parameter_is_a_name_and_no_value() -> None:
    body = {"Parameters": {"Mine": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/mine"}}}
    with pytest.raises(Unresolvable, match="Ref Mine has no value that a macro can see"):
        Resolver(body, REGION, ACCOUNT, {}).resolve({"Ref": "Mine"})

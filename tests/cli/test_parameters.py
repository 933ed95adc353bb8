"""Parameter values are those that CloudFormation would send, and secrets never enter."""

from collections.abc import Mapping
from typing import Any

import pytest

from samstream_cli.errors import ParameterError
from samstream_cli.parameters import (
    ParameterValues,
    assume_parameters,
    parse_assignments,
    resolve_parameters,
    stand_ins,
)

VALUES: list[tuple[dict[str, Any], str | None, Any]] = [
    ({"Type": "String", "Default": "a"}, None, "a"),
    ({"Type": "String", "Default": "a"}, "b", "b"),
    ({"Type": "String", "Default": ""}, None, ""),
    ({"Type": "String", "Default": True}, None, "true"),
    ({"Type": "Number", "Default": 5}, None, "5"),
    ({"Type": "Number"}, "1.5", "1.5"),
    ({"Type": "CommaDelimitedList", "Default": "a, b ,c"}, None, ["a", "b", "c"]),
    ({"Type": "List<Number>"}, "1,2", ["1", "2"]),
    ({"Type": "List<AWS::EC2::Subnet::Id>"}, "s-1,s-2", ["s-1", "s-2"]),
    ({"Type": "AWS::EC2::VPC::Id"}, "vpc-1", "vpc-1"),
    ({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/name"}, "value", "value"),
    ({"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/name"}, "a,b", ["a", "b"]),
    ({"Type": "String", "NoEcho": True}, "hunter2", "****"),
    ({"Type": "String", "NoEcho": "true"}, "hunter2", "****"),
    ({"Type": "String", "NoEcho": True, "Default": ""}, None, ""),
    ({"Type": "CommaDelimitedList", "NoEcho": True}, "hunter2,hunter3", ["****"]),
    ({"Type": "String", "AllowedValues": ["a", "b"]}, "b", "b"),
    ({"Type": "Number", "AllowedValues": [1, 2]}, "2", "2"),
    ({"Type": "String", "AllowedPattern": "[a-z]+"}, "abc", "abc"),
    ({"Type": "String", "AllowedPattern": "\\p{Alpha}+"}, "abc", "abc"),
]

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "parameter P: 'c' is not among the AllowedValues a, b"),
    ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", "parameter P: 'A' doesn't match the AllowedPattern [a-z]+"),
    ({"Type": "Number"}, "five", "parameter P: 'five' is not a number"),
    ({"Type": "List<Number>"}, "1,x", "parameter P: 'x' is not a number"),
]


def resolved(body: Mapping[str, Any], given: str | None) -> ParameterValues:
    return resolve_parameters({"Parameters": {"P": body}}, {} if given is None else {"P": given})


@pytest.mark.parametrize(("body", "given", "value"), VALUES)
def test_a_value_is_what_cloudformation_sends(body: dict[str, Any], given: str | None, value: Any) -> None:
    assert resolved(body, given) == ParameterValues({"P": value})


@pytest.mark.parametrize(("body", "given", "message"), REFUSED)
def test_a_value_that_cloudformation_refuses_is_refused(body: dict[str, Any], given: str, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        resolved(body, given)
    assert caught.value.message == message


def test_a_refused_secret_is_not_shown() -> None:
    body = {"Type": "String", "NoEcho": True, "AllowedPattern": "[a-z]+"}
    with pytest.raises(ParameterError) as caught:
        resolved(body, "hunter2")
    assert caught.value.message == "parameter P: the value doesn't match the AllowedPattern [a-z]+"
    assert "hunter2" not in caught.value.remedy


def test_every_missing_value_is_named_with_its_option() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_parameters({"Parameters": {"A": {"Type": "String"}, "B": {"Type": "Number"}}}, {})
    assert (caught.value.message, caught.value.remedy) == (
        "no value for parameters A, B",
        "Add --parameter A=... --parameter B=...",
    )


def test_an_unknown_parameter_lists_the_declared_ones() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_parameters({"Parameters": {"Stage": {"Type": "String"}, "Size": {"Type": "Number"}}}, {"Stgae": "x"})
    assert (caught.value.message, caught.value.remedy) == (
        "the template has no parameter Stgae",
        "Did you mean Stage? It declares Stage, Size.",
    )
    with pytest.raises(ParameterError, match="the template has no parameter A") as caught:
        resolve_parameters({}, {"A": "x"})
    assert caught.value.remedy == "It declares none."


def test_a_value_in_the_parameter_store_is_not_known() -> None:
    template = {"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/name"}}}
    found = resolve_parameters({**template, "Resources": {"A": {"Ref": "P"}}}, {})
    assert (found.values, found.unknown, len(found.notes)) == ({}, ("P",), 1)
    assert "add --parameter P=VALUE" in found.notes[0]
    unused = resolve_parameters({**template, "Rules": {"A": {"Ref": "P"}}}, {})
    assert (unused.values, unused.unknown, unused.notes) == ({}, ("P",), ())


@pytest.mark.parametrize(
    ("declaration", "given", "expected"),
    [
        ({"Type": "String"}, {}, ({}, (), ("P",))),
        ({"Type": "String", "Default": "a"}, {}, ({"P": "a"}, (), ())),
        ({"Type": "String"}, {"P": "b", "Other": "c"}, ({"P": "b"}, (), ())),
        (
            {"Type": "Number", "AllowedValues": [1, 2]},
            {},
            ({"P": "1"}, ("Checked with P=1, the first of what each allows. --parameter takes another.",), ()),
        ),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, {}, ({}, (), ("P",))),
    ],
)
def test_what_nobody_deploys_now_needs_no_values(declaration: Any, given: Any, expected: Any) -> None:
    found = assume_parameters({"Parameters": {"P": declaration}}, given)
    assert (found.values, found.notes, found.unknown) == expected


def test_sam_gets_texts_for_what_is_not_known() -> None:
    types = {"A": "String", "B": "Number", "C": "CommaDelimitedList", "D": "List<AWS::EC2::Subnet::Id>", "E": "String"}
    template = {"Parameters": {name: {"Type": kind} for name, kind in types.items()}}
    assert stand_ins(template, ("A", "B", "C", "D")) == {"A": "A", "B": "1", "C": ["C"], "D": ["D"]}


@pytest.mark.parametrize("section", [[], {"P": "String"}, {"P": {}}, {"P": {"Type": "String", "Default": []}}])
def test_a_section_that_cloudformation_refuses_is_an_error(section: Any) -> None:
    with pytest.raises(ParameterError):
        resolve_parameters({"Parameters": section}, {})


def test_a_value_may_hold_equals_signs() -> None:
    assert parse_assignments(("A=b=c", "B=", " C =d")) == {"A": "b=c", "B": "", "C": "d"}


@pytest.mark.parametrize("texts", [("A",), ("=b",), ("A=hunter2", "A=hunter3")])
def test_an_assignment_that_is_none_is_refused_without_its_value(texts: tuple[str, ...]) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_assignments(texts)
    assert "hunter" not in caught.value.message + caught.value.remedy

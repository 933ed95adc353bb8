"""Loops of AWS::LanguageExtensions, as its page describes them."""

from typing import Any

import pytest

from samstream_cli.language_extensions import expand_loops

PARAMETERS = {"Names": ["a", "b"], "Name": "c", "Count": 2}


def loop(collection: Any, body: Any) -> dict[str, Any]:
    return {"Fn::ForEach::Each": ["Name", collection, body]}


@pytest.mark.parametrize(
    ("collection", "names"),
    [
        (["a", "b"], "ab"),
        ({"Ref": "Names"}, "ab"),
        (["z", {"Ref": "Names"}], "zab"),
        ([{"Ref": "Name"}], "c"),
        ([], ""),
    ],
)
def test_a_loop_makes_one_of_each(collection: Any, names: str) -> None:
    made = {f"Topic{name}": {"Type": f"AWS::{name}"} for name in names}
    assert expand_loops(loop(collection, {"Topic${Name}": {"Type": "AWS::${Name}"}}), PARAMETERS) == made


@pytest.mark.parametrize(
    "collection", [{"Ref": "Nothing"}, {"Fn::Split": [",", "a"]}, [{"Ref": "Nothing"}], {"Ref": "Count"}, "a", None]
)
def test_a_loop_over_what_is_not_known_here_stays(collection: Any) -> None:
    unknown = loop(collection, {"Topic${Name}": {}})
    assert expand_loops(unknown, PARAMETERS) == unknown


@pytest.mark.parametrize("value", [None, [], ["Name", ["a"]], ["Name", ["a"], []], [1, ["a"], {}]])
def test_what_is_no_loop_stays(value: Any) -> None:
    assert expand_loops({"Fn::ForEach::Each": value}, {}) == {"Fn::ForEach::Each": value}


def test_its_name_stands_for_the_item_in_texts_references_and_keys_alone() -> None:
    body = {
        "R${Name}": {"Ref": "Name"},
        "S&{Name}": [{"Fn::Sub": "${Name}/${Other}"}, {"Fn::Sub": "/${Name}"}, "${Name}&{Name}", "Name", 1],
        "T${Name}": {"Fn::GetAtt": ["R${Name}", "Name"]},
    }
    assert expand_loops(loop(["a-b"], body), {}) == {
        "Ra-b": "a-b",
        "Sab": [{"Fn::Sub": "a-b/${Other}"}, "/a-b", "a-bab", "Name", 1],
        "Ta-b": {"Fn::GetAtt": ["Ra-b", "Name"]},
    }


def test_loops_run_within_loops_and_what_stands_beside_stays_in_its_place() -> None:
    inner = {"Fn::ForEach::Inner": ["Number", ["1", "2"], {"${Name}${Number}": {}}]}
    value = {"First": 1, **loop(["a", "b"], inner), "Last": [loop(["z"], {"${Name}": 0})]}
    made = expand_loops(value, {})
    assert made == {"First": 1, "a1": {}, "a2": {}, "b1": {}, "b2": {}, "Last": [{"z": 0}]}
    assert list(made) == ["First", "a1", "a2", "b1", "b2", "Last"]


def test_a_reference_that_is_none_stays() -> None:
    assert expand_loops(loop(["a"], {"${Name}": {"Ref": ["Name"]}}), {}) == {"a": {"Ref": ["Name"]}}


def test_the_value_itself_is_not_changed() -> None:
    value = loop(["a"], {"${Name}": {"Ref": "Name"}})
    expand_loops(value, {})
    assert value == loop(["a"], {"${Name}": {"Ref": "Name"}})

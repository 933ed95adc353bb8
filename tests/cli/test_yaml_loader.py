"""What YAML means in a template, and what is refused with its line."""

import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samstream_cli.yaml_loader import YamlError, check_json_keys, load_yaml

READ = {
    "a: !Ref B": {"a": {"Ref": "B"}},
    "a: !Condition B": {"a": {"Condition": "B"}},
    "a: !GetAtt B.C.D": {"a": {"Fn::GetAtt": ["B", "C.D"]}},
    "a: !GetAtt [B, !Ref C]": {"a": {"Fn::GetAtt": ["B", {"Ref": "C"}]}},
    "a: !If [B, !Sub 'x', [1]]": {"a": {"Fn::If": ["B", {"Fn::Sub": "x"}, [1]]}},
    "a: !Sub\n  - ${B}\n  - B: !Ref C": {"a": {"Fn::Sub": ["${B}", {"B": {"Ref": "C"}}]}},
    "a: !Transform {Name: M}": {"a": {"Fn::Transform": {"Name": "M"}}},
    "Version: 2010-09-09": {"Version": "2010-09-09"},
    "Version: 2010-13-45": {"Version": "2010-13-45"},
    "{200: a, on: b, ~: c, 1.5: d}": {"200": "a", "on": "b", "~": "c", "1.5": "d"},
    "a: &x [1]\nb: *x": {"a": [1], "b": [1]},
    "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}": {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}},
    "a: &x {b: 1}\nc: &y {<<: *x, b: 2}\nd: {<<: *y}": {"a": {"b": 1}, "c": {"b": 2}, "d": {"b": 2}},
    "a: &x {b: 1}\nc: &y {d: 2}\ne: {<<: *x, <<: *y}": {"a": {"b": 1}, "c": {"d": 2}, "e": {"b": 1, "d": 2}},
    "a:": {"a": None},
    "": None,
    "# nothing": None,
}

REFUSED = {
    "a: 1\nb: {c: 1,\n  c: 2}": (3, "the key 'c' stands twice in one map"),
    "a: 1\n\tb: 2": (2, "a tab in the indentation"),
    "a:\n  b: 1\n c: 2": (3, "this is not YAML: while parsing a block mapping, expected <block end>"),
    "a: 1\n---\nb: 2": (2, "this is not YAML: expected a single document in the stream"),
    "a: !Reff b": (1, "!Reff is no function of CloudFormation"),
    "a: !GetAtt {b: c}": (1, "!GetAtt with a map"),
    "a: !!binary aGk=": (1, "!!binary is no type that templates have"),
    "a: 1\nb: !!set {c}": (2, "!!set is no type that templates have"),
    "? [a]\n: b": (1, "a key that is not text"),
    "a: 1\nb: &x [*x]": (2, "an anchor that holds itself"),
    "a: *x": (1, "this is not YAML: found undefined alias 'x'"),
    "a: .nan": (1, "a number that JSON doesn't know"),
    "a: 1\nb: \x07": (2, "a character that YAML doesn't allow"),
}


@pytest.mark.parametrize("text", READ)
def test_a_text_is_read_as_cloudformation_reads_it(text: str) -> None:
    assert load_yaml(text) == READ[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_wrong_is_told_with_its_line(text: str) -> None:
    line, problem = REFUSED[text]
    with pytest.raises(YamlError) as caught:
        load_yaml(text)
    assert (caught.value.line, caught.value.problem[: len(problem)]) == (line, problem)
    assert caught.value.remedy


def test_the_remedy_names_the_function_that_was_meant() -> None:
    with pytest.raises(YamlError) as caught:
        load_yaml("a: !Ife [x]")
    assert caught.value.remedy == "Did you mean !If?"


def test_each_use_of_an_anchor_is_a_copy_of_its_own() -> None:
    value = load_yaml("a: &x {b: [1]}\nc: *x")
    value["a"]["b"].append(2)
    assert value == {"a": {"b": [1, 2]}, "c": {"b": [1]}}


def test_anchors_that_grow_without_bound_are_refused_at_once() -> None:
    names = "abcdefghijkl"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise(names)
    )
    with pytest.raises(YamlError, match="anchors that make more than 1,000,000 values"):
        load_yaml(bomb)


def test_a_json_key_that_stands_twice_is_found_behind_tabs() -> None:
    with pytest.raises(YamlError) as caught:
        check_json_keys('{\n\t"a": 1,\n\t"a": 2\n}')
    assert (caught.value.line, caught.value.problem) == (3, "the key 'a' stands twice in one map")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(YamlError):
        json.dumps(load_yaml(text), allow_nan=False)

"""Where values stand: every place of a template, in YAML and JSON of any layout."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from samstream.edits import Edit, apply, value_at
from samstream.types import Json, Place
from samstream_cli.positions import Node, Source, Span
from samstream_cli.templates import parse
from samstream_cli.writing import to_yaml
from strategies import any_json

BLOCK = """\
Transform: AWS::Serverless-2016-10-31  # a comment

Resources:
  Chat:
    Properties:
      Events:
        Ask: {Path: /chat, "Method": post}
      Layers:
      - one
      -  two # with two spaces
      # the end of the layers

      Code: |
        line

    # about nothing
  200: !Sub "${A}"
  Uri: !If [Yes, !GetAtt A.B, {Ref: C}]
  Empty:
"""


def written(text: str, place: Place) -> tuple[str | None, str]:
    """The key and the value at a place as they are written."""
    found = Source("template.yaml", text).find(place)
    assert found.place == place
    key = None if found.key is None else text[slice(*found.key)]
    return key, text[slice(*found.value)]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("Transform",), ("Transform", "AWS::Serverless-2016-10-31")),
        (("Resources", "Chat", "Properties", "Events", "Ask"), ("Ask", '{Path: /chat, "Method": post}')),
        (("Resources", "Chat", "Properties", "Events", "Ask", "Method"), ('"Method"', "post")),
        (("Resources", "Chat", "Properties", "Layers"), ("Layers", "- one\n      -  two")),
        (("Resources", "Chat", "Properties", "Layers", 1), (None, "two")),
        (("Resources", "Chat", "Properties", "Code"), ("Code", "|\n        line")),
        (("Resources", "200"), ("200", '!Sub "${A}"')),
        (("Resources", "200", "Fn::Sub"), ("200", '!Sub "${A}"')),
        (("Resources", "Uri", "Fn::If"), ("Uri", "!If [Yes, !GetAtt A.B, {Ref: C}]")),
        (("Resources", "Uri", "Fn::If", 1), (None, "!GetAtt A.B")),
        (("Resources", "Uri", "Fn::If", 2, "Ref"), ("Ref", "C")),
        (("Resources", "Empty"), ("Empty", "")),
    ],
)
def test_a_place_is_found_with_its_key(place: Place, expected: tuple[str | None, str]) -> None:
    assert written(BLOCK, place) == expected


def test_a_map_ends_where_its_last_value_does() -> None:
    _, chat = written(BLOCK, ("Resources", "Chat"))
    assert (chat[:11], chat[-20:]) == ("Properties:", "Code: |\n        line")


@pytest.mark.parametrize(
    ("place", "reached"),
    [
        (("Resources", "Nobody", "Type"), ("Resources",)),
        (("Resources", "Uri", "Fn::If", 1, "Fn::GetAtt", 0), ("Resources", "Uri", "Fn::If", 1, "Fn::GetAtt")),
        (("Resources", "Uri", 1), ("Resources", "Uri")),
        (("Resources", "200", "Fn::Sub", "Fn::Sub"), ("Resources", "200", "Fn::Sub")),
        (("Resources", "Chat", "Properties", "Layers", 2), ("Resources", "Chat", "Properties", "Layers")),
        (("Resources", "Chat", "Properties", "Layers", "1"), ("Resources", "Chat", "Properties", "Layers")),
        (("Nothing",), ()),
    ],
)
def test_a_place_that_is_not_there_leads_to_the_deepest_one_on_the_way(place: Place, reached: Place) -> None:
    assert Source("template.yaml", BLOCK).find(place).place == reached


def test_kinds_and_layouts_are_told() -> None:
    source = Source("template.yaml", "a: {b: [1]}\nc:\n- d\n")
    nodes = [source.find(place) for place in ((), ("a",), ("a", "b"), ("a", "b", 0), ("c",))]
    assert [(node.kind, node.flow) for node in nodes] == [
        ("map", False),
        ("map", True),
        ("list", True),
        ("scalar", False),
        ("list", False),
    ]


def test_children_come_in_their_order() -> None:
    source = Source("template.yaml", "a: !If [x, {y: 1}]\nb: 1\n")
    assert source.children(()) == [
        Node(("a",), Span(0, 1), Span(3, 18), "list", flow=True),
        Node(("b",), Span(19, 20), Span(22, 23), "scalar", flow=False),
    ]
    assert [node.place for node in source.children(("a",))] == [("a", "Fn::If")]
    assert [node.place for node in source.children(("a", "Fn::If"))] == [("a", "Fn::If", 0), ("a", "Fn::If", 1)]
    assert [node.place for node in source.children(("a", "Fn::If", 1))] == [("a", "Fn::If", 1, "y")]
    assert source.children(("b",)) == source.children(("c",)) == []


def test_what_an_alias_or_a_merge_brings_stands_where_the_anchor_does_and_is_shared() -> None:
    text = "a: &x {k: 1, l: {m: 2}}\nb: *x\nc:\n  <<: *x\n  k: 3\nd:\n  <<: [{k: 4}, *x]\n"
    source = Source("template.yaml", text)
    places: list[Place] = [
        *(("a",), ("a", "k"), ("b",), ("b", "l", "m"), ("c", "k"), ("c", "l"), ("d", "k"), ("d", "l", "m")),
    ]
    found = [source.find(place) for place in places]
    assert [(node.place, text[slice(*node.value)], node.shared) for node in found] == [
        (("a",), "&x {k: 1, l: {m: 2}}", False),
        (("a", "k"), "1", False),
        (("b",), "&x {k: 1, l: {m: 2}}", True),
        (("b", "l", "m"), "2", True),
        (("c", "k"), "3", False),
        (("c", "l"), "{m: 2}", True),
        (("d", "k"), "4", True),
        (("d", "l", "m"), "2", True),
    ]
    assert text[slice(*source.find(("c",)).value)] == "<<: *x\n  k: 3"


def test_a_map_may_end_with_an_alias() -> None:
    assert written("a: &x 1\nb:\n  c: *x  # here\nd: 1\n", ("b",)) == ("b", "c: *x")


def test_a_key_may_be_an_alias() -> None:
    assert written("a: &x k\nb: {*x : 1}\n", ("b", "k")) == ("*x", "1")


def test_the_blank_lines_that_a_block_text_keeps_are_its_own() -> None:
    text = "a: |+\n  x\n\nb: !Sub >-\n  y\n\nc: 1\n"
    assert [written(text, (name,))[1] for name in "ab"] == ["|+\n  x\n\n", "!Sub >-\n  y"]


@pytest.mark.parametrize("text", ["\ufeffa: 1\r\nb: {c: é😀, d: x}\r\n", '\ufeff{"b": {"c": "é😀", "d": "x"}}'])
def test_a_byte_order_mark_and_the_lines_of_windows_count_as_characters(text: str) -> None:
    source = Source("template", text)
    found = source.find(("b", "d"))
    assert text[slice(*found.value)].strip('"') == "x"
    assert text[slice(*source.find(("b", "c")).value)].strip('"') == "é😀"
    line = text.count("\n", 0, found.value.start) + 1
    assert source.position(found.value.start) == (line, found.value.start - text.rfind("\n", 0, found.value.start))


def test_lines_and_columns_count_from_one() -> None:
    source = Source("template.yaml", "a: 1\n\nb: 2")
    assert [source.position(offset) for offset in (0, 3, 4, 5, 6, 10)] == [
        (1, 1),
        (1, 4),
        (1, 5),
        (2, 1),
        (3, 1),
        (3, 5),
    ]


@pytest.mark.parametrize(
    ("text", "is_json"),
    [('{"a": 1}', True), (' \n{"a": "\\/\ud83d\\ud83d"}\n', True), ("{a: 1}", False), ("a: {}", False), ("[1]", False)],
)
def test_json_is_what_the_reader_takes_for_json(text: str, is_json: bool) -> None:
    assert Source("template", text).is_json == is_json


def test_flow_yaml_that_begins_with_a_brace_is_yaml() -> None:
    assert written("{a: {b: !Ref c}}", ("a", "b")) == ("b", "!Ref c")


def test_what_only_the_slower_yaml_reader_takes_is_found_too() -> None:
    text = "a: |\n \tx\nb: c\n"
    with pytest.raises(yaml.YAMLError):
        list(yaml.parse(text, Loader=yaml.CSafeLoader))
    assert written(text, ("b",)) == ("b", "c")


def test_deep_nesting_is_no_matter() -> None:
    for text in ("a: " + "[" * 5000 + "]" * 5000, '{"a": ' + "[" * 500 + "]" * 500 + "}"):
        assert written(text, ("a", *[0] * 499))[1].strip("[]") == ""


LAYOUTS: list[dict[str, Any]] = [
    {},
    {"indent": 1},
    {"indent": 4, "separators": (",", ": ")},
    {"separators": (",", ":")},
    {"indent": "\t", "ensure_ascii": False},
    {"separators": (" ,\r\n ", " :\t")},
]


def places(value: Json, place: Place = ()) -> list[Place]:
    steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(below for step, item in steps for below in places(item, (*place, step)))]


@given(any_json, st.sampled_from(LAYOUTS), st.sampled_from(["", " ", "\n", "\r\n\t"]))
def test_each_value_of_a_json_text_reads_back_from_its_place(value: Json, layout: dict[str, Any], around: str) -> None:
    value = {"a": value}
    text = around + json.dumps(value, **layout) + around
    source = Source("template.json", text)
    assert source.is_json
    for place in places(value):
        node = source.find(place)
        assert node.place == place
        assert json.loads(text[slice(*node.value)]) == value_at(value, place)
        assert node.key is None or json.loads(text[slice(*node.key)]) == place[-1]
        names = [child.place for child in source.children(place)]
        assert names == [below for below in places(value) if below[:-1] == place and below]


@given(any_json, st.sampled_from(["\n", "\r\n"]))
def test_another_text_at_a_place_of_yaml_is_another_value_there_and_nowhere_else(value: Json, line_break: str) -> None:
    text = to_yaml({"a": value, "b": 1}).replace("\n", line_break)
    assume(is_utf_8(text))
    value = parse(text.encode(), "template.yaml")
    source = Source("template.yaml", text)
    for place in places(value)[1:]:
        node = source.find(place)
        if node.place != place:  # within `!GetAtt A.B`
            assert node.place[-1] == "Fn::GetAtt"
            continue
        is_short = node.value == source.find(place[:-1]).value
        changed = text[: node.value.start] + " other" + line_break * (text[node.value.end - 1] in "\r\n")
        expected = apply(value, [Edit(place[:-1] if is_short else place, None, "other")], {})
        assert parse((changed + text[node.value.end :]).encode(), "template.yaml") == expected
        key = text[slice(*node.key)] if node.key else ""
        assert not key or "\n" in key or parse(key.encode(), "key") in (place[-1], *place[-2:-1])


def is_utf_8(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False

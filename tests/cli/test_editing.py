"""Changes of a text by place, in every layout, and refused where they aren't safe."""

from typing import Any

import pytest

from samstream_cli.add_changes import Change, EditError, Insert, Remove, Replace, Splice
from samstream_cli.editing import changed, rewrite
from samstream_cli.positions import Source
from samstream_cli.templates import parse


def edited(text: str, *changes: Change) -> str:
    name = "template.yaml"
    return rewrite(Source(name, text), parse(text.encode(), name), changes).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  b: 1\nc: 2\n", "a:\n  b: 1\n  new: true\nc: 2\n"),
        ("a:\n    b: 1 # here\n    # below\n\nc: 2\n", "a:\n    b: 1 # here\n    new: true\n    # below\n\nc: 2\n"),
        ("a:\n  b: |\n    text\n\nc: 2\n", "a:\n  b: |\n    text\n  new: true\n\nc: 2\n"),
        ("a:\n  b: |+\n    text\n\nc: 2\n", "a:\n  b: |+\n    text\n\n  new: true\nc: 2\n"),
        ("a:\n  b:\n  - 1", "a:\n  b:\n  - 1\n  new: true"),
        ("a:\r\n  b: 1\r\nc: 2\r\n", "a:\r\n  b: 1\r\n  new: true\r\nc: 2\r\n"),
        ('a:\n  "b": 1\n', 'a:\n  "b": 1\n  "new": true\n'),
        ("a:\n  'b': 1\n", "a:\n  'b': 1\n  'new': true\n"),
        ("a:\n  b:\n", "a:\n  b:\n  new: true\n"),
        ("a: {b: 1}\n", "a: {b: 1, new: true}\n"),
        ("a: { b: 1, c: 2 } # here\n", "a: { b: 1, c: 2, new: true } # here\n"),
        ("a: {b: 1,}\n", "a: {b: 1, new: true,}\n"),
        ("a: {\n  b: 1\n}\n", "a: {\n  b: 1,\n  new: true\n}\n"),
        ("a: {}\n", "a: { new: true }\n"),
        ('{"a": {"b": 1}}', '{"a": {"b": 1, "new": true}}'),
        ('{"a":{"b":1}}', '{"a":{"b":1,"new":true}}'),
        ('{"a": {"b" : 1}}', '{"a": {"b" : 1, "new" : true}}'),
        ('{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n', '{\n\t"a": {\n\t\t"b": 1,\n\t\t"new": true\n\t}\n}\n'),
        ('{"a": {}}', '{"a": { "new": true }}'),
        ("{a: {b: !Ref c}}", "{a: {b: !Ref c, new: true}}"),
    ],
)
def test_a_key_goes_to_the_end_of_its_map_after_the_manner_of_its_siblings(text: str, expected: str) -> None:
    insert = Insert(("a",), "new", True)
    assert edited(text, insert) == expected
    if expected != "a: { new: true }\n" and "{}" not in text:
        assert edited(expected, Remove(("a", "new"))) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t: 1\na:\n    b: 1\n", "t: 1\nnew:\n  x:\n    y: [POST /a]\na:\n    b: 1\n"),
        ("{t: 1, a: 2}", "{t: 1, new: {x: {y: [POST /a]}}, a: 2}"),
        ('{"t":1,"a":2}', '{"t":1,"new":{"x":{"y":["POST /a"]}},"a":2}'),
        (
            '{\n "t": 1\n}',
            '{\n "t": 1,\n "new": {\n  "x": {\n   "y": [\n    "POST /a"\n   ]\n  }\n }\n}',
        ),
    ],
)
def test_a_map_is_written_as_the_maps_around_it(text: str, expected: str) -> None:
    assert edited(text, Insert((), "new", {"x": {"y": ["POST /a"]}}, "t")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\n", "new: 0\na: 1\nb: 2\n"),
        ("# about a\na: 1\n", "# about a\nnew: 0\na: 1\n"),
        ('{\n  "a": 1\n}', '{\n  "new": 0,\n  "a": 1\n}'),
    ],
)
def test_a_key_goes_before_another(text: str, expected: str) -> None:
    assert edited(text, Insert((), "new", 0, "a", before=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n- x # the x\n- y\n", "a:\n- one\n- x # the x\n- two\n- y\n- three\n"),
        ("a:\n  -   x\n  -   y", "a:\n  -   one\n  -   x\n  -   two\n  -   y\n  -   three"),
        ("a: [x, y]\n", "a: [one, x, two, y, three]\n"),
        ('{"a":["x","y"]}', '{"a":["one","x","two","y","three"]}'),
        ('{"a": [\n "x",\n "y"\n]}', '{"a": [\n "one",\n "x",\n "two",\n "y",\n "three"\n]}'),
    ],
)
def test_items_go_before_and_after_others_and_to_the_end(text: str, expected: str) -> None:
    inserts = (
        Insert(("a",), None, "one", 0, before=True),
        Insert(("a",), None, "two", 0),
        Insert(("a",), None, "three"),
    )
    assert edited(text, *inserts) == expected
    assert edited(expected, *(Remove(("a", number)) for number in (0, 2, 4))) == text


def test_an_only_item_is_parted_as_asked_for() -> None:
    assert edited("a: [x]", Insert(("a",), None, "y", comma=",")) == "a: [x,y]"
    assert edited("a: [x]", Insert(("a",), None, "y", gap=" ")) == "a: [x , y]"
    assert edited("a:\n- x", Insert(("a",), None, "y", comment="# why")) == "a:\n- x\n- y  # why"


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("a: 1 # here\n# there\nb: 2\n", ("a",), "# there\nb: 2\n"),
        ("l:\n- a: 1\n  b: 2\n", ("l", 0, "a"), "l:\n- b: 2\n"),
        ("a: {b: 1, c: 2}\n", ("a", "b"), "a: {c: 2}\n"),
        ("a: {b: 1}\n", ("a", "b"), "a: {}\n"),
        ("a: [1, 2, 3]\n", ("a", 1), "a: [1, 3]\n"),
        ('{"a": 1, "b": [2]}', ("a",), '{"b": [2]}'),
    ],
)
def test_a_key_or_item_goes_with_its_line_or_its_comma(text: str, place: Any, expected: str) -> None:
    assert edited(text, Remove(place)) == expected


def test_a_value_is_replaced_and_gets_another_key() -> None:
    text = 'a: "x" # here\nb: [1]\n'
    assert edited(text, Replace(("a",), True, "c"), Replace(("b",), "two words")) == "c: true # here\nb: two words\n"
    assert edited('{"a": 1}', Replace(("a",), [True], "c")) == '{"c": [true]}'
    assert edited("a:\n  - x\n  - y\nb: 1\n", Replace(("a",), False)) == "a:\n  false\nb: 1\n"


def test_comments_anchors_and_short_forms_stay() -> None:
    text = "# head\na: &x !Sub '${A}' # a\n\nb: {c: *x, d: !If [y, 1, !Ref z]} # b\n# end"
    assert edited(text, Insert(("b",), "e", 1)) == text.replace("z]}", "z], e: 1}")


@pytest.mark.parametrize(
    ("text", "change", "message", "remedy"),
    [
        (
            "a: &x\n  b: 1\nc: *x\n",
            Insert(("c",), "new", True),
            "t.yaml:3: c/new was left alone: it comes from an anchor that other places use too",
            "Write the values out there, then try again.",
        ),
        (
            "a: &x\n  b: 1\nc: *x\n",
            Insert(("a",), "new", True),
            "t.yaml:1: a/new was left alone: its layout, or an anchor around it, makes an edit unsafe",
            "Write new: true there by hand.",
        ),
        (
            "x: 1\na: &x {b: 1}\nc: *x\n",
            Remove(("a", "b")),
            "t.yaml:2: a/b was left alone: its layout, or an anchor around it, makes an edit unsafe",
            "Remove it by hand.",
        ),
        (
            "a: !GetAtt B.C\n",
            Replace(("a", "Fn::GetAtt", 1), "D"),
            "t.yaml:1: a/Fn::GetAtt/1 was left alone: it isn't written there as such",
            "Write 1: D there by hand.",
        ),
        (
            "a: &x {b: 1}\nc: *x\nd: {e: 1}\n",
            Insert(("c",), "new", ["POST /a"]),
            "t.yaml:2: c/new was left alone: it comes from an anchor that other places use too",
            "Write the values out there, then try again.",
        ),
    ],
)
def test_what_is_not_safe_is_left_alone_with_a_message(text: str, change: Change, message: str, remedy: str) -> None:
    with pytest.raises(EditError) as raised:
        rewrite(Source("t.yaml", text), parse(text.encode(), "t.yaml"), [change])
    assert (raised.value.message, raised.value.remedy) == (message, remedy)


def test_of_several_changes_the_unsafe_one_is_named() -> None:
    text = "a: {b: 1}\nc: &x {d: 1}\ne: *x\n"
    with pytest.raises(EditError, match=r"t\.yaml:2: c/new was left alone"):
        rewrite(
            Source("t.yaml", text),
            parse(text.encode(), "t.yaml"),
            [Insert(("a",), "new", 1), Insert(("c",), "new", 1)],
        )


def test_splices_that_would_mean_something_else_are_refused() -> None:
    with pytest.raises(EditError):
        edited("a: 1\nb: 2\n", Replace(("a",), 3, splices=(Splice(3, 4, "4"),)))
    with pytest.raises(EditError):
        edited("a: 1\nb: 2\n", Replace(("a",), True, splices=(Splice(3, 4, "["),)))
    with pytest.raises(EditError):
        edited("a: 0\n", Replace(("a",), True, splices=(Splice(3, 4, "1"),)))  # which Python takes for the same
    with pytest.raises(EditError):
        edited("a: 0\n", Replace(("a",), 1, splices=(Splice(3, 4, "1"), Splice(3, 4, "1"))))


def test_a_value_is_changed_as_its_text_is() -> None:
    value = {"a": [1, {"b": 2}], "c": 3}
    changes: list[Change] = [
        Insert(("a",), None, 0, 0, before=True),
        Insert(("a", 1), "n", True),
        Remove(("a", 1, "b")),
        Replace(("c",), 4, "d"),
    ]
    assert changed(value, changes) == {"a": [0, 1, {"n": True}], "d": 4}
    assert value == {"a": [1, {"b": 2}], "c": 3}

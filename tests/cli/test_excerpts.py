"""The text that a finding is about, and nothing beside it."""

from typing import Any

import pytest

from samstream.findings import Finding
from samstream_cli.checked import Region
from samstream_cli.excerpts import locate, locate_line
from samstream_cli.positions import Source

FINDING = Finding("E101", "Chat", (), "It is wrong.")

YAML = """\
Resources:
  Chat:
    Type: AWS::Lambda::Function
    Properties: {Secret: hunter2, Mode: bufered, Other: hunter3}
    List:
      - one  # hunter4
      - Map: inner
    Text: |
      several
      lines
"""


@pytest.mark.parametrize(
    ("place", "region", "excerpt", "marked"),
    [
        (("Resources", "Chat"), Region(2, 3, 2, 7), "  Chat:", "Chat"),
        (
            ("Resources", "Chat", "Type"),
            Region(3, 5, 3, 32),
            "    Type: AWS::Lambda::Function",
            "Type: AWS::Lambda::Function",
        ),
        (("Resources", "Chat", "Properties"), Region(4, 5, 4, 15), "    Properties:", "Properties"),
        (("Resources", "Chat", "Properties", "Mode"), Region(4, 35, 4, 48), "... Mode: bufered", "Mode: bufered"),
        (("Resources", "Chat", "Properties", "Missing"), Region(4, 5, 4, 15), "    Properties:", "Properties"),
        (("Resources", "Chat", "Properties", "Mode", "x"), Region(4, 35, 4, 39), "... Mode:", "Mode"),
        (("Resources", "Chat", "List", 0), Region(6, 9, 6, 12), "      - one", "one"),
        (("Resources", "Chat", "List", 1, "Map"), Region(7, 9, 7, 19), "      - Map: inner", "Map: inner"),
        (("Resources", "Chat", "Text"), Region(8, 5, 8, 9), "    Text:", "Text"),
    ],
)
def test_what_is_shown_is_the_key_and_a_value_on_its_line(
    place: tuple[Any, ...], region: Region, excerpt: str, marked: str
) -> None:
    located = locate(Source("t.yaml", YAML), FINDING, place)
    start, end = located.mark
    assert (located.region, located.excerpt, located.excerpt[start:end]) == (region, excerpt, marked)
    assert located.place == place[: len(located.place)]


@pytest.mark.parametrize("place", [(), ("Metadata",), ("Metadata", "SamStream")])
def test_what_stands_nowhere_has_no_region(place: tuple[str, ...]) -> None:
    located = locate(Source("t.yaml", YAML), FINDING, place)
    assert (located.region, located.excerpt) == (None, "")


def test_of_json_in_one_line_only_the_pair_is_shown() -> None:
    text = '{"Resources": {"Chat": {"Key": "hunter2", "Mode": "bufered"}}}'
    located = locate(Source("t.json", text), FINDING, ("Resources", "Chat", "Mode"))
    assert (located.region, located.excerpt) == (Region(1, 43, 1, 60), '... "Mode": "bufered"')


def test_windows_line_ends_are_no_part_of_it() -> None:
    located = locate(
        Source("t.yaml", "Resources:\r\n  Chat:\r\n    Type: x\r\n"), FINDING, ("Resources", "Chat", "Type")
    )
    assert (located.region, located.excerpt) == (Region(3, 5, 3, 12), "    Type: x")


def test_a_comment_is_shown_without_what_stands_before_it() -> None:
    located = locate_line(Source("t.yaml", "a: 1\nSecret: hunter2  # samstream: off\n"), FINDING, 2)
    assert (located.region, located.excerpt) == (Region(2, 18, 2, 34), "# samstream: off")

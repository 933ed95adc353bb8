"""Every form of the Transform section is read; what CloudFormation refuses is refused."""

from typing import Any

import pytest

from samstream_cli.entries import Entry, EntryError, read_entries

VALUES = {"Wanted": ["GET /a"], "AWS::Region": "eu-west-1"}

READ: list[tuple[Any, tuple[Entry, ...]]] = [
    (None, ()),
    ([], ()),
    ("A", (Entry("A", {}),)),
    ({"Name": "A"}, (Entry("A", {}),)),
    (["A", {"Name": "B", "Parameters": {"x": 1}}, "A"], (Entry("A", {}), Entry("B", {"x": 1}), Entry("A", {}))),
    ({"Name": "A", "Parameters": {"R": {"Ref": "Wanted"}}}, (Entry("A", {"R": ["GET /a"]}),)),
    ({"Name": "A", "Parameters": {"R": [{"Ref": "AWS::Region"}]}}, (Entry("A", {"R": ["eu-west-1"]}),)),
    ({"Name": "A", "Parameters": {"R": {"Fn::Sub": "x"}}}, (Entry("A", {"R": {"Fn::Sub": "x"}}),)),
]


@pytest.mark.parametrize(("section", "entries"), READ)
def test_a_section_is_read_in_its_order(section: Any, entries: tuple[Entry, ...]) -> None:
    assert read_entries(section, VALUES) == entries


@pytest.mark.parametrize("section", [5, [5], {}, {"Name": {"Ref": "A"}}, [None], {"Fn::Transform": {"Name": "A"}}])
def test_a_section_without_literal_names_is_refused(section: Any) -> None:
    with pytest.raises(EntryError, match="A transform is a name, or a map with a literal Name"):
        read_entries(section, VALUES)


def test_a_ref_to_nothing_is_refused() -> None:
    with pytest.raises(EntryError, match="Its Parameters refer to Nope, which has no value"):
        read_entries({"Name": "A", "Parameters": {"R": {"Ref": "Nope"}}}, VALUES)

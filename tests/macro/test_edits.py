"""Changes as data, and what applying them shares with the template."""

import copy
from typing import Any

import pytest

from samstream.edits import ABSENT, Edit, apply, value_at

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Chat": {"Type": "F", "Properties": {"Layers": ["a", "b"], "Timeout": 3}},
        "Deployment": {"Type": "D"},
        "Table": {"Type": "T"},
    }
}
CHAT = ("Resources", "Chat", "Properties")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((), TEMPLATE),
        ((*CHAT, "Timeout"), 3),
        ((*CHAT, "Layers", 1), "b"),
        ((*CHAT, "Layers", 2), ABSENT),
        ((*CHAT, "Layers", "1"), ABSENT),
        ((*CHAT, "Timeout", "Unit"), ABSENT),
        (("Resources", "Table", "Type", 0), ABSENT),
        (("Outputs", "Url"), ABSENT),
    ],
)
def test_what_stands_at_a_place_is_found_or_absent(place: tuple[str | int, ...], value: Any) -> None:
    assert value_at(TEMPLATE, place) is value


def test_absent_says_so() -> None:
    assert repr(ABSENT) == "ABSENT"


def test_edits_change_create_and_remove() -> None:
    edits = [
        Edit((*CHAT, "Timeout"), 3, 900),
        Edit((*CHAT, "Layers", 1), "b", "c"),
        Edit((*CHAT, "Environment", "Variables", "MODE"), ABSENT, "x"),
        Edit(("Resources", "Table", "Type"), "T", ABSENT),
        Edit(("Metadata", "SamStream"), ABSENT, {"Version": "1"}),
    ]
    assert apply(TEMPLATE, edits, {}) == {
        "Resources": {
            "Chat": {
                "Type": "F",
                "Properties": {"Layers": ["a", "c"], "Timeout": 900, "Environment": {"Variables": {"MODE": "x"}}},
            },
            "Deployment": {"Type": "D"},
            "Table": {},
        },
        "Metadata": {"SamStream": {"Version": "1"}},
    }


def test_a_map_takes_the_place_of_null() -> None:
    assert apply({"Environment": None}, [Edit(("Environment", "MODE"), ABSENT, "x")], {}) == {
        "Environment": {"MODE": "x"}
    }


def test_the_template_itself_is_not_changed() -> None:
    before = copy.deepcopy(TEMPLATE)
    apply(TEMPLATE, [Edit((*CHAT, "Timeout"), 3, 900), Edit((*CHAT, "Layers", 0), "a", "z")], {"Chat": "Talk"})
    assert before == TEMPLATE


def test_what_no_edit_touches_is_shared_and_not_copied() -> None:
    made = apply(TEMPLATE, [Edit((*CHAT, "Timeout"), 3, 900)], {})
    assert made["Resources"]["Table"] is TEMPLATE["Resources"]["Table"]
    assert made["Resources"]["Chat"]["Properties"]["Layers"] is TEMPLATE["Resources"]["Chat"]["Properties"]["Layers"]
    assert made["Resources"]["Chat"] is not TEMPLATE["Resources"]["Chat"]


def test_renamed_resources_keep_their_order() -> None:
    made = apply(TEMPLATE, [Edit(("Resources", "Deployment", "Type"), "D", "E")], {"Deployment": "Deployment2"})
    assert list(made["Resources"].items()) == [
        ("Chat", TEMPLATE["Resources"]["Chat"]),
        ("Deployment2", {"Type": "E"}),
        ("Table", {"Type": "T"}),
    ]

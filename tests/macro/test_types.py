"""What counts as a map, a number, a whole number."""

from typing import Any

import pytest

from samstream.types import NOTHING, as_object, digest, is_number, mentions, whole_number


@pytest.mark.parametrize("value", [None, 5, "text", ["a"], True])
def test_what_is_no_map_reads_as_an_empty_one(value: Any) -> None:
    assert as_object(value) == {}


def test_a_map_reads_as_itself() -> None:
    value = {"a": 1}
    assert as_object(value) is value


def test_nothing_stays_empty() -> None:
    with pytest.raises(TypeError):
        NOTHING["a"] = 1  # type: ignore[index]
    assert dict(NOTHING) == {}


NUMBERS: dict[Any, tuple[bool, int | None]] = {
    0: (True, 0),
    -3: (True, -3),
    29000: (True, 29000),
    2.0: (True, 2),
    2.5: (True, None),
    10**14: (True, 10**14),
    10**15: (False, None),
    float("inf"): (False, None),
    float("-inf"): (False, None),
    "30": (False, 30),
    " 30 ": (False, 30),
    "030": (False, 30),
    "-30": (False, None),
    "3.0": (False, None),
    "": (False, None),
    "9" * 15: (False, 10**15 - 1),
    "9" * 16: (False, None),
    "²": (False, None),
    None: (False, None),
    (): (False, None),
}


@pytest.mark.parametrize("value", NUMBERS)
def test_numbers_are_finite_and_digits_are_whole_numbers(value: Any) -> None:
    assert (is_number(value), whole_number(value)) == NUMBERS[value]


@pytest.mark.parametrize("value", [True, False, float("nan"), {}, []])
def test_what_json_does_not_call_a_number_is_none(value: Any) -> None:
    assert (is_number(value), whole_number(value)) == (False, None)


def test_a_digest_is_that_of_the_value_whatever_the_order_of_its_keys() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert len({digest(value) for value in ([1, 2], [2, 1], {"a": 1}, {"a": "1"}, None)}) == 5
    assert len(digest(None)) == 64


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": [{"Ref": "Deployment"}]}, True),
        ({"MyDeployment2": 1}, True),
        ("Größe", True),
        ({"a": [{"Ref": "Chat"}, None, 5, True, 2.5]}, False),
        ({}, False),
    ],
)
def test_a_value_mentions_a_word_in_any_of_its_keys_and_texts(value: Any, found: bool) -> None:
    assert mentions(value, [b"Deployment", "Größe".encode()]) is found


def test_a_value_nested_too_deeply_may_mention_anything() -> None:
    value: Any = []
    for _ in range(5000):
        value = [value]
    assert mentions(value, [b"Deployment"])

"""Findings as values and as text."""

import pytest

from samstream.findings import Finding, nearest, summary

ERROR = Finding("E201", "Chat", ("Resources", "Chat"), "There is no route GET /.")
WARNING = Finding("W301", "", (), "Its function is elsewhere.")


def test_a_finding_reads_as_its_message_and_rule() -> None:
    assert str(ERROR) == "There is no route GET /. [E201]"


def test_a_finding_as_json_says_rule_resource_and_message() -> None:
    assert ERROR.to_json() == {"Rule": "E201", "Resource": "Chat", "Message": "There is no route GET /."}


def test_a_warning_is_an_error_where_warnings_fail() -> None:
    strict = WARNING._replace(strict=True)
    assert [found.severity for found in (ERROR, WARNING, strict)] == ["error", "warning", "error"]


def test_a_summary_has_every_finding_once_the_first_one_first() -> None:
    assert summary([]) == ""
    assert summary([ERROR]) == str(ERROR)
    assert summary([ERROR, WARNING, ERROR]) == f"{ERROR} (2) {WARNING}"


@pytest.mark.parametrize(
    ("word", "cutoff", "near"),
    [
        ("POST /chta", 0.0, "POST /chat"),
        ("get /chat", 0.0, "POST /chat"),
        ("DELETE /x", 0.9, None),
        ("POST /chat" * 10_000, 0.0, "POST /chat"),
    ],
)
def test_the_nearest_word_is_what_was_probably_meant(word: str, cutoff: float, near: str | None) -> None:
    assert nearest(word, ["GET /files/{proxy+}", "POST /chat"], cutoff) == near


def test_among_no_words_none_is_near() -> None:
    assert nearest("GET /", []) is None

"""Comments that leave findings out."""

import pytest

from samstream_cli.comments import read_comments


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("a: 1  # samstream: ignore W401\nb: 2", {1: {"W401"}}),
        ("# samstream: ignore W401\na: 1\nb: 2", {2: {"W401"}}),
        (
            "# samstream: ignore W401, E201 W203\n\n# why\na: 1  # samstream: ignore E101",
            {4: {"W401", "E201", "W203", "E101"}},
        ),
        ("a: 1  #samstream:ignore W401\r\nb: 2\r\n", {1: {"W401"}}),
        ("a: 1  # samstream: ignore W401 because it is meant so", {1: {"W401"}}),
        ("a: '#samstream: no comment'", {}),
        ("a: http://x/#samstream: ignore W401", {}),
        ("# samstream streams\na: 1", {}),
        ("# samstream: ignore W401\n# nothing below", {}),
    ],
)
def test_a_comment_speaks_of_its_line_or_of_the_next_one_with_content(text: str, ignored: dict[int, set[str]]) -> None:
    comments = read_comments(text)
    assert ({line: set(rules) for line, rules in comments.ignored.items()}, comments.unreadable) == (ignored, ())


@pytest.mark.parametrize(
    "comment", ["ignore", "ignore all", "ignore 401", "skip W401", "ignore W40", "ignore W999", "ignore W401, E999"]
)
def test_a_comment_that_ignores_nothing_is_told(comment: str) -> None:
    assert read_comments(f"a: 1\nb: 2 # samstream: {comment}").unreadable == (2,)


def test_a_comment_holds_for_its_rules_on_its_line_alone() -> None:
    comments = read_comments("a: 1\nb: 2 # samstream: ignore W401")
    assert [comments.hold(2, "W401"), comments.hold(2, "W402"), comments.hold(1, "W401")] == [True, False, False]

"""A finding names its resource once, and text of strangers stays text."""

import pytest

from samstream.findings import Finding
from samstream_cli.formats.wording import one_line, plural, sentence, visible


@pytest.mark.parametrize(
    ("resource", "message", "expected"),
    [
        ("Chat", "Event Ask of Chat: no.", "Event Ask of Chat: no."),
        ("Chat", "Event Ask of ChatRoom: no.", "Chat: Event Ask of ChatRoom: no."),
        ("", "Transform: no.", "Transform: no."),
        ("A(", "no.", "A(: no."),
    ],
)
def test_a_sentence_names_its_resource_once(resource: str, message: str, expected: str) -> None:
    assert sentence(Finding("E201", resource, (), message)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, 漢字 and e\u0301", "plain, 漢字 and e\u0301"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\u202eb\u200b\u00a0\x9b\x00", "a\\u202eb\\u200b\\xa0\\x9b\\x00"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_would_steer_a_terminal_or_fool_the_eye_is_written_out(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_a_message_of_several_lines_becomes_one() -> None:
    assert one_line(" first\n\tsecond\u2028third\x1b ") == "first second third\\x1b"


def test_counts_agree_with_their_nouns() -> None:
    assert [plural(count, "error") for count in (0, 1, 2)] == ["0 errors", "1 error", "2 errors"]

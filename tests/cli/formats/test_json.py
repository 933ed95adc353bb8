"""The document for programs, whole."""

import json

from cli.formats.samples import MIXED, saying, written


def test_the_document_holds_everything_there_is_to_tell() -> None:
    streaming = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html"
    assert json.loads(written("json", *MIXED)) == {
        "version": 1,
        "templates": [
            {
                "name": "src/template.yaml",
                "findings": [
                    {
                        "rule": "E201",
                        "severity": "error",
                        "resource": "Chat",
                        "place": ["Resources", "Chat", "Metadata", "Streaming"],
                        "line": 14,
                        "column": 7,
                        "end_line": 14,
                        "end_column": 16,
                        "message": "There is no route GET /x. Mend it.",
                        "url": "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html",
                    },
                    {
                        "rule": "W303",
                        "severity": "warning",
                        "resource": "Chat",
                        "place": ["Resources", "Chat"],
                        "line": 9,
                        "column": 3,
                        "end_line": 12,
                        "end_column": 20,
                        "message": "Chat: its runtime can't stream. Add the adapter.",
                        "url": streaming,
                    },
                ],
                "notes": ["A macro was skipped."],
            },
            {
                "name": "gone.yaml",
                "findings": [
                    {
                        "rule": "E006",
                        "severity": "error",
                        "resource": "",
                        "place": [],
                        "line": None,
                        "column": None,
                        "end_line": None,
                        "end_column": None,
                        "message": "There is no such file. Check the path.",
                        "url": "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",
                    }
                ],
                "notes": [],
            },
            {"name": "fine.yaml", "findings": [], "notes": []},
        ],
        "summary": {"errors": 2, "warnings": 1},
    }


def test_nothing_was_checked_is_a_document_too() -> None:
    assert json.loads(written("json")) == {"version": 1, "templates": [], "summary": {"errors": 0, "warnings": 0}}


def test_the_document_is_ascii() -> None:
    assert written("json", saying("漢字 \x9b \ud800")).isascii()

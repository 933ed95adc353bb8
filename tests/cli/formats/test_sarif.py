"""SARIF that its official schema takes and code scanning can follow from commit to commit."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from cli.formats.samples import ERROR, MIXED, PLACE, WARNING, saying, written
from cli.samples import working_in
from samstream import __version__
from samstream.findings import Finding
from samstream_cli.checked import Checked, Located, Region
from samstream_cli.rule_texts import TEXTS

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "sarif-schema-2.1.0.json").read_text())


def run_of(*checks: Checked) -> Any:
    log = json.loads(written("sarif", *checks))
    Draft7Validator(SCHEMA).validate(log)
    return log["runs"][0]


def fingerprints(*found: Located) -> list[str]:
    results = run_of(Checked("a", found))["results"]
    return [result["partialFingerprints"]["samstreamPlace/v1"] for result in results]


def artifact(name: str) -> Any:
    location = run_of(saying("No.", name))["results"][0]["locations"][0]
    return location["physicalLocation"]["artifactLocation"]


def test_the_schema_refuses_what_is_no_sarif() -> None:
    log = json.loads(written("sarif", *MIXED))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert [list(error.path) for error in Draft7Validator(SCHEMA).iter_errors(log)] == [
        ["runs", 0, "results", 0, "level"]
    ]


def test_results_say_rule_severity_message_and_place() -> None:
    results = run_of(*MIXED)["results"]
    for result in results:
        assert list(TEXTS)[result.pop("ruleIndex")] == result["ruleId"]
        assert set(result.pop("partialFingerprints")) == {"samstreamPlace/v1"}
    assert results == [
        {
            "ruleId": "E201",
            "level": "error",
            "message": {"text": "Chat: There is no route GET /x. Mend it."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "src/template.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 14, "startColumn": 7, "endLine": 14, "endColumn": 16},
                    },
                    "logicalLocations": [{"fullyQualifiedName": "Resources/Chat/Metadata/Streaming"}],
                }
            ],
        },
        {
            "ruleId": "W303",
            "level": "warning",
            "message": {"text": "Chat: its runtime can't stream. Add the adapter."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "src/template.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 9, "startColumn": 3, "endLine": 12, "endColumn": 20},
                    },
                    "logicalLocations": [{"fullyQualifiedName": "Resources/Chat"}],
                }
            ],
        },
        {
            "ruleId": "E006",
            "level": "error",
            "message": {"text": "There is no such file. Check the path."},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "gone.yaml", "uriBaseId": "%SRCROOT%"}}}],
        },
    ]


def test_the_driver_describes_every_rule() -> None:
    driver = run_of()["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("samstream", __version__)
    assert [rule["id"] for rule in driver["rules"]] == list(TEXTS)
    text = TEXTS["W401"]
    assert next(rule for rule in driver["rules"] if rule["id"] == "W401") == {
        "id": "W401",
        "name": "NoDeployment",
        "shortDescription": {"text": f"{text.shortdesc}."},
        "fullDescription": {"text": text.description},
        "help": {"text": f"{text.description}\n\nSource: {text.source_url}"},
        "helpUri": text.source_url,
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["deployment"]},
    }


def test_notes_are_notifications_of_the_tool() -> None:
    assert run_of(*MIXED)["invocations"] == [
        {
            "executionSuccessful": True,
            "toolExecutionNotifications": [
                {
                    "level": "note",
                    "message": {"text": "A macro was skipped."},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "src/template.yaml", "uriBaseId": "%SRCROOT%"}
                            }
                        }
                    ],
                }
            ],
        }
    ]


def test_a_bug_of_samstream_is_no_success() -> None:
    found = Located(Finding("E099", "", (), "samstream failed."), (), None)
    assert run_of(Checked("a", (found,)))["invocations"][0]["executionSuccessful"] is False


def test_columns_count_characters() -> None:
    assert run_of()["columnKind"] == "unicodeCodePoints"


def test_a_finding_keeps_its_fingerprint_when_its_line_or_wording_changes() -> None:
    moved = Located(ERROR.finding._replace(message="Reworded."), PLACE, Region(99, 1, 99, 2))
    assert fingerprints(ERROR) == fingerprints(moved)


def test_findings_that_differ_have_fingerprints_that_differ() -> None:
    elsewhere = Located(ERROR.finding, (*PLACE, 0), ERROR.region)
    another = Located(ERROR.finding._replace(resource="Other"), PLACE, ERROR.region)
    assert len(set(fingerprints(ERROR, ERROR, elsewhere, another, WARNING))) == 5


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("template.yaml", "template.yaml"),
        ("./a/../b c/ü#?%.yaml", "b%20c/%C3%BC%23%3F%25.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
        (".", "."),
    ],
)
def test_a_file_below_the_working_directory_is_named_relative_to_it(name: str, uri: str) -> None:
    assert artifact(name) == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_a_file_elsewhere_is_named_by_its_whole_path(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    expected = {"uri": (tmp_path / "a b.yaml").as_uri()}
    with working_in(below):
        assert (artifact("../a b.yaml"), artifact(str(tmp_path / "a b.yaml"))) == (expected, expected)
        assert artifact(str(below / "c.yaml")) == {"uri": "c.yaml", "uriBaseId": "%SRCROOT%"}

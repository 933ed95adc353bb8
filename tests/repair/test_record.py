import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from samstream_cli.errors import UsageError
from samstream_cli.repair import record
from samstream_cli.repair.plan import FunctionChange, Place, RouteChange, State
from samstream_cli.repair.record import Record

RECORD = Record(
    Place("123456789012", "eu-west-1", "abc123", "prod"),
    "dep1",
    (RouteChange("GET /x", "r1", "GET", State("BUFFERED", "old", 29_000), State("STREAM", "new", 60_000), "f"),),
    (FunctionChange("arn:aws:lambda:eu-west-1:123456789012:function:f", "eu-west-1", None, "response_stream"),),
    "dep2",
)


def test_a_record_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "undo.json"
    record.create(path, RECORD)
    assert record.load(path) == RECORD
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_record_is_rewritten_as_a_whole_and_stays_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "undo.json"
    record.create(path, Record(RECORD.place, "dep1", (), ()))
    record.rewrite(path, RECORD)
    assert (record.load(path), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (RECORD, 0o600, [path])


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "undo.json"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        record.create(path, RECORD)
    assert path.read_text() == "mine"


def test_a_record_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written: No such file or directory"):
        record.create(tmp_path / "none" / "undo.json", RECORD)


def damaged(*path: Any, value: Any) -> str:
    """A record in which something else stands there."""
    document: Any = {"version": 1, **json.loads(json.dumps(asdict(RECORD)))}
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        '{"version": 1}',
        '{"version": "x"}',
        damaged("place", value={}),
        damaged("place", value="x"),
        damaged("place", "api", value=1),
        damaged("served", value=None),
        damaged("routes", value=1),
        damaged("routes", 0, "after", "uri", value=1),
        damaged("routes", 0, "more", value=""),
        damaged("functions", 0, "arn", value=None),
        damaged("routes", 0, "before", "timeout", value=None),
        damaged("routes", 0, "before", "timeout", value=True),
        damaged("routes", 0, "before", "timeout", value="29000"),
    ],
)
def test_any_other_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "undo.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="is no undo file of samstream repair"):
        record.load(path)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "undo.json"
    path.write_text('{"version": 2}')
    with pytest.raises(UsageError, match="was written by a newer samstream"):
        record.load(path)


def test_bytes_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is no undo file"):
        record.load(tmp_path / "bytes")
    with pytest.raises(UsageError, match="can't be read: No such file or directory"):
        record.load(tmp_path / "none")

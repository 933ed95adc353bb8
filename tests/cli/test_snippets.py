"""Nested transforms run innermost first and replace the map that holds them; files are included."""

from pathlib import Path
from typing import Any

import pytest

from samstream_cli.entries import Entry
from samstream_cli.errors import TemplateError
from samstream_cli.snippets import Snippet, expand, include, local_location, unexpanded


def test_the_innermost_transform_runs_first() -> None:
    seen: list[Snippet] = []

    def run(snippet: Snippet) -> Any:
        seen.append(snippet)
        return {"ran": snippet.call["Name"], **snippet.siblings}

    value = {"a": [{"Fn::Transform": {"Name": "Outer"}, "b": {"Fn::Transform": {"Name": "Inner"}, "c": 1}}]}
    assert expand(value, run) == {"a": [{"ran": "Outer", "b": {"ran": "Inner", "c": 1}}]}
    assert [(snippet.call["Name"], snippet.place) for snippet in seen] == [
        ("Inner", ("a", 0, "b")),
        ("Outer", ("a", 0)),
    ]


def test_a_value_without_transforms_is_the_same_value() -> None:
    value = {"a": [1, {"b": None}], "c": {"Ref": "D"}}
    assert expand(value, unexpanded) == value


def test_a_transform_that_does_not_run_stays_as_it_stood() -> None:
    value = {"a": {"Fn::Transform": {"Name": "Other", "Parameters": {"x": 1}}, "b": 2}}
    assert expand(value, unexpanded) == value


def test_a_value_is_not_changed_by_its_expansion() -> None:
    value = {"a": {"Fn::Transform": {"Name": "M"}, "b": 2}}
    expand(value, lambda _: "replaced")
    assert value == {"a": {"Fn::Transform": {"Name": "M"}, "b": 2}}


@pytest.mark.parametrize(
    ("parameters", "location"),
    [
        ({"Location": "api.yaml"}, "api.yaml"),
        ({"Location": "s3://bucket/api.yaml"}, None),
        ({"Location": {"Fn::Sub": "s3://${Bucket}/api.yaml"}}, None),
        ({}, None),
        ([], None),
    ],
)
def test_only_paths_on_this_machine_are_local(parameters: Any, location: str | None) -> None:
    assert local_location(Entry("AWS::Include", parameters)) == location


def test_an_included_file_joins_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("Resources: {A: {Type: Theirs}, B: {Type: !Ref T}}\nOutputs: {}")
    beside = {"Resources": {"A": {"Type": "Own"}}}
    assert include("more.yaml", beside, tmp_path) == {
        "Resources": {"A": {"Type": "Own"}, "B": {"Type": {"Ref": "T"}}},
        "Outputs": {},
    }
    assert beside == {"Resources": {"A": {"Type": "Own"}}}


@pytest.mark.parametrize(("text", "message"), [(None, "there is no such file"), ("- a", "it is not a map")])
def test_a_file_that_cannot_be_included_is_named(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "more.yaml").write_text(text)
    with pytest.raises(TemplateError, match=rf"more\.yaml.*{message}"):
        include("more.yaml", {}, tmp_path)

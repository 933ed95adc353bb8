"""Written templates load back as the same value and read well; files are never overwritten by accident."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samstream_cli.errors import UsageError
from samstream_cli.writing import check_target, format_of, to_json, to_yaml, write
from samstream_cli.yaml_loader import load_yaml

FUNCTIONS = [
    *("Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Base64", "Fn::Transform", "Fn::Not"),
    *("Fn::Select", "Fn::ForEach::Each", "Fn::Unknown"),
]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
TEMPLATES = st.recursive(
    SCALARS | st.sampled_from(["012345678901", "1e3", "y", "2010-09-09", "0o17", "<<", "a\nb\n", " a\n b", "!Ref x"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.sampled_from(FUNCTIONS), inner, max_size=4)
        | st.builds(lambda name, value: {name: value}, st.sampled_from(FUNCTIONS), inner)
        | st.builds(lambda names: {"Fn::GetAtt": names}, st.lists(st.sampled_from(["A", "B.C", ""]), max_size=3))
    ),
    max_leaves=30,
)

WELL_WRITTEN = """\
AWSTemplateFormatVersion: '2010-09-09'
Mappings:
  Accounts:
    '012345678901':
      Name: prod
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: !Sub ${AWS::StackName}-api
      Policy: !If [IsProd, !Ref Policy, '']
      Arn: !GetAtt Fn.Arn
      Description: !Sub |
        One line.
        Another.
      Body:
        Fn::Base64: !Sub ${Text}
      Uri: !Join
        - ''
        - - 'arn:'
          - !Ref AWS::Partition
      Tags: []
"""


@given(TEMPLATES)
def test_yaml_loads_back_as_the_same_value(value: Any) -> None:
    assert load_yaml(to_yaml(value)) == value


@given(TEMPLATES)
def test_json_loads_back_as_the_same_value(value: Any) -> None:
    assert json.loads(to_json(value)) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_keys_keep_their_order(value: dict[str, int]) -> None:
    assert list(load_yaml(to_yaml(value))) == list(json.loads(to_json(value))) == list(value)


def test_yaml_reads_as_people_write_it() -> None:
    assert to_yaml(load_yaml(WELL_WRITTEN)) == WELL_WRITTEN


def test_values_that_are_one_object_are_written_twice_and_not_as_anchors() -> None:
    shared = {"a": [1]}
    assert to_yaml({"b": shared, "c": shared}) == "b:\n  a:\n    - 1\nc:\n  a:\n    - 1\n"


def test_half_a_character_can_be_written() -> None:
    assert load_yaml(to_yaml({"a": "\ud800"})) == json.loads(to_json({"a": "\ud800"})) == {"a": "\ud800"}
    assert to_json({"a": "\ud800é"}).encode() == b'{\n  "a": "\\ud800\\u00e9"\n}\n'


def test_the_name_of_a_file_says_its_format() -> None:
    assert [format_of(name) for name in ("a.json", "A.JSON", "a.yaml", "a.template", "")] == [
        *("json", "json", "yaml", "yaml", "yaml"),
    ]


def test_a_file_is_overwritten_by_force_only(tmp_path: Path) -> None:
    path = tmp_path / "out.yaml"
    check_target(path, force=False, template=None)
    path.touch()
    with pytest.raises(UsageError, match=r"out\.yaml exists already"):
        check_target(path, force=False, template=None)
    check_target(path, force=True, template=None)


def test_the_template_itself_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.touch()
    with pytest.raises(UsageError, match="is the template itself"):
        check_target(tmp_path / "." / "template.yaml", force=True, template=path)


def test_a_directory_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory"):
        check_target(tmp_path, force=True, template=None)
    with pytest.raises(UsageError, match="is no directory"):
        check_target(tmp_path / "missing" / "out.yaml", force=True, template=None)


def test_a_write_leaves_the_file_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "out.yaml", "a: é\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.yaml", "a: é\n".encode())]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.yaml"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.yaml", "old")]


def test_a_place_that_takes_no_files_is_named() -> None:
    with pytest.raises(UsageError, match=r"/proc/out\.yaml can't be written"):
        write(Path("/proc/out.yaml"), "a: 1\n")

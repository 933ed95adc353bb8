"""Reading template files: every way a file can be wrong has a message that names it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samstream_cli.errors import TemplateError
from samstream_cli.templates import TemplateFile, parse, read_template, template

REFUSED = {
    b"": "x is empty",
    b"\n# a remark\n": "x is empty",
    b"- a\n": "x holds a list, not a map",
    b"words": "x holds a text, not a map",
    b"5": "x holds a number, not a map",
    b"yes": "x holds a true or false, not a map",
    b"a: 1": "x is not a template: it has no Resources",
    b"Resources: {}": "x is not a template: it has no Resources",
    b"Resources: []": "x is not a template: it has no Resources",
    b"a: 1\nb: \xff": "x:2: this is not UTF-8 text",
    b"\x00\x01": "x is a binary file",
    b"a: 1\n\tb: 2": "x:2: a tab in the indentation",
    b'{"Resources": {},\n "Resources": {}}': "x:2: the key 'Resources' stands twice in one map",
    b'{"a": 1,\n "b": ]}': "x:2:7: this is not JSON: Expecting value",
    b'{"a": NaN}': "x: NaN is no JSON number",
    b'{"a": ' + b"[" * 100_000: "x is nested too deeply to be a template",
    b"a: " + b"[" * 1_000: "x is nested too deeply to be a template",
}


@pytest.mark.parametrize("data", REFUSED, ids=lambda data: data[:20])
def test_what_is_no_template_is_told_with_a_way_out(data: bytes) -> None:
    with pytest.raises(TemplateError) as caught:
        template(data, "x")
    assert (caught.value.message, bool(caught.value.remedy)) == (REFUSED[data], True)


@pytest.mark.parametrize("data", [b"a: 1000", b'{"a": 1e3}'])
def test_a_byte_order_mark_is_skipped(data: bytes) -> None:
    assert parse(b"\xef\xbb\xbf" + data, "x") == {"a": 1000}


def test_yaml_may_start_with_a_brace() -> None:
    assert parse(b"{Resources: {A: !Ref B}}", "x.yaml") == {"Resources": {"A": {"Ref": "B"}}}


def test_a_json_file_is_not_taken_for_yaml() -> None:
    with pytest.raises(TemplateError, match=r"x\.json:1:2: this is not JSON: Expecting property name"):
        parse(b"{Resources: {}}", "x.json")


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(TemplateError, match=r"missing\.yaml: there is no such file"):
        read_template("missing.yaml")


def test_a_directory_names_the_template_in_it(tmp_path: Path) -> None:
    (tmp_path / "template.yml").touch()
    with pytest.raises(TemplateError) as caught:
        read_template(str(tmp_path))
    assert caught.value.message == f"{tmp_path} is a directory"
    assert caught.value.remedy == f"Name the template in it: {tmp_path / 'template.yml'}."


def test_a_template_knows_where_its_relative_paths_start(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    text = "Resources: {A: {Type: T}}"
    path.write_text("\ufeff" + text)
    assert read_template(str(path)) == TemplateFile(str(path), tmp_path, {"Resources": {"A": {"Type": "T"}}}, text)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_json_reads_as_what_it_says(value: dict[str, object]) -> None:
    assert parse(json.dumps(value).encode(), "x") == value

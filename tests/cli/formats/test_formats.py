"""Every format writes what it is named for, whatever a stranger's template says."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.formats.samples import MIXED, written
from samstream.findings import Finding
from samstream_cli.checked import Checked, Located, Region
from samstream_cli.formats import FORMATS, Format

TEXT = st.text(st.characters(), max_size=40)  # lone surrogates too


@st.composite
def checked(draw: st.DrawFn) -> Checked:
    resource, message, excerpt, name = draw(TEXT), draw(TEXT), draw(TEXT), draw(st.text(max_size=20))
    start = draw(st.integers(0, len(excerpt)))
    mark = (start, draw(st.integers(start, len(excerpt))))
    located = Located(
        Finding("W401", resource, (), message), (resource, 3), Region(1, start + 1, 1, mark[1] + 1), excerpt, mark
    )
    return Checked(name.replace("\0", ""), (located,), (draw(TEXT),))


@given(checked())
def test_any_text_can_be_written_in_every_format_and_no_control_character_gets_through(check: Checked) -> None:
    texts = {form: written(form, check) for form in FORMATS}
    json.loads(texts["json"])
    json.loads(texts["sarif"])
    ET.fromstring(texts["junit"])  # noqa: S314  # our own
    for text in texts.values():
        assert all(line.replace("\t", "").isprintable() for line in text.split("\n"))


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("text", "src/template.yaml:14:7: error[E201] "),
        ("json", '{\n  "version": 1,'),
        ("sarif", '{\n  "$schema": '),
        ("github", "::error file=src/template.yaml,"),
        ("junit", "<?xml "),
    ],
)
def test_a_format_is_chosen_by_its_name(form: Format, start: str) -> None:
    assert written(form, *MIXED).startswith(start)

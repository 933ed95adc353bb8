"""Shows a change of a template as a diff that tells no secret of it."""

import difflib
import re
from collections.abc import Iterator
from typing import Final

from samstream.edits import value_at
from samstream.template import resources_in
from samstream.types import JsonObject, Place, as_object
from samstream_cli.add_plan import Edited
from samstream_cli.positions import Source

_LONG: Final = 300
_AROUND: Final = 40
_MASK: Final = "\ue000"
"""Takes the place of each character of a secret, so that offsets stay; four stars stand for all of them."""


def diff_lines(source: Source, content: JsonObject, edited: Edited) -> list[str]:
    """A unified diff. Of lines too long to read, just what is around each change."""
    before = _masked(source, content)
    after = _masked(Source(source.name, edited.text), edited.content)
    lines = [*difflib.unified_diff(_lines(before), _lines(after), source.name, source.name, lineterm="")]
    if any(len(line) > _LONG and line[0] in "+-" for line in lines):
        lines = [*_excerpts(source, before, edited)]
    shown = [re.sub(f"{_MASK}+", "****", line.rstrip("\r")) for line in lines]
    return [line if len(line) <= _LONG else f"{line[:_LONG]} ..." for line in shown]


def _lines(text: str) -> list[str]:
    """Of a text whose last line isn't ended, that line says so."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _excerpts(source: Source, text: str, edited: Edited) -> Iterator[str]:
    yield from (f"--- {source.name}", f"+++ {source.name}")
    for start, end, new in edited.splices:
        line, column = source.position(start)
        ahead = text[max(start - _AROUND, 0) : start].rpartition("\n")[2]
        behind = text[end : end + _AROUND].partition("\n")[0]
        yield f"@@ line {line}, column {column} @@"
        yield f"-...{ahead}{text[start:end]}{behind}..."
        yield f"+...{ahead}{new}{behind}..."


def _masked(source: Source, content: JsonObject) -> str:
    """The text without values of environment variables and defaults of parameters."""
    pieces = []
    end = 0
    for span in sorted({source.find(place).value for place in _secrets(content)}):
        if span.start >= end:
            pieces += [source.text[end : span.start], re.sub(r"[^\r\n]", _MASK, source.text[span.start : span.end])]
            end = span.end
    return "".join([*pieces, source.text[end:]])


def _secrets(content: JsonObject) -> Iterator[Place]:
    for name, body in as_object(content.get("Parameters")).items():
        if "Default" in as_object(body):
            yield ("Parameters", name, "Default")
    resources = resources_in(content["Resources"], ("Resources",))
    holders = [("Globals", "Function"), *((*resource.place, "Properties") for resource in resources)]
    for holder in holders:
        place = (*holder, "Environment", "Variables")
        yield from ((*place, name) for name in as_object(value_at(content, place)))

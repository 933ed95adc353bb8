"""Where each value of a template stands in its text.

YAML is read as the parser's events, which don't nest: a text of any depth takes a list, not a stack. JSON is never
read as a whole; what isn't on the way to a place is skipped by the JSON scanner itself.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final, Literal, NamedTuple

import yaml

from samstream.types import Place

Kind = Literal["map", "list", "scalar"]

_BOM: Final = "\ufeff"
_MERGE: Final = "tag:yaml.org,2002:merge"
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_KEPT_BREAKS: Final = re.compile(r"(?:[!&]\S*\s+)*[|>]\d?\+")
_scan: Final = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


class Span(NamedTuple):
    """Offsets in characters into the text; the end is exclusive."""

    start: int
    end: int


class Node(NamedTuple):
    """A value as it is written.

    `key` is its key's text, quotes included, None for items of lists; `value` its own, with tag and anchor, without
    the blank lines and comments below it. `flow` says that braces or brackets hold it. `shared` says that the way to
    the place leads through an alias or a merge: the text stands where the anchor does, and belongs to other places too.
    """

    place: Place
    key: Span | None
    value: Span
    kind: Kind
    flow: bool
    shared: bool = False


class Source:
    """One template's text, which the reader of templates has taken."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._start = 1 if text.startswith(_BOM) else 0

    @cached_property
    def is_json(self) -> bool:
        return _is_json(self.text[self._start :])

    def find(self, place: Place) -> Node:
        """The deepest node on the way to the place; `Node.place` says how far it came."""
        node, _ = self._walk(place)
        return node

    def children(self, place: Place) -> list[Node]:
        """What the map or list at exactly this place holds, in its order; nothing for a scalar."""
        node, written = self._walk(place)
        if node.place != place:
            return []
        if written.function is not None and place[-1:] != (written.function,):
            return [node._replace(place=(*place, written.function))]
        return [self._child(node, entry) for entry in written.entries]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    @cached_property
    def _root(self) -> "_Written":
        if self.is_json:
            return _Json(self.text, _after_space(self.text, self._start), len(self.text.rstrip()))
        return _read_yaml(self.text[self._start :], self._start)

    def _walk(self, place: Place) -> tuple[Node, "_Written"]:
        written = self._root
        node = _node((), None, written, shared=False)
        is_short = False
        for step in place:
            if written.function == step and not is_short:
                is_short = True
                node = node._replace(place=(*node.place, step))
                continue
            entry = None if written.function and not is_short else written.named.get(step)
            if entry is None:
                break
            written, is_short = entry.value, False
            node = self._child(node, entry)
        return node, written

    def _child(self, node: Node, entry: "_Entry") -> Node:
        return _node((*node.place, entry.name), entry.key, entry.value, shared=node.shared or entry.shared)


class _Entry(NamedTuple):
    name: str | int
    key: Span | None
    value: "_Written"
    shared: bool


class _Written:
    """A value in the text; `function` is what its short form stands for."""

    __slots__ = ("__dict__", "end", "flow", "function", "kind", "start")

    def __init__(self, start: int, end: int, kind: Kind, *, flow: bool, function: str | None = None) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self.flow = flow
        self.function = function

    @cached_property
    def entries(self) -> list[_Entry]:
        return list(self._read()) if self.kind != "scalar" else []

    @cached_property
    def named(self) -> dict[str | int, _Entry]:
        return {entry.name: entry for entry in self.entries}

    def _read(self) -> Iterator[_Entry]:
        raise NotImplementedError


def _node(place: Place, key: Span | None, written: _Written, *, shared: bool) -> Node:
    return Node(place, key, Span(written.start, written.end), written.kind, written.flow, shared)


class _Json(_Written):
    def __init__(self, text: str, start: int, end: int) -> None:
        kinds: dict[str, Kind] = {"{": "map", "[": "list"}
        super().__init__(start, end, kinds.get(text[start], "scalar"), flow=True)
        self._text = text

    def _read(self) -> Iterator[_Entry]:
        text = self._text
        at = _after_space(text, self.start + 1)
        number = 0
        while text[at] not in "}]":
            name: str | int = number
            key = None
            if self.kind == "map":
                name, end = scanstring(text, at + 1)
                key = Span(at, end)
                at = _after_space(text, _after_space(text, end) + 1)
            end = _scan(text, at)[1]
            yield _Entry(name, key, _Json(text, at, end), shared=False)
            at = _after_space(text, end)
            at = _after_space(text, at + 1) if text[at] == "," else at
            number += 1


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _is_json(text: str) -> bool:
    """As the reader of templates decides: a text that begins with a brace and isn't JSON is YAML."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


class _Part(NamedTuple):
    """A key, a value or an item where it stands: an alias has a span of its own, and the value of its anchor."""

    value: "_Yaml"
    span: Span
    is_alias: bool


class _Yaml(_Written):
    def __init__(self, start: int, end: int, kind: Kind, *, flow: bool, event: Any) -> None:
        super().__init__(start, end, kind, flow=flow, function=_function(event))
        self.text = event.value if isinstance(event, yaml.ScalarEvent) else ""
        self.is_merge = (self.text == "<<" and event.implicit[0]) or event.tag == _MERGE
        self.parts: list[_Part] = []

    def _read(self) -> Iterator[_Entry]:
        if self.kind == "list":
            for number, part in enumerate(self.parts):
                yield _Entry(number, None, part.value, part.is_alias)
            return
        own: set[str | int] = set()
        merged: list[_Yaml] = []
        for key, part in zip(self.parts[::2], self.parts[1::2], strict=True):
            if key.value.is_merge:
                several = part.value.kind == "list"
                merged.extend(item.value for item in part.value.parts) if several else merged.append(part.value)
                continue
            own.add(key.value.text)
            yield _Entry(key.value.text, key.span, part.value, part.is_alias)
        for other in merged:  # the first of them wins
            for entry in other.entries:
                if entry.name not in own:
                    own.add(entry.name)
                    yield entry._replace(shared=True)


def _read_yaml(text: str, shift: int) -> _Yaml:
    """The value of a text that starts at `shift` of the file's."""
    anchors: dict[str | None, _Yaml] = {}
    above: list[_Yaml] = []
    root: list[_Part] = []
    for event in _events(text):
        span = Span(event.start_mark.index + shift, event.end_mark.index + shift)
        parts = above[-1].parts if above else root
        if isinstance(event, yaml.CollectionEndEvent):
            done = above.pop()
            done.end = span.end if done.flow else done.parts[-1].value.end
            if not done.flow and done.parts[-1].is_alias:
                done.end = done.parts[-1].span.end
        elif isinstance(event, yaml.AliasEvent):
            parts.append(_Part(anchors[event.anchor], span, is_alias=True))
        elif isinstance(event, yaml.NodeEvent):
            value = _started(event, span, text, shift)
            parts.append(_Part(value, span, is_alias=False))
            anchors[event.anchor] = value
            if value.kind != "scalar":
                above.append(value)
    return root[0].value


def _started(event: Any, span: Span, text: str, shift: int) -> _Yaml:
    if isinstance(event, yaml.CollectionStartEvent):
        kind: Kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
        return _Yaml(span.start, span.end, kind, flow=bool(event.flow_style), event=event)
    end = span.end
    written = text[span.start - shift : end - shift]
    if event.style in ("|", ">") and not _KEPT_BREAKS.match(written):
        end = span.start + len(written.rstrip())
    return _Yaml(span.start, end, "scalar", flow=False, event=event)


def _events(text: str) -> Iterable[Any]:
    """By libyaml where it is there, ten times as quick, and takes the text."""
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return list(yaml.parse(text, Loader=fast))
    except yaml.YAMLError:
        return yaml.parse(text, Loader=yaml.SafeLoader)


def _function(event: Any) -> str | None:
    """The function that a tag such as `!Sub` stands for."""
    tag = event.tag or ""
    if len(tag) < 2 or tag[0] != "!":
        return None
    return tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"

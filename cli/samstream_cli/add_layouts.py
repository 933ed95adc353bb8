"""Splices that write a change after the manner of what stands beside it: block YAML, flow YAML, JSON."""

import json
from collections.abc import Iterator, Sequence

from samstream.types import Json
from samstream_cli.add_changes import (
    NOT_WRITTEN,
    SHARED,
    Change,
    Insert,
    Remove,
    Replace,
    Splice,
    flow_yaml,
    line_break,
    unsafe,
)
from samstream_cli.positions import Node, Source


class Writer:
    """Writes one change after the manner of what stands beside it."""

    def __init__(self, source: Source, changes: Sequence[Change]) -> None:
        self._source = source
        self._text = source.text
        self._removed = {change.place for change in changes if isinstance(change, Remove)}
        self._break = line_break(source.text)

    def splices(self, change: Change) -> Iterator[Splice]:
        wanted = change.holder if isinstance(change, Insert) else change.place
        node = self._source.find(wanted)
        if node.place != wanted or node.shared:
            raise unsafe(self._source, change, SHARED if node.shared else NOT_WRITTEN)
        if isinstance(change, Replace):
            yield from self._replace(node, change)
        elif isinstance(change, Remove):
            yield self._remove(node)
        elif node.flow:
            yield self._insert_flow(node, change)
        else:
            yield self._insert_lines(node, change)

    def _replace(self, node: Node, change: Replace) -> Iterator[Splice]:
        if change.splices:
            yield from change.splices
            return
        if change.key is not None and node.key is not None:
            yield Splice(*node.key, self._key(change.key, node))
        yield Splice(*node.value, self._inline(change.value))

    # Lines: block YAML.

    def _insert_lines(self, holder: Node, change: Insert) -> Splice:
        children = self._source.children(holder.place)
        if not children:
            raise unsafe(self._source, change, "there is no map or list")
        beside = next((child for child in children if child.place[-1] == change.beside), children[0])
        column = " " * self._column(self._own_start(beside))
        if change.key is None:
            text = f"{column}{self._dash(beside)}{self._inline(change.value)}"
        else:
            text = self._lines(change.key, change.value, column, self._step(holder, column), children[-1])
        text += change.comment and f"  {change.comment}"
        if change.before:
            return _at(self._line_start(self._own_start(beside)), text + self._break)
        end = self._next_line(holder.value.end if change.beside is None else beside.value.end)
        is_open = end == len(self._text) and not self._text.endswith("\n")
        return _at(end, self._break + text if is_open else text + self._break)

    def _lines(self, key: str, value: Json, indent: str, step: str, sibling: Node) -> str:
        start = f"{indent}{self._key(key, sibling)}:"
        if not isinstance(value, dict):
            return f"{start} {self._inline(value)}"
        below = (self._lines(name, item, indent + step, step, sibling) for name, item in value.items())
        return self._break.join([start, *below])

    def _step(self, holder: Node, column: str) -> str:
        above = self._column(holder.key.start) if holder.key else len(column)
        return " " * ((len(column) - above) if len(column) > above else 2)

    def _dash(self, item: Node) -> str:
        """The dash of a list's item, with the space after it."""
        text = self._text[self._own_start(item) : item.value.start]
        return text if text.strip() == "-" and "\n" not in text and len(text) > 1 else "- "

    def _own_start(self, node: Node) -> int:
        return node.key.start if node.key else self._text.rfind("-", 0, node.value.start)

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _next_line(self, at: int) -> int:
        """Where the line after this one starts; a text that keeps its blank lines has ended its own."""
        end = self._text.find("\n", at - (self._text[at - 1] == "\n"))
        return end + 1 if end >= 0 else len(self._text)

    # Braces and brackets: flow YAML and JSON.

    def _insert_flow(self, holder: Node, change: Insert) -> Splice:
        children = self._source.children(holder.place)
        if not children:
            key = "" if change.key is None else f"{self._key(change.key, None)}: "
            space = "" if change.key is None else " "
            return Splice(
                holder.value.start + 1, holder.value.end - 1, f"{space}{key}{self._inline(change.value)}{space}"
            )
        last = children[-1]
        beside = next((child for child in children if child.place[-1] == change.beside), last)
        comma = change.gap + self._comma(holder, children, change.comma)
        text = self._inline(change.value)
        if change.key is not None:
            text = f"{self._key(change.key, last)}{self._colon(last)}{self._nested(change.value, holder, comma)}"
        start = beside.key.start if beside.key else beside.value.start
        return _at(start, text + comma) if change.before else _at(beside.value.end, comma + text)

    def _comma(self, holder: Node, children: list[Node], comma: str) -> str:
        """What parts two values, as it does already, with no comment in it."""
        first = children[0].key or children[0].value
        lead = self._text[holder.value.start + 1 : first.start]
        if len(children) > 1:
            last = children[-1].key or children[-1].value
            found = self._text[children[-2].value.end : last.start]
            if not found.replace(",", "", 1).strip():
                return found
        if "\n" in lead:
            return f",{self._break}" + lead.rpartition("\n")[2]
        return "," if children[0].key and self._colon(children[0]) == ":" else comma

    def _colon(self, sibling: Node) -> str:
        found = self._text[sibling.key.end : sibling.value.start] if sibling.key else ": "
        return found if self._source.is_json and found.strip() == ":" and "\n" not in found else ": "

    def _nested(self, value: Json, holder: Node, comma: str) -> str:
        """A value within a map in braces: in JSON over several lines if the map is."""
        if "\n" not in comma or not self._source.is_json:
            return self._inline(value, compact=comma == ",")
        indent = comma.rpartition("\n")[2]
        outer = self._text[self._line_start(holder.value.end) : holder.value.end - 1]
        step = indent.removeprefix(outer) if not outer.strip() and indent != outer else "  "
        return json.dumps(value, indent=step).replace("\n", self._break + indent)

    # Removal.

    def _remove(self, node: Node) -> Splice:
        siblings = self._source.children(node.place[:-1])
        number = siblings.index(node)
        if self._source.find(node.place[:-1]).flow:
            return self._remove_flow(node, siblings, number)
        start, end = self._own_start(node), self._next_line(node.value.end)
        if self._text[self._line_start(start) : start].strip():  # the first key of a list's item
            following = siblings[number + 1 : number + 2]
            return Splice(start, self._own_start(following[0]) if following else node.value.end, "")
        start = self._line_start(start)
        if end == len(self._text) and not self._text.endswith("\n"):
            start = len(self._text[:start].removesuffix("\n").removesuffix("\r"))
        return Splice(start, end, "")

    def _remove_flow(self, node: Node, siblings: list[Node], number: int) -> Splice:
        own = node.key or node.value
        if any(sibling.place not in self._removed for sibling in siblings[:number]):
            return Splice(siblings[number - 1].value.end, node.value.end, "")
        if number + 1 < len(siblings):
            following = siblings[number + 1]
            return Splice(own.start, (following.key or following.value).start, "")
        holder = self._source.find(node.place[:-1])
        start = own.start if number else holder.value.start + 1
        return Splice(start, holder.value.end - 1, "")

    # Values and keys.

    def _key(self, key: str, sibling: Node | None) -> str:
        quote = self._text[sibling.key.start] if sibling is not None and sibling.key else ""
        if self._source.is_json or quote == '"':
            return json.dumps(key)
        return f"'{key}'" if quote == "'" else key

    def _inline(self, value: Json, *, compact: bool = False) -> str:
        if self._source.is_json:
            return json.dumps(value, separators=(",", ":") if compact else None)
        return flow_yaml(value)


def _at(offset: int, text: str) -> Splice:
    return Splice(offset, offset, text)

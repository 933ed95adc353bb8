"""Changes of a template as data, and the one function that applies them."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from samstream.types import Json, JsonObject, Place


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands in an `Edit` for a value that isn't there."""


class Edit(NamedTuple):
    """One change: the value at `place` was `before` and becomes `after`; ABSENT creates or removes it."""

    place: Place
    before: Json
    after: Json


def value_at(template: Json, place: Place) -> Json:
    """The value at a place, ABSENT where there is none."""
    for key in place:
        if isinstance(template, dict):
            template = template.get(key, ABSENT)
        elif isinstance(template, list) and isinstance(key, int) and key < len(template):
            template = template[key]
        else:
            return ABSENT
    return template


def apply(template: JsonObject, edits: Iterable[Edit], renames: Mapping[str, str]) -> JsonObject:
    """A new template with the edits made and resources renamed, in their old order.

    The template itself is not changed. What no edit touches is shared with it, not copied: a template of 1 MB
    costs what its edits cost.
    """
    tree: dict[str | int, Json] = {}
    node: dict[str | int, Json] = tree
    last: list[str | int] = []
    for edit in edits:
        *above, key = edit.place
        if above != last:  # edits of one integration come one after the other
            node = tree
            for step in above:
                node = node[step] if step in node else node.setdefault(step, {})
            last = above
        node[key] = edit
    result: JsonObject = _rebuilt(template, tree)
    if renames:
        result["Resources"] = {renames.get(name, name): value for name, value in result["Resources"].items()}
    return result


def _rebuilt(value: Json, tree: dict[str | int, Json]) -> Json:
    copy: Json = list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else {}
    for key, change in tree.items():
        if not isinstance(change, Edit):
            child = copy.get(key, {}) if isinstance(copy, dict) else copy[key]
            copy[key] = _rebuilt(child, change)
        elif change.after is ABSENT:
            copy.pop(key)
        else:
            copy[key] = change.after
    return copy

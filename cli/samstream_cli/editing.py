"""Changes of a template's text that leave the rest of it to the byte: comments, order, quotes, anchors, short forms.

Each edit becomes splices of the text. The new text is read again, and must be what the same edits make of the
template's value, or nothing is changed: so a layout that this module doesn't understand costs a message, never a
template.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from samstream.types import Json, Place
from samstream_cli.add_changes import Change, Insert, Replace, Splice, unsafe
from samstream_cli.add_layouts import Writer
from samstream_cli.errors import SamstreamError
from samstream_cli.positions import Source
from samstream_cli.templates import parse


class Rewritten(NamedTuple):
    """The new text, and how it came from the old one."""

    text: str
    splices: tuple[Splice, ...]


def rewrite(source: Source, value: Json, changes: Sequence[Change]) -> Rewritten:
    """The text with these changes of the value that it holds. Raises `EditError`."""
    rewritten = _rewritten(source, value, changes)
    if rewritten is not None:
        return rewritten
    culprits = (change for change in changes if _rewritten(source, value, [change]) is None)
    raise unsafe(source, next(culprits, changes[0]))


def changed(value: Json, changes: Sequence[Change], place: Place = ()) -> Json:
    """What the changes make of a value; the value itself stays as it is."""
    own = [change for change in changes if change.place[: len(place)] == place]
    if not own or not isinstance(value, dict | list):
        return value
    inserts = [change for change in own if isinstance(change, Insert) and change.holder == place]
    others = {change.place: change for change in own if not isinstance(change, Insert)}
    items: list[tuple[str | int, Json]] = []
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        items.extend(("", new.value) for new in inserts if new.key is None and new.before and new.beside == key)
        other = others.get((*place, key))
        if isinstance(other, Replace):
            items.append((other.key or key, other.value))
        elif other is None:
            items.append((key, changed(item, own, (*place, key))))
        items.extend(("", new.value) for new in inserts if new.key is None and not new.before and new.beside == key)
    items.extend((new.key or "", new.value) for new in inserts if new.key is not None or new.beside is None)
    return dict(items) if isinstance(value, dict) else [item for _, item in items]


def _rewritten(source: Source, value: Json, changes: Sequence[Change]) -> Rewritten | None:
    """None where the text would not say what the changes mean."""
    writer = Writer(source, changes)
    splices = sorted((splice for change in changes for splice in writer.splices(change)), key=_start)
    pieces = []
    end = 0
    for splice in splices:
        if splice.start < end:
            return None
        pieces += [source.text[end : splice.start], splice.text]
        end = splice.end
    text = "".join([*pieces, source.text[end:]])
    try:
        found = parse(text.encode(), source.name)
    except SamstreamError:
        return None
    is_meant = _spelt(found) == _spelt(changed(value, changes))
    return Rewritten(text, tuple(splices)) if is_meant else None


def _start(splice: Splice) -> int:
    return splice.start


def _spelt(value: Json) -> str:
    return json.dumps(value, sort_keys=True)  # to Python, 1 and true are the same


def is_padded(source: Source, place: Place) -> bool:
    """A map in braces that was empty before `Insert` came."""
    span = source.find(place).value
    text = source.text[span.start : span.end]
    return text.startswith("{ ") and text.endswith(" }") and "\n" not in text

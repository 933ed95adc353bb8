"""Changes of a template as data, before they are splices of its text."""

from typing import Final, NamedTuple

import yaml

from samstream.types import Json, Place
from samstream_cli.errors import SamstreamError
from samstream_cli.positions import Source

SHARED: Final = "it comes from an anchor that other places use too"
NOT_WRITTEN: Final = "it isn't written there as such"
UNSURE: Final = "its layout, or an anchor around it, makes an edit unsafe"

_WIDE: Final = 1_000_000


class Splice(NamedTuple):
    """The characters from `start` up to `end` become `text`."""

    start: int
    end: int
    text: str


class Insert(NamedTuple):
    """A new key of the map at `holder`, or with no `key` a new item of the list there: at the end, else after or
    `before` the key or item that `beside` names. `comment` follows it where it has a line of its own; in brackets
    `comma` parts it from an only neighbour, and `gap` stands before the comma."""

    holder: Place
    key: str | None
    value: Json
    beside: str | int | None = None
    before: bool = False
    comment: str = ""
    comma: str = ", "
    gap: str = ""

    @property
    def place(self) -> Place:
        return self.holder if self.key is None else (*self.holder, self.key)


class Replace(NamedTuple):
    """Another value at a place, which may get another key. `splices` say how where it isn't the value's own text."""

    place: Place
    value: Json
    key: str | None = None
    splices: tuple[Splice, ...] = ()


class Remove(NamedTuple):
    """A key and its value, or an item of a list, go."""

    place: Place


Change = Insert | Replace | Remove


class EditError(SamstreamError):
    """A place that can't be edited safely; nothing was changed."""


def unsafe(source: Source, change: Change, why: str = UNSURE) -> EditError:
    """The error that names a change's place, and what to do by hand."""
    line, _ = source.position(own_start(source, change.place))
    name = "/".join(map(str, change.place)) or "the template"
    message = f"{source.name}:{line}: {name} was left alone: {why}"
    if why == SHARED:
        return EditError(message, "Write the values out there, then try again.")
    if isinstance(change, Remove):
        return EditError(message, "Remove it by hand.")
    key = change.key or (change.place[-1] if isinstance(change, Replace) else None)
    text = flow_yaml(change.value if key is None else {key: change.value}).removeprefix("{").removesuffix("}")
    return EditError(message, f"Write {text} there by hand.")


def own_start(source: Source, place: Place) -> int:
    """Where the deepest node on the way to a place stands: of what an alias or a merge brings, what brings it."""
    node, key = source.find(place), None
    while node.shared:
        key, node = node.key, source.find(node.place[:-1])
    start, end = node.value
    if key is not None and start <= key.start < end:
        return key.start
    return node.key.start if node.key else start


def flow_yaml(value: Json) -> str:
    """The value on one line."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=_WIDE, allow_unicode=True)
    return text.removesuffix("...\n").strip()


def line_break(text: str) -> str:
    """The one that a text uses."""
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"

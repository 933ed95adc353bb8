"""What `samstream add` makes of a template's text, before anybody is asked and anything is written."""

from collections.abc import Sequence
from typing import NamedTuple

from samstream.template import Stack, Template
from samstream.types import JsonObject
from samstream_cli.add_changes import Change, Splice
from samstream_cli.add_listing import STYLES, Needs, list_macro, unlist_macro
from samstream_cli.add_removal import untag, untag_all
from samstream_cli.add_tags import Tagger, Tagging, needs_of, tag_native
from samstream_cli.add_targets import TargetReader
from samstream_cli.editing import changed, rewrite
from samstream_cli.errors import SamstreamError
from samstream_cli.positions import Source


class Order(NamedTuple):
    """What a user asks for: routes and `Function.Event` names, whole functions, and how."""

    words: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    in_metadata: bool = False
    from_native: bool = False
    macro: str = "SamStream"


class Edited(NamedTuple):
    """The new text, how it comes from the old one, the value that it holds, and what is to be told."""

    text: str
    splices: tuple[Splice, ...]
    content: JsonObject
    notes: tuple[str, ...]


def add_tags(source: Source, content: JsonObject, stack: Stack, order: Order) -> Edited:
    """Tags and the macro's entries go in, in a layout of which `remove_tags` can tell what was there before.

    Raises `UsageError` and `EditError`.
    """
    tagging = _tagging(source, content, stack, order)
    needs = Needs(tagging.before_sam, after_sam=bool(tagging.changes) or not order.from_native)
    made: list[Edited] = []
    for style in STYLES:
        listing = list_macro(source, content, order.macro, needs, style)
        edited = _edited(source, content, (*tagging.changes, *listing), tagging.notes)
        if order.from_native or not tagging.changes or _different_line(source, edited, stack, order) is None:
            return edited
        made.append(edited)
    line = _different_line(source, made[0], stack, order)
    note = f"--remove takes this out again, but line {line} will then differ from what it is now."
    return made[0]._replace(notes=(*made[0].notes, note))


def remove_tags(source: Source, content: JsonObject, stack: Stack, order: Order) -> Edited:
    """The tags of these routes and functions go, all if none is named, and the macro's entries after the last tag.

    Raises `UsageError` and `EditError`.
    """
    if not (order.words or order.functions):
        tagging = untag_all(source, Template(content, stack))
        unlisting = unlist_macro(source, content, order.macro, None)
    else:
        targets = TargetReader(source.name, content, stack).read(order.words, order.functions)
        tagging = untag(source, content, targets)
        left = needs_of(changed(content, tagging.changes), stack)
        unlisting = unlist_macro(source, content, order.macro, left) if tagging.changes else iter(())
    return _edited(source, content, (*tagging.changes, *unlisting), tagging.notes)


def _tagging(source: Source, content: JsonObject, stack: Stack, order: Order) -> Tagging:
    if order.from_native:
        return tag_native(Template(content, stack))
    targets = TargetReader(source.name, content, stack).read(order.words, order.functions)
    return Tagger(source, content, in_metadata=order.in_metadata).tag(targets)


def _edited(source: Source, content: JsonObject, changes: Sequence[Change], notes: tuple[str, ...]) -> Edited:
    if not changes:
        return Edited(source.text, (), content, notes)
    text, splices = rewrite(source, content, changes)
    return Edited(text, splices, changed(content, changes), notes)


def _different_line(source: Source, edited: Edited, stack: Stack, order: Order) -> int | None:
    """The first line that adding and then removing would not leave as it is."""
    try:
        undone = remove_tags(Source(source.name, edited.text), edited.content, stack, order).text
    except SamstreamError:
        undone = edited.text
    if undone == source.text:
        return None
    before, after = source.text.split("\n"), undone.split("\n")
    same = (number for number, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    return next(same, min(len(before), len(after)) - 1) + 1

"""The macro's entries under `Transform`: put in where tags need them, and taken out again."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Final, NamedTuple

from samstream.edits import ABSENT
from samstream.source import SAM
from samstream.types import Json, JsonObject, Place
from samstream_cli.add_changes import Change, EditError, Insert, Remove, Replace, Splice, line_break, own_start
from samstream_cli.positions import Source

SECTION: Final = "Transform"

BEFORE_SAM: Final = "# takes the tags off the events before SAM sees them"
AFTER_SAM: Final = "# rewrites what SAM generated"
_ALONE: Final = "# makes the tagged routes stream"
_COMMENTS: Final = (BEFORE_SAM, AFTER_SAM, _ALONE)
_MARKS: Final = ("# put here by samstream add, for tags on events", "# put here by samstream add")

_HEAD: Final = ("AWSTemplateFormatVersion", "Description")


class Needs(NamedTuple):
    """Where tags need the macro listed; `by_mode` says that it reads some spelling of SAM's own property, too."""

    before_sam: bool
    after_sam: bool
    by_mode: bool = False


class Style(NamedTuple):
    """How entries are put in where removal couldn't tell otherwise what was there before: a one-line list without
    spaces was a list before, and a mark on an entry (a comment, or in brackets a space) says whose it is."""

    comma: str = ", "
    marked: bool = False


STYLES: Final = (Style(), Style(comma=","), Style(marked=True))


def list_macro(
    source: Source, template: JsonObject, macro: str, needs: Needs, style: Style = STYLES[0]
) -> Iterator[Change]:
    """The entries that the tags need and that aren't there."""
    section = template.get(SECTION, ABSENT)
    items = section if isinstance(section, list) else [] if section is ABSENT else [section]
    names = [_name(item) for item in items]
    sam = names.index(SAM) if SAM in names else None
    before = needs.before_sam and sam is not None and macro not in names[:sam]
    after = needs.after_sam and macro not in names[0 if sam is None else sam + 1 :]
    if not (before or after):
        return
    if section is ABSENT:
        yield _first(template, macro, _MARKS[1] if style.marked else "")
    elif isinstance(section, str):
        comment = _ALONE if sam is None else AFTER_SAM
        if source.find(()).flow:
            yield _bracketed(source, section, [macro] * before, [macro] * after, " " * style.marked)
        else:
            yield _around(source, section, [macro] * before, [macro] * after, comment)
    elif isinstance(section, list):
        comments, gap = (_MARKS, " ") if style.marked else (("", ""), "")
        if before:
            yield Insert((SECTION,), None, macro, sam, before=True, comment=comments[0], comma=style.comma, gap=gap)
        if after:
            yield Insert((SECTION,), None, macro, sam, comment=comments[1], comma=style.comma, gap=gap)
    else:
        line, _ = source.position(own_start(source, (SECTION,)))
        remedy = f"Make it a list by hand, with {macro} as its last item."
        raise EditError(f"{source.name}:{line}: {SECTION} is neither a name nor a list of transforms", remedy)


def unlist_macro(source: Source, template: JsonObject, macro: str, needs: Needs | None) -> Iterator[Change]:
    """Takes out the entries that nothing which is left needs, and those of this program's own that no tag needs; with
    no `needs` all of them."""
    section = template.get(SECTION)
    items: list[Json] = section if isinstance(section, list) else [section]
    own = [number for number, item in enumerate(items) if _name(item) == macro]
    has_settings = any(isinstance(items[number], dict) and items[number].get("Parameters") for number in own)
    if needs is not None and (needs.after_sam or needs.by_mode or has_settings):
        idle = [*([] if needs.before_sam else ["before"]), *([] if needs.after_sam else ["after"])]
        own = [number for number in own if _purpose(source, items, number) in idle]
    if not own:
        return
    kept = [number for number in range(len(items)) if number not in own]
    if not kept:
        yield Remove((SECTION,))
    elif len(kept) == 1 and isinstance(items[kept[0]], str) and _was_alone(source, own):
        yield _alone(source, items[kept[0]], kept[0])
    else:
        yield from (Remove((SECTION, number)) for number in own)


def _name(item: Json) -> Json:
    return item.get("Name") if isinstance(item, dict) else item


def _first(template: JsonObject, macro: str, comment: str) -> Insert:
    above = list(takewhile(_HEAD.__contains__, template))
    beside = above[-1] if above else next(iter(template))
    return Insert((), SECTION, macro, beside, before=not above, comment=comment)


def _around(source: Source, entry: str, before: list[str], after: list[str], comment: str) -> Replace:
    """The one entry becomes a list. In lines each new entry says why it is there, by which removal knows its own."""
    node = source.find((SECTION,))
    start, end = node.value
    eol = line_break(source.text)
    colon = source.text.index(":", node.key.end if node.key else start) + 1
    space = source.text[colon:start].partition(eol)[0]
    first = "".join(f"{eol}  - {name}  {BEFORE_SAM}" for name in before)
    head = Splice(colon, start, f"{'' if space == ' ' else space}{first}{eol}  - ")
    last = "".join(f"{eol}  - {name}  {comment}" for name in after)
    line_end = _line_end(source, end)
    return Replace((SECTION,), [*before, entry, *after], splices=(head, Splice(line_end, line_end, last)))


def _bracketed(source: Source, entry: str, before: list[str], after: list[str], padding: str) -> Replace:
    """The same in brackets, on one line."""
    start, end = source.find((SECTION,)).value
    quote = '"' if source.is_json else ""
    ahead = "".join(f"{quote}{name}{quote}, " for name in before)
    behind = "".join(f", {quote}{name}{quote}" for name in after)
    splices = (Splice(start, start, f"[{padding}{ahead}"), Splice(end, end, f"{behind}{padding}]"))
    return Replace((SECTION,), [*before, entry, *after], splices=splices)


def _alone(source: Source, entry: str, number: int) -> Replace:
    """The list becomes the one entry that it was."""
    node, kept = source.find((SECTION,)), source.find((SECTION, number)).value
    if node.flow:
        return Replace(
            (SECTION,), entry, splices=(Splice(node.value.start, kept.start, ""), Splice(kept.end, node.value.end, ""))
        )
    colon = source.text.index(":", node.key.end if node.key else 0) + 1
    space = source.text[colon : _line_end(source, colon)] or " "
    last = source.children((SECTION,))[-1].value.end
    rest = Splice(_line_end(source, kept.end), _line_end(source, last), "")
    return Replace((SECTION,), entry, splices=(Splice(colon, kept.start, space), rest))


def _was_alone(source: Source, own: list[int]) -> bool:
    node = source.find((SECTION,))
    if not node.flow:
        return all(_comment(source, (SECTION, number)) in _COMMENTS for number in own)
    items = ", ".join(source.text[slice(*child.value)] for child in source.children((SECTION,)))
    return source.find(()).flow and source.text[slice(*node.value)] in (f"[{items}]", f"[ {items} ]")


def _purpose(source: Source, items: list[Json], number: int) -> str:
    """What this program put an entry there for, which its mark tells; nothing for a user's own."""
    node = source.find((SECTION,))
    names = [_name(item) for item in items]
    is_before = SAM in names and number < names.index(SAM)
    if len(items) > 1 and node.flow:
        children = [child.value for child in source.children((SECTION,))]
        gap = source.text[children[number].end :] if is_before else source.text[children[number - 1].end :]
        is_own = gap.startswith(" ,") or source.text[node.value.start :].startswith("[ ")
    else:
        place = (SECTION, number) if node.kind == "list" else (SECTION,)
        is_own = _comment(source, place) in (*_COMMENTS, *_MARKS)
    return ("before" if is_before else "after") if is_own else ""


def _comment(source: Source, place: Place) -> str:
    """What stands behind a value on its line."""
    end = source.find(place).value.end
    return source.text[end : _line_end(source, end)].strip()


def _line_end(source: Source, at: int) -> int:
    found = re.compile(r"[^\r\n]*").match(source.text, at)
    return found.end() if found else at

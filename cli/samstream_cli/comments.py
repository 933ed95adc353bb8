"""Comments in a template that leave findings out: `# samstream: ignore W401` on their line, or on one above it."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from samstream_cli.rule_texts import TEXTS

MARK: Final = "samstream:"

_COMMENT: Final = re.compile(r"(?:^|\s)#\s*samstream:\s*(?P<rest>.*)$")
_RULES: Final = re.compile(r"ignore\s+(?P<ids>[EW]\d{3}(?:[\s,]+[EW]\d{3})*)\b")


class Comments(NamedTuple):
    """Rule ids to leave out by line, and the lines whose comment can't be read."""

    ignored: Mapping[int, frozenset[str]]
    unreadable: tuple[int, ...]

    def hold(self, line: int, rule: str) -> bool:
        return rule in self.ignored.get(line, ())


def read_comments(text: str) -> Comments:
    """Those of a YAML text; a JSON text has none. A line of nothing but comment speaks of the next that is more."""
    ignored: dict[int, frozenset[str]] = {}
    unreadable = []
    if MARK in text:
        above: frozenset[str] = frozenset()
        for line, content, rules in _lines(text):
            unreadable.extend([line] if rules is None else [])
            if content:
                ignored[line] = above | (rules or frozenset())
                above = frozenset()
            else:
                above |= rules or frozenset()
    return Comments({line: rules for line, rules in ignored.items() if rules}, tuple(unreadable))


def _lines(text: str) -> Iterator[tuple[int, bool, frozenset[str] | None]]:
    """Each line's number, whether it holds more than a comment, and the rules it ignores, None if unreadable."""
    for number, line in enumerate(text.split("\n"), start=1):
        found = _COMMENT.search(line)
        rules: frozenset[str] | None = frozenset()
        if found is not None:
            match = _RULES.match(found["rest"])
            named = frozenset(re.split(r"[\s,]+", match["ids"])) if match else frozenset()
            rules = named if named and named <= TEXTS.keys() else None
        yield number, bool(line.strip()) and not line.lstrip().startswith("#"), rules

"""What a conversion leaves out or writes otherwise, for its reader to know."""

from collections.abc import Iterator
from typing import NamedTuple


class Change(NamedTuple):
    """One thing that isn't as it was: where, what, and why."""

    place: str
    what: str
    why: str


class Group(NamedTuple):
    """The same change in several places."""

    what: str
    why: str
    places: tuple[str, ...]


class Changes:
    """Collects changes, each once, in the order they are found."""

    def __init__(self) -> None:
        self._found: dict[Change, None] = {}

    def add(self, place: str, what: str, why: str) -> None:
        self._found[Change(place, what, why)] = None

    def __iter__(self) -> Iterator[Change]:
        return iter(self._found)

    def groups(self) -> list[Group]:
        """The changes with the same ones of several places together."""
        places: dict[tuple[str, str], list[str]] = {}
        for change in self._found:
            places.setdefault((change.what, change.why), []).append(change.place)
        return [Group(what, why, tuple(found)) for (what, why), found in places.items()]

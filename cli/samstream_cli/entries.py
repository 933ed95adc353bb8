"""The `Transform` section as CloudFormation reads it: a name, a map with a name, or a list of these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samstream.types import Json


@dataclass(frozen=True, slots=True)
class Entry:
    """One transform as the template lists it, `Ref`s in its parameters resolved."""

    name: str
    parameters: Any


class EntryError(Exception):
    """CloudFormation would refuse the Transform section itself."""


def read_entries(section: Json, values: Mapping[str, Json]) -> tuple[Entry, ...]:
    """The entries in order. `values` holds parameters and pseudo parameters. Raises `EntryError`."""
    items = section if isinstance(section, list) else [] if section is None else [section]
    return tuple(read_entry(item, values) for item in items)


def entry_names(section: Json) -> tuple[str, ...] | None:
    """The names alone, in order; None for a section that CloudFormation would refuse."""
    items = section if isinstance(section, list) else [] if section is None else [section]
    names = [item.get("Name") if isinstance(item, dict) else item for item in items]
    known = tuple(name for name in names if isinstance(name, str))
    return known if len(known) == len(names) else None


def read_entry(item: Json, values: Mapping[str, Json]) -> Entry:
    """One entry, or the value of a nested `Fn::Transform`. Raises `EntryError`."""
    if isinstance(item, str):
        return Entry(item, {})
    name = item.get("Name") if isinstance(item, dict) else None
    if not isinstance(name, str):
        raise EntryError("A transform is a name, or a map with a literal Name and maybe Parameters.")
    return Entry(name, _resolved(item.get("Parameters", {}), values))


def _resolved(value: Json, values: Mapping[str, Json]) -> Json:
    if isinstance(value, list):
        return [_resolved(item, values) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"} and isinstance(value["Ref"], str):
        if value["Ref"] not in values:
            raise EntryError(f"Its Parameters refer to {value['Ref']}, which has no value.")
        return values[value["Ref"]]
    return {key: _resolved(item, values) for key, item in value.items()}

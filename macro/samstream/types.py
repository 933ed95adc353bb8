"""The few types that every module speaks."""

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A value as `json.loads` makes it. Templates come from strangers, so each reader checks what it reads."""

JsonObject: TypeAlias = dict[str, Any]

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the template: `("Resources", "Chat", "Properties", "Timeout")`."""


def as_object(value: Json) -> JsonObject:
    """The value if it is a map, else an empty one, for reading on without a crash."""
    return value if isinstance(value, dict) else {}


def is_number(value: Json) -> bool:
    """A JSON number; `true` is none, although Python counts it as one."""
    return isinstance(value, int | float) and not isinstance(value, bool)

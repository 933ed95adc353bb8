"""The few types that every module speaks."""

import json
import marshal
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any
"""A value as `json.loads` makes it. Templates come from strangers, so each reader checks what it reads."""

JsonObject: TypeAlias = dict[str, Any]

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the template: `("Resources", "Chat", "Properties", "Timeout")`."""


NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})
"""An empty map that stays empty, for defaults."""


def as_object(value: Json) -> JsonObject:
    """The value if it is a map, else an empty one, for reading on without a crash."""
    return value if isinstance(value, dict) else {}


def is_number(value: Json) -> bool:
    """A finite JSON number; `true` is none, although Python counts it as one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def whole_number(value: Json) -> int | None:
    """The whole number that a value is, or whose digits it is; None for anything else."""
    if isinstance(value, str):
        digits = value.strip()
        return int(digits) if digits.isdecimal() and len(digits) <= 15 else None
    return int(value) if is_number(value) and value == int(value) else None


def digest(value: Json) -> str:
    """A SHA-256 of the value, the same for the same JSON in any order of keys."""
    import hashlib  # noqa: PLC0415  (OpenSSL costs a cold start 3 ms, which templates without a tag needn't pay)

    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def mentions(value: Json, words: Iterable[bytes]) -> bool:
    """Whether one of these words may stand in a value. Most values hold none, and marshal lays a value flat at a
    fraction of what walking it would cost, which is what keeps a transform cheaper than parsing the template."""
    try:
        flat = marshal.dumps(value, 2)
    except ValueError:  # nested too deeply for marshal
        return True
    for word in words:  # noqa: SIM110  (an any() costs as much as the search itself)
        if word in flat:
            return True
    return False

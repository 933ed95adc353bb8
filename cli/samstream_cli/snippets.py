"""Nested `Fn::Transform`, which CloudFormation runs before the template's Transform section, innermost first.

The fragment of a nested macro is what stands beside `Fn::Transform`; the answer replaces the map around both.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from samstream.types import Json, JsonObject, Place
from samstream_cli.entries import Entry
from samstream_cli.errors import TemplateError
from samstream_cli.templates import parse, read_bytes

INCLUDE: Final = "AWS::Include"
FN_TRANSFORM: Final = "Fn::Transform"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One nested transform: the call as written, what stands beside it, and where."""

    call: Json
    siblings: JsonObject
    place: Place


def expand(value: Json, run: Callable[[Snippet], Json], place: Place = ()) -> Json:
    """The value with every nested transform replaced by what `run` answers; the value is not changed."""
    if isinstance(value, list):
        return [expand(item, run, (*place, index)) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    siblings = {key: expand(item, run, (*place, key)) for key, item in value.items() if key != FN_TRANSFORM}
    return run(Snippet(value[FN_TRANSFORM], siblings, place)) if FN_TRANSFORM in value else siblings


def unexpanded(snippet: Snippet) -> JsonObject:
    """The map as it stood, for a transform that doesn't run here."""
    return {**snippet.siblings, FN_TRANSFORM: snippet.call}


def local_location(entry: Entry) -> str | None:
    """The path that `AWS::Include` names, if it is one on this machine."""
    location = entry.parameters.get("Location") if isinstance(entry.parameters, dict) else None
    return location if isinstance(location, str) and "://" not in location else None


def include(location: str, beside: JsonObject, folder: Path) -> JsonObject:
    """The content of a local file merged with what stands beside it. Raises `TemplateError`."""
    path = folder / location
    content = parse(read_bytes(path), str(path))
    if not isinstance(content, dict):
        raise TemplateError(f"{path} can't be included: it is not a map", "Write what it includes as keys and values.")
    return _merged(beside, content)


def _merged(own: JsonObject, included: JsonObject) -> JsonObject:
    """Both, sections of the same name joined; what the template itself says stays."""
    result = dict(own)
    for key, value in included.items():
        both_maps = isinstance(own.get(key), dict) and isinstance(value, dict)
        result[key] = _merged(own[key], value) if both_maps else own.get(key, value)
    return result

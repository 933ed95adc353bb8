"""The part of `AWS::LanguageExtensions` that decides what resources and routes there are: `Fn::ForEach`.

What else it brings (`Fn::Length`, `Fn::ToJsonString`, intrinsics in deletion policies) stays as it is.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from samstream.template import LOOP
from samstream.types import Json, JsonObject

NAME: Final = "AWS::LanguageExtensions"

_VARIABLE: Final = re.compile(r"(?P<sign>[$&])\{(?P<name>\w+)\}")


def expand_loops(value: Json, parameters: Mapping[str, Json]) -> Json:
    """The value with its loops run; one whose list isn't known here stays. The value itself is not changed."""
    if isinstance(value, list):
        return [expand_loops(item, parameters) for item in value]
    if not isinstance(value, dict):
        return value
    made: JsonObject = {}
    for key, item in value.items():
        passes = _passes(item, parameters) if key.startswith(LOOP) else None
        if passes is None:
            made[key] = expand_loops(item, parameters)
        else:
            for once in passes:
                made.update(expand_loops(once, parameters))
    return made


def _passes(loop: Json, parameters: Mapping[str, Json]) -> list[JsonObject] | None:
    """What the loop makes in each pass, None for what is no loop that can run here."""
    if not (isinstance(loop, list) and len(loop) == 3 and isinstance(loop[0], str) and isinstance(loop[2], dict)):
        return None
    items = list(_items(loop[1], parameters))
    if not all(isinstance(item, str) for item in items):
        return None
    return [_replaced(loop[2], {loop[0]: item}) for item in items]


def _items(collection: Json, parameters: Mapping[str, Json]) -> Iterator[Json]:
    if isinstance(collection, dict):
        collection = parameters.get(str(collection.get("Ref"))) if collection.keys() == {"Ref"} else None
    for item in collection if isinstance(collection, list) else [None]:
        if isinstance(item, dict) and item.keys() == {"Ref"}:
            found = parameters.get(str(item["Ref"]))
            yield from found if isinstance(found, list) else [found]
        else:
            yield item


def _replaced(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _text(found, names), value)
    if isinstance(value, list):
        return [_replaced(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"} and isinstance(value["Ref"], str) and value["Ref"] in names:
        return names[value["Ref"]]
    made = {_replaced(key, names): _replaced(item, names) for key, item in value.items()}
    text = made.get("Fn::Sub")  # with nothing left to substitute it is a text, and SAM takes no other for a path
    return text if len(made) == 1 and isinstance(text, str) and "${" not in text else made


def _text(found: re.Match[str], names: Mapping[str, str]) -> str:
    """`&{Name}` leaves out what a logical id can't have."""
    if found["name"] not in names:
        return found[0]
    text = names[found["name"]]
    return re.sub(r"[^0-9A-Za-z]", "", text) if found["sign"] == "&" else text

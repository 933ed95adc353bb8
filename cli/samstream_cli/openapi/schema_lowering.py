"""A JSON Schema of OpenAPI 3.1 as a Schema Object of OpenAPI 3.0.

Each rule rewrites one thing that 3.0 spells otherwise: it takes a schema and gives one back, and loses nothing but
what it tells. What no rule knows and 3.0 doesn't either is taken out in the end.
Source: https://spec.openapis.org/oas/v3.0.1#schema-object
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from samstream.types import Json, JsonObject, as_object
from samstream_cli.openapi.changes import Changes

KEYWORDS: Final = frozenset(
    "title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems "  # noqa: SIM905
    "uniqueItems maxProperties minProperties required enum type allOf oneOf anyOf not items properties "
    "additionalProperties description format default nullable discriminator readOnly writeOnly xml externalDocs "
    "example deprecated $ref".split()
)

COMBINING: Final = ("allOf", "anyOf", "oneOf")
_NULL: Final = "null"
_BINARY: Final = {"application/octet-stream": "binary"}
_ENCODED: Final = {"base64": "byte", "base64url": "byte"}

_TYPES: Final = ("string", "number", "integer", "boolean", "array", "object")


def _is_finite(value: Json) -> bool:
    return type(value) is int or (type(value) is float and isfinite(value))


def _is_count(value: Json) -> bool:
    return type(value) is int and value >= 0


_VALUES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "type": lambda value: value in _TYPES,
    "multipleOf": lambda value: _is_finite(value) and value > 0,
    "required": lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
    "enum": lambda value: isinstance(value, list),
    **dict.fromkeys(("maximum", "minimum"), _is_finite),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _is_count),
    **dict.fromkeys(("title", "description", "pattern", "format"), lambda value: isinstance(value, str)),
    **dict.fromkeys(
        ("exclusiveMaximum", "exclusiveMinimum", "uniqueItems", "nullable", "readOnly", "writeOnly", "deprecated"),
        lambda value: isinstance(value, bool),
    ),
}
"""What a keyword's value must be; `_below` takes any other of those that hold schemas for an empty one."""

Tell = Callable[[str, str], None]


def lower_schema(schema: Json, place: str, changes: Changes) -> JsonObject:
    """The schema in the words of 3.0; what it loses is added to the changes."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}

    def tell(what: str, why: str) -> None:
        changes.add(place, what, why)

    lowered = as_object(schema)
    for rule in RULES:
        lowered = rule(lowered, tell)
    for keyword, value in lowered.items():
        if keyword not in KEYWORDS and not keyword.startswith("x-"):
            tell(keyword, "OpenAPI 3.0 has no such keyword")
        elif not _is_value(keyword, value):
            tell(keyword, "its value is none that OpenAPI 3.0 allows")
    return {
        keyword: _below(keyword, value, place, changes)
        for keyword, value in lowered.items()
        if keyword in KEYWORDS and _is_value(keyword, value)
    }


def _is_value(keyword: str, value: Json) -> bool:
    return keyword not in _VALUES or _VALUES[keyword](value)


def _below(keyword: str, value: Json, place: str, changes: Changes) -> Json:
    if keyword in COMBINING:
        return [lower_schema(branch, place, changes) for branch in _list(value)]
    if keyword == "properties":
        return {name: lower_schema(below, f"{place}.{name}", changes) for name, below in as_object(value).items()}
    if keyword in ("items", "not"):
        return lower_schema(value, f"{place}[]" if keyword == "items" else place, changes)
    if keyword == "additionalProperties" and not isinstance(value, bool):
        return lower_schema(value, f"{place}.*", changes)
    return value


def _types(schema: JsonObject, _: Tell) -> JsonObject:
    """A list of types, or null."""
    kind = schema.get("type")
    if kind != _NULL and not isinstance(kind, list):
        return schema
    rest = {key: value for key, value in schema.items() if key != "type"}
    others = [name for name in _list(kind) if name != _NULL]
    if kind == _NULL or not others:
        return {**rest, "enum": [None], "nullable": True}
    if len(others) < len(_list(kind)):
        rest["nullable"] = True
    if len(others) == 1:
        return {**rest, "type": others[0]}
    choice = {"anyOf": [{"type": name} for name in others]}
    return {**rest, "allOf": [*_list(rest.get("allOf")), choice]} if "anyOf" in rest else {**rest, **choice}


def _null_branches(schema: JsonObject, _: Tell) -> JsonObject:
    """`anyOf: [..., {type: null}]`, as Pydantic writes an optional value."""
    for keyword in ("anyOf", "oneOf"):
        branches = _list(schema.get(keyword))
        others = [branch for branch in branches if as_object(branch).get("type") != _NULL]
        if not others or len(others) == len(branches):
            continue
        rest = {key: value for key, value in schema.items() if key != keyword}
        if len(others) > 1:
            schema = {**rest, keyword: others, "nullable": True}
        elif "$ref" in as_object(others[0]) or rest.keys() & as_object(others[0]).keys() - {"title", "description"}:
            schema = {**rest, "allOf": [*_list(rest.get("allOf")), others[0]], "nullable": True}
        else:
            schema = {**as_object(others[0]), **rest, "nullable": True}
    return schema


def _bounds(schema: JsonObject, _: Tell) -> JsonObject:
    """Exclusive bounds are numbers in 3.1, and true or false beside the bound in 3.0."""
    for bound, exclusive, stricter in (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min)):
        limit: Any = schema.get(exclusive)
        other: Any = schema.get(bound)
        if not _is_finite(limit):
            continue
        rest = {key: value for key, value in schema.items() if key != exclusive}
        is_needed = not _is_finite(other) or stricter([limit, other]) == limit
        schema = {**rest, bound: limit, exclusive: True} if is_needed else rest
    return schema


def _const(schema: JsonObject, _: Tell) -> JsonObject:
    return _renamed(schema, "const", "enum", [schema.get("const")])


def _examples(schema: JsonObject, _: Tell) -> JsonObject:
    examples = _list(schema.get("examples"))
    return _renamed(schema, "examples", "example", examples[0]) if examples else schema


def _tuples(schema: JsonObject, tell: Tell) -> JsonObject:
    """`prefixItems` says which item stands where; 3.0 only what items there are."""
    prefix = _list(schema.get("prefixItems"))
    if not prefix:
        return {**schema, "items": {}} if schema.get("type") == "array" and "items" not in schema else schema
    tell("the order in prefixItems", "OpenAPI 3.0 has one schema for all items")
    rest = {key: value for key, value in schema.items() if key not in ("prefixItems", "items")}
    items = [*prefix, *([schema["items"]] if isinstance(schema.get("items"), dict) else [])]
    distinct = [item for number, item in enumerate(items) if item not in items[:number]]
    return {**rest, "items": distinct[0] if len(distinct) == 1 else {"anyOf": distinct}}


def _contents(schema: JsonObject, tell: Tell) -> JsonObject:
    """Files and encoded texts have formats in 3.0."""
    media, encoding = schema.get("contentMediaType"), schema.get("contentEncoding")
    form = _ENCODED.get(str(encoding)) or _BINARY.get(str(media))
    if media is not None and str(media) not in _BINARY:
        tell("contentMediaType", "OpenAPI 3.0 has no such keyword")
    if encoding is not None and str(encoding) not in _ENCODED:
        tell("contentEncoding", "OpenAPI 3.0 has no such keyword")
    rest = {key: value for key, value in schema.items() if key not in ("contentMediaType", "contentEncoding")}
    return {"format": form, **rest} if form else rest


def _references(schema: JsonObject, _: Tell) -> JsonObject:
    """What stands beside a `$ref` has no effect in 3.0."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "allOf": [{"$ref": schema["$ref"]}, *_list(rest.get("allOf"))]}


RULES: Final[tuple[Callable[[JsonObject, Tell], JsonObject], ...]] = (
    _types,
    _null_branches,
    _bounds,
    _const,
    _examples,
    _tuples,
    _contents,
    _references,
)


def _renamed(schema: JsonObject, old: str, new: str, value: Json) -> JsonObject:
    if old not in schema:
        return schema
    rest = {key: item for key, item in schema.items() if key != old}
    return rest if new in rest else {**rest, new: value}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []

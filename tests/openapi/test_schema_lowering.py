"""Schemas of OpenAPI 3.1 in the words of 3.0."""

from typing import Any

import pytest

from samstream_cli.openapi.changes import Change, Changes
from samstream_cli.openapi.schema_lowering import lower_schema

SAME: tuple[tuple[Any, Any], ...] = (
    (True, {}),
    (False, {"not": {}}),
    ("nonsense", {}),
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ({"type": "null"}, {"enum": [None], "nullable": True}),
    ({"type": ["null"]}, {"enum": [None], "nullable": True}),
    ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    (
        {"type": ["string", "integer"], "anyOf": [{"minLength": 1}]},
        {"anyOf": [{"minLength": 1}], "allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}]},
    ),
    (
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "title": "Name"},
        {"type": "string", "maxLength": 3, "title": "Name", "nullable": True},
    ),
    (
        {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
        {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": True},
    ),
    (
        {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        {"oneOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
    ),
    (
        {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "minimum": 5},
        {"minimum": 5, "allOf": [{"type": "integer", "minimum": 1}], "nullable": True},
    ),
    ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
    ({"exclusiveMinimum": 0, "minimum": 1}, {"minimum": 1}),
    ({"exclusiveMinimum": 1, "minimum": 1}, {"minimum": 1, "exclusiveMinimum": True}),
    ({"exclusiveMaximum": 9, "maximum": 10}, {"maximum": 9, "exclusiveMaximum": True}),
    ({"exclusiveMinimum": True, "minimum": 1}, {"exclusiveMinimum": True, "minimum": 1}),
    ({"const": "cat"}, {"enum": ["cat"]}),
    ({"const": None}, {"enum": [None]}),
    ({"examples": [1, 2]}, {"example": 1}),
    ({"type": "array"}, {"type": "array", "items": {}}),
    ({"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "string", "format": "binary"}),
    ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "format": "byte"}),
    ({"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}),
    (
        {"$ref": "#/components/schemas/A", "description": "mine"},
        {"allOf": [{"$ref": "#/components/schemas/A"}], "description": "mine"},
    ),
    (
        {"properties": {"a": {"items": {"const": 1}}, "const": {}}, "additionalProperties": {"not": {"const": 2}}},
        {
            "properties": {"a": {"items": {"enum": [1]}}, "const": {}},
            "additionalProperties": {"not": {"enum": [2]}},
        },
    ),
    ({"additionalProperties": False, "x-mine": 1}, {"additionalProperties": False}),
)

LOSSES: tuple[tuple[dict[str, Any], dict[str, Any], list[str]], ...] = (
    (
        {"prefixItems": [{"type": "string"}, {"type": "integer"}, {"type": "string"}], "items": False},
        {"items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        ["the order in prefixItems"],
    ),
    ({"prefixItems": [{"not": {}}], "items": {"not": {}}}, {"items": {"not": {}}}, ["the order in prefixItems"]),
    ({"contentMediaType": "text/html"}, {}, ["contentMediaType"]),
    ({"contentEncoding": "quoted-printable"}, {}, ["contentEncoding"]),
    (
        {"if": {}, "then": {}, "else": {}, "propertyNames": {}, "unevaluatedProperties": False},
        {},
        ["if", "then", "else", "propertyNames", "unevaluatedProperties"],
    ),
    (
        {"$defs": {}, "$id": "a", "$schema": "b", "$comment": "c", "patternProperties": {}, "contains": {}},
        {},
        ["$defs", "$id", "$schema", "$comment", "patternProperties", "contains"],
    ),
)  # fmt: skip


@pytest.mark.parametrize(("schema", "lowered"), SAME)
def test_a_schema_says_the_same_in_other_words(schema: Any, lowered: Any) -> None:
    changes = Changes()
    assert (lower_schema(schema, "S", changes), list(changes)) == (lowered, [])


@pytest.mark.parametrize(("schema", "lowered", "lost"), LOSSES)
def test_what_3_0_can_not_say_is_left_out_and_told(
    schema: dict[str, Any], lowered: dict[str, Any], lost: list[str]
) -> None:
    changes = Changes()
    assert (lower_schema(schema, "S", changes), [change.what for change in changes]) == (lowered, lost)


def test_a_loss_is_told_with_the_place_of_the_field() -> None:
    changes = Changes()
    lower_schema({"properties": {"a": {"items": {"additionalProperties": {"if": {}}}}}}, "Thing", changes)
    assert list(changes) == [Change("Thing.a[].*", "if", "OpenAPI 3.0 has no such keyword")]


def test_values_that_openapi_does_not_allow_are_left_out_and_told() -> None:
    changes = Changes()
    texts: dict[str, Any] = {
        "type": "file",
        "title": 5,
        "pattern": None,
        "minimum": "1",
        "uniqueItems": "yes",
        "enum": {},
    }
    numbers = {"multipleOf": 0, "maxLength": -1, "minItems": 1.5, "minLength": True, "exclusiveMaximum": 1e999}
    right = {"maxItems": 0, "maximum": 2**63, "required": ["a"], "nullable": True}
    assert lower_schema({**texts, **numbers, **right}, "A", changes) == right
    assert {change.what for change in changes} == texts.keys() | numbers.keys()
    odd: tuple[Any, ...] = ({"type": {"a": 1}}, {"contentMediaType": [1]}, {"contentEncoding": {}}, {"required": True})
    for value in odd:
        assert lower_schema(value, "A", Changes()) == {}
    assert lower_schema({"exclusiveMinimum": 2**63}, "A", Changes()) == {"minimum": 2**63, "exclusiveMinimum": True}

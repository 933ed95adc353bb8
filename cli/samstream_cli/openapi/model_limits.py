"""Models that API Gateway takes: schemas with the keywords it knows, under names of letters and digits.

Source of all limits, if no other is named:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from samstream.types import Json, JsonObject, as_object
from samstream_cli.openapi.changes import Changes
from samstream_cli.openapi.lowering import pointer
from samstream_cli.openapi.schema_lowering import COMBINING, KEYWORDS
from samstream_cli.openapi.walking import keys_of

REFERENCE: Final = "#/components/schemas/"

MODEL_KEYWORDS: Final = KEYWORDS - {
    *("discriminator", "example", "nullable", "exclusiveMinimum", "exclusiveMaximum", "readOnly", "default"),
    *("writeOnly", "deprecated", "xml", "externalDocs"),
}
"""Without those that the list names, and those that JSON Schema draft 4 doesn't know, of which models are made."""

UNSUPPORTED: Final = "API Gateway's models don't know it"
_EMPTY: Final = "it is empty"
_OF_CLOUDFORMATION: Final = "CloudFormation takes it for a function of its own"
FORMATS: Final = ("int32", "int64", "decimal")

DYNAMIC_REFERENCE: Final = "{{resolve:"
"""CloudFormation replaces it in any text of a template, by a secret's value perhaps:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""


def is_function_name(name: str) -> bool:
    """A key that makes CloudFormation take a map for one of its functions:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html"""
    return name == "Ref" or name.startswith("Fn::")


def model_name(name: str, taken: Collection[str]) -> str:
    """A name of letters and digits that isn't taken."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    plain = "".join(word[0].upper() + word[1:] for word in words) or "Model"
    number = 1
    while (free := plain if number == 1 else f"{plain}{number}") in taken:
        number += 1
    return free


class Models:
    """The models of one API. Those that operations ask for are limited; the others are left out."""

    def __init__(self, schemas: JsonObject, changes: Changes) -> None:
        self._schemas = schemas
        self._changes = changes
        self._names: dict[str, str] = {}
        self._made: JsonObject = {}
        for name in schemas:
            self._names[name] = model_name(name, set(self._names.values()))

    def reference(self, schema: JsonObject, name: str, place: str) -> JsonObject | None:
        """A reference to a model for this schema, a new one if it has none; None where it says nothing."""
        limited = self._limited(schema, place)
        if not limited.keys() - {"title", "description"}:
            return None
        if "$ref" in limited:
            return limited
        free = model_name(str(limited.get("title") or name), {*self._names.values(), *self._made})
        self._made[free] = limited
        return {"$ref": REFERENCE + free}

    def made(self) -> JsonObject:
        """The models in the order of their names, without circles: an importer reads one after the other."""
        reached = {name: _reachable(self._made, name) for name in self._made}
        return {name: self._without_circles(name, reached) for name in sorted(self._made)}

    def _without_circles(self, name: str, reached: Mapping[str, set[str]]) -> JsonObject:
        """The importer reads one model after the other.
        Source: https://grpc-ecosystem.github.io/grpc-gateway/docs/operations/aws_gateway_integration/"""
        circular = {other for other in references(self._made[name]) if name in reached.get(other, ())}
        if circular:
            what = f"$ref to {', '.join(sorted(circular))}"
            self._changes.add(name, what, "models that lead back to themselves aren't taken")
        model: JsonObject = _cut(self._made[name], circular)
        return model

    def _model(self, name: str) -> str:
        made = self._names[name]
        if made not in self._made:
            self._made[made] = {}  # a model may name itself
            self._made[made] = self._limited(self._schemas[name], name)
        return made

    def _limited(self, schema: JsonObject, place: str) -> JsonObject:
        single = _single(schema)
        if "$ref" in single:
            for keyword in schema:
                if keyword not in ("$ref", "allOf"):
                    self._changes.add(place, keyword, "API Gateway has nothing beside a $ref")
            return self._referring(str(single["$ref"]), place)
        limited = {
            keyword: self._below(keyword, value, place)
            for keyword, value in single.items()
            if self._is_taken(keyword, value, place)
        }
        for keyword in ("not", "oneOf"):
            if keyword in limited and limited[keyword] != single[keyword]:
                self._changes.add(place, keyword, "what is left of it would refuse more than it did")
                del limited[keyword]
        return limited

    def _referring(self, reference: str, place: str) -> JsonObject:
        steps = pointer(reference) if reference.startswith(REFERENCE) else []
        if len(steps) == 3 and steps[2] in self._schemas:
            return {"$ref": REFERENCE + self._model(steps[2])}
        self._changes.add(place, f"$ref {reference}", "it names no model of this document")
        return {}

    def _is_taken(self, keyword: str, value: Json, place: str) -> bool:
        why = _refusal(keyword, value)
        if why and why != _EMPTY:
            what = f"{keyword}: {value}" if keyword == "format" else keyword
            self._changes.add(place, what, why)
        return not why

    def _below(self, keyword: str, value: Json, place: str) -> Json:
        if keyword in COMBINING:
            return [self._limited(as_object(branch), place) for branch in value]
        if keyword == "properties":
            return dict(self._properties(value, place))
        if keyword in ("items", "not", "additionalProperties") and isinstance(value, dict):
            return self._limited(value, f"{place}[]" if keyword == "items" else place)
        return value

    def _properties(self, properties: JsonObject, place: str) -> Iterator[tuple[str, JsonObject]]:
        for name, below in properties.items():
            if is_function_name(name) or DYNAMIC_REFERENCE in name:
                self._changes.add(f"{place}.{name}", "the property", _OF_CLOUDFORMATION)
            else:
                yield name, self._limited(below, f"{place}.{name}")


def _single(schema: JsonObject) -> JsonObject:
    """`allOf` of a single schema is that schema; beside a reference nothing else is kept."""
    branches = schema.get("allOf")
    if not isinstance(branches, list) or len(branches) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    branch = as_object(branches[0])
    return branch if "$ref" in branch else {**branch, **rest}


def _refusal(keyword: str, value: Json) -> str | None:
    """Why a keyword is left out, None if it isn't."""
    if keyword not in MODEL_KEYWORDS:
        return UNSUPPORTED
    if keyword in (*COMBINING, "not") and '"$ref"' in json.dumps(value):
        return "API Gateway's models combine no schemas by reference"
    if keyword == "format" and value in FORMATS:
        return "API Gateway's models don't know this format"
    if keyword in ("required", "enum", *COMBINING) and (not isinstance(value, list) or not value):
        return _EMPTY
    if isinstance(value, str | list) and DYNAMIC_REFERENCE in json.dumps(value):
        return "CloudFormation would put a value in its place"
    if keyword == "enum" and any(map(is_function_name, keys_of(value))):
        return _OF_CLOUDFORMATION
    return None


def references(schema: Json) -> Iterator[str]:
    """The names of the models that a schema refers to."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(REFERENCE)
            else:
                yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)


def _cut(schema: Any, names: set[str]) -> Any:
    if isinstance(schema, list):
        return [_cut(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if set(references({"$ref": schema.get("$ref")})) & names:
        return {"type": "object"}
    return {key: _cut(value, names) for key, value in schema.items()}


def _reachable(models: JsonObject, start: str) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = set(references(models.get(waiting.pop(), {}))) - found
        found |= fresh
        waiting += fresh
    return found

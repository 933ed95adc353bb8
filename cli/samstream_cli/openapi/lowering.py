"""The first stage: a document of OpenAPI 3.0 or 3.1 as one of 3.0.1 whose operations stand for themselves.

References are written out, but those to schemas; what a path says for all its operations is said by each. Nothing is
left out here because of API Gateway.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from samstream.types import Json, JsonObject, as_object
from samstream_cli.openapi.changes import Changes
from samstream_cli.openapi.schema_lowering import lower_schema

VERSION: Final = "3.0.1"
"""The version that API Gateway's documentation names:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html"""

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "x-amazon-apigateway-any-method")

EXTENSION: Final = "x-amazon-apigateway-"
NOT_CARRIED: Final = "what API Gateway itself shall do is yours to say anew, in the template or in the definition"

_NOT_IN_30: Final = ("webhooks", "jsonSchemaDialect", "$self")
_DEPTH: Final = 20


def lower(document: JsonObject, changes: Changes, of_schemas: Changes) -> JsonObject:
    """The document in 3.0.1; what it loses is added to the changes, what its schemas lose to those of schemas."""
    for key in _NOT_IN_30:
        if key in document:
            changes.add("the document", key, "OpenAPI 3.0 has no such section")
    for key in document:
        if key.startswith(EXTENSION):
            changes.add("the document", key, NOT_CARRIED)
    components = as_object(document.get("components"))
    schemas = as_object(components.get("schemas"))
    return {
        "openapi": VERSION,
        "info": _info(as_object(document.get("info")), changes),
        "paths": dict(_Reader(document, changes, of_schemas).paths()),
        "components": {
            "schemas": {name: lower_schema(schema, name, of_schemas) for name, schema in schemas.items()},
            "securitySchemes": as_object(components.get("securitySchemes")),
        },
        **{key: document[key] for key in ("servers", "security", "tags", "externalDocs") if document.get(key)},
    }


def _info(info: JsonObject, changes: Changes) -> JsonObject:
    """A title and a version are required."""
    if "summary" in info:
        changes.add("info", "summary", "OpenAPI 3.0 has no such field")
    if "identifier" in as_object(info.get("license")):
        changes.add("info.license", "identifier", "OpenAPI 3.0 has no such field")
    kept = {key: info[key] for key in ("title", "description", "version") if isinstance(info.get(key), str)}
    return {"title": "API", "version": "0", **kept}


class _Reader:
    """Reads the operations of one document."""

    def __init__(self, document: JsonObject, changes: Changes, of_schemas: Changes) -> None:
        self._document = document
        self._changes = changes
        self._of_schemas = of_schemas

    def paths(self) -> Iterator[tuple[str, JsonObject]]:
        for path, written in as_object(self._document.get("paths")).items():
            item = self._resolved(written, path)
            shared = _list(item.get("parameters"))
            if path.startswith("/"):
                yield path, dict(self._operations(path, item, shared))
            elif not path.startswith("x-"):
                self._changes.add(path, "the path", "a path begins with a slash")

    def _operations(self, path: str, item: JsonObject, shared: list[Json]) -> Iterator[tuple[str, JsonObject]]:
        for method, written in item.items():
            if method in METHODS and isinstance(written, dict):
                place = f"{'ANY' if method.startswith('x-') else method.upper()} {path}"
                yield method, self._operation(written, shared, place)
            elif method in ("query", "additionalOperations"):
                self._changes.add(path, method, "OpenAPI 3.0 has no such method")

    def _operation(self, operation: JsonObject, shared: list[Json], place: str) -> JsonObject:
        parameters = [self._parameter(item, place) for item in (*shared, *_list(operation.get("parameters")))]
        merged = {(str(item.get("name")), str(item.get("in"))): item for item in parameters}
        lowered = {**operation, "parameters": list(merged.values())}
        if "requestBody" in operation:
            body = self._resolved(operation["requestBody"], place)
            lowered["requestBody"] = {**body, "content": self._content(body.get("content"), f"{place} request")}
        responses = as_object(operation.get("responses"))
        lowered["responses"] = {status: self._response(value, place, status) for status, value in responses.items()}
        return lowered

    def _parameter(self, written: Json, place: str) -> JsonObject:
        parameter = self._resolved(written, place)
        schema = lower_schema(parameter.get("schema", {}), f"{place} parameter {parameter.get('name')}", Changes())
        return {**parameter, "schema": schema}

    def _response(self, written: Json, place: str, status: str) -> JsonObject:
        response = self._resolved(written, place)
        content = self._content(response.get("content"), f"{place} response {status}")
        return {**response, "description": str(response.get("description", "")), "content": content}

    def _content(self, content: Json, place: str) -> JsonObject:
        lowered: JsonObject = {}
        for kind, media in as_object(content).items():
            written = self._resolved(media, place)
            if "itemSchema" in written:
                self._of_schemas.add(place, "itemSchema", "OpenAPI 3.0 has no such field")
            lowered[kind] = (
                {"schema": lower_schema(written["schema"], place, self._of_schemas)} if "schema" in written else {}
            )
        return lowered

    def _resolved(self, value: Json, place: str) -> JsonObject:
        """The object that a reference leads to, within this document."""
        for _ in range(_DEPTH):
            reference = as_object(value).get("$ref")
            if reference is None:
                return as_object(value)
            value = self._target(str(reference))
        self._changes.add(place, f"$ref {reference}", "it leads to nothing in this document")
        return {}

    def _target(self, reference: str) -> Json:
        if not reference.startswith("#/"):
            return {"$ref": reference}
        target: Json = self._document
        for step in pointer(reference):
            target = target.get(step) if isinstance(target, dict) else None
        return target if isinstance(target, dict) else {"$ref": reference}


def pointer(reference: str) -> list[str]:
    """The keys that lead to what a reference such as `#/components/schemas/Item` names."""
    return [unquote(step).replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/")]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []

"""The fourth stage: operations as API Gateway imports them, with what it refuses, ignores or takes amiss left out.

Source of all limits, if no other is named:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from samstream.types import JsonObject, as_object
from samstream_cli.openapi.changes import Changes
from samstream_cli.openapi.endpoints import Endpoint
from samstream_cli.openapi.lowering import EXTENSION, NOT_CARRIED
from samstream_cli.openapi.model_limits import DYNAMIC_REFERENCE, Models

STATUS: Final = re.compile(r"[1-5]\d\d")
"""https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethodResponse.html"""

PARAMETER_NAME: Final = re.compile(r"[a-zA-Z0-9._$-]+")
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html"""

MEDIA_TYPE: Final = re.compile(r"[\w.+*-]+/[\w.+*-]+", re.ASCII)

_PARAMETER_TYPES: Final = ("string", "number", "integer", "boolean")

_NOT_TAKEN: Final = {
    "tags": "they say nothing to API Gateway",
    "deprecated": "API Gateway drops it",
    "security": "the app checks it itself; API Gateway would ask for an API key or an authorizer of its own",
    "servers": "API Gateway has an address of its own",
    "externalDocs": "it says nothing to API Gateway",
    "callbacks": "API Gateway has none",
}

_OF_DOCUMENT: Final = {**_NOT_TAKEN, "securitySchemes": _NOT_TAKEN["security"]}

_TEXTS: Final = ("summary", "description", "operationId")


def limit(document: JsonObject, endpoints: Sequence[Endpoint], changes: Changes, *, with_models: bool) -> JsonObject:
    """A definition of these endpoints, without integrations yet."""
    components = as_object(document.get("components"))
    for key, why in _OF_DOCUMENT.items():
        if document.get(key) or components.get(key):
            changes.add("the document", key, why)
    models = Models(as_object(components.get("schemas")) if with_models else {}, changes)
    limiter = _Limiter(models, changes, with_models=with_models)
    paths: JsonObject = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[method_key(endpoint.method)] = limiter.operation(endpoint)
    info = {"title": "API", "version": "0", **_texts(document["info"], "info", changes)}
    definition = {"openapi": document["openapi"], "info": info, "paths": paths}
    made = models.made()
    return {**definition, "components": {"schemas": made}} if made else definition


def method_key(method: str) -> str:
    """What a method is called in an OpenAPI document."""
    return "x-amazon-apigateway-any-method" if method == "ANY" else method.lower()


class _Limiter:
    """Limits the operations of one API, whose ids differ."""

    def __init__(self, models: Models, changes: Changes, *, with_models: bool) -> None:
        self._models = models
        self._changes = changes
        self._with_models = with_models
        self._ids: set[str] = set()

    def operation(self, endpoint: Endpoint) -> JsonObject:
        operation, place = endpoint.operation, endpoint.names[0]
        for key, why in _NOT_TAKEN.items():
            if operation.get(key):
                self._changes.add(place, key, why)
        for key in operation:
            if key.startswith(EXTENSION):
                self._changes.add(place, key, NOT_CARRIED)
        limited = _texts({key: operation[key] for key in _TEXTS if key in operation}, place, self._changes)
        if limited.get("operationId") in self._ids:
            self._changes.add(place, f"operationId {limited.pop('operationId')}", "another operation has it")
        self._ids.add(limited.get("operationId", ""))
        parameters = list(self._parameters(operation.get("parameters", []), place))
        body = self._body(as_object(operation.get("requestBody")), place, limited.get("operationId", place))
        return {
            **limited,
            **({"parameters": parameters} if parameters else {}),
            **body,
            "responses": self._responses(as_object(operation.get("responses")), place, limited),
        }

    def _parameters(self, parameters: Sequence[JsonObject], place: str) -> Iterator[JsonObject]:
        """Only their name, place, description and type count; the app reads the request itself."""
        for parameter in parameters:
            name, where = str(parameter.get("name")), parameter.get("in")
            if where not in ("path", "query", "header"):
                self._changes.add(place, f"the {where} parameter {name}", "API Gateway has none of that kind")
            elif not PARAMETER_NAME.fullmatch(name):
                self._changes.add(place, f"the parameter {name}", "API Gateway takes letters, digits and ._$- in names")
            else:
                kind = as_object(parameter.get("schema")).get("type")
                texts = {"description": parameter["description"]} if parameter.get("description") else {}
                yield {
                    "name": name,
                    "in": where,
                    **({"required": True} if parameter.get("required") is True else {}),
                    **_texts(texts, place, self._changes),
                    "schema": {"type": kind if kind in _PARAMETER_TYPES else "string"},
                }

    def _body(self, body: JsonObject, place: str, name: str) -> JsonObject:
        content = self._content(body, f"{name} Request", f"{place} request")
        if not content:
            return {}
        return {"requestBody": {"content": content, **({"required": True} if body.get("required") is True else {})}}

    def _responses(self, responses: JsonObject, place: str, limited: JsonObject) -> JsonObject:
        made: JsonObject = {}
        for status, response in responses.items():
            if not STATUS.fullmatch(status):
                self._changes.add(place, f"the response {status}", "API Gateway's responses have a number of their own")
                continue
            if as_object(response).get("headers"):
                self._changes.add(place, "headers of responses", "a proxy integration passes on what the app sends")
            content = self._content(
                response, f"{limited.get('operationId', place)} {status}", f"{place} response {status}"
            )
            texts = _texts({"description": str(response.get("description", ""))}, place, self._changes)
            made[status] = {"description": "", **texts, **({"content": content} if content else {})}
        return made or {"200": {"description": "The app's answer"}}

    def _content(self, owner: JsonObject, name: str, place: str) -> JsonObject:
        """The media types that have a model; API Gateway takes none of parameters, and no primitive schema."""
        content: JsonObject = {}
        for written, media in as_object(owner.get("content")).items() if self._with_models else ():
            kind = written.partition(";")[0].strip().lower()
            if not MEDIA_TYPE.fullmatch(kind):
                self._changes.add(place, f"the media type {written}", "it is none")
            elif kind not in content:
                reference = self._models.reference(as_object(media.get("schema")), name, place)
                content.update({kind: {"schema": reference}} if reference else {})
        return content


def _texts(texts: JsonObject, place: str, changes: Changes) -> JsonObject:
    """Those that are texts, and that CloudFormation leaves as they are."""
    kept: JsonObject = {}
    for key, value in texts.items():
        if DYNAMIC_REFERENCE in str(value):
            changes.add(place, key, "CloudFormation would put a value in its place")
        elif isinstance(value, str):
            kept[key] = value
    return kept

"""The fifth stage: a proxy integration to the function for every operation, and streaming for those that do.

By default an operation is tagged `x-samstream-streaming`, and the macro does the rest with all that it checks.
Resolved, the definition says itself what the macro would make of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from samstream.integration import OPENAPI_KEY
from samstream.template import OPERATION_TAG
from samstream.types import JsonObject
from samstream.uri import BUFFERED, STREAMING
from samstream_cli.openapi.endpoints import ANY, Endpoint
from samstream_cli.openapi.limits import method_key

BINARY_KEY: Final = "x-amazon-apigateway-binary-media-types"
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-binary-media-types.html"""

_BINARY: Final = ("multipart/form-data", "application/octet-stream", "application/pdf", "application/zip")
_BINARY_FAMILIES: Final = ("image/", "audio/", "video/")

HEADERS: Final = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key")
"""Those that API Gateway's console allows when it enables CORS:
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors-console.html"""

_ALL: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


@dataclass(frozen=True)
class Wiring:
    """How operations reach the function: its logical id; `resolved` writes mode and URI instead of a tag, with this
    timeout; `cors` is the origin to allow."""

    function: str
    resolved: bool = False
    timeout: int = 120
    cors: str | None = None


def integrate(definition: JsonObject, endpoints: Sequence[Endpoint], wiring: Wiring) -> JsonObject:
    """The definition with an integration in every operation, and preflights if an origin is given."""
    paths: JsonObject = {path: dict(operations) for path, operations in definition["paths"].items()}
    for endpoint in endpoints:
        key = method_key(endpoint.method)
        operation = paths[endpoint.path][key]
        tag = endpoint.tag if endpoint.tag is not None else True
        is_tagged = not wiring.resolved and (endpoint.streams or endpoint.tag is not None)
        paths[endpoint.path][key] = {
            **operation,
            **({OPERATION_TAG: tag} if is_tagged else {}),
            OPENAPI_KEY: _integration(wiring, streaming=wiring.resolved and endpoint.streams is not None),
        }
    if wiring.cors:
        for operations in paths.values():
            operations.setdefault("options", _preflight(operations, wiring.cors))
    binary = binary_media_types(endpoints)
    return {**definition, "paths": paths, **({BINARY_KEY: binary} if binary else {})}


def _integration(wiring: Wiring, *, streaming: bool) -> JsonObject:
    version, action = STREAMING if streaming else BUFFERED
    uri = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path"
        f"/{version}/functions/${{{wiring.function}.Arn}}/{action}"
    )
    mode = {"responseTransferMode": "STREAM", "timeoutInMillis": wiring.timeout * 1000} if streaming else {}
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": uri}, **mode}


def binary_media_types(endpoints: Sequence[Endpoint]) -> list[str]:
    """Those of request bodies that arrive damaged unless API Gateway hands them on encoded:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html"""
    kinds = {
        kind.partition(";")[0].strip().lower()
        for endpoint in endpoints
        for kind in endpoint.operation.get("requestBody", {}).get("content", {})
    }
    return sorted(kind for kind in kinds if kind in _BINARY or kind.startswith(_BINARY_FAMILIES))


def _preflight(operations: JsonObject, origin: str) -> JsonObject:
    """A MOCK that answers a browser's question, as SAM's `Cors` makes it."""
    any_key = method_key(ANY)
    methods = _ALL if any_key in operations else tuple(sorted(key.upper() for key in operations))
    declared = {
        parameter["name"]
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "header"
    }
    values = {
        "Access-Control-Allow-Headers": ",".join(sorted({*HEADERS, *declared})),
        "Access-Control-Allow-Methods": ",".join((*methods, "OPTIONS")),
        "Access-Control-Allow-Origin": origin,
    }
    response = {
        "statusCode": "200",
        "responseTemplates": {"application/json": "{}\n"},
        "responseParameters": {f"method.response.header.{name}": f"'{value}'" for name, value in values.items()},
    }
    first: JsonObject = next(iter(operations.values()))
    path_parameters = [parameter for parameter in first.get("parameters", ()) if parameter["in"] == "path"]
    return {
        "summary": "CORS support",
        **({"parameters": path_parameters} if path_parameters else {}),
        "responses": {
            "200": {
                "description": "Default response for CORS method",
                "headers": {name: {"schema": {"type": "string"}} for name in values},
            }
        },
        OPENAPI_KEY: {
            "type": "mock",
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "responses": {"default": response},
        },
    }

"""One REST API as it is in AWS: what is configured, and what its stages serve. It only reads.

A change of an integration reaches callers with a new deployment only, so the two differ until somebody makes one.
All functions here let botocore's exceptions pass: `aws_errors` around the call makes them `AwsError`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from samstream.integration import OPENAPI_KEY, STREAMABLE
from samstream.routes import ANY
from samstream.types import JsonObject, as_object, whole_number
from samstream.uri import STREAMING
from samstream_cli.aws.errors import AwsError

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient

PAGE: Final = 500
"""The most that GetResources and GetDeployments give at a time."""

_METHODS: Final = {
    ANY: "ANY",
    **{name: name.upper() for name in ("get", "put", "post", "delete", "options", "head", "patch")},
}
_URI: Final = re.compile(
    r"arn:[^/]*:lambda:path//?(?P<version>[^/]+)/functions/(?P<function>[^/]+)/(?P<action>[^/]+)/?"
)
_VARIABLE: Final = re.compile(r"\$\{stageVariables\.(\w+)\}", re.ASCII)
_FUNCTION_ARN: Final = re.compile(
    r"arn:[^:]+:lambda:(?P<region>[^:]+):(?P<account>[^:]+):function:(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?"
)


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """The function that an integration invokes, with its alias or version."""

    arn: str
    region: str
    account: str
    name: str
    qualifier: str | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.qualifier}" if self.qualifier else self.name


@dataclass(frozen=True, slots=True)
class LiveIntegration:
    """An integration as AWS tells of it: `type` in upper case, `mode` None where AWS doesn't tell it."""

    type: str
    mode: str | None = None
    uri: str = ""
    timeout: int | None = None
    http_method: str = ""
    credentials: str = ""
    connection_type: str = ""

    @property
    def streams(self) -> bool | None:
        """Whether it does, None where that can't be told. A Lambda integration's URI decides, since API Gateway
        refuses a mode without its URI: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html"""
        if self.type not in STREAMABLE:
            return False
        if self.type == "AWS_PROXY":
            return _is_streaming(self.uri) and self.mode != "BUFFERED"
        return None if self.mode is None else self.mode == "STREAM"

    def function(self, variables: Mapping[str, str] | None = None) -> FunctionRef | None:
        """The Lambda function behind it, with a stage's variables filled in; None for any other thing."""
        uri = _VARIABLE.sub(lambda found: (variables or {}).get(found[1], found[0]), self.uri)
        match = _URI.fullmatch(uri)
        arn = _FUNCTION_ARN.fullmatch(match["function"]) if match else None
        return None if arn is None or "$" in arn[0] else FunctionRef(arn[0], **arn.groupdict())


@dataclass(frozen=True, slots=True)
class LiveRoute:
    """A method of a resource; `integration` is None where it has none yet."""

    method: str
    path: str
    resource_id: str
    integration: LiveIntegration | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """The API's own settings that matter to streaming."""

    name: str
    endpoint_types: tuple[str, ...] = ()
    minimum_compression_size: int | None = None
    is_default_endpoint_disabled: bool = False
    has_policy: bool = False
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class LiveStage:
    """A stage; `method_settings` are by `/path/METHOD`, or `/*/*` for all. Values of variables are never shown."""

    name: str
    deployment_id: str
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_cached: bool = False
    method_settings: Mapping[str, JsonObject] = field(default_factory=dict)
    canary_deployment_id: str | None = None
    canary_percent: float = 0.0

    def caches(self, method: str, path: str) -> bool:
        """Whether it caches a route's answers; without a word on the route itself, GET alone is.
        Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html"""
        own = self.method_settings.get(f"{path}/{method}")
        setting = own if own is not None else self.method_settings.get("/*/*", {})
        is_meant = own is not None or method in ("GET", "ANY")
        return self.is_cached and is_meant and bool(setting.get("cachingEnabled"))


@dataclass(frozen=True, slots=True)
class LiveDeployment:
    id: str
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveApi:
    """Everything of an API; `routes` by their names, such as "POST /chat"; the newest deployment is the first."""

    id: str
    settings: LiveSettings
    routes: Mapping[str, LiveRoute]
    stages: Mapping[str, LiveStage]
    deployments: tuple[LiveDeployment, ...]
    tells_mode: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a stage serves: its deployment's integrations, by route. `tells_mode` is False where no integration of the
    export has a `responseTransferMode`: AWS doesn't document whether exports hold it."""

    stage: str
    integrations: Mapping[str, LiveIntegration | None]
    tells_mode: bool


def read_api(client: "APIGatewayClient", rest_api_id: str) -> LiveApi:
    """All of an API but what its stages serve."""
    return LiveApi(
        rest_api_id,
        read_settings(client, rest_api_id),
        read_routes(client, rest_api_id),
        read_stages(client, rest_api_id),
        read_deployments(client, rest_api_id),
        knows_modes(client),
    )


def knows_modes(client: "APIGatewayClient") -> bool:
    """Whether this botocore knows `responseTransferMode`, as it does from 1.41.0 on; older ones drop it."""
    shape: Any = client.meta.service_model.shape_for("Integration")
    return "responseTransferMode" in shape.members


def read_settings(client: "APIGatewayClient", rest_api_id: str) -> LiveSettings:
    found = client.get_rest_api(restApiId=rest_api_id)
    return LiveSettings(
        name=found.get("name", ""),
        endpoint_types=tuple(found.get("endpointConfiguration", {}).get("types", [])),
        minimum_compression_size=found.get("minimumCompressionSize"),
        is_default_endpoint_disabled=found.get("disableExecuteApiEndpoint", False),
        has_policy=bool(found.get("policy")),
        tags=found.get("tags", {}),
    )


def read_routes(client: "APIGatewayClient", rest_api_id: str) -> dict[str, LiveRoute]:
    """Every method of every resource, with its integration."""
    default_mode = "BUFFERED" if knows_modes(client) else None
    pages = client.get_paginator("get_resources").paginate(
        restApiId=rest_api_id, embed=["methods"], PaginationConfig={"PageSize": PAGE}
    )
    routes = {}
    for page in pages:
        for resource in page.get("items", []):
            for name, method in resource.get("resourceMethods", {}).items():
                integration = _integration(as_object(method.get("methodIntegration")), default_mode)
                route = LiveRoute(name, resource.get("path", "/"), resource["id"], integration)
                routes[str(route)] = route
    return routes


def read_stages(client: "APIGatewayClient", rest_api_id: str) -> dict[str, LiveStage]:
    stages = {}
    for found in client.get_stages(restApiId=rest_api_id).get("item", []):
        canary = found.get("canarySettings", {})
        stages[found["stageName"]] = LiveStage(
            name=found["stageName"],
            deployment_id=found.get("deploymentId", ""),
            variables=found.get("variables", {}),
            is_cached=found.get("cacheClusterEnabled", False),
            method_settings={
                "/" + name.replace("~1", "/").lstrip("/"): dict(settings)
                for name, settings in found.get("methodSettings", {}).items()
            },
            canary_deployment_id=canary.get("deploymentId"),
            canary_percent=canary.get("percentTraffic", 0.0),
        )
    return stages


def read_deployments(client: "APIGatewayClient", rest_api_id: str) -> tuple[LiveDeployment, ...]:
    """The newest first."""
    pages = client.get_paginator("get_deployments").paginate(restApiId=rest_api_id, PaginationConfig={"PageSize": PAGE})
    found = [LiveDeployment(one["id"], one.get("createdDate")) for page in pages for one in page.get("items", [])]
    return tuple(sorted(found, key=lambda one: one.created.timestamp() if one.created else 0.0, reverse=True))


def read_snapshot(client: "APIGatewayClient", rest_api_id: str, stage: str) -> Snapshot:
    """What a stage serves, from its export. Raises `AwsError` where that isn't OpenAPI, too."""
    answer = client.get_export(
        restApiId=rest_api_id,
        stageName=stage,
        exportType="oas30",
        parameters={"extensions": "apigateway"},
        accepts="application/json",
    )
    try:
        document = json.loads(answer["body"].read())
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        message = f"the export of {rest_api_id}'s stage {stage} isn't an OpenAPI document"
        raise AwsError(message, "Export it in the console to see what is wrong with it.", "UnreadableExport")
    operations = dict(_operations(document["paths"]))
    tells_mode = any("responseTransferMode" in found for found in operations.values())
    default_mode = "BUFFERED" if tells_mode else None
    integrations = {name: _integration(found, default_mode) for name, found in operations.items()}
    return Snapshot(stage, integrations, tells_mode)


def _operations(paths: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for path, item in paths.items():
        for key, operation in as_object(item).items():
            if key.lower() in _METHODS:
                yield f"{_METHODS[key.lower()]} {path}", as_object(as_object(operation).get(OPENAPI_KEY))


def _integration(found: Mapping[str, Any], default_mode: str | None) -> LiveIntegration | None:
    """One integration of either source, whose names are the same."""
    if not found:
        return None
    uri = str(found.get("uri", ""))
    mode = found.get("responseTransferMode", None if _is_streaming(uri) else default_mode)
    return LiveIntegration(
        type=str(found.get("type", "")).upper(),
        mode=mode if isinstance(mode, str) else None,
        uri=uri,
        timeout=whole_number(found.get("timeoutInMillis")),
        http_method=str(found.get("httpMethod", "")),
        credentials=str(found.get("credentials", "")),
        connection_type=str(found.get("connectionType", "")),
    )


def _is_streaming(uri: str) -> bool:
    match = _URI.fullmatch(uri)
    return match is not None and (match["version"], match["action"]) == STREAMING

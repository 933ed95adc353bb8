"""The APIs that a processed template makes, as the gateway serves them."""

from collections.abc import Iterator, Mapping, Set
from typing import Final, Literal

from samstream.integration import Integration
from samstream.intrinsics import NO_VALUE, Unresolvable, chosen
from samstream.plan import Plan
from samstream.routes import Route as TemplateRoute
from samstream.segments import segments, spelt
from samstream.stages import endpoint_type, stages_of
from samstream.template import METHOD, REST_API, Resource
from samstream.types import Json, JsonObject, as_object
from samstream_cli.local.mappings import unmapped
from samstream_cli.local.routing import Api, MockResponse, Route

_BINARY: Final = "x-amazon-apigateway-binary-media-types"
_AUTHORIZER: Final = "x-amazon-apigateway-authtype"
_KINDS: Final[Mapping[str, Literal["lambda", "http", "mock", "unsupported"]]] = {
    "AWS_PROXY": "lambda",
    "HTTP_PROXY": "http",
    "MOCK": "mock",
}


def apis_of(plan: Plan, stale: Set[str] = frozenset()) -> tuple[Api, ...]:
    """Every REST API that these parameter values make, with its live routes. `stale` are the logical ids of stages
    that W405 tells of."""
    apis = (api for api in plan.template.of_type(REST_API) if not plan.template.is_dead(api.id))
    return tuple(_Reader(plan, api, stale).api() for api in apis)


class _Reader:
    """Reads one API."""

    def __init__(self, plan: Plan, api: Resource, stale: Set[str]) -> None:
        self._plan = plan
        self._api = api
        self._stale = stale
        self._body = as_object(chosen(api.properties.get("Body"), plan.template.resolver))

    def api(self) -> Api:
        stages = {name: variables for name, variables, _ in self._stages()}
        types = self._known(self._api.properties.get("BinaryMediaTypes")) or self._known(self._body.get(_BINARY))
        kind = endpoint_type(self._plan, self._api)
        return Api(
            id=self._api.id,
            stages=tuple(stages) or ("stage",),
            endpoint="PRIVATE" if kind == "PRIVATE" else "REGIONAL" if kind in ("REGIONAL", None) else "EDGE",
            binary_media_types=tuple(str(item) for item in types) if isinstance(types, list) else (),
            routes=tuple(self._routes()),
            stage_variables=stages,
            stale_stages=frozenset(name for name, _, resource in self._stages() if resource in self._stale),
        )

    def _stages(self) -> Iterator[tuple[str, dict[str, str], str]]:
        """The name, variables and logical id of each."""
        for stage in stages_of(self._plan, self._api.id):
            name = self._known(stage.settings.get("StageName") or stage.resource.properties.get("StageName"))
            variables = as_object(self._known(stage.settings.get("Variables")))
            if isinstance(name, str):
                yield name, {key: str(value) for key, value in variables.items()}, stage.resource.id

    def _routes(self) -> Iterator[Route]:
        template = self._plan.template
        for number in self._plan.table.by_api.get(self._api.id, ()):
            route = self._plan.table.routes[number]
            place = route.integration.place if route.integration else route.place
            if not template.is_dead(route.owner) and not template.is_dead_place(place):
                yield self._route(route)

    def _route(self, route: TemplateRoute) -> Route:
        authorization, needs_key = self._authorization(route)
        integration = route.integration
        kind = _KINDS.get(integration.type, "unsupported") if integration else "unsupported"
        problem = self._problem(route, integration) if integration else "it has no integration"
        function = next(iter(route.functions), None) if kind == "lambda" else None
        if kind == "lambda" and function is None:
            kind = "unsupported"
        return Route(
            method=route.method,
            path=route.path,
            kind=kind,
            streaming=route.streaming,
            function=function,
            timeout_in_millis=integration.timeout if integration else None,
            uri=self._uri(integration) if integration and kind == "http" else None,
            uri_method=self._uri_method(integration) if integration and kind == "http" else None,
            request_parameters=_request_parameters(integration.body) if integration and kind == "http" else {},
            response=_mock_response(integration.body) if integration and kind == "mock" else None,
            authorization=authorization,
            api_key_required=needs_key,
            problem=problem,
            adapter=function is not None and self._plan.adapter_of(function) is not None,
        )

    def _problem(self, route: TemplateRoute, integration: Integration) -> str | None:
        """Why the route can't be deployed, or not run here."""
        if integration.mode == "STREAM" and not route.streaming:
            return "its mode is STREAM, but its Uri is the buffered one or none that streams (E204)"
        if integration.mode == "BUFFERED" and any(uri.streaming for uri in integration.live_uris):
            return "its Uri is the streaming one, but its mode isn't STREAM (E204)"
        if integration.type == "AWS_PROXY" and not route.functions:
            return "its function is not in this template"
        if integration.type not in _KINDS:
            return f"{integration.type or 'its'} integrations don't run here"
        return None

    def _uri(self, integration: Integration) -> str:
        return spelt(segments(integration.body.get(integration.dialect.uri), (), self._plan.template.resolver))

    def _uri_method(self, integration: Integration) -> str | None:
        """The method that the integration names, None for any."""
        named = integration.body.get("httpMethod", integration.body.get("IntegrationHttpMethod"))
        method = named.upper() if isinstance(named, str) else "ANY"
        return None if method == "ANY" else method

    def _authorization(self, route: TemplateRoute) -> tuple[str | None, bool]:
        """What a caller has to bring: the kind of authorizer, and whether an API key."""
        resource = self._plan.template.resources.get(route.owner)
        if resource is not None and resource.type == METHOD:
            kind = self._known(resource.properties.get("AuthorizationType"))
            key = self._known(resource.properties.get("ApiKeyRequired"))
            return (None if kind in (None, "NONE") else str(kind)), str(key).lower() == "true"
        required = route.body.get("security", self._body.get("security"))
        names = [name for item in (required if isinstance(required, list) else ()) for name in as_object(item)]
        keys = [name for name in names if self._is_key(name)]
        others = [name for name in names if name not in keys]
        return (others[0] if others else None), bool(keys)

    def _is_key(self, name: str) -> bool:
        schemes = {
            **as_object(self._body.get("securityDefinitions")),
            **as_object(as_object(self._body.get("components")).get("securitySchemes")),
        }
        scheme = as_object(schemes.get(name))
        is_header = scheme.get("type") == "apiKey" and str(scheme.get("name")).lower() == "x-api-key"
        return is_header and _AUTHORIZER not in scheme

    def _known(self, value: Json) -> Json:
        """The value, None if this machine doesn't know it."""
        try:
            resolved = self._plan.template.resolver.resolve(value)
        except Unresolvable:
            return None
        return None if resolved is NO_VALUE else resolved


def mapping_notes(plan: Plan) -> Iterator[str]:
    """Of `requestParameters` that mean nothing here, or nothing anywhere."""
    for route in plan.table.routes:
        mappings = _request_parameters(route.integration.body) if route.integration else {}
        kind = route.integration.type if route.integration else ""
        if kind == "HTTP_PROXY" and (unknown := list(unmapped(mappings))):
            yield f"{route.method} {route.path}: its requestParameters {', '.join(unknown)} don't run here."
        elif kind == "AWS_PROXY" and mappings:
            yield f"{route.method} {route.path}: requestParameters of a Lambda proxy are left out here."


def _request_parameters(body: JsonObject) -> dict[str, str]:
    found = as_object(body.get("requestParameters", body.get("RequestParameters")))
    return {place: source for place, source in found.items() if isinstance(source, str)}


def _mock_response(body: JsonObject) -> MockResponse:
    """The first response of a MOCK integration: its status, and headers whose values are written out."""
    answers = [body[key] for key in ("responses", "IntegrationResponses") if key in body]
    found = answers[0] if answers else {}
    first = as_object(next(iter(found.values()), None) if isinstance(found, dict) else (found or [None])[0])
    status = str(first.get("statusCode", first.get("StatusCode", "200")))
    parameters = as_object(first.get("responseParameters", first.get("ResponseParameters")))
    headers = {
        name.rpartition(".")[2]: value[1:-1]
        for name, value in parameters.items()
        if isinstance(value, str) and name.startswith("method.response.header.") and value[:1] == value[-1:] == "'"
    }
    return MockResponse(int(status) if status.isdecimal() else 200, headers)

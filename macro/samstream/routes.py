"""Every route of every REST API in a template, wherever it is written.

Routes stand in a RestApi's OpenAPI `Body`, where `Fn::If` may wrap anything, or are `AWS::ApiGateway::Method`
resources whose path is the chain of their `AWS::ApiGateway::Resource` parents.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from samstream.integration import CLOUDFORMATION, OPENAPI, OPENAPI_KEY, Integration, read_integration
from samstream.intrinsics import Unresolvable, branches, referenced
from samstream.options import RouteName
from samstream.template import ALIAS, FUNCTION, METHOD, PATH_RESOURCE, REST_API, VERSION, Resource, Template
from samstream.types import Json, JsonObject, Place, as_object
from samstream.uri import LambdaUri

ANY: Final = "x-amazon-apigateway-any-method"
TAG: Final = "x-samstream-streaming"

_METHODS: Final = {
    **{name: name.upper() for name in ("get", "put", "post", "delete", "options", "head", "patch", "trace")},
    ANY: "ANY",
}

UNKNOWN_PATH: Final = "/..."
"""Begins the path of a Method whose parents stand in another template."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path, in one branch of the `Fn::If` around it.

    `api` is the logical id of the API, or its RestApiId expression as JSON where the API is not in the template;
    `place` is the operation's or the Method resource's; `owner` the resource it is written in; `integration` is
    None where it has none; `functions` are the logical ids of those it invokes.
    """

    api: str
    method: str
    path: str
    place: Place
    owner: str
    body: JsonObject
    integration: Integration | None
    functions: tuple[str, ...]

    @property
    def name(self) -> RouteName:
        return RouteName(self.method, self.path)

    @property
    def problem(self) -> str | None:
        """Why this route can't be made to stream."""
        return self.integration.problem if self.integration else "it has no integration"

    @property
    def streaming(self) -> bool:
        return self.integration is not None and self.integration.streaming

    def __str__(self) -> str:
        return f"{self.api} {self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class RouteTable:
    """All routes; `unreadable` says by API why the routes in its body can't be read; `misplaced` has the places of
    operation tags that stand on something else."""

    routes: tuple[Route, ...] = ()
    unreadable: dict[str, str] = field(default_factory=dict)
    misplaced: tuple[tuple[str, Place], ...] = ()


class RouteReader:
    """Reads a template's routes."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._resolver = template.resolver
        self._unreadable: dict[str, str] = {}
        self._misplaced: list[tuple[str, Place]] = []
        self._functions: dict[str, str | None] = {}
        self._names: dict[str, str] | None = None

    def read(self) -> RouteTable:
        routes = [route for api in self._template.of_type(REST_API) for route in self._of_body(api)]
        routes.extend(route for method in self._template.of_type(METHOD) for route in self._of_method(method))
        return RouteTable(tuple(routes), self._unreadable, tuple(self._misplaced))

    def _of_body(self, api: Resource) -> Iterator[Route]:
        properties = api.properties
        if "BodyS3Location" in properties:
            self._unreadable[api.id] = "its body is a file in S3, which a macro doesn't see"
        for body, place in branches(properties.get("Body"), (*api.place, "Properties", "Body")):
            if body is None:
                continue
            if not isinstance(body, dict) or "paths" not in body:
                self._unreadable[api.id] = "its Body is not an OpenAPI definition with paths"
                continue
            self._note_misplaced(api, body, place)
            for paths, paths_place in branches(body["paths"], (*place, "paths")):
                yield from self._of_paths(api, as_object(paths), paths_place)

    def _of_paths(self, api: Resource, paths: JsonObject, place: Place) -> Iterator[Route]:
        for path, item in paths.items():
            for methods, item_place in branches(item, (*place, path)):
                if not isinstance(methods, dict):
                    continue
                self._note_misplaced(api, methods, item_place)
                for key, operation in methods.items():
                    method = _METHODS.get(key.lower())
                    if method is not None:
                        yield from self._of_operation(api, method, path, operation, (*item_place, key))

    def _of_operation(self, api: Resource, method: str, path: str, value: Json, place: Place) -> Iterator[Route]:
        for operation, operation_place in branches(value, place):
            if not isinstance(operation, dict):
                continue
            key_place = (*operation_place, OPENAPI_KEY)
            found = list(branches(operation.get(OPENAPI_KEY), key_place))
            for body, integration_place in found or [(None, key_place)]:
                integration = None
                if isinstance(body, dict):
                    self._note_misplaced(api, body, integration_place)
                    integration = read_integration(body, integration_place, OPENAPI, self._resolver)
                functions = self._invoked(integration)
                yield Route(api.id, method, path, operation_place, api.id, operation, integration, functions)

    def _note_misplaced(self, api: Resource, value: JsonObject, place: Place) -> None:
        if TAG in value:
            self._misplaced.append((api.id, (*place, TAG)))

    def _of_method(self, method: Resource) -> Iterator[Route]:
        properties = method.properties
        place = (*method.place, "Properties", "Integration")
        found = list(branches(properties.get("Integration"), place))
        verb = properties.get("HttpMethod")
        for body, integration_place in found or [(None, place)]:
            integration = None
            if isinstance(body, dict):
                integration = read_integration(body, integration_place, CLOUDFORMATION, self._resolver)
            yield Route(
                api=self.api_of(properties.get("RestApiId")),
                method=verb.upper() if isinstance(verb, str) else "?",
                path=self._path(properties.get("ResourceId")),
                place=method.place,
                owner=method.id,
                body=method.body,
                integration=integration,
                functions=self._invoked(integration),
            )

    def api_of(self, value: Json) -> str:
        """The API that a `RestApiId` names: its logical id, a parameter's name, else the expression as JSON."""
        name = value.get("Ref") if isinstance(value, dict) and len(value) == 1 else value
        if not isinstance(name, str):
            return json.dumps(value, sort_keys=True, default=str)
        known = self._resolver.parameter(name)  # an event may name its API by a parameter
        return known if isinstance(known, str) and known in self._template.resources else name

    def _path(self, resource_id: Json) -> str:
        parts: list[str] = []
        seen: set[str] = set()
        while True:
            if _is_root(resource_id):
                return "/" + "/".join(reversed(parts))
            name = next(referenced(resource_id), None)
            resource = self._template.resources.get(name) if name else None
            if resource is None or resource.type != PATH_RESOURCE or resource.id in seen:
                return "/".join([UNKNOWN_PATH, *reversed(parts)])
            seen.add(resource.id)
            parts.append(self._path_part(resource))
            resource_id = resource.properties.get("ParentId")

    def _path_part(self, resource: Resource) -> str:
        try:
            return str(self._resolver.resolve(resource.properties.get("PathPart")))
        except Unresolvable:
            return "..."

    def _invoked(self, integration: Integration | None) -> tuple[str, ...]:
        if integration is None or not integration.uris:
            return ()
        found = [self._function_of(uri) for uri in integration.uris]
        return tuple(dict.fromkeys(name for name in found if name))

    def _function_of(self, uri: LambdaUri) -> str | None:
        for name in uri.resources:
            function = self._function_behind(name)
            if function:
                return function
        return self._by_name().get(uri.name) if uri.name else None

    def _function_behind(self, name: str) -> str | None:
        """The function that a function, an alias or a version stands for."""
        if name not in self._functions:
            self._functions[name] = None  # an alias of itself is no function
            resource = self._template.resources.get(name)
            if resource is not None and resource.type == FUNCTION:
                self._functions[name] = name
            elif resource is not None and resource.type in (ALIAS, VERSION):
                behind = map(self._function_behind, referenced(resource.properties.get("FunctionName")))
                self._functions[name] = next(filter(None, behind), None)
        return self._functions[name]

    def _by_name(self) -> dict[str, str]:
        if self._names is None:
            named = (
                (resource.properties.get("FunctionName"), resource) for resource in self._template.of_type(FUNCTION)
            )
            self._names = {name: resource.id for name, resource in named if isinstance(name, str)}
        return self._names


def _is_root(value: Json) -> bool:
    attribute = value.get("Fn::GetAtt") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(attribute, list):
        return len(attribute) == 2 and attribute[1] == "RootResourceId"
    return isinstance(attribute, str) and attribute.endswith(".RootResourceId")

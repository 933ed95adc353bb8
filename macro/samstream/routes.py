"""Every route of every REST API in a template, wherever it is written.

Routes stand in a RestApi's OpenAPI `Body`, where `Fn::If` may wrap anything, or are `AWS::ApiGateway::Method`
resources whose path is the chain of their `AWS::ApiGateway::Resource` parents.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from samstream.integration import CLOUDFORMATION, OPENAPI, OPENAPI_KEY, Integration
from samstream.intrinsics import Unresolvable, branches, referenced
from samstream.options import RouteName
from samstream.segments import segments, spelt
from samstream.template import (
    ALIAS,
    FUNCTION,
    LOOP,
    METHOD,
    PATH_RESOURCE,
    REST_API,
    SAM_API,
    VERSION,
    Resource,
    Template,
)
from samstream.types import NOTHING, Json, JsonObject, Place, as_object, digest, is_number
from samstream.uri import LambdaUri

ANY: Final = "x-amazon-apigateway-any-method"

_METHODS: Final = {
    **{name: name.upper() for name in ("get", "put", "post", "delete", "options", "head", "patch", "trace")},
    ANY: "ANY",
}

REFERENCE: Final = "$ref"

UNKNOWN_PATH: Final = "/..."
"""Begins the path of a Method whose parents stand in another template."""


_IN_S3: Final = (
    "its body is a file in S3, which a macro doesn't see; write it into Body or DefinitionBody, "
    "or let AWS::Include fetch it"
)
_NO_PATHS: Final = "its Body is not an OpenAPI definition with paths; write one"
_IN_LOOP: Final = (
    "some of its routes stand in a Fn::ForEach or a $ref; list AWS::LanguageExtensions before SamStream, "
    "or write them out"
)


class Route(NamedTuple):
    """One method of one path, in one branch of the `Fn::If` around it.

    `api` is the logical id of the API, or a name made of its RestApiId where the API is not in the template;
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


class RouteTable(NamedTuple):
    """All routes, and their numbers by API and by function; `unreadable` says by API why the routes in its body
    can't be read; `loops` are the places of `Fn::ForEach` that make routes of an API, and haven't run yet."""

    routes: tuple[Route, ...] = ()
    by_api: Mapping[str, list[int]] = NOTHING
    by_function: Mapping[str, list[int]] = NOTHING
    unreadable: Mapping[str, str] = NOTHING
    loops: tuple[tuple[str, Place], ...] = ()


class RouteReader:
    """Reads a template's routes."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._resolver = template.resolver
        self._routes: list[Route] = []
        self._unreadable: dict[str, str] = {}
        self._loops: list[tuple[str, Place]] = []
        self._paths: dict[str, str] = {}
        self._functions: dict[str, str | None] = {}
        self._names: dict[str, str] | None = None

    def read(self) -> RouteTable:
        """Every route, as the template has it."""
        self._routes.clear()
        self._loops.clear()
        for api in self._template.of_type(REST_API):
            self._read_body(api)
        for method in self._template.of_type(METHOD, looped=True):
            if method.in_loop:
                self._note_loop(self.api_of(method.properties.get("RestApiId")), method.place)
            else:
                self._read_method(method)
        by_api: dict[str, list[int]] = {}
        by_function: dict[str, list[int]] = {}
        for number, route in enumerate(self._routes):
            by_api.setdefault(route.api, []).append(number)
            for function in route.functions:
                by_function.setdefault(function, []).append(number)
        return RouteTable(tuple(self._routes), by_api, by_function, self._unreadable, tuple(self._loops))

    def _read_body(self, api: Resource) -> None:
        properties = api.properties
        if "BodyS3Location" in properties:
            self._unreadable[api.id] = _IN_S3
        for body, place in branches(properties.get("Body"), (*api.place, "Properties", "Body")):
            if body is None:
                continue
            if not isinstance(body, dict) or "paths" not in body:
                self._unreadable[api.id] = _NO_PATHS
                continue
            for paths, paths_place in branches(body["paths"], (*place, "paths")):
                for path, item in as_object(paths).items():
                    self._read_path(api, path, item, (*paths_place, path))

    def _read_path(self, api: Resource, path: str, item: Json, place: Place) -> None:
        if path.startswith(LOOP):
            self._note_loop(api.id, place)
            return
        for methods, item_place in branches(item, place):
            if not isinstance(methods, dict):
                continue
            for key, value in methods.items():
                method = _METHODS.get(key.lower())
                if method is not None:
                    for operation, operation_place in branches(value, (*item_place, key)):
                        if isinstance(operation, dict):
                            self._read_operation(api, (method, path), operation, operation_place)
                elif key.startswith(LOOP) or key == REFERENCE:
                    self._note_loop(api.id, (*item_place, key))

    def _read_operation(self, api: Resource, name: tuple[str, str], operation: JsonObject, place: Place) -> None:
        key_place = (*place, OPENAPI_KEY)
        for body, integration_place in branches(operation.get(OPENAPI_KEY), key_place) or ((None, key_place),):
            integration = None
            if isinstance(body, dict):
                integration = Integration(body, integration_place, OPENAPI, self._resolver)
            functions = self._invoked(integration)
            self._routes.append(Route(api.id, *name, place, api.id, operation, integration, functions))

    def _note_loop(self, api: str, place: Place) -> None:
        self._loops.append((api, place))
        self._unreadable.setdefault(api, _IN_LOOP)

    def _read_method(self, method: Resource) -> None:
        properties = method.properties
        place = (*method.place, "Properties", "Integration")
        verb = self._known(properties.get("HttpMethod"), "?").upper()
        name = (verb, self._path(properties.get("ResourceId")))
        api = self.api_of(properties.get("RestApiId"))
        for body, integration_place in branches(properties.get("Integration"), place) or ((None, place),):
            integration = None
            if isinstance(body, dict):
                integration = Integration(body, integration_place, CLOUDFORMATION, self._resolver)
            functions = self._invoked(integration)
            self._routes.append(Route(api, *name, method.place, method.id, method.body, integration, functions))

    def api_of(self, value: Json) -> str:
        """The API that a `RestApiId` names: its logical id, a parameter's name, else a name for the expression."""
        name = value.get("Ref") if isinstance(value, dict) and len(value) == 1 else value
        if isinstance(name, str):
            known = self._resolver.parameter(name)  # an event may name its API by a parameter
            return known if isinstance(known, str) and known in self._template.resources else name
        branches_of_now = [
            part for part, place in branches(value, ()) if not self._template.is_dead_place(place, value)
        ]
        if len(branches_of_now) == 1 and branches_of_now[0] != value:
            return self.api_of(branches_of_now[0])
        names = {name for name in referenced(value) if self._is_api(name)}
        return names.pop() if len(names) == 1 else _elsewhere(value)

    def _is_api(self, name: str) -> bool:
        resource = self._template.resources.get(name)
        return resource is not None and resource.type in (REST_API, SAM_API)

    def _path(self, resource_id: Json) -> str:
        """The path of an `AWS::ApiGateway::Resource`, or of the root that `RootResourceId` names."""
        if _is_root(resource_id):
            return "/"
        name = next(referenced(resource_id), None)
        if name is None:
            return UNKNOWN_PATH
        if name not in self._paths:
            self._paths[name] = UNKNOWN_PATH  # a ring of parents leads to no root
            resource = self._template.resources.get(name)
            if resource is not None and resource.type == PATH_RESOURCE:
                above = self._path(resource.properties.get("ParentId")).rstrip("/")
                self._paths[name] = f"{above}/{self._known(resource.properties.get('PathPart'), '...')}"
        return self._paths[name]

    def _known(self, value: Json, unknown: str) -> str:
        try:
            value = self._resolver.resolve(value)
        except Unresolvable:
            return unknown
        return str(value) if isinstance(value, str) or is_number(value) else unknown

    def _invoked(self, integration: Integration | None) -> tuple[str, ...]:
        if integration is None:
            return ()
        name = integration.sam_function
        function = self._function_behind(name) if name else None
        if function is not None:
            return (function,)
        found = [name for uri in integration.uris for name in self._functions_of(uri)]
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)

    def _functions_of(self, uri: LambdaUri) -> list[str]:
        found = [function for name in uri.resources if (function := self._function_behind(name))]
        named = self._by_name().get(uri.name) if uri.name and not found else None
        return [named] if named else found

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
        """Functions by their name, in which what only the deployment knows is spelt as in a URI."""
        if self._names is None:
            self._names = {}
            for function in self._template.of_type(FUNCTION):
                if "FunctionName" in function.properties:
                    name = segments(function.properties["FunctionName"], (), self._resolver)
                    self._names[spelt(name)] = function.id
        return self._names


def _elsewhere(value: Json) -> str:
    """A name for an API of elsewhere that tells it from others and shows nothing of its expression's contents."""
    kind = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else "?"
    return f"{kind[:40]}#{digest(value)[:8]}"


def _is_root(value: Json) -> bool:
    attribute = value.get("Fn::GetAtt") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(attribute, list):
        return len(attribute) == 2 and attribute[1] == "RootResourceId"
    return isinstance(attribute, str) and attribute.endswith(".RootResourceId")

"""Which route of which API a request is for, as API Gateway chooses it.

An API alone answers at `/STAGE/path`, and at `/path` for its first stage; several answer at `/API/STAGE/path`, or
`/API/path`. A stage's name wins over a path that begins with the same word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote

_ANY: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html"""


@dataclass(frozen=True, slots=True)
class MockResponse:
    """What a MOCK integration answers: SAM's CORS preflights, and no more."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path and its integration.

    `function` is the Lambda function's name among the gateway's; `uri` an HTTP_PROXY's, with the method to call it by,
    None for the client's, and `request_parameters` what is mapped into the request; `response` a MOCK's; `adapter` says
    that the function carries the Lambda Web Adapter, `problem` why this can't be deployed or run.
    """

    method: str
    path: str
    kind: Literal["lambda", "http", "mock", "unsupported"] = "lambda"
    streaming: bool = False
    function: str | None = None
    timeout_in_millis: int | None = None
    uri: str | None = None
    uri_method: str | None = None
    request_parameters: Mapping[str, str] = field(default_factory=dict)
    response: MockResponse | None = None
    authorization: str | None = None
    api_key_required: bool = False
    problem: str | None = None
    adapter: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Api:
    """A REST API and its stages; `stage_variables` by stage. A stage is stale that keeps a Deployment of another time:
    what streams in the template is buffered there."""

    id: str
    stages: tuple[str, ...]
    endpoint: Literal["EDGE", "REGIONAL", "PRIVATE"] = "EDGE"
    binary_media_types: tuple[str, ...] = ()
    minimum_compression_size: int | None = None
    routes: tuple[Route, ...] = ()
    stage_variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stale_stages: frozenset[str] = frozenset()

    def as_deployed(self, route: Route, stage: str) -> Route:
        """The route as callers of the stage get it."""
        if not route.streaming or stage not in self.stale_stages:
            return route
        return replace(route, streaming=False, timeout_in_millis=None)


class Match(NamedTuple):
    """Where a request goes: `path` is without the stage, parameters are still percent-encoded."""

    api: Api
    stage: str
    path: str
    route: Route
    parameters: dict[str, str]


class Unmatched(NamedTuple):
    """No route; the API and stage as far as they are known, for the access log."""

    api: str = ""
    stage: str = ""


class Router:
    """Finds routes."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self._apis = {api.id: api for api in apis}
        self._trees = {api.id: _tree(api.routes) for api in apis}

    def match(self, method: str, raw_path: str) -> Match | Unmatched:
        """The route for a request whose path is as the client sent it, without the query."""
        rest = "/" + raw_path.lstrip("/")
        if len(self._apis) == 1:
            api = next(iter(self._apis.values()))
        else:
            name, rest = _first(rest)
            if name not in self._apis:
                return Unmatched()
            api = self._apis[name]
        stage, path = _first(rest)
        if stage not in api.stages:
            stage, path = api.stages[0], rest
        # The recorded events of LocalStack's `test_lambda_aws_proxy_integration` keep a trailing slash in `path`,
        # and ignore it in routes and parameters.
        found = _find(self._trees[api.id], method, _segments(path), {})
        if not found:
            return Unmatched(api.id, stage)
        route, parameters = found
        return Match(api, stage, path, api.as_deployed(route, stage), parameters)


class _Node:
    """A resource: one segment of a path, what follows it and the methods it has."""

    def __init__(self) -> None:
        self.exact: dict[str, _Node] = {}
        self.variables: dict[str, _Node] = {}
        self.greedy: dict[str, _Node] = {}
        self.methods: dict[str, Route] = {}


def _tree(routes: Sequence[Route]) -> _Node:
    root = _Node()
    for route in routes:
        node = root
        for part in _segments(route.path):
            if part.startswith("{") and part.endswith("+}"):
                node = node.greedy.setdefault(part[1:-2], _Node())
            elif part.startswith("{") and part.endswith("}"):
                node = node.variables.setdefault(part[1:-1], _Node())
            else:
                node = node.exact.setdefault(part, _Node())
        node.methods.setdefault(route.method.upper(), route)
    return root


def _find(node: _Node, method: str, parts: list[str], values: dict[str, str]) -> tuple[Route, dict[str, str]] | None:
    """An exact segment wins over {param}, this over {proxy+}, a method over ANY; one without the method is passed
    over, as LocalStack's test `test_proxy_routing_with_hardcoded_resource_sibling` recorded on AWS."""
    if not parts:
        route = node.methods.get(method) or (node.methods.get("ANY") if method in _ANY else None)
        return (route, values) if route else None
    for below, rest, more in _ways(node, parts):
        found = _find(below, method, rest, {**values, **more})
        if found:
            return found
    return None


def _ways(node: _Node, parts: list[str]) -> Iterator[tuple[_Node, list[str], dict[str, str]]]:
    below = node.exact.get(unquote(parts[0]))
    if below:
        yield below, parts[1:], {}
    if parts[0]:
        for name, below in node.variables.items():
            yield below, parts[1:], {name: parts[0]}
    for name, below in node.greedy.items():
        yield below, [], {name: "/".join(parts)}


def _segments(path: str) -> list[str]:
    stripped = path.strip("/")
    return stripped.split("/") if stripped else []


def _first(path: str) -> tuple[str, str]:
    """The first segment and the path after it."""
    name, slash, rest = path[1:].partition("/")
    return unquote(name), slash + rest or "/"

"""The second stage: what the app answers to, one endpoint a method and path, with what streams and what is left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from samstream.findings import nearest
from samstream.options import RouteName, read_flag
from samstream.template import OPERATION_TAG
from samstream.types import JsonObject, as_object
from samstream_cli.errors import UsageError
from samstream_cli.openapi.changes import Changes
from samstream_cli.openapi.source import AppRoute

ANY: Final = "ANY"

STREAMED_MEDIA: Final = ("text/event-stream", "application/jsonl", "application/x-ndjson", "application/json-seq")
"""Media types that are written bit by bit, by which a document alone shows that a route streams."""

NAMES: Final = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", ANY)
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html"""


@dataclass(frozen=True)
class Endpoint:
    """A method of a path and its operation. `names` are those that the app knows it by, `streams` says why it does,
    `tag` is the app's own `x-samstream-streaming`."""

    method: str
    path: str
    names: tuple[str, ...]
    operation: JsonObject = field(default_factory=dict)
    streams: str | None = None
    tag: object = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def gather(document: JsonObject, routes: Sequence[AppRoute], changes: Changes, *, hidden: bool) -> list[Endpoint]:
    """The endpoints of a lowered document and of the app behind it; `hidden` takes in those that it hides."""
    found = list(_documented(document, routes))
    known = {name for endpoint in found for name in endpoint.names}
    found += [other for other in _others(routes, changes, hidden=hidden) if known.isdisjoint(other.names)]
    for endpoint in found:
        if endpoint.method not in NAMES:
            changes.add(str(endpoint), "the operation", f"API Gateway has no method {endpoint.method}")
    return [endpoint for endpoint in found if endpoint.method in NAMES]


def _documented(document: JsonObject, routes: Sequence[AppRoute]) -> Iterator[Endpoint]:
    by_path: dict[str, list[AppRoute]] = {}
    for route in routes:
        by_path.setdefault(route.path, []).append(route)
    for path, operations in document["paths"].items():
        for key, operation in operations.items():
            method = ANY if key.startswith("x-") else key.upper()
            known = next((item for item in by_path.get(path, ()) if method in item.methods), None)
            tag = operation.get(OPERATION_TAG)
            streams = None if _is_off(tag) else (known and known.streams) or _streams(operation)
            place = _marked(path, known.greedy if known else ())
            yield Endpoint(method, place, (f"{method} {path}",), operation, streams, tag)


def _is_off(tag: object) -> bool:
    """What can't be read counts as a tag that streams; the macro tells what is wrong with it."""
    value = as_object(tag).get("Enabled", tag)
    try:
        return value is not None and not read_flag(value)
    except ValueError:
        return False


def _streams(operation: JsonObject) -> str | None:
    if operation.get(OPERATION_TAG):
        return f"its operation says {OPERATION_TAG}"
    for response in operation["responses"].values():
        for media in as_object(response.get("content")):
            if media.partition(";")[0].strip().lower() in STREAMED_MEDIA:
                return f"it answers {media}"
    return None


def _others(routes: Sequence[AppRoute], changes: Changes, *, hidden: bool) -> Iterator[Endpoint]:
    """What an app serves beside its documented operations."""
    for route in routes:
        path = _marked(route.path, route.greedy)
        if route.kind == "websocket":
            changes.add(route.path, "the WebSocket", "REST APIs have none; a WebSocket API is one of its own")
        elif route.kind == "host":
            changes.add("the app", "a Host route", "it answers by host name, which an API doesn't choose by")
        elif route.kind == "mount":
            for mounted in (path.rstrip("/") or "/", f"{path.rstrip('/')}/{{proxy+}}"):
                yield Endpoint(ANY, mounted, (f"{ANY} {mounted}",), {}, route.streams)
        elif not route.documented and not hidden:
            changes.add(route.path, "the route", "the app hides it from its document; --hidden takes such routes in")
        else:
            for method in route.methods or (ANY,):
                yield Endpoint(method, path, (f"{method} {route.path}",), {}, route.streams)


def _marked(path: str, greedy: Sequence[str]) -> str:
    for name in greedy:
        path = path.replace(f"{{{name}}}", f"{{{name}+}}")
    return path


def choose_streaming(endpoints: Sequence[Endpoint], wanted: Sequence[str]) -> list[Endpoint]:
    """The endpoints with those that stream because the user names them. Raises `UsageError` for one that isn't."""
    by_name = {name: endpoint for endpoint in endpoints for name in (*endpoint.names, str(endpoint))}
    chosen = {_named(text, by_name) for text in wanted}
    return [
        replace(endpoint, streams="--stream names it", tag=None) if str(endpoint) in chosen else endpoint
        for endpoint in endpoints
    ]


def stream_all(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """The endpoints with all streaming as soon as one does: a function answers in the streaming format or not at all,
    since the Lambda Web Adapter has one mode for it.
    https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html"""
    if not any(endpoint.streams for endpoint in endpoints):
        return list(endpoints)
    return [replace(endpoint, streams=endpoint.streams or "its function streams as a whole") for endpoint in endpoints]


def _named(text: str, by_name: dict[str, Endpoint]) -> str:
    try:
        name = RouteName.parse(text)
    except ValueError as error:
        raise UsageError(f"--stream {text!r} is no route", f"Write {error}.") from None
    wanted = f"{name.method} {name.path}"
    if wanted not in by_name:
        near = nearest(wanted, sorted(by_name))
        raise UsageError(f"--stream {wanted}: the app has no such route", f"Did you mean {near}?" if near else "")
    return str(by_name[wanted])

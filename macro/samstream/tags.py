"""The tags of a template: where each stands, what it says, how narrow its place is.

Reading never fails: what a tag says wrong becomes its `problem`, for the rules to tell.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from samstream.events import TRANSFER_MODE, EventTag
from samstream.findings import nearest
from samstream.intrinsics import NO_VALUE, Resolver, Unresolvable
from samstream.options import PARAMETERS, Options, RouteName, read_flag, read_routes, read_timeout
from samstream.routes import Route, RouteTable
from samstream.template import FUNCTION, METHOD, OPERATION_TAG, REST_API, SAM_API, SAM_FUNCTION, Resource, Template
from samstream.types import Json, Place

METADATA_KEY: Final = "Streaming"

MAP_KEYS: Final = ("Enabled", "Routes", "TimeoutInMillis")
_ON: Final = ("RESPONSE_STREAM", "RESPONSESTREAM", "STREAM", "STREAMED", "STREAMING")
_OFF: Final = ("BUFFERED", "BUFFER")

TAGGABLE: Final = (SAM_FUNCTION, FUNCTION, SAM_API, REST_API, METHOD)
"""Types whose `Metadata` may say `Streaming`."""


Reader = Callable[[Json, Resolver], "Streaming | None"]


def is_misspelt(key: str) -> bool:
    """A key of Metadata that means the tag and isn't it."""
    return key != METADATA_KEY and key.strip().lower() == METADATA_KEY.lower()


class Scope(IntEnum):
    """Places of tags, narrowest first: the lower one wins."""

    ROUTE = 1  # an event, an operation, a Method
    FUNCTION = 2
    API = 3
    GLOBAL_FUNCTION = 4
    GLOBAL_API = 5
    EARLIER_PASS = 6
    PARAMETERS = 7
    ENVIRONMENT = 8


class Streaming(NamedTuple):
    """What a tag says: on or off, for these routes (None: all that its place selects), with this timeout."""

    enabled: bool
    routes: tuple[RouteName, ...] | None = None
    timeout_in_millis: int | None = None


class Problem(NamedTuple):
    """Why a tag can't be read, and the rule that tells it."""

    rule: str
    reason: str


class Tag(NamedTuple):
    """A tag. `resource` is the logical id it stands on; `label` is how messages name it; `value` is None where
    `problem` says why; `event` and `route` say what it selects where that is one route."""

    scope: Scope
    resource: str
    place: Place
    label: str
    value: Streaming | None = None
    problem: Problem | None = None
    event: EventTag | None = None
    route: Route | None = None


def read_value(raw: Json, resolver: Resolver) -> Streaming | None:
    """A tag's value with its intrinsics resolved; None for `AWS::NoValue`, which is no tag.

    Raises `ValueError` on what is no tag's value and `Unresolvable` on what the deployment alone knows.
    """
    value = resolver.resolve(raw)
    if value is NO_VALUE:
        return None
    if not isinstance(value, dict):
        return _simple(value)
    unknown = [key for key in value if key not in MAP_KEYS]
    if unknown:
        near = nearest(min(unknown), MAP_KEYS, 0.5)
        hint = f" (did you mean {near}?)" if near else ""
        named = ", ".join(map(repr, sorted(unknown)))[:80]
        raise ValueError(f"a map may have {', '.join(MAP_KEYS)}, and not {named}{hint}")
    timeout = None
    if "TimeoutInMillis" in value:
        try:
            timeout = read_timeout(value["TimeoutInMillis"])
        except ValueError as error:
            raise ValueError(f"TimeoutInMillis must be {error}") from None
    try:
        routes = read_routes(value["Routes"]) if "Routes" in value else None
    except ValueError as error:
        raise ValueError(f"each of its Routes must be {error}") from None
    if routes == ():
        raise ValueError("its Routes are empty; name a route, or leave Routes out to mean all")
    try:
        enabled = read_flag(value.get("Enabled", True))
    except ValueError as error:
        raise ValueError(f"its Enabled must be {error}") from None
    return Streaming(enabled, routes, timeout)


def _simple(value: Json) -> Streaming:
    try:
        return Streaming(read_flag(value))
    except ValueError:
        pass
    if value in (None, "", [], [""]):
        raise ValueError("it is empty; give it true, false, a route or a list of routes")
    try:
        return Streaming(True, read_routes(value))
    except ValueError as error:
        raise ValueError(
            f"it must be true, false, routes or a map of {', '.join(MAP_KEYS)}; a route is {error}"
        ) from None


def read_transfer_mode(raw: Json, resolver: Resolver) -> Streaming | None:
    """SAM's `ResponseTransferMode` in a spelling that SAM ignores. Raises as `read_value` does."""
    value = resolver.resolve(raw)
    if value is NO_VALUE:
        return None
    word = value.strip().upper().replace("-", "_").replace(" ", "_") if isinstance(value, str) else ""
    if word not in (*_ON, *_OFF):
        raise ValueError(
            "a ResponseTransferMode is RESPONSE_STREAM or BUFFERED, and SAM ignores anything else silently"
        )
    return Streaming(word in _ON)


def tags_of_routes(table: RouteTable, resolver: Resolver) -> Iterator[Tag]:
    """`x-samstream-streaming` on operations, each branch of an `Fn::If` its own."""
    tagged = {route.place: route for route in table.routes if OPERATION_TAG in route.body}
    for place, route in tagged.items():
        tag = Tag(Scope.ROUTE, route.owner, (*place, OPERATION_TAG), str(route), route=route)
        yield from _read(tag, route.body[OPERATION_TAG], resolver)


def tags_of_methods(template: Template, table: RouteTable) -> Iterator[Tag]:
    """`Metadata: Streaming` on Method resources."""
    methods = {route.place: route for route in table.routes}
    for method in template.of_type(METHOD):
        if METADATA_KEY in method.metadata:
            yield from _of_metadata(method, Scope.ROUTE, template.resolver, methods[method.place])


def tags_of_resources(template: Template) -> Iterator[Tag]:
    """`Metadata: Streaming` on functions and APIs, of SAM's types and of CloudFormation's own."""
    for types, scope in (((SAM_FUNCTION, FUNCTION), Scope.FUNCTION), ((SAM_API, REST_API), Scope.API)):
        for resource in template.of_type(*types):
            if METADATA_KEY in resource.metadata:
                yield from _of_metadata(resource, scope, template.resolver, None)


def _of_metadata(resource: Resource, scope: Scope, resolver: Resolver, route: Route | None) -> Iterator[Tag]:
    tag = Tag(
        scope, resource.id, (*resource.place, "Metadata", METADATA_KEY), f"Metadata of {resource.id}", route=route
    )
    yield from _read(tag, resource.metadata[METADATA_KEY], resolver)


def tags_of_events(events: Sequence[EventTag], resolver: Resolver) -> Iterator[Tag]:
    """Tags of Api events and of Globals, found before SAM or kept for after it."""
    for event in events:
        kind = f"{TRANSFER_MODE} of " if event.is_transfer_mode else "" if event.scope == "ROUTE" else "Globals for "
        label = f"{kind}event {event.event} of {event.function}"
        tag = Tag(Scope[event.scope], event.function, event.place, label, event=event)
        yield from _read(tag, event.value, resolver, read_transfer_mode if event.is_transfer_mode else read_value)


def tags_of_earlier_pass(buffered: Iterable[RouteName]) -> Iterator[Tag]:
    """Routes that a tag kept buffered in a pass before this one, which took the tag off: it still wins over options."""
    names = tuple(buffered)
    if names:
        yield Tag(Scope.EARLIER_PASS, "", (), "a tag of an earlier pass", Streaming(False, names))


def tags_of_options(options: Options) -> Iterator[Tag]:
    """`Routes` of the Transform entry and of the organisation."""
    for scope, routes, label, place in (
        (Scope.PARAMETERS, options.routes, "Routes of the Transform entry", (*PARAMETERS, "Routes")),
        (Scope.ENVIRONMENT, options.default_routes, "the organisation's default Routes", ()),
    ):
        if routes:
            yield Tag(scope, "", place, label, Streaming(True, routes))


def _read(tag: Tag, raw: Json, resolver: Resolver, reader: Reader = read_value) -> Iterator[Tag]:
    """The tag with its value or its problem; nothing at all for `AWS::NoValue`."""
    try:
        value = reader(raw, resolver)
        if value is not None:
            yield tag._replace(value=value)
    except Unresolvable as error:
        yield tag._replace(problem=Problem("E102", str(error)))
    except RecursionError:
        yield tag._replace(problem=Problem("E102", "it is nested too deeply"))
    except ValueError as error:
        yield tag._replace(problem=Problem("E101", str(error)))

"""Every route that a template has before any transform, and where a tag for it goes."""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from samstream.events import IMPLICIT_API
from samstream.intrinsics import Unresolvable
from samstream.routes import UNKNOWN_PATH, Route, RouteReader
from samstream.template import (
    FUNCTION,
    LOOP,
    METHOD,
    REST_API,
    SAM_API,
    SAM_FUNCTION,
    Resource,
    Stack,
    Template,
    is_template,
)
from samstream.types import Json, JsonObject, Place, as_object

UNKNOWN_METHOD: Final = "?"

_VARIABLE: Final = re.compile(r"[$&]\{")
_DEFINITION: Final = ("Properties", "DefinitionBody")
_BODY: Final = ("Properties", "Body")


class SourceRoute(NamedTuple):
    """A route where it is written: an event of a SAM function, an operation of an inline definition (one for each
    branch of an `Fn::If`), or a Method. `place` is that of the event, the operation or the resource."""

    api: str
    method: str
    path: str
    kind: Literal["event", "operation", "method"]
    place: Place
    function: str | None
    event: str | None

    def __str__(self) -> str:
        return f"{self.api} {self.method} {self.path}"


class Event(NamedTuple):
    """Any event of a SAM function, whatever it listens to."""

    function: Resource
    name: str
    place: Place
    body: JsonObject

    @property
    def properties(self) -> JsonObject:
        return as_object(self.body.get("Properties"))

    def __str__(self) -> str:
        return f"{self.function.id}.{self.name}"


def source_routes(template: JsonObject, stack: Stack) -> tuple[SourceRoute, ...]:
    """The routes of REST APIs, events first. A method or path that only the deployment knows is `?` or `/...`; what a
    loop makes of names that aren't literal is left out."""
    if not is_template(template):
        return ()
    read = Template(template, stack)
    shadow = Template({**template, "Resources": _without_sam(template["Resources"])}, stack)
    of_bodies = (_written(route, read) for route in RouteReader(shadow).read().routes)
    return tuple(dict.fromkeys((*_routes_of_events(read), *of_bodies)))


def events_in(template: Template) -> Iterator[Event]:
    """The events of all SAM functions, those in loops over resources among them."""
    for function in template.of_type(SAM_FUNCTION, looped=True):
        for name, body in as_object(function.properties.get("Events")).items():
            if isinstance(body, dict):
                yield Event(function, name, (*function.place, "Properties", "Events", name), body)


def _routes_of_events(template: Template) -> Iterator[SourceRoute]:
    reader = RouteReader(template)
    for event in events_in(template):
        if event.body.get("Type") == "Api" and not (event.function.in_loop and _is_looped(event)):
            api = event.properties.get("RestApiId")
            yield SourceRoute(
                IMPLICIT_API if api is None else reader.api_of(api),
                _known(event.properties.get("Method"), template, UNKNOWN_METHOD).upper(),
                _known(event.properties.get("Path"), template, UNKNOWN_PATH),
                "event",
                event.place,
                event.function.id,
                event.name,
            )


def _is_looped(event: Event) -> bool:
    """Each turn of the loop makes another route of it."""
    names = [event.properties.get(key) for key in ("Method", "Path")]
    return not all(isinstance(name, str) and not _VARIABLE.search(name) for name in names)


def _known(value: Json, template: Template, unknown: str) -> str:
    try:
        known = template.resolver.resolve(value)
    except Unresolvable:
        return unknown
    return known if isinstance(known, str) else unknown


def _without_sam(resources: JsonObject) -> JsonObject:
    """The resources with SAM's APIs and functions as what they will be, for the reader of processed templates."""
    return {name: _plain(body) if not name.startswith(LOOP) else body for name, body in resources.items()}


def _plain(body: Json) -> Json:
    kind = as_object(body).get("Type")
    if kind == SAM_FUNCTION:
        return {**body, "Type": FUNCTION}
    if kind == SAM_API:
        definition = as_object(body.get("Properties")).get("DefinitionBody")
        return {**body, "Type": REST_API, "Properties": {"Body": definition}}
    return body


def _written(route: Route, template: Template) -> SourceRoute:
    owner = template.resources[route.owner]
    place = route.place
    if owner.type == SAM_API:
        end = len(owner.place) + len(_BODY)
        place = (*owner.place, *_DEFINITION, *place[end:])
    kind: Literal["operation", "method"] = "method" if owner.type == METHOD else "operation"
    function = route.functions[0] if len(route.functions) == 1 else None
    return SourceRoute(route.api, route.method, route.path, kind, place, function, None)

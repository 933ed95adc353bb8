"""From a place in a processed template back to the place in the source that it comes from.

SAM makes an API's body of events and of `DefinitionBody`, its stage of the API's properties or of Globals, and
resources named after functions, events and APIs. Loops make resources of one body.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from samstream.edits import ABSENT, value_at
from samstream.events import IMPLICIT_API
from samstream.options import PARAMETERS
from samstream.routes import ANY
from samstream.template import LOOP, SAM_API, SAM_FUNCTION, SAM_STATE_MACHINE, Resource, resources_in
from samstream.types import Json, JsonObject, Place, as_object

_GLOBALS: Final = {SAM_FUNCTION: "Function", SAM_API: "Api"}
_LOOP_VARIABLE: Final = re.compile(r"[$&]\{\w+\}")
_SETTINGS: Final[Mapping[str, tuple[Place, ...]]] = {
    "Streaming": (("Properties", "Streaming"), ("Streaming",), ("Properties", "ResponseTransferMode")),
    "timeoutInMillis": (("Properties", "TimeoutInMillis"), ("Properties", "Streaming", "TimeoutInMillis")),
    "responseTransferMode": (("Properties", "ResponseTransferMode"),),
}
"""What an event may call it, most telling first."""

_URL: Final = ("Properties", "FunctionUrlConfig")
_HTTP_API: Final = "ServerlessHttpApi"


class Origins:
    """Finds origins in one source template, which is a map with a map of Resources."""

    def __init__(self, source: JsonObject) -> None:
        self._source = source
        self._resources = list(resources_in(source["Resources"], ("Resources",)))
        self._by_id = {found.id: found for found in self._resources if not found.in_loop}
        self._events = dict(self._read_events())

    def of(self, place: Place) -> Place:
        """The deepest place of the source that what stands at `place` was made of."""
        if place[:2] == PARAMETERS:
            return self._parameter(place[2:])
        if len(place) < 2 or place[0] != "Resources" or str(place[1]).startswith(LOOP):
            return self._existing(place)
        name, rest = str(place[1]), place[2:]
        resource = self._by_id.get(name) or self._looped(name)
        if resource is not None:
            return self._within(resource, rest)
        return self._generated(name, rest)

    def _existing(self, place: Place) -> Place:
        while place and value_at(self._source, place) is ABSENT:
            place = place[:-1]
        return place

    def _parameter(self, rest: Place) -> Place:
        """Of the entries under Transform, the one that has this parameter."""
        section = self._source.get("Transform")
        entries = enumerate(section) if isinstance(section, list) else [((), section)]
        for index, _ in entries:
            place = ("Transform", index, "Parameters", *rest) if isinstance(index, int) else (*PARAMETERS, *rest)
            if value_at(self._source, place) is not ABSENT:
                return place
        return ("Transform",)

    def _looped(self, name: str) -> Resource | None:
        """The resource of a loop's body whose id becomes this name."""
        for resource in self._resources:
            pieces = map(re.escape, _LOOP_VARIABLE.split(resource.id))
            if resource.in_loop and re.fullmatch(r"\w+".join(pieces), name):
                return resource
        return None

    def _within(self, resource: Resource, rest: Place) -> Place:
        if resource.type == SAM_API and rest[:2] == ("Properties", "Body"):
            body = (*resource.place, "Properties", "DefinitionBody")
            if value_at(self._source, body) is not ABSENT:
                return self._existing((*body, *rest[2:]))
            return self._event_of(resource.id, rest) or resource.place
        own = self._existing((*resource.place, *rest))
        section = _GLOBALS.get(resource.type)
        if section and rest[:1] == ("Properties",) and len(own) < len(resource.place) + 2:
            shared = self._existing(("Globals", section, *rest[1:]))
            return shared if len(shared) > 2 else own
        return self._tag_of(resource, own)

    def _tag_of(self, resource: Resource, own: Place) -> Place:
        """Of an event, its tag: that is what a finding about a tagged event is about."""
        relative = own[len(resource.place) :]
        return self._setting(own, "Streaming") if len(relative) == 3 and relative[1] == "Events" else own

    def _generated(self, name: str, rest: Place) -> Place:
        """What SAM made: it begins the names of what it makes with those of what it makes them of."""
        if name.startswith(IMPLICIT_API):
            shared = self._existing(("Globals", "Api", *rest[1:]))
            return self._event_of(IMPLICIT_API, rest) or (shared if len(shared) > 1 else self._first_event("Api"))
        if name.startswith(_HTTP_API):
            return self._first_event("HttpApi")
        makers = [
            found for found in self._by_id.values() if name.startswith(found.id) and found.type.count("Serverless")
        ]
        if not makers:
            return ()
        maker = max(makers, key=lambda found: len(found.id))
        if maker.type not in (SAM_FUNCTION, SAM_STATE_MACHINE):
            return self._within(maker, rest)
        return self._of_function(maker, name.removeprefix(maker.id))

    def _of_function(self, maker: Resource, ending: str) -> Place:
        if ending == "Url":
            return self._existing((*maker.place, *_URL))
        events = [event for event in as_object(maker.properties.get("Events")) if ending.startswith(event)]
        if events:
            return (*maker.place, "Properties", "Events", max(events, key=len))
        return maker.place

    def _event_of(self, api: str, rest: Place) -> Place | None:
        """The event that made the operation at this place of an API's body."""
        if "paths" not in rest:
            return None
        steps = [step for step in rest[rest.index("paths") + 1 :] if isinstance(step, str) and step != "Fn::If"]
        if len(steps) < 2:
            return None
        event = self._events.get((api, "ANY" if steps[1] == ANY else steps[1].upper(), steps[0]))
        return self._setting(event, steps[-1]) if event else None

    def _setting(self, event: Place, name: str) -> Place:
        """Where an event says what an integration has under this name, or the event itself."""
        for place in _SETTINGS.get(name, ()):
            if value_at(self._source, (*event, *place)) is not ABSENT:
                return (*event, *place)
        return event

    def _first_event(self, kind: str) -> Place:
        return next((place for place, event in self._all_events() if event.get("Type") == kind), ())

    def _all_events(self) -> Iterator[tuple[Place, JsonObject]]:
        for resource in self._resources:
            if resource.type == SAM_FUNCTION:
                for name, event in as_object(resource.properties.get("Events")).items():
                    yield (*resource.place, "Properties", "Events", name), as_object(event)

    def _read_events(self) -> Iterator[tuple[tuple[str, str, str], Place]]:
        for place, event in self._all_events():
            properties = as_object(event.get("Properties"))
            if event.get("Type") == "Api":
                api = _name(properties.get("RestApiId"))
                yield (api, str(properties.get("Method")).upper(), str(properties.get("Path"))), place


def _name(api: Json) -> str:
    if isinstance(api, Mapping):
        return str(api.get("Ref"))
    return IMPLICIT_API if api is None else str(api)

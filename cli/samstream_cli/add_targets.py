"""What the words after `samstream add TEMPLATE` name: routes of the template."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from samstream.findings import nearest
from samstream.options import RouteName
from samstream.routes import UNKNOWN_PATH
from samstream.template import FUNCTION, SAM_FUNCTION, Resource, Stack, Template
from samstream.types import JsonObject
from samstream_cli.errors import UsageError
from samstream_cli.source_routes import UNKNOWN_METHOD, Event, SourceRoute, events_in, source_routes

_REST_API: Final = "Make it a route of a REST API: an event of Type Api."
_SHOWN: Final = 20


class Target(NamedTuple):
    """One route, at all places where it is written. `label` is its name, with the API where another one has it too; or,
    of an event that a loop or the deployment names, the event's."""

    name: RouteName
    label: str
    places: tuple[SourceRoute, ...]

    @property
    def is_named(self) -> bool:
        """Tags may call it by its name."""
        is_path = self.name.path.startswith("/") and not self.name.path.startswith(UNKNOWN_PATH)
        return is_path and self.name.method != UNKNOWN_METHOD


class Whole(NamedTuple):
    """A function with all its routes."""

    function: Resource
    routes: tuple[Target, ...]


class Targets(NamedTuple):
    """What is to be tagged."""

    routes: tuple[Target, ...] = ()
    functions: tuple[Whole, ...] = ()


class TargetReader:
    """Reads words. Where SAM merges an event with an operation, the event is the route."""

    def __init__(self, name: str, body: JsonObject, stack: Stack) -> None:
        self._name = name
        self._template = Template(body, stack)
        self._events = list(events_in(self._template))
        self._all: dict[RouteName, list[SourceRoute]] = {}
        for route in source_routes(body, stack):
            same = self._all.setdefault(RouteName(route.method, route.path, route.api), [])
            if not same or same[0].kind == route.kind:
                same.append(route)
        known = {route.place for places in self._all.values() for route in places}
        for event in self._events:
            if event.body.get("Type") == "Api" and event.place not in known:
                route = SourceRoute(
                    str(event), UNKNOWN_METHOD, UNKNOWN_PATH, "event", event.place, event.function.id, event.name
                )
                self._all[RouteName(route.method, route.path, route.api)] = [route]

    def read(self, words: Sequence[str], functions: Sequence[str]) -> Targets:
        """Raises `UsageError` on a word that names nothing."""
        routes = dict.fromkeys(self._target(word) for word in words)
        return Targets(tuple(routes), tuple(self._whole(name) for name in dict.fromkeys(functions)))

    def _target(self, word: str) -> Target:
        try:
            return self._route(RouteName.parse(word))
        except ValueError:
            return self._event(word)

    def _route(self, wanted: RouteName) -> Target:
        found = [name for name in self._all if _is_named(wanted, name)]
        if len(found) > 1:
            known = ", ".join(f'"{name}"' for name in found)
            raise UsageError(f"{wanted} is a route of several APIs in {self._name}", f"Write one of {known}.")
        if not found:
            self._refuse_event(str(wanted), (event for event in self._events if _is_of(event, wanted)))
            raise self._unknown(str(wanted))
        return self._of(found[0], self._all[found[0]])

    def _of(self, name: RouteName, places: list[SourceRoute]) -> Target:
        same = [other for other in self._all if other[:2] == name[:2]]
        target = Target(name, str(name if len(same) > 1 else name._replace(api=None)), tuple(places))
        if target.is_named or places[0].event is None:
            return target
        return target._replace(label=f"{places[0].function}.{places[0].event}")

    def _event(self, word: str) -> Target:
        for name, places in self._all.items():
            for route in places:
                if route.event is not None and f"{route.function}.{route.event}" == word:
                    return self._of(name, [route])
        self._refuse_event(word, (event for event in self._events if str(event) == word))
        raise self._unknown(word)

    def _refuse_event(self, word: str, events: Iterator[Event]) -> None:
        event = next(events, None)
        kind = event.body.get("Type") if event is not None else None
        if kind == "HttpApi":
            raise UsageError(f"{word} is a route of an HTTP API, and HTTP APIs can't stream", _REST_API)
        if event is not None:
            raise UsageError(f"{word} is an event of another kind, which has no route", "Name an event of Type Api.")

    def _whole(self, name: str) -> Whole:
        functions = {found.id: found for found in self._template.of_type(SAM_FUNCTION, FUNCTION, looped=True)}
        if name not in functions:
            near = nearest(name, list(functions), 0.5)
            hint = f"Did you mean {near}? " if near else ""
            raise UsageError(f"{self._name} has no function {name}", f"{hint}It has {_listed(list(functions))}.")
        routes = []
        for route, places in self._all.items():
            own = [place for place in places if place.function == name]
            routes.extend([self._of(route, own)] if own else [])
        return Whole(functions[name], tuple(routes))

    def _unknown(self, word: str) -> UsageError:
        routes = [name for name, places in self._all.items() if Target(name, "", tuple(places)).is_named]
        apis = {name.api for name in routes}
        spelt = [str(name._replace(api=None) if len(apis) < 2 else name) for name in routes]
        events = [str(event) for event in self._events if event.body.get("Type") == "Api"]
        near = nearest(word, [*spelt, *events], 0.5)
        hint = f"Did you mean {near}? " if near else ""
        return UsageError(f"{self._name} has no route {word}", f"{hint}It has {_listed([*spelt, *events])}.")


def _is_named(wanted: RouteName, name: RouteName) -> bool:
    """SAM lets a path through that doesn't begin with a slash."""
    return (
        wanted.method == name.method
        and wanted.path.lstrip("/") == name.path.lstrip("/")
        and wanted.api in (None, name.api)
    )


def _is_of(event: Event, wanted: RouteName) -> bool:
    method, path = (str(event.properties.get(key, "any")) for key in ("Method", "Path"))
    return (method.upper(), path) == (wanted.method, wanted.path)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more if names else "none"

"""Which routes the tags select: the narrowest place that says something about a route decides.

What selects nothing or contradicts itself is kept as a value, for the rules to tell.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from samstream.events import IMPLICIT_API, EventTag
from samstream.integration import STREAMABLE
from samstream.intrinsics import Unresolvable
from samstream.options import RouteName
from samstream.routes import Route, RouteReader, RouteTable
from samstream.tags import Scope, Streaming, Tag
from samstream.template import Template
from samstream.types import Json, Place

_DEFAULTS = (Scope.GLOBAL_FUNCTION, Scope.GLOBAL_API)
"""Their routes are spoken to every event, and are found if any event's is among them."""


class Choice(NamedTuple):
    """What is decided for a route, and by which tag."""

    tag: Tag
    enabled: bool
    timeout_in_millis: int | None


class Unmatched(NamedTuple):
    """A tag that names a route there is none of. `apis` are those it was looked for in."""

    tag: Tag
    wanted: str
    apis: tuple[str, ...]


class Contradiction(NamedTuple):
    """Two tags of equally narrow places that disagree on a route."""

    route: Route
    one: Tag
    other: Tag


class Selection:
    """`choices` are by the number of the route in the table; `overruled` are routes that a wider place would have
    streaming and a narrower one keeps buffered."""

    def __init__(self) -> None:
        self.choices: dict[int, Choice] = {}
        self.overruled: set[int] = set()
        self.unmatched: list[Unmatched] = []
        self.contradictions: list[Contradiction] = []


class Selector:
    """Decides for every route of a table."""

    def __init__(self, template: Template, reader: RouteReader, table: RouteTable) -> None:
        self._template = template
        self._reader = reader
        self._routes = table.routes
        self._by_api = table.by_api
        self._by_function = table.by_function
        self._defaults: dict[tuple[Scope, RouteName], Tag] = {}
        self._used: set[tuple[Scope, RouteName]] = set()
        self._selection = Selection()

    def select(self, tags: Sequence[Tag]) -> Selection:
        """The widest places speak first, so that narrower ones overrule them."""
        for tag in sorted(tags, key=lambda tag: tag.scope, reverse=True):
            if tag.value is not None:
                for number in self._selected(tag, tag.value):
                    self._decide(number, tag, tag.value)
        for key, tag in self._defaults.items():
            if key not in self._used:
                self._miss(tag, key[1])
        return self._selection

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for number, route in enumerate(self._routes):
            found.setdefault((route.method, route.path), []).append(number)
        return found

    @cached_property
    def _by_place(self) -> dict[Place, list[int]]:
        found: dict[Place, list[int]] = {}
        for number, route in enumerate(self._routes):
            found.setdefault(route.place, []).append(number)
        return found

    def _decide(self, number: int, tag: Tag, value: Streaming) -> None:
        earlier = self._selection.choices.get(number)
        timeout = value.timeout_in_millis
        if earlier is not None and earlier.tag.scope == tag.scope:
            if earlier.enabled != value.enabled:
                self._selection.contradictions.append(Contradiction(self._routes[number], earlier.tag, tag))
            timeout = timeout or earlier.timeout_in_millis
        elif earlier is not None and earlier.enabled and not value.enabled:
            self._selection.overruled.add(number)
        self._selection.choices[number] = Choice(tag, value.enabled, timeout)

    def _selected(self, tag: Tag, value: Streaming) -> Iterable[int]:
        numbers = list(self._of_place(tag))
        if value.routes is not None:
            return self._named(tag, value.routes, numbers)
        if tag.scope is Scope.API:
            numbers = [number for number in numbers if _is_proxy(self._routes[number])]
        if not numbers and tag.event is None and value.enabled:
            self._selection.unmatched.append(Unmatched(tag, "", self._apis(tag)))
        return numbers

    def _of_place(self, tag: Tag) -> Iterable[int]:
        """The routes that a tag's place holds, before it names some of them."""
        if tag.event is not None:
            return self._of_event(tag, tag.event)
        if tag.route is not None:
            return self._by_place[tag.route.place]
        if tag.scope is Scope.FUNCTION:
            return self._by_function.get(tag.resource, ())
        if tag.scope is Scope.API:
            return self._by_api.get(tag.resource, ())
        return () if tag.scope is Scope.ROUTE else range(len(self._routes))

    def _of_event(self, tag: Tag, event: EventTag) -> list[int]:
        api = IMPLICIT_API if event.api is None else self._reader.api_of(event.api)
        method, path = self._known(event.method).upper(), self._known(event.path)
        numbers = [number for number in self._by_name.get((method, path), ()) if self._routes[number].api == api]
        own = [number for number in numbers if tag.resource in self._routes[number].functions]
        if not numbers and (tag.value is None or tag.value.enabled):
            self._selection.unmatched.append(Unmatched(tag, f"{method} {path}", (api,)))
        return own or numbers

    def _known(self, value: Json) -> str:
        try:
            known = self._template.resolver.resolve(value)
        except Unresolvable:
            known = None
        return known if isinstance(known, str) else "?"

    def _named(self, tag: Tag, names: Iterable[RouteName], numbers: list[int]) -> list[int]:
        found: list[int] = []
        within = set(numbers)
        for name in names:
            named: Iterable[int] = self._by_name.get((name.method, name.path), ())
            if tag.scope is Scope.ENVIRONMENT:
                named = [number for number in named if self._routes[number].problem is None]
            matching = [number for number in named if number in within and name.api in (None, self._routes[number].api)]
            found.extend(matching)
            if tag.scope in _DEFAULTS:
                self._defaults.setdefault((tag.scope, name), tag)
                self._used.update({(tag.scope, name)} if matching else ())
            elif not matching and tag.scope not in (Scope.ENVIRONMENT, Scope.EARLIER_PASS):
                self._miss(tag, name)
        return found

    def _miss(self, tag: Tag, name: RouteName) -> None:
        apis = (name.api,) if name.api else self._apis(tag)
        self._selection.unmatched.append(Unmatched(tag, str(name), apis))

    def _apis(self, tag: Tag) -> tuple[str, ...]:
        if tag.scope is Scope.API:
            return (tag.resource,)
        own = (self._routes[number].api for number in self._by_function.get(tag.resource, ()))
        return tuple(dict.fromkeys(own)) or tuple(self._by_api)


def _is_proxy(route: Route) -> bool:
    """It is one, or may be one for all a template shows."""
    return route.integration is not None and route.integration.type in (*STREAMABLE, "")

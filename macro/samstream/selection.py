"""Which routes the tags select: the narrowest place that says something about a route decides.

What selects nothing or contradicts itself is kept as a value, for the rules to tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from samstream.events import IMPLICIT_API, EventTag
from samstream.integration import STREAMABLE
from samstream.intrinsics import Unresolvable
from samstream.options import RouteName
from samstream.routes import Route, RouteReader, RouteTable
from samstream.tags import Scope, Streaming, Tag
from samstream.template import Template
from samstream.types import Json


@dataclass(frozen=True, slots=True)
class Choice:
    """What is decided for a route, and by which tag."""

    tag: Tag
    enabled: bool
    timeout_in_millis: int | None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A tag that names a route there is none of. `apis` are those it was looked for in."""

    tag: Tag
    wanted: str
    apis: tuple[str, ...]
    candidates: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two tags of equally narrow places that disagree on a route."""

    route: Route
    one: Tag
    other: Tag


@dataclass(slots=True)
class Selection:
    """`choices` are by the index of the route in the table."""

    choices: dict[int, Choice] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)


class Selector:
    """Decides for every route of a table."""

    def __init__(self, template: Template, reader: RouteReader, table: RouteTable) -> None:
        self._template = template
        self._reader = reader
        self._routes = table.routes
        self._numbered = dict(enumerate(table.routes))
        self._by_api: dict[str, list[int]] = {}
        self._by_function: dict[str, list[int]] = {}
        for number, route in self._numbered.items():
            self._by_api.setdefault(route.api, []).append(number)
            for function in route.functions:
                self._by_function.setdefault(function, []).append(number)
        self._selection = Selection()

    def select(self, tags: Sequence[Tag]) -> Selection:
        """The widest places speak first, so that narrower ones overrule them."""
        for tag in sorted(tags, key=lambda tag: tag.scope, reverse=True):
            if tag.value is not None:
                for number in self._selected(tag, tag.value):
                    self._decide(number, tag, tag.value)
        return self._selection

    def _decide(self, number: int, tag: Tag, value: Streaming) -> None:
        earlier = self._selection.choices.get(number)
        timeout = value.timeout_in_millis
        if earlier is not None and earlier.tag.scope == tag.scope:
            if earlier.enabled != value.enabled:
                self._selection.contradictions.append(Contradiction(self._routes[number], earlier.tag, tag))
            timeout = timeout or earlier.timeout_in_millis
        self._selection.choices[number] = Choice(tag, value.enabled, timeout)

    def _selected(self, tag: Tag, value: Streaming) -> Iterable[int]:
        numbers = list(self._of_place(tag))
        if value.routes is not None:
            return self._named(tag, value.routes, numbers)
        if tag.scope is Scope.API:
            numbers = [number for number in numbers if _is_proxy(self._routes[number])]
        if not numbers and tag.event is None and value.enabled:
            self._selection.unmatched.append(Unmatched(tag, "", self._apis(tag), ()))
        return numbers

    def _of_place(self, tag: Tag) -> Iterable[int]:
        """The routes that a tag's place holds, before it names some of them."""
        if tag.event is not None:
            return self._of_event(tag, tag.event)
        if tag.route is not None:
            place = tag.route.place
            return [number for number in self._by_api[tag.route.api] if self._routes[number].place == place]
        if tag.scope is Scope.FUNCTION:
            return self._by_function.get(tag.resource, ())
        if tag.scope is Scope.API:
            return self._by_api.get(tag.resource, ())
        return () if tag.scope is Scope.ROUTE else self._numbered

    def _of_event(self, tag: Tag, event: EventTag) -> list[int]:
        api, method, path = map(self._known, (event.api, event.method, event.path))
        api = IMPLICIT_API if event.api is None else self._reader.api_of(event.api)
        wanted = f"{method.upper()} {path}" if isinstance(method, str) else f"? {path}"
        numbers = [
            number
            for number in self._by_api.get(api, ())
            if (route := self._routes[number]).path == path and route.method == wanted.split(" ", maxsplit=1)[0]
        ]
        own = [number for number in numbers if tag.resource in self._routes[number].functions]
        if not numbers and (tag.value is None or tag.value.enabled):
            self._selection.unmatched.append(Unmatched(tag, wanted, (api,), self._candidates((api,))))
        return own or numbers

    def _known(self, value: Json) -> Json:
        try:
            return self._template.resolver.resolve(value)
        except Unresolvable:
            return None

    def _named(self, tag: Tag, names: Iterable[RouteName], numbers: list[int]) -> list[int]:
        found: list[int] = []
        for name in names:
            matching = [number for number in numbers if _matches(name, self._routes[number])]
            found.extend(matching)
            if not matching and tag.scope is not Scope.ENVIRONMENT:
                apis = (name.api,) if name.api else self._apis(tag)
                self._selection.unmatched.append(Unmatched(tag, str(name), apis, self._candidates(apis)))
        return found

    def _apis(self, tag: Tag) -> tuple[str, ...]:
        if tag.scope is Scope.API:
            return (tag.resource,)
        own = (self._routes[number].api for number in self._by_function.get(tag.resource, ()))
        return tuple(dict.fromkeys(own)) or tuple(self._by_api)

    def _candidates(self, apis: tuple[str, ...]) -> tuple[Route, ...]:
        return tuple(self._routes[number] for api in apis for number in self._by_api.get(api, ()))


def _matches(name: RouteName, route: Route) -> bool:
    return name.method == route.method and name.path == route.path and name.api in (None, route.api)


def _is_proxy(route: Route) -> bool:
    return route.integration is not None and route.integration.type in STREAMABLE

"""The plan of a transform: which routes will stream, why, and the edits that make them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from samstream.adapter import Adapter, read_adapter
from samstream.edits import ABSENT, Edit
from samstream.events import RECORD, TRIPWIRE_TYPE, TakenOff
from samstream.intrinsics import NO_VALUE, Unresolvable
from samstream.options import MAX_TIMEOUT, Options
from samstream.redeploy import ApiDeployments, Versions, deployments_of, versions_of
from samstream.routes import Route, RouteReader, RouteTable
from samstream.selection import Choice, Selection, Selector
from samstream.tags import METADATA_KEY, TAGGABLE, Tag
from samstream.template import OPERATION_TAG, REST_API, Resource, Template
from samstream.types import whole_number

DEFAULT_TIMEOUT: Final = 29_000
"""Milliseconds; documented default of an integration, streaming or not."""

LAMBDA_TIMEOUT: Final = 3
"""Seconds; the Timeout of a function that sets none.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html"""


class StreamingRoute(NamedTuple):
    """A route that will stream. `tag` is None for a sibling, which streams because `why`; `timeout` in
    milliseconds is what its integration will have, None for the service's default."""

    route: Route
    tag: Tag | None
    why: str
    timeout: int | None
    edits: tuple[Edit, ...]


class Sibling(NamedTuple):
    """A route nobody tagged (`choice` None) or whose tag says no, of a function whose adapter streams as a whole."""

    route: Route
    function: str
    choice: Choice | None


class Plan:
    """All that the rules look at and that applying needs. A pass before SAM has no routes."""

    def __init__(self, template: Template, options: Options, tags: list[Tag], table: RouteTable) -> None:
        self.template = template
        self.options = options
        self.tags = tags
        self.table = table
        self.taken_off = TakenOff()
        self.selection = Selection()
        self.streaming: dict[int, StreamingRoute] = {}
        self.adapters: dict[str, Adapter] = {}
        self.siblings: list[Sibling] = []
        self.deployments: list[ApiDeployments] = []
        self.versions: list[Versions] = []
        self.edits: list[Edit] = []
        self.timeouts: dict[tuple[str, ...], int | None] = {}
        self._adapters: dict[str, Adapter | None] = {}
        self._by_api: dict[str, dict[str, list[Resource]]] = {}
        self._reader = RouteReader(template)

    @cached_property
    def all_streaming(self) -> tuple[StreamingRoute, ...]:
        """Every route that will stream, those that do by themselves among them, in the order of the table."""
        planned = {number: found for number, found in self.streaming.items() if found.route.problem is None}
        return tuple(
            planned[number] if number in planned else _by_itself(route)
            for number, route in enumerate(self.table.routes)
            if (number in planned or route.streaming) and self._is_made(route)
        )

    @cached_property
    def streaming_functions(self) -> dict[str, list[StreamingRoute]]:
        """The functions of this template behind routes that will stream, with these routes."""
        found: dict[str, list[StreamingRoute]] = {}
        for streaming in self.all_streaming:
            for name in streaming.route.functions:
                found.setdefault(name, []).append(streaming)
        return found

    @cached_property
    def buffered(self) -> tuple[Route, ...]:
        """Every route that won't stream."""
        routes = enumerate(self.table.routes)
        return tuple(
            route
            for number, route in routes
            if number not in self.streaming and not route.streaming and self._is_made(route)
        )

    def _is_made(self, route: Route) -> bool:
        """These parameter values make the route and its API."""
        template = self.template
        place = route.integration.place if route.integration else route.place
        return not (template.is_dead(route.owner) or template.is_dead(route.api) or template.is_dead_place(place))

    @cached_property
    def apis(self) -> dict[str, Resource]:
        """The REST APIs of this template that have routes that will stream."""
        names = dict.fromkeys(streaming.route.api for streaming in self.all_streaming)
        resources = self.template.resources
        return {name: resources[name] for name in names if name in resources and resources[name].type == REST_API}

    def of_api(self, kind: str, api: str) -> list[Resource]:
        """The resources of this type that name the API as their `RestApiId`."""
        if kind not in self._by_api:
            found = self._by_api[kind] = {}
            for resource in self.template.of_type(kind):
                found.setdefault(self._reader.api_of(resource.properties.get("RestApiId")), []).append(resource)
        return self._by_api[kind].get(api, [])

    def adapter_of(self, function: str) -> Adapter | None:
        """The Lambda Web Adapter of a function, as the template has it."""
        if function not in self._adapters:
            self._adapters[function] = read_adapter(self.template, self.template.resources[function])
        return self._adapters[function]

    def timeout_of(self, function: str) -> int | None:
        """A function's Timeout in seconds; None for one that isn't known before the deployment."""
        value = self.template.resources[function].properties.get("Timeout", LAMBDA_TIMEOUT)
        try:
            seconds = self.template.resolver.resolve(value)
        except Unresolvable:
            return None
        return LAMBDA_TIMEOUT if seconds is NO_VALUE else whole_number(seconds)

    def streaming_by_api(self) -> dict[str, list[StreamingRoute]]:
        found: dict[str, list[StreamingRoute]] = {}
        for planned in self.streaming.values():
            found.setdefault(planned.route.api, []).append(planned)
        return found


def plan_streaming(
    template: Template, options: Options, tags: list[Tag], reader: RouteReader, table: RouteTable
) -> Plan:
    """Decides for every route, then plans what the streaming ones, their functions and deployments need."""
    plan = Plan(template, options, tags, table)
    plan.selection = Selector(template, reader, table).select(tags)
    for number, choice in plan.selection.choices.items():
        if choice.enabled:
            _stream(plan, number, choice.tag, choice.tag.label, choice.timeout_in_millis)
    _follow_adapters(plan)
    plan.streaming = dict(sorted(plan.streaming.items()))
    for planned in plan.streaming.values():
        plan.edits.extend(planned.edits)
    for adapter in plan.adapters.values():
        plan.edits.extend(adapter.edits)
    plan.edits.extend(clean_up(template, table))
    plan.edits = _once(plan.edits)
    plan.deployments = list(deployments_of(template, reader, set(plan.streaming_by_api())))
    changed = {name for name, adapter in plan.adapters.items() if adapter.edits}
    plan.versions = list(versions_of(template, table, changed))
    return plan


def _by_itself(route: Route) -> StreamingRoute:
    timeout = route.integration.timeout if route.integration else None
    return StreamingRoute(route, None, "", timeout, ())


def _once(edits: list[Edit]) -> list[Edit]:
    """Branches may share a text, such as a variable that an Fn::Sub uses twice."""
    return list({edit.place: edit for edit in edits}.values())


def _stream(plan: Plan, number: int, tag: Tag | None, why: str, timeout: int | None) -> None:
    route = plan.table.routes[number]
    integration = route.integration
    edits: tuple[Edit, ...] = ()
    if integration is not None and integration.problem is None:
        own = integration.timeout if integration.sets_timeout else None
        if timeout is None and not integration.sets_timeout:
            timeout = plan.options.timeout_in_millis or _function_timeout(plan, route.functions)
        edits = tuple(integration.edits(timeout))
        timeout = timeout or own
    plan.streaming[number] = StreamingRoute(route, tag, why, timeout, edits)


def _function_timeout(plan: Plan, functions: tuple[str, ...]) -> int | None:
    """The longest Timeout of the functions behind a route, in milliseconds, if it is over the service's default."""
    if functions not in plan.timeouts:
        longest = max(((plan.timeout_of(name) or 0) * 1000 for name in functions), default=0)
        plan.timeouts[functions] = min(longest, MAX_TIMEOUT) if longest > DEFAULT_TIMEOUT else None
    return plan.timeouts[functions]


def _follow_adapters(plan: Plan) -> None:
    """A function with the adapter streams as a whole, so each of its routes has to, and their functions too."""
    pending = [name for planned in list(plan.streaming.values()) for name in planned.route.functions]
    seen: set[str] = set()
    while pending:
        name = pending.pop(0)
        if name in seen:
            continue
        seen.add(name)
        adapter = plan.adapter_of(name)
        if adapter is None:
            continue
        plan.adapters[name] = adapter
        for number in plan.table.by_function[name]:
            if number not in plan.streaming:
                pending.extend(_follow(plan, number, name))


def _follow(plan: Plan, number: int, function: str) -> tuple[str, ...]:
    route, choice = plan.table.routes[number], plan.selection.choices.get(number)
    if choice is None and route.streaming:
        return ()
    plan.siblings.append(Sibling(route, function, choice))
    if choice is not None or plan.options.sibling_routes == "error":
        return ()
    _stream(plan, number, None, f"{function} streams as a whole (Lambda Web Adapter)", None)
    return route.functions


def clean_up(template: Template, table: RouteTable) -> Iterator[Edit]:
    """Takes out the tags, what the pass before SAM kept, and its tripwire."""
    for wire in template.of_type(TRIPWIRE_TYPE):
        yield Edit(wire.place, wire.body, ABSENT)
    for resource in template.with_metadata:
        metadata = resource.metadata
        gone = [key for key in (METADATA_KEY, RECORD) if key in metadata]
        if METADATA_KEY in gone and resource.type not in TAGGABLE:
            gone.remove(METADATA_KEY)
        if gone and len(gone) == len(metadata):
            yield Edit((*resource.place, "Metadata"), metadata, ABSENT)
        elif gone:
            yield from (Edit((*resource.place, "Metadata", key), metadata[key], ABSENT) for key in gone)
    places = {route.place: route.body for route in table.routes if OPERATION_TAG in route.body}
    yield from (Edit((*place, OPERATION_TAG), body[OPERATION_TAG], ABSENT) for place, body in places.items())

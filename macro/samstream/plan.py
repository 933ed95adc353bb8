"""The plan of a transform: which routes will stream, why, and the edits that make them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from samstream.adapter import Adapter, read_adapter
from samstream.edits import ABSENT, Edit
from samstream.events import RECORD, TRIPWIRE_TYPE, TakenOff
from samstream.intrinsics import Unresolvable
from samstream.options import MAX_TIMEOUT, Options
from samstream.redeploy import ApiDeployments, Versions, deployments_of, versions_of
from samstream.routes import Route, RouteReader, RouteTable
from samstream.selection import Choice, Selection, Selector
from samstream.tags import METADATA_KEY, TAGGABLE, Tag
from samstream.template import OPERATION_TAG, Resource, Template
from samstream.types import whole_number

DEFAULT_TIMEOUT: Final = 29_000
"""Milliseconds; documented default of an integration, streaming or not."""


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
        template = plan.template
        longest = max((_timeout_of(template.resources[name], template) for name in functions), default=0)
        plan.timeouts[functions] = min(longest, MAX_TIMEOUT) if longest > DEFAULT_TIMEOUT else None
    return plan.timeouts[functions]


def _timeout_of(function: Resource, template: Template) -> int:
    try:
        seconds = template.resolver.resolve(function.properties.get("Timeout", 3))
    except Unresolvable:
        return 0
    return (whole_number(seconds) or 0) * 1000


def _follow_adapters(plan: Plan) -> None:
    """A function with the adapter streams as a whole, so each of its routes has to, and their functions too."""
    pending = [name for planned in list(plan.streaming.values()) for name in planned.route.functions]
    seen: set[str] = set()
    while pending:
        name = pending.pop(0)
        if name in seen:
            continue
        seen.add(name)
        adapter = read_adapter(plan.template, plan.template.resources[name])
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

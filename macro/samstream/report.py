"""What a transform did: made for people who read a processed template, and for tools that verify a stack by it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from samstream import __version__
from samstream.edits import ABSENT, Edit
from samstream.findings import Finding
from samstream.options import RouteName
from samstream.plan import Plan, StreamingRoute
from samstream.routes import Route
from samstream.types import Json, JsonObject, as_object

KEY = "SamStream"

_IDENTITIES = (
    ("Routes", ("Api", "Route", "Function")),
    ("KeptBuffered", ("Api", "Route")),
    ("Findings", ("Rule", "Resource", "Message")),
)


class RouteReport(NamedTuple):
    """One REST route. `before` and `after` are "STREAM", "BUFFERED", or "-" where there is no proxy integration;
    `timeout_in_millis` is what the route ends with, None for the service's default; `why` it streams."""

    api: str
    route: str
    function: str | None
    before: str
    after: str
    timeout_in_millis: int | None
    why: str

    def to_json(self) -> JsonObject:
        values = {
            "Api": self.api,
            "Route": self.route,
            "Function": self.function,
            "Before": self.before,
            "TimeoutInMillis": self.timeout_in_millis,
            "Why": self.why,
        }
        return {key: value for key, value in values.items() if value is not None}


class Report(NamedTuple):
    """What stands under `Metadata: SamStream` of a processed template. `buffered` are routes that a narrower tag keeps
    so, with their APIs; `renamed` has old logical ids and new."""

    routes: tuple[RouteReport, ...]
    buffered: tuple[RouteName, ...]
    adapters: tuple[str, ...]
    renamed: dict[str, str]
    findings: tuple[Finding, ...]

    def to_json(self) -> JsonObject:
        values = {
            "Version": __version__,
            "Routes": [route.to_json() for route in self.routes],
            "KeptBuffered": [{"Api": name.api, "Route": str(name._replace(api=None))} for name in self.buffered],
            "StreamingAdapters": list(self.adapters),
            "NewLogicalIds": self.renamed,
            "Findings": [finding.to_json() for finding in self.findings],
        }
        return {key: value for key, value in values.items() if value}


def report_routes(routes: Sequence[Route], streaming: dict[int, StreamingRoute]) -> Iterable[RouteReport]:
    """Every route, each once: branches of an `Fn::If` that say the same are one."""
    rows = (_row(route, streaming.get(number)) for number, route in enumerate(routes))
    return dict.fromkeys(rows)


def _row(route: Route, planned: StreamingRoute | None) -> RouteReport:
    integration = route.integration
    proxy = integration is not None and integration.type in ("AWS_PROXY", "HTTP_PROXY")
    before = ("STREAM" if route.streaming else "BUFFERED") if proxy else "-"
    return RouteReport(
        api=route.api,
        route=str(route.name),
        function=", ".join(route.functions) or None,
        before=before,
        after="STREAM" if planned else before,
        timeout_in_millis=planned.timeout if planned else integration.timeout if integration else None,
        why=planned.why if planned else "",
    )


def make_report(plan: Plan, renamed: dict[str, str], findings: tuple[Finding, ...]) -> Report:
    rows = dict.fromkeys(_row(planned.route, planned) for planned in plan.streaming.values())
    adapters = tuple(sorted(name for name, adapter in plan.adapters.items() if adapter.edits))
    overruled = (plan.table.routes[number] for number in sorted(plan.selection.overruled - plan.streaming.keys()))
    buffered = dict.fromkeys(route.name._replace(api=route.api) for route in overruled)
    return Report(tuple(rows), tuple(buffered), adapters, renamed, findings)


def earlier_report(template: JsonObject) -> JsonObject:
    """The report of a pass before this one, empty if there was none."""
    return as_object(as_object(template.get("Metadata")).get(KEY))


def earlier_buffered(template: JsonObject) -> Iterable[RouteName]:
    """The routes that an earlier pass kept buffered."""
    for item in _objects(earlier_report(template).get("KeptBuffered")):
        try:
            yield RouteName.parse(item.get("Route"))._replace(api=item.get("Api"))
        except ValueError:
            continue


def earlier_renames(template: JsonObject) -> dict[str, str]:
    renames = as_object(earlier_report(template).get("NewLogicalIds"))
    return {old: new for old, new in renames.items() if isinstance(new, str)}


def record(template: JsonObject, report: Report) -> Edit:
    """The edit that writes the report, with what an earlier one said of other routes."""
    earlier = earlier_report(template)
    after = {**earlier, **report.to_json()}
    for key, identity in _IDENTITIES:
        items = {}
        for item in (*_objects(earlier.get(key)), *_objects(after.get(key))):
            items[tuple(str(item.get(name)) for name in identity)] = item
        if items:
            after[key] = list(items.values())
    renames = {old: report.renamed.get(new, new) for old, new in earlier_renames(template).items()}
    renames |= {old: new for old, new in report.renamed.items() if old not in earlier_renames(template).values()}
    adapters = {*_texts(earlier.get("StreamingAdapters")), *report.adapters}
    after |= {"NewLogicalIds": renames} if renames else {}
    after |= {"StreamingAdapters": sorted(adapters)} if adapters else {}
    return Edit(("Metadata", KEY), earlier or ABSENT, after)


def _texts(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _objects(value: Json) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

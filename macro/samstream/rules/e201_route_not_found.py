"""E201: A tag selects a route that exists."""

from collections.abc import Iterator
from typing import Final

from samstream.findings import Finding, nearest
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.selection import Unmatched
from samstream.tags import Scope, Tag


class RouteNotFound(Rule):
    id = "E201"
    shortdesc = "A tag selects a route that exists"
    description = "A tag that selects nothing would leave its route buffered in silence."
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"
    tags = ("tag", "route")

    def check(self, plan: Plan) -> Iterator[Finding]:
        known: dict[tuple[str, ...], list[str]] = {}
        effort = 0
        for missing in plan.selection.unmatched:
            if missing.apis not in known:
                numbers = (number for api in missing.apis for number in plan.table.by_api.get(api, ()))
                known[missing.apis] = list(dict.fromkeys(str(plan.table.routes[number].name) for number in numbers))
            effort += len(known[missing.apis])
            if _is_looped(plan, missing):  # of which E105 tells
                continue
            yield self.of_tag(missing.tag, _message(plan, missing, known[missing.apis], effort < _EFFORT))


def _is_looped(plan: Plan, missing: Unmatched) -> bool:
    """All routes that it may mean stand in loops."""
    looped = {api for api, _ in plan.table.loops}
    return bool(missing.apis) and not missing.wanted and looped.issuperset(missing.apis)


def _owner(plan: Plan, missing: Unmatched) -> str:
    """Why a route that is there isn't one of the tag's place."""
    if missing.tag.scope is Scope.API:
        return f"not in {missing.tag.resource}"
    if missing.tag.scope is not Scope.FUNCTION:
        return "no Api event that takes this default has it"
    numbers = (number for api in missing.apis for number in plan.table.by_api.get(api, ()))
    routes = (plan.table.routes[number] for number in numbers)
    invoked = {name for route in routes if missing.wanted in (str(route.name), str(route)) for name in route.functions}
    return f"it invokes {' and '.join(sorted(invoked)) or 'no function of this template'}, not {missing.tag.resource}"


def _is_own_route_only(tag: Tag) -> bool:
    """A tag on one route that names routes all the same."""
    return tag.scope is Scope.ROUTE and tag.value is not None and tag.value.routes is not None


def _unnamed(known: list[str], tag: Tag) -> list[str]:
    """The routes that a tag doesn't name: of those that it does, none is meant by another name."""
    routes = tag.value.routes if tag.value is not None else None
    named = {f"{name.method} {name.path}" for name in routes or ()}
    return [name for name in known if name not in named]


_EFFORT: Final = 10_000
"""Names to compare before the search for the nearest is given up: it is a courtesy, and Lambda's time is short."""


def _message(plan: Plan, missing: Unmatched, known: list[str], is_hint_wanted: bool) -> str:
    wanted = missing.wanted
    hidden = [
        f"{api}: {plan.table.unreadable[api]}"
        for api in missing.apis or plan.table.unreadable
        if api in plan.table.unreadable
    ]
    if hidden:
        what = f"the route {wanted} can't be found" if wanted else "its routes can't be found"
        return f"{what} ({'; '.join(hidden)})."
    if not wanted:
        return (
            "it selects no route: no REST API of this template has a proxy route here. Tag an Api event, or remove it."
        )
    if _is_own_route_only(missing.tag):
        return (
            f"it names the route {wanted}, but a tag here selects its own route only; "
            "write true, or put the list into the Metadata of the function or API."
        )
    unknown = [api for api in missing.apis if api not in plan.table.by_api and api not in plan.template.resources]
    if unknown:
        known_apis = ", ".join(plan.table.by_api) or "none"
        return f"there is no REST API {unknown[0]} in this template. Those with routes: {known_apis}."
    where = f"in {' or '.join(missing.apis)}" if missing.apis else "in this template"
    if not known:
        return f"there is no route {wanted} {where}. There are no routes at all."
    if wanted in known or (wanted.count(" ") > 1 and wanted.partition(" ")[2] in known):
        return (
            f"the route {wanted} is {where}, but {_owner(plan, missing)}. Put its tag where it stands, or on its API."
        )
    near = nearest(wanted, _unnamed(known, missing.tag)) if is_hint_wanted else None
    hint = f" The nearest is {near}." if near else ""
    return f"there is no route {wanted} {where}.{hint}"

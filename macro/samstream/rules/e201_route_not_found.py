"""E201: A tag selects a route that exists."""

from collections.abc import Iterator

from samstream.findings import Finding, nearest
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.selection import Unmatched


class RouteNotFound(Rule):
    id = "E201"
    shortdesc = "A tag selects a route that exists"
    description = "A tag that selects nothing would leave its route buffered in silence."
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"
    tags = ("tag", "route")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for missing in plan.selection.unmatched:
            yield self.of_tag(missing.tag, _message(plan, missing))


def _message(plan: Plan, missing: Unmatched) -> str:
    known = list(dict.fromkeys(str(route.name) for route in missing.candidates))
    wanted = missing.wanted
    hidden = [
        f"{api}: {plan.table.unreadable[api]}"
        for api in missing.apis or plan.table.unreadable
        if api in plan.table.unreadable
    ]
    if hidden:
        what = f"the route {wanted} can't be found" if wanted else "its routes can't be found"
        remedy = "Write the definition into Body or DefinitionBody (AWS::Include can fetch it)."
        return f"{what} ({'; '.join(hidden)}). {remedy}"
    if not wanted:
        return (
            "it selects no route: no REST API of this template has a proxy route here. Tag an Api event, or remove it."
        )
    where = f"in {' or '.join(missing.apis)}" if missing.apis else "in this template"
    near = nearest(wanted, known)
    hint = f" The nearest is {near}." if near else " There are no routes at all."
    return f"there is no route {wanted} {where}.{hint}"

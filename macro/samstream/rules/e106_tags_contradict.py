"""E106: Tags of equally narrow places agree."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.tags import Scope


class TagsContradict(Rule):
    id = "E106"
    shortdesc = "Tags of equally narrow places agree"
    description = "The narrower place wins over the wider one. Between two places of the same kind nothing can decide."
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"
    tags = ("tag",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        for number, choice in plan.selection.choices.items():
            route = plan.table.routes[number]
            if route.streaming and not choice.enabled and choice.tag.scope is Scope.ROUTE:
                yield self.of_route(
                    route,
                    None,
                    f"{choice.tag.label} says no, but the template itself makes it stream; remove one of the two.",
                )
        for clash in plan.selection.contradictions:
            yield self.of_route(
                clash.route,
                None,
                f"{clash.one.label} and {clash.other.label} contradict each other; remove one of the two.",
            )

"""E106: Tags of equally narrow places agree."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class TagsContradict(Rule):
    id = "E106"
    shortdesc = "Tags of equally narrow places agree"
    description = "The narrower place wins over the wider one. Between two places of the same kind nothing can decide."
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"
    tags = ("tag",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        for clash in plan.selection.contradictions:
            yield self.of_route(
                clash.route,
                None,
                f"{clash.one.label} and {clash.other.label} contradict each other; remove one of the two.",
            )

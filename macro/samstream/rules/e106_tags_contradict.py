"""E106: Tags of equally narrow places agree."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.tags import Scope
from samstream.template import OPERATION_TAG


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
                message = f"{choice.tag.label} says no, but the template itself makes it stream; remove one of the two."
                yield self.finding(choice.tag.resource, choice.tag.place, f"{route}: {message}")
        for clash in plan.selection.contradictions:
            names = [
                f"{OPERATION_TAG} of its operation" if tag.label == str(clash.route) else tag.label for tag in clash[1:]
            ]
            who = (
                f"{names[0]} says yes and no"
                if names[0] == names[1]
                else f"{' and '.join(names)} contradict each other"
            )
            tag = clash.other
            yield self.finding(tag.resource, tag.place, f"{clash.route}: {who}; remove one of the two.")

"""E101: A tag's value is one."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class TagValue(Rule):
    id = "E101"
    shortdesc = "A tag's value is one"
    description = (
        "A tag is true, false, a route, a list of routes, or a map of Enabled, Routes and "
        "TimeoutInMillis. A ResponseTransferMode that SAM would ignore silently must at least be "
        "recognisable."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"
    tags = ("tag",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        for tag in plan.tags:
            if tag.problem is not None and tag.problem.rule == self.id:
                yield self.of_tag(tag, f"{tag.problem.reason}.")

"""E102: A tag's value is known before the deployment."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class TagUnresolvable(Rule):
    id = "E102"
    shortdesc = "A tag's value is known before the deployment"
    description = (
        "A macro runs before anything is deployed, so a tag can depend on parameters, mappings, "
        "conditions and the pseudo parameters of Region and account, and on nothing that the deployment "
        "makes."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html"
    tags = ("tag", "intrinsic")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for tag in plan.tags:
            if tag.problem is not None and tag.problem.rule == self.id:
                yield self.of_tag(
                    tag,
                    f"its value can't be resolved: {tag.problem.reason}. Write it out, or let it depend on what "
                    "parameters and mappings say.",
                )

"""W302: The version that a route invokes is published by this template."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class VersionOutOfSight(Rule):
    id = "W302"
    shortdesc = "The version that a route invokes is published by this template"
    description = (
        "A published version keeps the variables it was published with. Where a route names a version or "
        "alias of elsewhere, the adapter's new mode reaches it only when a new version is published."
    )
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html"
    tags = ("function", "adapter")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for published in plan.versions:
            for route in published.unpublished:
                yield self.of_route(
                    route,
                    None,
                    f"it invokes a version of {published.function} that this template doesn't publish; publish "
                    "a new one "
                    "after the deployment, else its callers get an error.",
                )

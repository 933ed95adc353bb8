"""E302: All routes of a function with the adapter stream, or none."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class SiblingRoutes(Rule):
    id = "E302"
    shortdesc = "All routes of a function with the adapter stream, or none"
    description = (
        "The adapter streams for a whole function, and what it then writes is broken on a buffered route. "
        "So the function's other routes are made streaming too, unless SiblingRoutes is error or a tag "
        "says no."
    )
    source_url = "https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html"
    tags = ("function", "adapter", "route")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for sibling in plan.siblings:
            if sibling.choice is not None:
                tag = sibling.choice.tag
                message = (
                    f"{sibling.route}: {tag.label} says no, but {sibling.function} has the Lambda Web Adapter and "
                    "streams as a whole. Tag all of its routes, or move this one to another function."
                )
                yield self.finding(tag.resource, tag.place, message)
            elif plan.options.sibling_routes == "error":
                yield self.of_route(
                    sibling.route,
                    None,
                    f"{sibling.function} has the Lambda Web Adapter and streams as a whole, but this route "
                    "isn't tagged and "
                    "SiblingRoutes is error. Tag it, or move it to another function.",
                )

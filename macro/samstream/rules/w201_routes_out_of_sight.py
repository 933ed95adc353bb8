"""W201: A tagged function's APIs can all be read."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.tags import Scope


class RoutesOutOfSight(Rule):
    id = "W201"
    shortdesc = "A tagged function's APIs can all be read"
    description = (
        "A tag on a function means all its routes. Those in a definition that a macro doesn't see, such as a "
        "file in S3, stay as they are, and whether there are any can't be told."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html"
    )
    tags = ("tag", "route")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for tag in plan.tags:
            if tag.scope is Scope.FUNCTION and tag.value is not None and tag.value.enabled and tag.value.routes is None:
                for api, reason in plan.table.unreadable.items() if tag.resource in plan.table.by_function else ():
                    yield self.of_tag(tag, f"routes that {api} has for it, if any, stay as they are: {reason}.")

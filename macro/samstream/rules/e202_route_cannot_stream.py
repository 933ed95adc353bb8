"""E202: A route to stream has an integration that can."""

from collections.abc import Iterator
from typing import Final

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class RouteCannotStream(Rule):
    id = "E202"
    shortdesc = "A route to stream has an integration that can"
    description = (
        "Only AWS_PROXY and HTTP_PROXY integrations stream, and a Lambda integration's Uri must be one "
        "that can be rewritten."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("route", "integration")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for planned in plan.streaming.values():
            if planned.route.problem is not None:
                remedy = (
                    _REMEDY
                    if planned.route.integration is not None
                    else "Give it an AWS_PROXY or HTTP_PROXY integration."
                )
                reason = planned.why if planned.tag is None else ""
                message = f"it can't stream: {planned.route.problem}. {remedy}"
                yield self.of_route(planned.route, planned.tag, f"{reason}, but {message}" if reason else message)


_REMEDY: Final = "Point it at a function with AWS_PROXY, or take its Streaming away."

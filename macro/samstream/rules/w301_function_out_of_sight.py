"""W301: The function behind a streaming route is in this template."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class FunctionOutOfSight(Rule):
    id = "W301"
    shortdesc = "The function behind a streaming route is in this template"
    description = (
        "Whether the function can stream, has the adapter or a longer Timeout is seen only if it stands "
        "in the template."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("function",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        for planned in plan.all_streaming:
            integration = planned.route.integration
            if integration is not None and integration.uris and not planned.route.functions:
                yield self.of_route(
                    planned.route,
                    planned.tag,
                    "its function is not in this template, so nothing about it could be checked or set. It "
                    "must write the "
                    "streaming format (with the Lambda Web Adapter: AWS_LWA_INVOKE_MODE=response_stream).",
                )

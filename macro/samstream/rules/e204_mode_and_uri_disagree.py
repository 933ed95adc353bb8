"""E204: An integration's mode and Uri agree."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.integration import OPENAPI, STREAMABLE, Integration
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.uri import MIXED


class ModeAndUriDisagree(Rule):
    id = "E204"
    shortdesc = "An integration's mode and Uri agree"
    description = (
        "A Lambda integration streams with the mode STREAM and a Uri of the API version 2021-11-15 that ends in "
        "response-streaming-invocations. API Gateway refuses one without the other, and a mode it doesn't know."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("route", "integration")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for route in plan.buffered:
            integration = route.integration
            disagreement = _disagreement(integration) if integration else None
            if integration is not None and disagreement:
                setting = integration.dialect.mode if integration.sets_mode else integration.dialect.uri
                yield self.of_route(route, None, f"{disagreement}. {_REMEDY}", setting)


def _disagreement(integration: Integration) -> str | None:
    mode, dialect = integration.mode, integration.dialect
    if mode == "BUFFERED" and integration.sam_function:  # most integrations, which needn't be read
        return None
    if integration.type not in STREAMABLE or mode is None or str(mode).startswith("{{resolve:"):
        return None
    if dialect is OPENAPI and isinstance(mode, str) and mode != mode.upper():
        return None  # whether an import minds the case isn't documented
    if mode not in ("STREAM", "BUFFERED"):
        return f"its {dialect.mode} is neither STREAM nor BUFFERED"
    if integration.problem is not None and integration.problem.startswith(MIXED):
        return integration.problem
    if {uri.streaming for uri in integration.live_uris} != {mode == "BUFFERED"}:
        return None
    if mode == "STREAM":
        return f"its {dialect.mode} is STREAM, but its {dialect.uri} is the buffered one"
    return f"its {dialect.uri} is the streaming one, but its {dialect.mode} isn't STREAM"


_REMEDY = (
    "API Gateway refuses that. Tag the route, which sets both, or write the mode STREAM and a Uri that ends in "
    "/2021-11-15/functions/${Function.Arn}/response-streaming-invocations."
)

"""E202: A route to stream has an integration that can."""

from collections.abc import Iterator
from typing import Final

from samstream.findings import Finding
from samstream.integration import STREAMABLE, Integration
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
                remedy = _remedy(planned.route.integration, "take its Streaming away")
                reason = planned.why if planned.tag is None else ""
                message = f"it can't stream: {planned.route.problem}. {remedy}"
                yield self.of_route(planned.route, planned.tag, f"{reason}, but {message}" if reason else message)
        for route in plan.buffered:
            integration = route.integration
            if integration is not None and integration.mode == "STREAM" and integration.type in _BUFFERED_ONLY:
                remedy = _remedy(integration, f"remove its {integration.dialect.mode}")
                yield self.of_route(route, None, f"its mode is STREAM, but {integration.problem}. {remedy}")


_BUFFERED_ONLY: Final = ("AWS", "HTTP", "MOCK")


def _remedy(integration: Integration | None, way_back: str) -> str:
    kind = integration.type if integration else ""
    if kind in STREAMABLE:
        return f"Mend its Uri, or {way_back}."
    proxy = {"HTTP": "HTTP_PROXY", "AWS": "AWS_PROXY"}.get(kind, "AWS_PROXY or HTTP_PROXY")
    return f"Make it {proxy}, or {way_back}." if integration else "Give it an AWS_PROXY or HTTP_PROXY integration."

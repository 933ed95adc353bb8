"""W203: A streaming route may take as long as what answers it."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import DEFAULT_TIMEOUT, Plan, StreamingRoute
from samstream.rules.base import Rule


class TimeoutLeftAtDefault(Rule):
    id = "W203"
    shortdesc = "A streaming route may take as long as what answers it"
    description = (
        "An integration without timeoutInMillis ends after 29 seconds, streaming or not, and the client sees its "
        "answer cut off. A tag takes the function's Timeout over where that is longer; a route that streams by "
        "itself, or an HTTP_PROXY, has to say it."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("route", "timeout")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for streaming in plan.all_streaming:
            integration = streaming.route.integration
            if streaming.timeout is None and integration is not None and not integration.sets_timeout:
                why = _why_longer(plan, streaming)
                if why:
                    message = (
                        f"its answers end after 29 s, the default, {why}. Set {integration.dialect.timeout}, up to "
                        "900000 (of an Api event of SAM: TimeoutInMillis)."
                    )
                    yield self.of_route(streaming.route, streaming.tag, message)


def _why_longer(plan: Plan, streaming: StreamingRoute) -> str | None:
    functions = streaming.route.functions
    if not functions:  # of a function out of sight W301 tells
        is_http = streaming.route.integration is not None and streaming.route.integration.type == "HTTP_PROXY"
        return "while what answers it may well take longer" if is_http else None
    longest = max(plan.timeout_of(name) or 0 for name in functions)
    return f"while its function may run for {longest} s" if longest * 1000 > DEFAULT_TIMEOUT else None

"""W204: A streaming route's function may run as long as the route waits."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.options import MAX_TIMEOUT
from samstream.plan import DEFAULT_TIMEOUT, LAMBDA_TIMEOUT, Plan
from samstream.rules.base import Rule


class TimeoutLongerThanFunction(Rule):
    id = "W204"
    shortdesc = "A streaming route's function may run as long as the route waits"
    description = (
        "When a function's Timeout ends in the middle of an answer, the connection is cut: curl says (18) 'transfer "
        "closed with outstanding read data remaining'."
    )
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"
    tags = ("route", "timeout", "function")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for streaming in plan.all_streaming:
            timeout = streaming.timeout
            for name in (
                streaming.route.functions if timeout is not None and DEFAULT_TIMEOUT < timeout <= MAX_TIMEOUT else ()
            ):
                seconds = plan.timeout_of(name)
                if timeout is not None and seconds is not None and LAMBDA_TIMEOUT < seconds < timeout / 1000:
                    message = (
                        f"it waits for {timeout / 1000:g} s, but {name} is stopped after {seconds} s, in the middle of "
                        f"an answer. Raise the Timeout of {name}, up to 900, or lower the route's."
                    )
                    integration = streaming.route.integration
                    setting = integration.dialect.timeout if integration and integration.sets_timeout else None
                    yield self.of_route(streaming.route, streaming.tag, message, setting)

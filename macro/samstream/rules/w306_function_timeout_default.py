"""W306: A streaming function may run longer than Lambda's default."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import LAMBDA_TIMEOUT, Plan
from samstream.rules.base import Rule


class FunctionTimeoutDefault(Rule):
    id = "W306"
    shortdesc = "A streaming function may run longer than Lambda's default"
    description = (
        "A function without a Timeout is stopped after 3 seconds, streaming or not, and what it had yet to write never "
        "comes."
    )
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"
    tags = ("function", "timeout")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for name in plan.streaming_functions:
            seconds = plan.timeout_of(name)
            if seconds is not None and seconds <= LAMBDA_TIMEOUT:
                place = (*plan.template.resources[name].place, "Properties", "Timeout")
                message = (
                    f"{name}: its Timeout is {seconds} s, and a stream is cut off there. Set Timeout to what its "
                    "longest answer takes, up to 900."
                )
                yield self.finding(name, place, message)

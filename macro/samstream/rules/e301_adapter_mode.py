"""E301: The Lambda Web Adapter's invoke mode is response_stream or unset."""

from collections.abc import Iterator
from typing import Final

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class AdapterMode(Rule):
    id = "E301"
    shortdesc = "The Lambda Web Adapter's invoke mode is response_stream or unset"
    description = (
        "AWS_LWA_INVOKE_MODE holds for the whole function. The adapter takes any value it doesn't know "
        "for buffered, and a buffered answer on a streaming route reaches the client as a 502."
    )
    source_url = "https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html"
    tags = ("function", "adapter")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for adapter in plan.adapters.values():
            if adapter.problem is not None:
                message = f"{adapter.function}: {adapter.problem}, but its routes are to stream. {_REMEDY}"
                yield self.finding(adapter.function, adapter.place, message)


_REMEDY: Final = "Write its Environment.Variables as a map without AWS_LWA_INVOKE_MODE, or with response_stream there."

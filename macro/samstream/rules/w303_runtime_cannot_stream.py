"""W303: A streaming function's runtime can stream."""

from collections.abc import Iterator
from typing import Final

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class RuntimeCannotStream(Rule):
    id = "W303"
    shortdesc = "A streaming function's runtime can stream"
    description = (
        "Of Lambda's managed runtimes only Node.js streams by itself. The others need the Lambda Web "
        "Adapter or a custom runtime; without one the client gets an error."
    )
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html"
    tags = ("function", "adapter")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for name in plan.streaming_functions:
            function = plan.template.resources[name]
            runtime = function.properties.get("Runtime")
            if isinstance(runtime, str) and not runtime.startswith(_CAN) and plan.adapter_of(name) is None:
                message = (
                    f"{name}: {runtime} doesn't stream by itself, and no Lambda Web Adapter is to be seen. Add its "
                    "layer with AWS_LAMBDA_EXEC_WRAPPER=/opt/bootstrap, or write the streaming format in its code, or "
                    "the client gets an error."
                )
                yield self.finding(name, (*function.place, "Properties", "Runtime"), message)


_CAN: Final = ("nodejs", "provided")

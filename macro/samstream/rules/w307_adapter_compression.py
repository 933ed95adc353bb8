"""W307: A streaming function's adapter doesn't compress."""

from collections.abc import Iterator

from samstream.adapter import live_variables
from samstream.findings import Finding
from samstream.intrinsics import Unresolvable
from samstream.plan import Plan
from samstream.rules.base import Rule

_COMPRESSION = "AWS_LWA_ENABLE_COMPRESSION"


class AdapterCompression(Rule):
    id = "W307"
    shortdesc = "A streaming function's adapter doesn't compress"
    description = (
        "AWS_LWA_ENABLE_COMPRESSION works with buffered answers only; an adapter that streams leaves them as they are. "
        "Who needs compressed streams compresses in the application."
    )
    source_url = "https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html"
    tags = ("function", "adapter")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for name in plan.streaming_functions:
            for variables, place in live_variables(plan.template, plan.template.resources[name]):
                if _COMPRESSION in variables and _is_on(plan, variables[_COMPRESSION]):
                    message = f"{name}: the adapter doesn't compress what it streams. Remove {_COMPRESSION}."
                    yield self.finding(name, (*place, _COMPRESSION), message)


def _is_on(plan: Plan, value: object) -> bool:
    try:
        return str(plan.template.resolver.resolve(value)).lower() == "true"
    except Unresolvable:
        return False

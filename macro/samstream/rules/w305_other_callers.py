"""W305: A streaming function's other callers can read a stream."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.intrinsics import referenced
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.template import ALIAS, Resource, Template


class OtherCallers(Rule):
    id = "W305"
    shortdesc = "A streaming function's other callers can read a stream"
    description = (
        "The Lambda Web Adapter's mode holds for the whole function. What calls it beside REST routes, such as an HTTP "
        "API, a queue or a schedule, then gets the streaming format, which it can't read."
    )
    source_url = "https://github.com/awslabs/aws-lambda-web-adapter/issues/536"
    tags = ("function", "adapter")

    def check(self, plan: Plan) -> Iterator[Finding]:
        if not plan.adapters:
            return
        for caller in plan.template.of_type(*_CALLERS):
            if caller.properties.get("InvokeMode") == "RESPONSE_STREAM":
                continue
            names = set(referenced(caller.properties))
            for name in sorted(plan.adapters):
                if names & {name, *_aliases(plan.template, name)}:
                    yield self._finding(caller, name)

    def _finding(self, caller: Resource, function: str) -> Finding:
        return self.finding(
            caller.id,
            caller.place,
            f"{caller.id} ({caller.type}) calls {function}, whose adapter now streams as a whole, and can't read that. "
            "Give it a function of its own.",
        )


_CALLERS = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Events::Rule",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Url",
    "AWS::Scheduler::Schedule",
    "AWS::SNS::Subscription",
)


def _aliases(template: Template, function: str) -> set[str]:
    return {alias.id for alias in template.of_type(ALIAS) if function in referenced(alias.properties)}

"""W305: A streaming function's other callers can read a stream."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.intrinsics import Unresolvable, referenced
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
        if not plan.streaming_functions:
            return
        callers = [caller for caller in plan.template.of_type(*_CALLERS) if _is_buffered(plan, caller)]
        for name in sorted(plan.streaming_functions) if callers else ():
            has_adapter = plan.adapter_of(name) is not None
            known_as = {name, *_aliases(plan.template, name)}
            for caller in callers:
                if (has_adapter or caller.type in _OVER_HTTP) and known_as & _called(caller):
                    how = "whose adapter streams as a whole" if has_adapter else "which streams"
                    message = f"{caller.id} ({caller.type}) calls {name}, {how}, and can't read that. {_remedy(caller)}"
                    yield self.finding(caller.id, caller.place, message)


_OVER_HTTP = {
    "AWS::ApiGatewayV2::Api": ("Body", "Target"),
    "AWS::ApiGatewayV2::Integration": ("IntegrationUri",),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Targets",),
}
"""What calls and takes the answer, with the properties that say whom."""

_CALLERS = {
    **_OVER_HTTP,
    "AWS::Events::Rule": ("Targets",),
    "AWS::Lambda::EventSourceMapping": ("FunctionName",),
    "AWS::Lambda::Url": ("TargetFunctionArn",),
    "AWS::Scheduler::Schedule": ("Target",),
    "AWS::SNS::Subscription": ("Endpoint",),
}
"""Those that don't look at the answer are among them, since the adapter breaks on their events."""


def _called(caller: Resource) -> set[str]:
    """The names that a caller's targets refer to; of a target with settings, its Arn."""
    values = [caller.properties.get(key) for key in _CALLERS[caller.type]]
    targets = [target for value in values for target in (value if isinstance(value, list) else [value])]
    arns = [target["Arn"] if isinstance(target, dict) and "Arn" in target else target for target in targets]
    return set(referenced(arns))


def _remedy(caller: Resource) -> str:
    if caller.type == "AWS::Lambda::Url":
        return "Set its InvokeMode to RESPONSE_STREAM."
    return "Give it a function of its own."


def _is_buffered(plan: Plan, caller: Resource) -> bool:
    try:
        return bool(plan.template.resolver.resolve(caller.properties.get("InvokeMode")) != "RESPONSE_STREAM")
    except Unresolvable:
        return False


def _aliases(template: Template, function: str) -> set[str]:
    return {alias.id for alias in template.of_type(ALIAS) if function in referenced(alias.properties)}

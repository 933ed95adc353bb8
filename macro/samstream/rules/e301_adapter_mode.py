"""E301: The Lambda Web Adapter's invoke mode is response_stream or unset."""

from collections.abc import Iterator
from typing import Final

from samstream.adapter import INVOKE_MODE, STREAM, Adapter
from samstream.edits import ABSENT, value_at
from samstream.findings import Finding
from samstream.intrinsics import Resolver, Unresolvable
from samstream.plan import Plan
from samstream.rules.base import Rule, is_image, surely_has_adapter, surely_invokes
from samstream.template import Resource
from samstream.types import Json


class AdapterMode(Rule):
    id = "E301"
    shortdesc = "The Lambda Web Adapter's invoke mode is response_stream or unset"
    description = (
        "AWS_LWA_INVOKE_MODE holds for the whole function. The adapter takes any value it doesn't know "
        "for buffered, and a buffered answer on a streaming route reaches the client as an error."
    )
    source_url = "https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html"
    tags = ("function", "adapter")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for adapter in plan.adapters.values():
            if adapter.problem is not None:
                yield self._finding(adapter, adapter.problem)
        for name, routes in plan.streaming_functions.items():
            if name not in plan.adapters and any(surely_invokes(found.route) for found in routes):
                yield from self._without_tag(plan, plan.template.resources[name])

    def _without_tag(self, plan: Plan, function: Resource) -> Iterator[Finding]:
        """Nobody sets the mode of a function whose routes stream by themselves; only what is certain is told."""
        adapter = plan.adapter_of(function.id)
        if adapter is None or not surely_has_adapter(function):
            return
        if adapter.problem is not None:
            if _is_known(value_at(plan.template.body, (*adapter.place, INVOKE_MODE)), plan.template.resolver):
                yield self._finding(adapter, adapter.problem)
        elif adapter.edits and not is_image(function):
            message = f"{function.id}: its {INVOKE_MODE} is missing, which means buffered, but routes of it stream."
            yield self.finding(function.id, adapter.place, f"{message} {_ADD}")

    def _finding(self, adapter: Adapter, problem: str) -> Finding:
        message = f"{adapter.function}: {problem}, but its routes are to stream. {_REMEDY}"
        return self.finding(adapter.function, (*adapter.place, INVOKE_MODE), message)


def _is_known(mode: Json, resolver: Resolver) -> bool:
    try:
        return mode is not ABSENT and not str(resolver.resolve(mode)).startswith("{{resolve:")
    except Unresolvable:
        return False


_REMEDY: Final = f"Write {INVOKE_MODE}: {STREAM} into its Environment.Variables, a map."
_ADD: Final = f"Set {INVOKE_MODE} to {STREAM} in its Environment.Variables, or tag the routes, which sets it."

"""E303: A function whose adapter streams is behind no buffered route."""

from collections.abc import Iterator

from samstream.adapter import INVOKE_MODE
from samstream.findings import Finding
from samstream.plan import Plan
from samstream.routes import Route
from samstream.rules.base import Rule, surely_has_adapter, surely_invokes
from samstream.types import mentions


class AdapterStreamsBufferedRoute(Rule):
    id = "E303"
    shortdesc = "A function whose adapter streams is behind no buffered route"
    description = (
        "With AWS_LWA_INVOKE_MODE set to response_stream the adapter writes the streaming format on every route, and a "
        "buffered one can't read it: its callers get an error."
    )
    source_url = "https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html"
    tags = ("function", "adapter", "route")

    def check(self, plan: Plan) -> Iterator[Finding]:
        refused = {(sibling.route.place, sibling.function) for sibling in plan.siblings}
        for route in plan.buffered:
            for name in route.functions:
                if (route.place, name) not in refused and _streams(plan, name) and _is_buffered(route):
                    message = (
                        f"{name}'s adapter has {INVOKE_MODE} set to response_stream, but this route is buffered, and "
                        "its callers get an error. Tag the route, or take the variable away if no route of the "
                        "function streams."
                    )
                    yield self.of_route(route, None, message)


def _is_buffered(route: Route) -> bool:
    """It surely is. One whose mode alone says STREAM is E204's, which finds more wrong with it."""
    integration = route.integration
    is_proxy = integration is not None and integration.type == "AWS_PROXY" and integration.mode == "BUFFERED"
    return is_proxy and surely_invokes(route)


def _streams(plan: Plan, name: str) -> bool:
    """Its adapter does so already; most functions needn't be read to tell that they don't."""
    function = plan.template.resources[name]
    if not mentions(function.properties.get("Environment"), (INVOKE_MODE.encode(),)) or not surely_has_adapter(
        function
    ):
        return False
    adapter = plan.adapter_of(name)
    return adapter is not None and adapter.problem is None and not adapter.edits

"""W402: A streaming API's endpoint allows long silences."""

from collections.abc import Iterator

from samstream.events import IMPLICIT_API
from samstream.findings import Finding
from samstream.intrinsics import NO_VALUE, Unresolvable
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.template import Resource
from samstream.types import Json, as_object


class EdgeEndpoint(Rule):
    id = "W402"
    shortdesc = "A streaming API's endpoint allows long silences"
    description = (
        "An edge-optimized endpoint cuts a stream that is silent for 30 seconds; regional and private ones wait for 5 "
        "minutes. A REST API that names no endpoint type is edge-optimized."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("route", "timeout")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for api in plan.apis.values():
            kind = _kind(plan, api)
            if kind in ("EDGE", ""):
                how = "is edge-optimized" if kind else "names no endpoint type, so it is edge-optimized"
                where = " under Globals.Api" if api.id == IMPLICIT_API else ""
                message = (
                    f"{api.id} {how}, and that cuts a stream which is silent for 30 s. Set its EndpointConfiguration "
                    f"to REGIONAL{where}, or write something more often."
                )
                yield self.finding(api.id, (*api.place, "Properties", "EndpointConfiguration"), message)


def _kind(plan: Plan, api: Resource) -> str | None:
    """The endpoint's type, empty if none is named, None if it isn't known before the deployment."""
    parameters = as_object(api.properties.get("Parameters"))  # of the import, where SAM and others write it too
    try:
        configuration = _resolved(plan, api.properties.get("EndpointConfiguration"))
        types = as_object(configuration).get("Types") or _resolved(plan, parameters.get("endpointConfigurationTypes"))
    except Unresolvable:
        return None
    if not types and plan.template.resolver.resolve({"Ref": "AWS::Partition"}) != "aws":
        return None  # there are no edge-optimized endpoints
    kind = types[0] if isinstance(types, list) and types else types or ""
    return kind.upper() if isinstance(kind, str) else None


def _resolved(plan: Plan, value: Json) -> Json:
    resolved = plan.template.resolver.resolve(value)
    return None if resolved is NO_VALUE else resolved

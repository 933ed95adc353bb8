"""W402: A streaming API's endpoint allows long silences."""

from collections.abc import Iterator

from samstream.events import IMPLICIT_API
from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.stages import endpoint_type


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
            kind = endpoint_type(plan, api)
            if kind in ("EDGE", ""):
                how = "is edge-optimized" if kind else "names no endpoint type, so it is edge-optimized"
                where = " under Globals.Api" if api.id == IMPLICIT_API else ""
                message = (
                    f"{api.id} {how}, and that cuts a stream which is silent for 30 s. Set its EndpointConfiguration "
                    f"to REGIONAL{where}, or write something more often."
                )
                yield self.finding(api.id, (*api.place, "Properties", "EndpointConfiguration"), message)

"""W304: A function is behind streaming routes or buffered ones."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class FunctionBehindBothModes(Rule):
    id = "W304"
    shortdesc = "A function is behind streaming routes or buffered ones"
    description = (
        "A function that writes the streaming format breaks buffered routes, and the other way round, "
        "unless its code tells the two apart by the route. (With the adapter, samstream makes all of them "
        "streaming.)"
    )
    source_url = "https://github.com/cdklabs/cdk-nextjs/issues/192"
    tags = ("function", "route")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for route in plan.buffered:
            for name in route.functions:
                if name in plan.streaming_functions and plan.adapter_of(name) is None:
                    yield self.of_route(
                        route,
                        None,
                        f"it stays buffered, while {name} streams on other routes. Unless its code tells them "
                        "apart, one of "
                        "the two answers an error; make all its routes stream, or use two functions.",
                    )

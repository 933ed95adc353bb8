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
        streaming = {name for planned in plan.streaming.values() for name in planned.route.functions}
        for number, route in enumerate(plan.table.routes):
            for name in route.functions:
                if (
                    name in streaming
                    and name not in plan.adapters
                    and number not in plan.streaming
                    and not route.streaming
                ):
                    yield self.of_route(
                        route,
                        None,
                        f"it stays buffered, while {name} streams on other routes. Unless its code tells them "
                        "apart, one of "
                        "the two answers 502; tag all its routes, or use two functions.",
                    )

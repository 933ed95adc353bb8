"""W202: A default in Globals reaches an event."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.intrinsics import Unresolvable
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.tags import read_value
from samstream.types import Json


class DefaultUnused(Rule):
    id = "W202"
    shortdesc = "A default in Globals reaches an event"
    description = (
        "Streaming under Globals is the default of every Api event. Where there is none that takes it, nothing streams "
        "by it: HTTP APIs can't, and a function may ignore Globals."
    )
    source_url = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html"
    tags = ("tag",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        for value, place in plan.taken_off.unused:
            if _is_on(value, plan):
                at = ".".join(map(str, place))
                yield self.finding(
                    "",
                    place,
                    f"{at}: no Api event takes it, so nothing streams by it. Remove it, or make a route an Api event.",
                )


def _is_on(value: Json, plan: Plan) -> bool:
    try:
        streaming = read_value(value, plan.template.resolver)
    except (ValueError, Unresolvable):
        return True
    return streaming is not None and streaming.enabled

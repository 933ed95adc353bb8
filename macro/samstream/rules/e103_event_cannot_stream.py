"""E103: A tagged event is an Api event of a function."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule


class EventCannotStream(Rule):
    id = "E103"
    shortdesc = "A tagged event is an Api event of a function"
    description = (
        "Only REST APIs stream, and only Api events of functions make proxy routes of them. HTTP APIs and "
        "WebSocket APIs can't stream, and a state machine's Api event is an AWS integration with a "
        "mapping template."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("tag", "event")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for tag in plan.tags:
            event = tag.event
            if event is None or event.can_travel or (tag.value is not None and not tag.value.enabled):
                continue
            if event.of_state_machine:
                yield self.of_tag(tag, "a state machine's response can't be streamed; remove its Streaming.")
            else:
                kind = f"of Type {event.type}" if isinstance(event.type, str) else "without Type"
                yield self.of_tag(
                    tag,
                    f"it is {kind}, and API Gateway streams REST APIs only; make it Type: Api or remove its Streaming.",
                )

"""E103: A tagged event is an Api event of a function."""

from collections.abc import Iterator

from samstream.events import EventTag
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
            if tag.event is not None and (tag.value is None or tag.value.enabled):
                yield from self._of_event(tag.event, f"{tag.label[:1].upper()}{tag.label[1:]}")
        for event in plan.taken_off.looped:  # where nothing resolves yet
            yield from self._of_event(event, f"Event {event.event} of {event.function}")

    def _of_event(self, event: EventTag, label: str) -> Iterator[Finding]:
        if event.can_travel:
            return
        if event.of_state_machine:
            what = "a state machine's response can't be streamed; remove its Streaming."
        else:
            kind = f"of Type {event.type}" if isinstance(event.type, str) else "without Type"
            what = f"it is {kind}, and API Gateway streams REST APIs only; make it Type: Api or remove its Streaming."
        yield self.finding(event.function, event.place, f"{label}: {what}")

"""E104: A tag stands where it selects something."""

from collections.abc import Iterator
from typing import Final

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.tags import METADATA_KEY, TAGGABLE, is_misspelt
from samstream.template import HTTP_APIS, LOOP, OPERATION_TAG, REST_API, SAM_FUNCTION
from samstream.types import Json, Place, as_object


class TagMisplaced(Rule):
    id = "E104"
    shortdesc = "A tag stands where it selects something"
    description = (
        "Streaming belongs on an Api event, in the Metadata of a function, a REST API or a Method, or in "
        "Globals; x-samstream-streaming on an operation of a RestApi's Body. Anywhere else it would be "
        "lost in silence."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"
    tags = ("tag",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        yield from self._in_metadata(plan)
        yield from self._in_properties(plan)
        yield from self._in_globals(plan)
        yield from self._in_bodies(plan)

    def _in_metadata(self, plan: Plan) -> Iterator[Finding]:
        for resource in plan.template.with_metadata:
            kind = resource.type
            if METADATA_KEY in resource.metadata and kind.startswith(_FAMILIES) and kind not in TAGGABLE:
                place: Place = (*resource.place, "Metadata", METADATA_KEY)
                yield self.finding(resource.id, place, f"{resource.id}: {kind} can't stream; {_WHERE}.")
            for key in resource.metadata if kind in TAGGABLE else ():
                if is_misspelt(key):
                    place = (*resource.place, "Metadata", key)
                    yield self.finding(
                        resource.id, place, f"{resource.id}: its Metadata says {key}; write {METADATA_KEY}."
                    )

    def _in_properties(self, plan: Plan) -> Iterator[Finding]:
        for resource in plan.template.of_type(*TAGGABLE):
            for holder, place in (
                (resource.properties, (*resource.place, "Properties")),
                (resource.body, resource.place),
            ):
                if METADATA_KEY in holder:
                    message = f"{resource.id}: Streaming is no property of {resource.type}; {_WHERE}."
                    yield self.finding(resource.id, (*place, METADATA_KEY), message)
        for resource in plan.template.of_type(SAM_FUNCTION):
            for name, event in as_object(resource.properties.get("Events")).items():
                if METADATA_KEY in as_object(as_object(event).get("Metadata")):
                    place = (*resource.place, "Properties", "Events", name, "Metadata", METADATA_KEY)
                    message = (
                        f"Event {name} of {resource.id}: SAM drops its Metadata; put Streaming into its Properties."
                    )
                    yield self.finding(resource.id, place, message)
        for resource in plan.template.of_type(*HTTP_APIS):
            for place in _places(resource.properties, (*resource.place, "Properties")):
                message = f"{resource.id}: HTTP and WebSocket APIs can't stream; remove {OPERATION_TAG}."
                yield self.finding(resource.id, place, message)

    def _in_bodies(self, plan: Plan) -> Iterator[Finding]:
        if not plan.template.has_operation_tag:
            return
        selected = {(*route.place, OPERATION_TAG) for route in plan.table.routes}
        for api in plan.template.of_type(REST_API):
            place = (*api.place, "Properties", "Body")
            for found in _places(api.properties.get("Body"), place):
                if found not in selected and not any(str(key).startswith(LOOP) for key in found):
                    at = ".".join(map(str, found[4:-1])) or "the body"
                    message = f"{api.id}: {OPERATION_TAG} belongs on an operation (a method of a path), not on {at}."
                    yield self.finding(api.id, found, message)

    def _in_globals(self, plan: Plan) -> Iterator[Finding]:
        if METADATA_KEY in plan.template.body:
            yield self.finding("", (METADATA_KEY,), f"Streaming is no section of a template; {_WHERE}.")
        sections = as_object(plan.template.body.get("Globals"))
        for section in ("HttpApi", "StateMachine", "WebSocketApi"):
            if METADATA_KEY in as_object(sections.get(section)):
                message = f"Globals.{section} can't stream: put Streaming under Globals.Function or Globals.Api."
                yield self.finding("", ("Globals", section, METADATA_KEY), message)


_FAMILIES: Final = (
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::Serverless::",
    "AWS::Lambda::",
    "AWS::CloudFormation::Stack",
)
_WHERE: Final = "put Streaming on an Api event, or into the Metadata of a function, a REST API or a Method"


def _places(value: Json, place: Place) -> Iterator[Place]:
    """Where the tag stands in a body."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == OPERATION_TAG:
                yield (*place, OPERATION_TAG)
            else:
                yield from _places(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*place, index))

"""E104: A tag stands where it selects something."""

from collections.abc import Iterator
from typing import Final

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.routes import TAG
from samstream.rules.base import Rule
from samstream.tags import METADATA_KEY, TAGGABLE
from samstream.types import as_object


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
        for resource in plan.template.resources.values():
            place = (*resource.place, "Metadata", METADATA_KEY)
            if (
                METADATA_KEY in resource.metadata
                and resource.type.startswith(_FAMILIES)
                and resource.type not in TAGGABLE
            ):
                yield self.finding(resource.id, place, f"{resource.id}: {resource.type} can't stream; {_WHERE}.")
            if resource.type in TAGGABLE and METADATA_KEY in resource.properties:
                place = (*resource.place, "Properties", METADATA_KEY)
                message = f"{resource.id}: Streaming is no property of {resource.type}; {_WHERE}."
                yield self.finding(resource.id, place, message)
            if resource.type.startswith("AWS::ApiGatewayV2::") and repr(TAG) in repr(resource.properties.get("Body")):
                place = (*resource.place, "Properties", "Body")
                yield self.finding(
                    resource.id, place, f"{resource.id}: HTTP and WebSocket APIs can't stream; remove {TAG}."
                )
        globals_ = as_object(plan.template.body.get("Globals"))
        for section in sorted({"HttpApi", "StateMachine", "WebSocketApi"} & globals_.keys()):
            if METADATA_KEY in as_object(globals_[section]):
                message = (
                    f"Globals.{section}: Streaming goes under Globals.Function or Globals.Api; REST APIs alone stream."
                )
                yield self.finding("", ("Globals", section, METADATA_KEY), message)
        for api, place in plan.table.misplaced:
            at = ".".join(map(str, place[4:-1]))
            yield self.finding(
                api,
                place,
                f"{api}: {TAG} belongs on an operation (a method of a path), not on {at or 'the body'}.",
            )


_FAMILIES: Final = ("AWS::ApiGateway::", "AWS::ApiGatewayV2::", "AWS::Serverless::", "AWS::Lambda::")
_WHERE: Final = "put Streaming on an Api event, or into the Metadata of a function, a REST API or a Method"

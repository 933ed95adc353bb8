"""W404: A streaming API doesn't compress."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.intrinsics import branches
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.template import Resource
from samstream.types import Place, as_object


class Compression(Rule):
    id = "W404"
    shortdesc = "A streaming API doesn't compress"
    description = (
        "API Gateway doesn't support content encoding with streaming: MinimumCompressionSize, or "
        "x-amazon-apigateway-minimum-compression-size of the body, has no place on an API whose routes stream."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("route",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        for api in plan.apis.values():
            for name, place in _compressions(api):
                message = (
                    f"{api.id}: API Gateway doesn't compress streams. Remove {name}, or give the routes that stream "
                    "an API of their own."
                )
                yield self.finding(api.id, place, message)


def _compressions(api: Resource) -> Iterator[tuple[str, Place]]:
    """The settings that turn compression on, with the places between which `Fn::If` chooses."""
    place = (*api.place, "Properties")
    holders = [(api.properties, place, "MinimumCompressionSize")]
    for body, at in branches(api.properties.get("Body"), (*place, "Body")):
        holders.append((as_object(body), at, "x-amazon-apigateway-minimum-compression-size"))
    for holder, above, name in holders:
        for value, at in branches(holder.get(name), (*above, name)):
            if value is not None:
                yield name, at

"""W406: The access log of a streaming API tells when answers began."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.segments import Literal, segments
from samstream.stages import stages_of
from samstream.types import Json, as_object


class AccessLogFields(Rule):
    id = "W406"
    shortdesc = "The access log of a streaming API tells when answers began"
    description = (
        "How long an answer takes says little of a stream. $context.integration.responseTransferMode says whether it "
        "was one, .timeToAllHeaders and .timeToFirstContent when it began."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"
    tags = ("stage",)

    def check(self, plan: Plan) -> Iterator[Finding]:
        for api in plan.apis:
            for stage in stages_of(plan, api):
                log = as_object(stage.settings.get("AccessLogSetting"))
                if "Format" in log and _says_nothing(plan, log["Format"]):
                    message = (
                        f"{api}, {stage}: its access log doesn't tell streams from buffered answers. Add "
                        "$context.integration.responseTransferMode and $context.integration.timeToFirstContent."
                    )
                    yield self.finding(stage.resource.id, (*stage.place, "AccessLogSetting", "Format"), message)


def _says_nothing(plan: Plan, form: Json) -> bool:
    """What can be read of the format names none of the fields."""
    pieces = segments(form, (), plan.template.resolver)
    text = "".join(piece.text for piece in pieces if isinstance(piece, Literal))
    return bool(text) and not any(field in text for field in _FIELDS)


_FIELDS = (
    "{{resolve:",  # a text that only the deployment knows
    "integration.responseTransferMode",
    "integration.timeToAllHeaders",
    "integration.timeToFirstContent",
)

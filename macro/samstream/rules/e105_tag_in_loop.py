"""E105: A tag in a Fn::ForEach is read after the loop has run."""

from collections.abc import Iterator

from samstream.events import RECORD
from samstream.findings import Finding
from samstream.plan import Plan
from samstream.routes import TAG
from samstream.rules.base import Rule
from samstream.tags import METADATA_KEY


class TagInLoop(Rule):
    id = "E105"
    shortdesc = "A tag in a Fn::ForEach is read after the loop has run"
    description = (
        "Until AWS::LanguageExtensions has expanded a loop, what it makes has no names, so routes and "
        "functions in it can't be found."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html"
    tags = ("tag", "intrinsic")

    def check(self, plan: Plan) -> Iterator[Finding]:
        for name, place, reason in plan.taken_off.stuck:
            yield self.finding(
                name, place, f"{name}: its events' Streaming can't be kept for after SAM, since {reason}."
            )
        if plan.template.before_sam:
            return
        for resource in plan.template.looped:
            if METADATA_KEY in resource.metadata or RECORD in resource.metadata or repr(TAG) in repr(resource.body):
                yield self.finding(
                    resource.id,
                    resource.place,
                    f"{resource.id}: its Streaming stands in a Fn::ForEach that hasn't run yet; "
                    "list AWS::LanguageExtensions before SamStream in Transform.",
                )

"""E105: A tag in a Fn::ForEach is read after the loop has run."""

from collections.abc import Iterator, Set

from samstream.edits import value_at
from samstream.events import RECORD
from samstream.findings import Finding
from samstream.intrinsics import referenced
from samstream.plan import Plan
from samstream.routes import REFERENCE
from samstream.rules.base import Rule
from samstream.tags import METADATA_KEY, Scope, Tag
from samstream.template import OPERATION_TAG
from samstream.types import Place


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
            keys = resource.metadata.keys()
            if METADATA_KEY in keys or RECORD in keys or repr(OPERATION_TAG) in repr(resource.properties):
                yield self._not_yet(resource.id, resource.place)
        for api, place in plan.table.loops:
            loop = value_at(plan.template.body, place)
            names = set(referenced(loop))
            if repr(OPERATION_TAG) in repr(loop) or any(_selects(tag, api, names) for tag in plan.tags):
                yield self._not_yet(api if api in plan.template.resources else str(place[-1]), place)

    def _not_yet(self, resource: str, place: Place) -> Finding:
        if place[-1] == REFERENCE:
            what = "routes behind a $ref, which a macro doesn't follow; write the path item out."
        else:
            what = "routes in a Fn::ForEach that hasn't run yet; list AWS::LanguageExtensions before SamStream."
        return self.finding(resource, place, f"{resource}: its Streaming concerns {what}")


def _selects(tag: Tag, api: str, names: Set[str]) -> bool:
    """A tag on the API or on a function that the loop refers to, and that means all of its routes."""
    if tag.value is None or not tag.value.enabled or tag.value.routes is not None:
        return False
    return (tag.scope is Scope.API and tag.resource == api) or (tag.scope is Scope.FUNCTION and tag.resource in names)

"""E107: The macro is listed where its tags need it."""

from collections.abc import Iterator

from samstream.events import take_off
from samstream.findings import Finding
from samstream.intrinsics import is_intrinsic
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.source import SAM, Source
from samstream.tags import MAP_KEYS, METADATA_KEY, TAGGABLE
from samstream.template import Template
from samstream.types import Json


class MacroNotListed(Rule):
    id = "E107"
    shortdesc = "The macro is listed where its tags need it"
    description = (
        "Tags on events and in Globals need a listing before SAM, which refuses them, and every tag needs one after "
        "SAM, which is when there are routes. Without the listing after SAM nothing would stream; the macro's first "
        "listing makes such a deployment fail. A macro isn't sent the Transform section, so the command line alone "
        "tells this."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html"
    tags = ("tag",)

    def check(self, plan: Plan) -> Iterator[Finding]:  # noqa: ARG002  # a plan doesn't know what is listed
        yield from ()

    def check_source(self, source: Source) -> Iterator[Finding]:
        template, listing = source.template, source.listing
        taken = take_off(template)
        tags = [tag for tag in (*taken.tags, *taken.looped) if not tag.is_transfer_mode]
        has_event_tags = bool(tags or taken.unused)
        if not has_event_tags and not _has_other_tags(template):
            return
        macro = listing.macro
        if not listing.lists_sam:
            if not listing.after_sam:
                yield self._finding(f"the template's tags do nothing, because {macro} isn't listed. List it")
        elif has_event_tags and not listing.before_sam:
            after = " as well" if listing.after_sam else ", and after it"
            yield self._finding(
                f"SAM refuses tags on events and in Globals, which {macro} takes off. List it before {SAM}{after}"
            )
        elif not listing.after_sam:
            also = " as well" if listing.before_sam else ""
            yield self._finding(
                f"{macro} isn't listed after {SAM}, where it makes the routes stream. List it there{also}"
            )

    def _finding(self, what: str) -> Finding:
        return self.finding("", ("Transform",), f"Transform: {what}.")


def _has_other_tags(template: Template) -> bool:
    tags = (found.metadata[METADATA_KEY] for found in template.of_type(*TAGGABLE) if METADATA_KEY in found.metadata)
    return template.has_operation_tag or any(map(_is_tag, tags))


def _is_tag(value: Json) -> bool:
    """A map may be somebody else's Metadata of that name."""
    return not isinstance(value, dict) or is_intrinsic(value) or not value.keys().isdisjoint(MAP_KEYS)

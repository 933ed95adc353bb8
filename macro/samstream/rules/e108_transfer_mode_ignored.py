"""E108: SAM reads an event's ResponseTransferMode."""

from collections.abc import Iterator

from samstream.events import IMPLICIT_API, EventTag, take_off
from samstream.findings import Finding
from samstream.intrinsics import Resolver, Unresolvable
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.source import SAM, Source
from samstream.tags import read_transfer_mode
from samstream.types import as_object


class TransferModeIgnored(Rule):
    id = "E108"
    shortdesc = "SAM reads an event's ResponseTransferMode"
    description = (
        "SAM makes a route stream for the word RESPONSE_STREAM alone, in the Properties of an event whose API's "
        "definition SAM writes itself. Another spelling, an intrinsic, or an API with a DefinitionBody or "
        "DefinitionUri leaves the route buffered, without a word. Listed before SAM, this macro takes any of them "
        "for its tag."
    )
    source_url = (
        "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html"
    )
    tags = ("event", "tag")

    def check(self, plan: Plan) -> Iterator[Finding]:  # noqa: ARG002  # listed before SAM, the macro reads them all
        yield from ()

    def check_source(self, source: Source) -> Iterator[Finding]:
        listing, resolver = source.listing, source.template.resolver
        if listing.before_sam or not listing.lists_sam:
            return
        for tag in take_off(source.template).tags:
            if not tag.is_transfer_mode or source.template.is_dead(tag.function):
                continue
            if _asks_to_stream(tag, resolver) and not _streams(tag, source):
                message = (
                    f"Event {tag.event} of {tag.function}: SAM ignores this ResponseTransferMode, and the route stays "
                    f"buffered. {_remedy(tag, listing.macro)}"
                )
                yield self.finding(tag.function, tag.place, message)


def _asks_to_stream(tag: EventTag, resolver: Resolver) -> bool:
    try:
        streaming = read_transfer_mode(tag.value, resolver)
    except (ValueError, Unresolvable):
        return True
    return streaming is not None and streaming.enabled


def _streams(tag: EventTag, source: Source) -> bool:
    """The API's own definition says so, or may: its route can't be told. SAM's definitions don't."""
    api = as_object(tag.api).get("Ref") or tag.api or IMPLICIT_API
    if not isinstance(api, str) or not isinstance(tag.path, str):
        return True
    resource = source.template.resources.get(api)
    if resource is None or not {"DefinitionBody", "DefinitionUri"} & resource.properties.keys():
        return False
    return source.streaming is None or (api, str(tag.method).upper(), tag.path) in source.streaming


def _remedy(tag: EventTag, macro: str) -> str:
    word = "" if tag.value == "RESPONSE_STREAM" else "Write RESPONSE_STREAM in the event's Properties, or list "
    return f"{word or 'List '}{macro} before and after {SAM}, and it streams."

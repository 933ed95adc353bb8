"""A refusal of SAM or CloudFormation as findings, as far as their words name the place."""

import re
from collections.abc import Iterator
from typing import Final

from samstream.events import TAG
from samstream.findings import Finding, nearest
from samstream.types import Place
from samstream_cli.cloudformation import Refusal

_RESOURCE: Final = re.compile(r"[Rr]esource with id \[(?P<id>[^\]]+)\]")
_EVENT: Final = re.compile(r"Event with id \[(?P<id>[^\]]+)\]")
_PROPERTY: Final = re.compile(r"property (?P<name>\w+) not defined")
_TYPES: Final = "Unrecognized resource types"


def findings_of_refusal(refusal: Refusal | None) -> Iterator[Finding]:
    """One finding a reason. Where a transform that can't run here may be why, it is a warning."""
    for reason in refusal.reasons if refusal else ():
        assert refusal is not None
        rule = "E004" if "Serverless" in refusal.source and _TYPES not in reason else "E005"
        place = _place(reason)
        resource = str(place[1]) if len(place) > 1 else ""
        place, hint = _misspelt(reason, place)
        message = f"{refusal.source} refuses the template: {reason.rstrip('.')}. {hint}{refusal.remedy}".rstrip()
        yield Finding(rule if refusal.certain else "W001", resource, place, message)


def _misspelt(reason: str, place: Place) -> tuple[Place, str]:
    """The place of a property that is meant to be a tag, and what it should be."""
    named = _PROPERTY.search(reason)
    if named is None or named["name"] == TAG or nearest(named["name"].title(), [TAG], 0.7) is None:
        return place, ""
    return (*place, named["name"]), f"Did you mean {TAG}? "


def _place(reason: str) -> Place:
    resource, event = _RESOURCE.search(reason), _EVENT.search(reason)
    if resource is None:
        return ("Transform",)
    place: Place = ("Resources", resource["id"])
    return (*place, "Properties", "Events", event["id"], "Properties") if event else place

"""E107: a tag needs the macro's listings."""

from typing import Any

import pytest

from macro.samples import app, event, function, look, operation, read, sam_function, tagged
from samstream.findings import Finding
from samstream.rules.e107_macro_not_listed import MacroNotListed
from samstream.source import SAM, Listing, Source

MACRO = "Mine"
NOT_LISTED = "Transform: the template's tags do nothing, because Mine isn't listed. List it."
NOT_BEFORE = (
    f"Transform: SAM refuses tags on events and in Globals, which Mine takes off. List it before {SAM} as well."
)
NEITHER = (
    f"Transform: SAM refuses tags on events and in Globals, which Mine takes off. List it before {SAM}, and after it."
)
NOT_AFTER = f"Transform: Mine isn't listed after {SAM}, where it makes the routes stream. List it there as well."
NOT_AT_ALL = NOT_AFTER.replace(" as well", "")

IN_EVENT = {"Resources": {"Chat": sam_function({"Ask": event(Streaming=True)})}}
IN_METADATA = {"Resources": {"Chat": sam_function({"Ask": event()}, Metadata={"Streaming": True})}}
IN_GLOBALS = {"Globals": {"Function": {"Streaming": True}}, **IN_METADATA}
IN_LOOP = {"Resources": {"Fn::ForEach::All": ["Name", ["Chat"], {"${Name}": IN_EVENT["Resources"]["Chat"]}]}}
UNTAGGED = {"Resources": {"Chat": sam_function({"Ask": event(ResponseTransferMode="RESPONSE_STREAM")})}}

EVENT_TAGS = {"an event": IN_EVENT, "Globals": IN_GLOBALS, "a loop": IN_LOOP}
OTHER_TAGS = {
    "Metadata": IN_METADATA,
    "an operation": tagged(),
    "a plain function": app(Chat=function({"Metadata": {"Streaming": True}})),
}


def check(body: Any, *names: str) -> list[Finding]:
    return list(MacroNotListed().check_source(Source(read(body), Listing(names, MACRO))))


def told(message: str) -> list[Finding]:
    return [Finding("E107", "", ("Transform",), message)]


@pytest.mark.parametrize("body", EVENT_TAGS.values(), ids=EVENT_TAGS)
def test_tags_on_events_need_both_listings(body: Any) -> None:
    assert check(body) == told(NOT_LISTED)
    assert check(body, SAM) == told(NEITHER)
    assert check(body, SAM, MACRO) == told(NOT_BEFORE)
    assert check(body, MACRO, SAM) == told(NOT_AFTER)
    assert check(body, MACRO, SAM, MACRO) == []


@pytest.mark.parametrize("body", OTHER_TAGS.values(), ids=OTHER_TAGS)
def test_other_tags_need_the_one_after_sam(body: Any) -> None:
    assert check(body) == check(body, "Other") == told(NOT_LISTED)
    assert check(body, MACRO) == []
    assert check(body, SAM) == told(NOT_AT_ALL)
    assert check(body, MACRO, SAM) == told(NOT_AFTER)
    assert check(body, SAM, MACRO) == []


@pytest.mark.parametrize("body", [UNTAGGED, app(), {"Resources": {}}])
def test_what_has_no_tag_needs_no_listing(body: Any) -> None:
    assert check(body) == check(body, SAM) == check(body, MACRO, SAM) == []


def test_metadata_of_other_resources_is_their_own() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Metadata": {"Streaming": True}}
    assert check(app(Table=table), SAM) == []


@pytest.mark.parametrize("value", [True, False, "POST /chat", [], {"Enabled": True}, {"Routes": []}, {"Ref": "Stream"}])
def test_whatever_could_be_a_tag_is_taken_for_one(value: Any) -> None:
    assert check(app(Chat=function({"Metadata": {"Streaming": value}}))) == told(NOT_LISTED)


@pytest.mark.parametrize("value", [{}, {"Owner": "me"}, {"enabled": True}])
def test_a_map_without_a_tags_keys_is_somebody_elses(value: Any) -> None:
    assert check(app(Chat=function({"Metadata": {"Streaming": value}}))) == []


def test_a_plan_knows_nothing_of_listings() -> None:
    assert look(app({"/chat": {"post": operation(**{"x-samstream-streaming": True})}})) == []

"""E108: SAM reads a ResponseTransferMode in one spelling, and where it writes the definition itself."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, event, look, read, sam_function
from samstream.findings import Finding
from samstream.rules.e108_transfer_mode_ignored import TransferModeIgnored
from samstream.source import SAM, Listing, Source

MACRO = "Mine"
PLACE = ("Resources", "Chat", "Properties", "Events", "Ask")
IGNORED = "Event Ask of Chat: SAM ignores this ResponseTransferMode, and the route stays buffered. "
SPELL_IT = f"Write RESPONSE_STREAM in the event's Properties, or list Mine before and after {SAM}, and it streams."
LIST_IT = f"List Mine before and after {SAM}, and it streams."
API: dict[str, Any] = {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "live"}}
WITH_BODY = {"Type": API["Type"], "Properties": {"DefinitionBody": {"openapi": "3.0.1", "paths": {}}}}
WITH_FILE = {"Type": API["Type"], "Properties": {"DefinitionUri": "api.yaml"}}


def check(ask: Any, *names: str, streaming: Any = (), parameters: Any = None, **more: Any) -> list[Finding]:
    body = {"Resources": {"Chat": sam_function({"Ask": ask}), **more}}
    source = Source(read(body, parameters), Listing(names or (SAM,), MACRO), frozenset(streaming))
    return list(TransferModeIgnored().check_source(source))


def told(remedy: str, *place: str) -> list[Finding]:
    return [Finding("E108", "Chat", (*PLACE, *place, "ResponseTransferMode"), IGNORED + remedy)]


UNREAD: list[Any] = [
    "STREAM",
    "response_stream",
    "Response-Stream",
    "streaming!",
    {"Ref": "Mode"},
    {"Ref": "Unknown"},
    {"Fn::Sub": "RESPONSE_STREAM"},
    {"Fn::If": ["Never", "BUFFERED", "STREAM"]},
    ["RESPONSE_STREAM"],
]


@pytest.mark.parametrize("mode", UNREAD)
def test_a_mode_that_sam_does_not_read_is_told(mode: Any) -> None:
    assert check(event(ResponseTransferMode=mode), parameters={"Mode": "RESPONSE_STREAM"}) == told(
        SPELL_IT, "Properties"
    )


@pytest.mark.parametrize("name", ["Ask", "Properties"])
def test_a_mode_beside_the_properties_is_told(name: str) -> None:
    ask = event(beside={"ResponseTransferMode": "RESPONSE_STREAM"})
    body = {"Resources": {"Chat": sam_function({name: ask})}}
    found = list(TransferModeIgnored().check_source(Source(read(body), Listing((SAM,), MACRO), frozenset())))
    assert [(finding.place[-2:], finding.message) for finding in found] == [
        ((name, "ResponseTransferMode"), IGNORED.replace("Ask", name) + LIST_IT)
    ]


@pytest.mark.parametrize(
    "mode",
    ["RESPONSE_STREAM", "BUFFERED", "buffered", NO_VALUE, {"Ref": "Mode"}, {"Fn::If": ["A", "STREAM", NO_VALUE]}],
)
def test_a_mode_that_sam_reads_or_that_asks_for_no_stream_is_not(mode: Any) -> None:
    body = {
        "Conditions": {"A": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"Chat": sam_function({"Ask": event(ResponseTransferMode=mode)})},
    }
    source = Source(read(body, {"Mode": "BUFFERED"}), Listing((SAM,), MACRO), frozenset())
    assert list(TransferModeIgnored().check_source(source)) == []


@pytest.mark.parametrize("api", [{"Ref": "Api"}, "Api"])
@pytest.mark.parametrize("resource", [WITH_BODY, WITH_FILE])
def test_an_api_with_a_definition_of_its_own_is_told(resource: Any, api: Any) -> None:
    ask = event(ResponseTransferMode="RESPONSE_STREAM", RestApiId=api)
    assert check(ask, Api=resource) == told(LIST_IT, "Properties")
    assert check(ask, Api=resource, streaming={("Api", "POST", "/other")}) == told(LIST_IT, "Properties")
    assert check(ask, Api=API) == []


@pytest.mark.parametrize("mode", ["RESPONSE_STREAM", "STREAM"])
def test_a_definition_that_streams_by_itself_is_not(mode: str) -> None:
    ask = event(ResponseTransferMode=mode, RestApiId={"Ref": "Api"})
    assert check(ask, Api=WITH_BODY, streaming={("Api", "POST", "/chat")}) == []


@pytest.mark.parametrize("path", [{"Ref": "Path"}, {"Fn::Sub": "/${Path}"}, ["/chat"], None])
def test_a_route_that_can_not_be_told_is_not(path: Any) -> None:
    assert check(event(ResponseTransferMode="STREAM", RestApiId={"Ref": "Api"}, Path=path), Api=WITH_BODY) == []


@pytest.mark.parametrize("api", ["abc123", {"Ref": "Elsewhere"}, {"Ref": ["Api"]}, ["Api"], {"Fn::ImportValue": "Api"}])
def test_an_api_of_elsewhere_is_not(api: Any) -> None:
    assert check(event(ResponseTransferMode="RESPONSE_STREAM", RestApiId=api), Api=WITH_BODY) == []


@pytest.mark.parametrize(("api", "number"), [({}, 1), ({"RestApiId": {"Ref": "Api"}}, 0)])
def test_of_a_refused_deployment_only_what_sam_writes_is_known(api: Any, number: int) -> None:
    ask = event(ResponseTransferMode="STREAM", **api)
    body = {"Resources": {"Chat": sam_function({"Ask": ask}), "Api": WITH_BODY}}
    assert len([*TransferModeIgnored().check_source(Source(read(body), Listing((SAM,), MACRO)))]) == number


def test_the_listing_before_sam_reads_them_all() -> None:
    ask = event(ResponseTransferMode="STREAM")
    assert check(ask, MACRO, SAM) == []
    assert check(ask, SAM, MACRO) == told(SPELL_IT, "Properties")


def test_without_sam_there_is_nobody_to_ignore_it() -> None:
    assert check(event(ResponseTransferMode="STREAM"), "Other") == []


def test_events_that_sam_refuses_are_not() -> None:
    assert check(event(kind="HttpApi", ResponseTransferMode="STREAM")) == []
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {"Events": {"Ask": event(ResponseTransferMode="S")}},
    }
    assert check(event(), Machine=machine) == []


def test_a_function_that_this_deployment_does_not_create_is_not() -> None:
    body = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"Chat": sam_function({"Ask": event(ResponseTransferMode="STREAM")}, Condition="Never")},
    }
    assert list(TransferModeIgnored().check_source(Source(read(body), Listing((SAM,), MACRO), frozenset()))) == []


def test_a_tag_is_another_rules_matter() -> None:
    assert check(event(Streaming=True)) == []


def test_a_plan_has_no_events() -> None:
    assert look(app()) == []

"""E105: a tag in a loop works once the loop has run, or is told."""

from typing import Any

import pytest

from macro.samples import (
    api,
    app,
    buffered,
    event,
    findings,
    function,
    method,
    operation,
    permission,
    proxy,
    run,
    sam_function,
    streams,
)
from samstream.findings import Finding

LOOP = "Fn::ForEach::Functions"
STREAMING = {"Streaming": True}
KEPT = {"SamStreamEvents": [{"Event": "Ask", "Method": "post", "Path": "/chat", "Scope": "ROUTE", "Streaming": True}]}


def loop(body: Any) -> dict[str, Any]:
    return {LOOP: ["Name", ["Chat", "Talk"], {"${Name}": body}]}


@pytest.mark.parametrize(
    "body",
    [
        function({"Metadata": STREAMING}),
        function({"Metadata": KEPT}),
        api({"/chat": {"post": operation(**{"x-samstream-streaming": True})}}),
    ],
    ids=["Metadata", "kept events", "an operation"],
)
def test_a_tag_in_a_loop_that_has_not_run_is_told(body: dict[str, Any]) -> None:
    fragment = {"Resources": {**app()["Resources"], **loop(body)}}
    place = ("Resources", LOOP, 2, "${Name}")
    message = (
        "${Name}: its Streaming concerns routes in a Fn::ForEach that hasn't run yet; "
        "list AWS::LanguageExtensions before SamStream."
    )
    expected = [Finding("E105", "${Name}", place, message)]
    assert [found for found in findings(fragment, {"Routes": "POST /chat"}) if found.rule == "E105"] == expected
    assert run(fragment).message == f"{message} [E105]"


LATER = (
    "Api: its Streaming concerns routes in a Fn::ForEach that hasn't run yet; "
    "list AWS::LanguageExtensions before SamStream."
)
PATHS = ("Resources", "Api", "Properties", "Body", "paths")
OVER = "Fn::ForEach::Items"


def of_paths(item: Any) -> dict[str, Any]:
    return {OVER: ["Item", ["a"], {"/${Item}": item}], "/chat": {"post": operation()}}


def test_a_tag_in_a_loop_over_paths_or_methods_is_told() -> None:
    post = operation(**{"x-samstream-streaming": True})
    assert findings(app(of_paths({"post": post}))) == [Finding("E105", "Api", (*PATHS, OVER), LATER)]
    methods = {OVER: ["Item", ["get"], {"${Item}": post}]}
    assert findings(app({"/chat": methods})) == [Finding("E105", "Api", (*PATHS, "/chat", OVER), LATER)]


@pytest.mark.parametrize(("resource", "rules"), [("Api", ["E105"]), ("Chat", ["E105", "W201"]), ("Talk", ["W201"])])
def test_a_loop_over_paths_of_what_is_tagged_is_told(resource: str, rules: list[str]) -> None:
    paths = {**of_paths({"post": operation()}), "/talk": {"get": operation(proxy("${Talk.Arn}"))}}
    fragment = app(paths, Talk=function(), TalkPermission=permission("Talk"))
    fragment["Resources"][resource]["Metadata"] = {"Streaming": True}
    assert [finding.rule for finding in findings(fragment)] == rules


@pytest.mark.parametrize("value", [False, "POST /chat"])
def test_a_tag_that_does_not_mean_the_loops_routes_is_not_told(value: Any) -> None:
    fragment = app(of_paths({"post": operation()}))
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": value}
    assert findings(fragment) == []


def test_a_tag_that_can_not_be_read_is_told_by_another_rule() -> None:
    fragment = app(of_paths({"post": operation()}))
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": 5}
    assert [finding.rule for finding in findings(fragment)] == ["E101"]


def test_a_path_item_behind_a_reference_is_told() -> None:
    fragment = app({"/chat": {"$ref": "#/x-paths/chat"}, "/": {"get": operation()}})
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": True}
    message = "Api: its Streaming concerns routes behind a $ref, which a macro doesn't follow; write the path item out."
    assert findings(fragment) == [Finding("E105", "Api", (*PATHS, "/chat", "$ref"), message)]


def test_methods_in_a_loop_of_a_tagged_function_are_told() -> None:
    made = app(Chat=function({"Metadata": {"Streaming": True}}))
    made["Resources"][OVER] = ["Item", ["GET"], {"Method${Item}": method()}]
    place = ("Resources", OVER, 2, "Method${Item}")
    assert findings(made)[:1] == [Finding("E105", "Api", place, LATER)]


def test_methods_in_a_loop_of_another_function_are_not_told() -> None:
    looped = method()
    looped["Properties"]["Integration"]["Uri"] = {"Fn::Sub": buffered("${ChatOther.Arn}")}
    made = app(Chat=function({"Metadata": {"Streaming": True}}))
    made["Resources"][OVER] = ["Item", ["GET"], {"Method${Item}": looped}]
    assert "E105" not in [finding.rule for finding in findings(made)]


def test_a_loop_of_an_api_of_elsewhere_is_named_by_its_place() -> None:
    looped = method()
    looped["Properties"]["RestApiId"] = {"Fn::ImportValue": "Api"}
    made = app(Chat=function({"Metadata": {"Streaming": True}}))
    made["Resources"][OVER] = ["Item", ["GET"], {"Method${Item}": looped}]
    place = ("Resources", OVER, 2, "Method${Item}")
    assert findings(made)[:1] == [Finding("E105", "Method${Item}", place, LATER.replace("Api:", "Method${Item}:"))]


def test_a_loop_without_a_tag_is_left_alone() -> None:
    fragment = {"Resources": {**app()["Resources"], **loop(function({"Metadata": {"Owner": "me"}}))}}
    assert streams(run(fragment, {"Routes": "POST /chat"})) == ["Api POST /chat"]


def test_a_loop_over_functions_may_run_between_the_listings() -> None:
    fragment = {"Resources": loop(sam_function({"Ask": event(Streaming=True)}))}
    result = run(fragment)
    assert result.findings == ()
    made = result.template["Resources"][LOOP]
    assert made == ["Name", ["Chat", "Talk"], {"${Name}": sam_function({"Ask": event()}, Metadata=KEPT)}]


@pytest.mark.parametrize("tag", [STREAMING, {"ResponseTransferMode": "stream"}])
def test_a_loop_over_events_has_to_run_before(tag: dict[str, Any]) -> None:
    events = "Fn::ForEach::Events"
    ask = ["Path", ["chat", "talk"], {"Ask${Path}": event(**tag)}]
    place = ("Resources", "Chat", "Properties", "Events", events)
    message = (
        "Chat: its events' Streaming can't be kept for after SAM, since they stand in a Fn::ForEach over events; "
        "list AWS::LanguageExtensions before SamStream."
    )
    fragment = {"Resources": {"Chat": sam_function({events: ask})}}
    assert findings(fragment) == [Finding("E105", "Chat", place, message)]


def test_a_default_of_globals_does_not_reach_a_loop_over_events_either() -> None:
    events = {"Fn::ForEach::Events": ["Path", ["chat"], {"Ask${Path}": event()}], "Ask": event()}
    place = ("Resources", "Chat", "Properties", "Events", "Fn::ForEach::Events")
    fragment = {"Globals": {"Function": {"Streaming": True}}, "Resources": {"Chat": sam_function(events)}}
    assert [(found.rule, found.place) for found in findings(fragment)] == [("E105", place)]


def test_a_loop_over_untagged_events_is_sams() -> None:
    events = {"Fn::ForEach::Events": ["Path", ["chat"], {"Ask${Path}": event()}]}
    fragment = {"Resources": {"Chat": sam_function(events)}}
    assert (run(fragment).template, run(fragment).findings) == (fragment, ())


@pytest.mark.parametrize("metadata", [None, "text", ["list"]])
def test_metadata_that_is_no_map_keeps_nothing(metadata: Any) -> None:
    fragment = {"Resources": {"Chat": sam_function({"Ask": event(Streaming=True)}, Metadata=metadata)}}
    message = "Chat: its events' Streaming can't be kept for after SAM, since its Metadata is not a map."
    assert findings(fragment) == [Finding("E105", "Chat", ("Resources", "Chat", "Metadata"), message)]
    untagged = {"Resources": {"Chat": sam_function({"Ask": event()}, Metadata=metadata)}}
    assert (findings(untagged), run(untagged).template) == ([], untagged)


def test_a_tag_whose_routes_all_stand_in_a_loop_is_told_once() -> None:
    fragment = app({OVER: ["Item", ["a"], {"/${Item}": {"post": operation()}}]}, Chat=None)
    fragment["Resources"]["Api"]["Metadata"] = STREAMING
    assert [finding.rule for finding in findings(fragment)] == ["E105"]

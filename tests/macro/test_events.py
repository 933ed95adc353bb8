"""Tags on Api events and in Globals: off before SAM, and back for the pass after it."""

from typing import Any

import pytest

from macro.samples import api, app, event, findings, function, operation, read, run, sam_function, streams
from samstream.edits import ABSENT, Edit
from samstream.events import TRIPWIRE_TYPE, kept, take_off, tripwire
from samstream.options import Options, RouteName

Json = dict[str, Any]

WIRE = {"Type": TRIPWIRE_TYPE, "Properties": {"Parameters": {}}}


def record(**more: Any) -> Json:
    return {"Event": "Ask", "Method": "post", "Path": "/chat", "Scope": "ROUTE", "Streaming": True, **more}


def chat(ask: Any, **more: Any) -> Json:
    return {"Resources": {"Chat": sam_function({"Ask": ask}, **more)}}


def test_a_tag_is_taken_off_its_event_and_kept_in_the_functions_metadata() -> None:
    fragment = chat(event(Streaming={"Ref": "Stream"}, RestApiId={"Ref": "Api"}), Metadata={"Owner": "me"})
    result = run(fragment, parameters={"Stream": "true"})
    kept_tag = record(RestApiId={"Ref": "Api"}, Streaming={"Ref": "Stream"})
    metadata = {"Owner": "me", "SamStreamEvents": [kept_tag]}
    assert result.template == {
        "Resources": {
            "Chat": sam_function({"Ask": event(RestApiId={"Ref": "Api"})}, Metadata=metadata),
            "SamStreamTripwire": WIRE,
        }
    }
    assert fragment == chat(event(Streaming={"Ref": "Stream"}, RestApiId={"Ref": "Api"}), Metadata={"Owner": "me"})


def test_a_pass_before_sam_twice_changes_nothing_more() -> None:
    once = run(chat(event(Streaming=True))).template
    again = run(once)
    assert (again.template, again.findings) == (once, ())


def test_a_tag_that_comes_later_is_kept_beside_the_earlier_ones() -> None:
    fragment = {
        "Resources": {
            "Chat": sam_function(
                {"Talk": event(Streaming=False, Method="get")}, Metadata={"SamStreamEvents": [record()]}
            )
        }
    }
    assert run(fragment).template["Resources"]["Chat"]["Metadata"] == {
        "SamStreamEvents": [record(), record(Event="Talk", Method="get", Streaming=False)]
    }


def test_events_without_a_tag_are_left_alone() -> None:
    fragment = {
        "Resources": {
            "Chat": sam_function({"Ask": event(), "Odd": 5, "Queue": event(kind="SQS")}),
            "Odd": {"Type": "AWS::Serverless::Function", "Properties": {"Events": ["Ask"]}},
        }
    }
    result = run(fragment)
    assert (result.template, result.edits) == (fragment, ())


# The spelling of SAM's own property, the event beside it, and whether it is taken for a tag.
MODES: dict[str, tuple[Any, Json, Json, bool]] = {
    "as SAM reads it": ("RESPONSE_STREAM", {}, {}, False),
    "buffered": ("BUFFERED", {}, {}, False),
    "another word": ("STREAM", {}, {}, True),
    "lower case": ("response_stream", {}, {}, True),
    "a parameter": ({"Ref": "Mode"}, {}, {}, True),
    "an if": ({"Fn::If": ["Yes", "RESPONSE_STREAM", "BUFFERED"]}, {}, {}, True),
    "an API of SAM's own": ("RESPONSE_STREAM", {"RestApiId": {"Ref": "Api"}}, {}, False),
    "an API of SAM's own by name": ("RESPONSE_STREAM", {"RestApiId": "Api"}, {}, False),
    "an API of SAM's own by a parameter": ("RESPONSE_STREAM", {"RestApiId": {"Ref": "ApiName"}}, {}, False),
    "an API with a body": ("RESPONSE_STREAM", {"RestApiId": {"Ref": "Api"}}, {"DefinitionBody": {}}, True),
    "an API with a file": ("RESPONSE_STREAM", {"RestApiId": {"Ref": "Api"}}, {"DefinitionUri": "s3://b/k"}, True),
    "an API that merges": (
        "RESPONSE_STREAM",
        {"RestApiId": {"Ref": "Api"}},
        {"DefinitionBody": {}, "MergeDefinitions": True},
        True,
    ),
    "a plain API": ("RESPONSE_STREAM", {"RestApiId": {"Ref": "Plain"}}, {}, True),
    "an API that isn't there": ("RESPONSE_STREAM", {"RestApiId": {"Ref": "Nobody"}}, {}, False),
    "an imported API": ("RESPONSE_STREAM", {"RestApiId": {"Fn::ImportValue": "Api"}}, {}, False),
}


@pytest.mark.parametrize("name", MODES)
def test_sams_own_property_is_a_tag_where_sam_would_ignore_it(name: str) -> None:
    mode, properties, of_api, is_tag = MODES[name]
    ask = event(ResponseTransferMode=mode, **properties)
    fragment = chat(ask)
    fragment["Resources"] |= {"Api": {"Type": "AWS::Serverless::Api", "Properties": of_api}, "Plain": api({})}
    fragment["Conditions"] = {"Yes": {"Fn::Equals": [1, 1]}}
    result = run(fragment, parameters={"Mode": "STREAM", "ApiName": "Api"})
    assert result.findings == ()
    if not is_tag:
        assert result.template == fragment
        return
    kept_tag = {**record(**properties), "ResponseTransferMode": mode}
    del kept_tag["Streaming"]
    assert result.template["Resources"]["Chat"] == sam_function(
        {"Ask": event(**properties)}, Metadata={"SamStreamEvents": [kept_tag]}
    )


def test_a_body_from_globals_counts_as_the_apis_own() -> None:
    fragment = chat(event(ResponseTransferMode="RESPONSE_STREAM", RestApiId={"Ref": "Api"}))
    fragment["Resources"]["Api"] = {"Type": "AWS::Serverless::Api"}
    assert run(fragment).edits == ()
    fragment["Globals"] = {"Api": {"DefinitionUri": "s3://b/k"}}
    assert len(run(fragment).edits) == 3


def test_globals_are_every_api_events_default() -> None:
    fragment: Json = {
        "Globals": {"Function": {"Timeout": 3, "Streaming": True}, "Api": {"Streaming": "false"}},
        "Resources": {
            "Chat": sam_function({"Ask": event(), "Queue": event(kind="SQS")}),
            "Talk": sam_function({"Say": event(Streaming=False, Path="/talk")}),
            "Flow": {"Type": "AWS::Serverless::StateMachine", "Properties": {"Events": {"Ask": event()}}},
        },
    }
    result = run(fragment)
    assert result.findings == ()
    made = result.template
    assert made["Globals"] == {"Function": {"Timeout": 3}, "Api": {}}
    of_function, of_api = {"Scope": "GLOBAL_FUNCTION"}, {"Scope": "GLOBAL_API", "Streaming": "false"}
    assert made["Resources"]["Chat"]["Metadata"]["SamStreamEvents"] == [record(**of_function), record(**of_api)]
    say = {"Event": "Say", "Path": "/talk"}
    assert made["Resources"]["Talk"]["Metadata"]["SamStreamEvents"] == [
        record(**say, Streaming=False),
        record(**say, **of_function),
        record(**say, **of_api),
    ]
    assert made["Resources"]["Flow"] == fragment["Resources"]["Flow"]
    assert len({edit.place for edit in result.edits}) == len(result.edits)


def test_sams_own_property_beside_the_properties_is_a_tag_for_sam_drops_it() -> None:
    result = run(chat(event(beside={"ResponseTransferMode": "RESPONSE_STREAM"})))
    kept_tag = {**record(), "ResponseTransferMode": "RESPONSE_STREAM"}
    del kept_tag["Streaming"]
    assert result.template["Resources"]["Chat"] == sam_function(
        {"Ask": event()}, Metadata={"SamStreamEvents": [kept_tag]}
    )


BUFFERED_TOO: dict[str, Json] = {
    "a tag": chat(event(Streaming=True, ResponseTransferMode="BUFFERED")),
    "a tag beside": chat(event(beside={"Streaming": True}, ResponseTransferMode="BUFFERED")),
    "a default": {**chat(event(ResponseTransferMode="BUFFERED")), "Globals": {"Api": {"Streaming": True}}},
}


@pytest.mark.parametrize("name", BUFFERED_TOO)
def test_sams_own_property_that_says_buffered_counts_where_a_tag_says_otherwise(name: str) -> None:
    made = run(BUFFERED_TOO[name]).template["Resources"]["Chat"]
    kept_tags = made["Metadata"]["SamStreamEvents"]
    assert sorted("Streaming" in kept_tag for kept_tag in kept_tags) == [False, True]
    assert sorted("ResponseTransferMode" in kept_tag for kept_tag in kept_tags) == [False, True]


@pytest.mark.parametrize(
    ("ignored", "left"),
    [("*", "*"), (["Streaming"], ABSENT), (["Timeout", "Streaming"], ["Timeout"])],
)
def test_a_function_may_ignore_the_default(ignored: Any, left: Any) -> None:
    fragment = chat(event(), IgnoreGlobals=ignored)
    fragment["Resources"]["Talk"] = sam_function({"Say": event()})
    fragment["Globals"] = {"Function": {"Streaming": True}}
    made = run(fragment).template["Resources"]["Chat"]
    assert "Metadata" not in made
    assert made.get("IgnoreGlobals", ABSENT) == left


def test_a_function_that_ignores_other_globals_has_the_default() -> None:
    fragment = chat(event(), IgnoreGlobals=["Timeout"])
    fragment["Globals"] = {"Function": {"Streaming": True}}
    result = run(fragment)
    made = result.template["Resources"]["Chat"]
    assert made["Metadata"] == {"SamStreamEvents": [record(Scope="GLOBAL_FUNCTION")]}
    assert made["IgnoreGlobals"] == ["Timeout"]
    assert "IgnoreGlobals" not in [edit.place[-1] for edit in result.edits]


def test_taking_off_says_what_it_found() -> None:
    loop = {"Fn::ForEach::Names": ["Name", ["A"], {"${Name}": sam_function({"Ask": event(Streaming=True)})}]}
    fragment = chat(event(Streaming=True))
    fragment["Resources"] |= loop
    taken = take_off(read(fragment))
    assert [(tag.function, tag.event, tag.can_travel) for tag in taken.tags] == [("Chat", "Ask", True)]
    assert [(tag.function, tag.place[2]) for tag in taken.looped] == [("${Name}", 2)]
    assert taken.stuck == ()
    assert [edit.after for edit in taken.edits] == [ABSENT, [record()], ABSENT, [record()]]


def test_kept_tags_come_back() -> None:
    mode = {"Event": "Say", "ResponseTransferMode": "stream", "Scope": "GLOBAL_API"}
    odd: list[Any] = [5, {}, {"Event": 5}]
    template = read(
        {
            "Resources": {
                "Chat": function({"Metadata": {"SamStreamEvents": [record(RestApiId="Api"), mode, *odd]}}),
                "Odd": function({"Metadata": {"SamStreamEvents": "Ask"}}),
                "Plain": function({"Metadata": {"Owner": "me"}}),
                "Fn::ForEach::X": ["X", ["a"], {"${X}": function({"Metadata": {"SamStreamEvents": [record()]}})}],
            }
        }
    )
    ask, say = kept(template)
    assert (ask.function, ask.event, ask.api, ask.method, ask.path) == ("Chat", "Ask", "Api", "post", "/chat")
    assert (ask.value, ask.scope, ask.is_transfer_mode) == (True, "ROUTE", False)
    assert ask.place == ("Resources", "Chat", "Properties", "Events", "Ask")
    assert (say.event, say.api, say.method, say.path) == ("Say", None, None, None)
    assert (say.value, say.scope, say.is_transfer_mode) == ("stream", "GLOBAL_API", True)


def test_a_scope_nobody_knows_is_that_of_a_route() -> None:
    (tag,) = kept(read({"Resources": {"Chat": function({"Metadata": {"SamStreamEvents": [record(Scope="WORLD")]}})}}))
    assert tag.scope == "ROUTE"


def test_the_tripwire_carries_the_parameters_of_its_listing() -> None:
    options = Options.load({"Routes": "POST /chat", "Strict": "true"}, {"SAMSTREAM_SIBLING_ROUTES": "error"})
    body = {"Type": TRIPWIRE_TYPE, "Properties": {"Parameters": {"Routes": ["POST /chat"], "Strict": True}}}
    assert tripwire(read({"Resources": {}}), options) == Edit(("Resources", "SamStreamTripwire"), ABSENT, body)


def test_there_is_one_tripwire_under_a_free_name() -> None:
    mine = {"Type": "AWS::SQS::Queue"}
    template = read({"Resources": {"SamStreamTripwire": mine, "SamStreamTripwire2": mine}})
    assert tripwire(template, Options()) == Edit(("Resources", "SamStreamTripwire3"), ABSENT, WIRE)
    assert tripwire(read({"Resources": {"Wire": WIRE}}), Options()) is None


def test_cloudformation_refuses_the_tripwire_by_a_name_that_tells() -> None:
    words = TRIPWIRE_TYPE.split("::")
    assert words == ["SamStream", "ListedBeforeSAMOnly", "ListItAgainAfterAWSServerless20161031"]
    assert all(word.isalnum() and len(word) <= 64 for word in words)


@pytest.mark.parametrize(
    "fragment",
    [
        chat(event(Streaming=True)),
        chat(event(), Metadata={"Streaming": False}),
        {**chat(event()), "Globals": {"Api": {"Streaming": True}}},
        {"Resources": {"Api": {"Type": "AWS::Serverless::Api", "Metadata": {"Streaming": True}}}},
        {
            "Resources": {
                "Api": {
                    "Type": "AWS::Serverless::Api",
                    "Properties": {"DefinitionBody": {"paths": {"/": {"get": {"x-samstream-streaming": True}}}}},
                }
            }
        },
    ],
    ids=["event", "function", "Globals", "API", "operation"],
)
def test_whatever_is_tagged_before_sam_lays_the_tripwire(fragment: Json) -> None:
    assert run(fragment).template["Resources"]["SamStreamTripwire"] == WIRE


def test_routes_of_the_transform_entry_lay_the_tripwire() -> None:
    wire = {**WIRE, "Properties": {"Parameters": {"Routes": ["POST /chat"]}}}
    result = run(chat(event()), {"Routes": "POST /chat"})
    assert result.template["Resources"]["SamStreamTripwire"] == wire


def test_a_template_without_a_tag_has_no_tripwire() -> None:
    result = run(chat(event()), {"Strict": True})
    assert (result.template, result.edits) == (chat(event()), ())


def test_the_listing_after_sam_takes_the_tripwire_out_and_what_it_carries() -> None:
    parameters = {"Routes": ["POST /chat"], "TimeoutInMillis": 60_000}
    result = run(app(Wire={**WIRE, "Properties": {"Parameters": parameters}}))
    assert streams(result) == ["Api POST /chat"]
    assert result.routes[0].timeout_in_millis == 60_000
    assert "Wire" not in result.template["Resources"]


def test_the_listing_after_sam_may_say_otherwise() -> None:
    wire = {**WIRE, "Properties": {"Parameters": {"Routes": ["POST /chat"], "TimeoutInMillis": 60_000}}}
    result = run(app(Wire=wire), {"TimeoutInMillis": 90_000})
    assert (streams(result), result.routes[0].timeout_in_millis) == (["Api POST /chat"], 90_000)


def test_the_first_listings_strictness_holds_in_the_second() -> None:
    wire = {**WIRE, "Properties": {"Parameters": {"Routes": ["POST /chat"], "Strict": True}}}
    fragment = app(Wire=wire, Deployment=None)
    result = run(fragment)
    assert ([found.rule for found in result.findings], result.failed) == (["W401"], True)
    assert result.template is fragment
    assert not run(fragment, {"Strict": False}).failed


def test_a_tripwire_that_someone_broke_is_told() -> None:
    wire = {**WIRE, "Properties": {"Parameters": {"Rouets": "POST /chat"}}}
    (finding,) = findings(app(Wire=wire))
    assert (finding.rule, "Did you mean Routes?" in finding.message) == ("E001", True)


def test_a_tripwire_alone_is_cleaned_away() -> None:
    result = run(app(Wire={"Type": TRIPWIRE_TYPE}))
    assert (result.template, result.report) == (app(), None)


def test_both_passes_together_make_the_tagged_event_stream() -> None:
    first = run(chat(event(Streaming={"TimeoutInMillis": 60_000})), {"Ignore": "W401"}).template["Resources"]
    after = app(
        ServerlessRestApi=api({"/chat": {"post": operation()}}),
        Chat=function({"Metadata": first["Chat"]["Metadata"]}, Timeout=60),
        Api=None,
        SamStreamTripwire=first["SamStreamTripwire"],
    )
    result = run(after)
    assert result.findings == ()
    assert [(route.api, route.route, route.after, route.timeout_in_millis) for route in result.routes] == [
        ("ServerlessRestApi", "POST /chat", "STREAM", 60_000)
    ]
    assert set(result.template["Resources"]) == {"Chat", "Permission", "Deployment", "ServerlessRestApi"}
    assert "Metadata" not in result.template["Resources"]["Chat"]


def test_names_of_routes_in_the_tripwire_read_as_they_were_written() -> None:
    options = Options(routes=(RouteName("ANY", "/{proxy+}", "Api"),), given=frozenset({"routes"}))
    edit = tripwire(read({"Resources": {}}), options)
    assert edit is not None
    assert edit.after["Properties"] == {"Parameters": {"Routes": ["Api ANY /{proxy+}"]}}

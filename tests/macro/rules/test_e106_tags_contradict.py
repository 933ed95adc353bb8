"""E106: two tags of the same kind of place that disagree."""

from macro.samples import app, event, findings, function, operation, proxy, run, sam_function, streamed, streams
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-samstream-streaming")


def test_an_event_and_an_operation_that_disagree_are_told() -> None:
    kept = {"Event": "Ask", "RestApiId": {"Ref": "Api"}, "Method": "post", "Path": "/chat", "Streaming": True}
    fragment = app(
        {"/chat": {"post": operation(**{"x-samstream-streaming": False})}},
        Chat=function({"Metadata": {"SamStreamEvents": [kept]}}),
    )
    message = (
        "Api POST /chat: event Ask of Chat and x-samstream-streaming of its operation contradict each other; "
        "remove one of the two."
    )
    assert findings(fragment) == [Finding("E106", "Api", PLACE, message)]


def test_two_functions_of_one_route_that_disagree_are_told() -> None:
    either = {"Fn::If": ["Blue", proxy()["uri"], proxy("${Green.Arn}")["uri"]]}
    fragment = app(
        {"/chat": {"post": operation(proxy(uri=either))}},
        Chat=function({"Metadata": {"Streaming": True}}),
        Green=function({"Metadata": {"Streaming": "false"}}),
    )
    message = "Api POST /chat: Metadata of Chat and Metadata of Green contradict each other; remove one of the two."
    place = ("Resources", "Green", "Metadata", "Streaming")
    assert findings(fragment) == [Finding("E106", "Green", place, message)]


def test_one_event_that_says_both_is_told() -> None:
    both = event(beside={"Streaming": False}, Streaming=True)
    first = run({"Resources": {"Chat": sam_function({"Ask": both})}})
    after = app(ServerlessRestApi=None, Chat=function({"Metadata": first.template["Resources"]["Chat"]["Metadata"]}))
    after["Resources"]["ServerlessRestApi"] = after["Resources"].pop("Api")
    message = "ServerlessRestApi POST /chat: event Ask of Chat says yes and no; remove one of the two."
    place = ("Resources", "Chat", "Properties", "Events", "Ask")
    assert findings(after) == [Finding("E106", "Chat", place, message)]


def test_a_tag_that_says_no_where_the_template_itself_streams_is_told() -> None:
    fragment = app({"/chat": {"post": operation(streamed(), **{"x-samstream-streaming": False})}})
    message = "Api POST /chat: Api POST /chat says no, but the template itself makes it stream; remove one of the two."
    assert findings(fragment) == [Finding("E106", "Api", PLACE, message)]


def test_a_wider_tag_that_says_no_leaves_what_streams_by_itself() -> None:
    fragment = app({"/chat": {"post": operation(streamed())}}, Chat=function({"Metadata": {"Streaming": False}}))
    assert findings(fragment) == []


def test_places_of_different_width_do_not_contradict_each_other() -> None:
    fragment = app(
        {"/chat": {"post": operation(**{"x-samstream-streaming": False}), "get": operation()}},
        Chat=function({"Metadata": {"Streaming": True}}),
    )
    assert streams(run(fragment)) == ["Api GET /chat"]

"""The values of tags, and the places they stand in."""

from typing import Any

import pytest

from macro.samples import app, event, function, method, operation, read, run, sam_app, sam_function, streams
from samstream.intrinsics import Unresolvable
from samstream.options import Options, RouteName
from samstream.routes import RouteReader
from samstream.tags import (
    Problem,
    Scope,
    Streaming,
    Tag,
    read_transfer_mode,
    read_value,
    tags_of_methods,
    tags_of_options,
    tags_of_resources,
    tags_of_routes,
)

PARAMETERS = {"Yes": "true", "No": "false", "Routes": ["POST /chat", "GET /"], "Timeout": "60000", "Mode": "stream"}
RESOLVER = read(
    {"Resources": {}, "Conditions": {"IsYes": {"Fn::Equals": [{"Ref": "Yes"}, "true"]}}}, PARAMETERS
).resolver

CHAT, ROOT = RouteName("POST", "/chat"), RouteName("GET", "/")
ON, OFF = Streaming(enabled=True), Streaming(enabled=False)

VALUES: dict[str, tuple[Any, Streaming | None]] = {
    "true": (True, ON),
    "false": (False, OFF),
    "the word": ("true", ON),
    "the word no": (" False", OFF),
    "a parameter": ({"Ref": "No"}, OFF),
    "an if": ({"Fn::If": ["IsYes", {"Ref": "Yes"}, {"Ref": "No"}]}, ON),
    "a condition": ({"Condition": "IsYes"}, ON),
    "a condition function": ({"Fn::Not": [{"Condition": "IsYes"}]}, OFF),
    "no value": ({"Ref": "AWS::NoValue"}, None),
    "an if without else": ({"Fn::If": ["IsYes", {"Ref": "AWS::NoValue"}, True]}, None),
    "a route": ("POST /chat", Streaming(True, (CHAT,))),
    "a route of a parameter": ({"Fn::Select": [0, {"Ref": "Routes"}]}, Streaming(True, (CHAT,))),
    "routes": (["POST /chat", {"Fn::Join": [" ", ["GET", "/"]]}], Streaming(True, (CHAT, ROOT))),
    "routes of a parameter": ({"Ref": "Routes"}, Streaming(True, (CHAT, ROOT))),
    "a route of one API": ("Api POST /chat", Streaming(True, (CHAT._replace(api="Api"),))),
    "an empty map": ({}, ON),
    "a whole map": (
        {"Enabled": "false", "Routes": "POST /chat", "TimeoutInMillis": "60000"},
        Streaming(False, (CHAT,), 60_000),
    ),
    "a map of parameters": (
        {"Enabled": {"Ref": "Yes"}, "Routes": {"Ref": "Routes"}, "TimeoutInMillis": {"Ref": "Timeout"}},
        Streaming(True, (CHAT, ROOT), 60_000),
    ),
    "a map with no value": ({"Enabled": {"Ref": "AWS::NoValue"}, "TimeoutInMillis": 50}, Streaming(True, None, 50)),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_read(name: str) -> None:
    value, expected = VALUES[name]
    assert read_value(value, RESOLVER) == expected


@pytest.mark.parametrize(
    "value", [None, "", [], 0, 1, "on", ["GET /", 5], {"Enable": 1}, {"Routes": []}, {"Routes": 5}]
)
def test_what_is_no_value_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_value(value, RESOLVER)


@pytest.mark.parametrize("value", [{"Ref": "Nobody"}, {"Enabled": {"Fn::GetAtt": "A.B"}}, [{"Fn::ImportValue": "x"}]])
def test_what_nobody_knows_is_unresolvable(value: Any) -> None:
    with pytest.raises(Unresolvable):
        read_value(value, RESOLVER)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(word, ON) for word in ("STREAM", "stream", "response_stream", "RESPONSE-STREAM", "Response Stream")],
        *[(word, ON) for word in ("ResponseStream", " streaming ", "STREAMED", "RESPONSE_STREAM")],
        *[(word, OFF) for word in ("buffered", "BUFFER", "BUFFERED")],
        ({"Ref": "Mode"}, ON),
        ({"Fn::If": ["IsYes", "BUFFERED", "RESPONSE_STREAM"]}, OFF),
        ({"Ref": "AWS::NoValue"}, None),
    ],
)
def test_a_transfer_mode_is_read_in_any_spelling(value: Any, expected: Streaming | None) -> None:
    assert read_transfer_mode(value, RESOLVER) == expected


@pytest.mark.parametrize("value", [True, None, "", "on", 5, ["STREAM"], {"Mode": "STREAM"}])
def test_what_is_no_transfer_mode_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^a ResponseTransferMode is RESPONSE_STREAM or BUFFERED"):
        read_transfer_mode(value, RESOLVER)


OPERATION = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post")


def test_tags_of_operations_of_methods_and_of_resources_say_where_they_stand() -> None:
    body = app(
        {"/chat": {"post": operation(**{"x-samstream-streaming": "false"}), "get": operation()}},
        Chat=function({"Metadata": {"Streaming": {"Ref": "Nobody"}}}),
        Get=method(Metadata={"Streaming": 5}),
    )
    body["Resources"]["Api"]["Metadata"] = {"Streaming": True}
    template = read(body)
    table = RouteReader(template).read()
    (of_route,) = tags_of_routes(table, template.resolver)
    (of_method,) = tags_of_methods(template, table)
    of_function, of_api = tags_of_resources(template)
    place = (*OPERATION, "x-samstream-streaming")
    assert of_route == Tag(Scope.ROUTE, "Api", place, "Api POST /chat", OFF, route=table.routes[0])
    at = ("Resources", "Get", "Metadata", "Streaming")
    problem = of_method.problem
    assert problem is not None
    assert of_method == Tag(Scope.ROUTE, "Get", at, "Metadata of Get", problem=problem, route=table.routes[2])
    assert (problem.rule, problem.reason[:44]) == ("E101", "it must be true, false, routes or a map of E")
    unknown = Problem("E102", "Ref Nobody has no value that a macro can see")
    at = ("Resources", "Chat", "Metadata", "Streaming")
    assert of_function == Tag(Scope.FUNCTION, "Chat", at, "Metadata of Chat", problem=unknown)
    assert of_api == Tag(Scope.API, "Api", ("Resources", "Api", "Metadata", "Streaming"), "Metadata of Api", ON)


def test_routes_among_the_options_are_tags_too() -> None:
    options = Options(routes=(CHAT,), default_routes=(ROOT,))
    assert list(tags_of_options(options)) == [
        Tag(
            Scope.PARAMETERS,
            "",
            ("Transform", "Parameters", "Routes"),
            "Routes of the Transform entry",
            Streaming(True, (CHAT,)),
        ),
        Tag(Scope.ENVIRONMENT, "", (), "the organisation's default Routes", Streaming(True, (ROOT,))),
    ]
    assert list(tags_of_options(Options())) == []


def test_a_value_nested_too_deeply_is_a_problem_of_its_tag() -> None:
    value: Any = True
    for _ in range(3000):
        value = {"Fn::If": ["IsYes", value, False]}
    body = {"Resources": {"Chat": function({"Metadata": {"Streaming": value}})}}
    body["Conditions"] = {"IsYes": {"Fn::Equals": [1, 1]}}
    (tag,) = tags_of_resources(read(body))
    assert tag.problem == Problem("E102", "it is nested too deeply")


EVERY_PLACE = {
    "a function's Metadata": app(Chat=function({"Metadata": {"Streaming": True}})),
    "an API's Metadata": app(Api={**app()["Resources"]["Api"], "Metadata": {"Streaming": "true"}}),
    "an operation": app({"/chat": {"post": operation(**{"x-samstream-streaming": {"Enabled": True}})}}),
    "an event that was kept": app(
        Chat=function(
            {
                "Metadata": {
                    "SamStreamEvents": [
                        {"Event": "Ask", "RestApiId": "Api", "Method": "POST", "Path": "/chat", "Streaming": True}
                    ]
                }
            }
        )
    ),
}


@pytest.mark.parametrize("name", EVERY_PLACE)
def test_a_tag_in_its_place_makes_the_route_stream_and_leaves_the_template(name: str) -> None:
    result = run(EVERY_PLACE[name])
    assert streams(result) == ["Api POST /chat"]
    bare = {name: resource for name, resource in result.template["Resources"].items() if "Metadata" in resource}
    assert bare == {}
    assert "x-samstream-streaming" not in str(result.template)
    again = run(result.template)
    assert (again.template, again.edits) == (result.template, ())


def test_a_tag_on_a_method_makes_it_stream_and_leaves_the_template() -> None:
    fragment = app({}, Get=method(Metadata={"Streaming": "GET /", "aws:cdk:path": "x"}), Chat=function())
    result = run(fragment)
    assert streams(result) == ["Api GET /"]
    assert result.template["Resources"]["Get"]["Metadata"] == {"aws:cdk:path": "x"}


@pytest.mark.parametrize("sam_type", ["AWS::Serverless::Function", "AWS::Serverless::Api"])
def test_metadata_of_sams_own_resources_waits_for_sam(sam_type: str) -> None:
    body = {"Type": sam_type, "Metadata": {"Streaming": True}, "Properties": {}}
    result = run({"Resources": {"It": body}})
    assert result.template["Resources"]["It"] == body
    assert list(result.template["Resources"]) == ["It", "SamStreamTripwire"]


@pytest.mark.parametrize("place", ["properties", "beside"])
def test_an_events_tag_may_stand_in_its_properties_or_beside_them(place: str) -> None:
    tag: dict[str, Any] = {"Streaming": True}
    ask = event(**tag) if place == "properties" else event(beside=tag)
    result = run({"Resources": {"Chat": sam_function({"Ask": ask})}})
    assert result.template["Resources"]["Chat"] == sam_function(
        {"Ask": event()},
        Metadata={
            "SamStreamEvents": [
                {"Event": "Ask", "Method": "post", "Path": "/chat", "Scope": "ROUTE", "Streaming": True}
            ]
        },
    )


def test_an_event_whose_tag_has_no_value_is_kept_and_selects_nothing() -> None:
    result = run(sam_app(Streaming={"Ref": "AWS::NoValue"}))
    metadata = result.template["Resources"]["Chat"]["Metadata"]
    assert streams(run(app(ServerlessRestApi=app()["Resources"]["Api"], Chat=function({"Metadata": metadata})))) == []

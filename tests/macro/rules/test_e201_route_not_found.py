"""E201: a tag that selects nothing is told, with the nearest route there is."""

from typing import Any

import pytest

from macro.samples import api, app, findings, function, method, operation, proxy, run, streams
from samstream.findings import Finding

CHAT = function({"Metadata": {"Streaming": "POST /chta"}})
AT = ("Resources", "Chat", "Metadata", "Streaming")
PARAMETER = ("Transform", "Parameters", "Routes")


def test_a_misspelt_route_is_told_with_the_nearest() -> None:
    paths = {"/chat": {"post": operation(), "get": operation()}, "/charts": {"post": operation()}}
    message = "Metadata of Chat: there is no route POST /chta in Api. The nearest is POST /chat."
    assert findings(app(paths, Chat=CHAT)) == [Finding("E201", "Chat", AT, message)]


def test_a_route_of_the_transform_entry_may_name_its_api() -> None:
    fragment = app(Other=api({"/talk": {"get": operation({"type": "mock"})}}))
    message = "Routes of the Transform entry: there is no route Other GET /chat in Other. The nearest is GET /talk."
    assert findings(fragment, {"Routes": ["Other GET /chat", "Api POST /chat"]}) == [
        Finding("E201", "", PARAMETER, message)
    ]


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ("GET /chat", "there is no route GET /chat in Api. There are no routes at all."),
        ("Nobody GET /chat", "there is no REST API Nobody in this template. Those with routes: none."),
    ],
)
def test_without_any_route_nothing_is_near(routes: str, message: str) -> None:
    fragment = app({}, Chat=None)
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": routes}
    at = ("Resources", "Api", "Metadata", "Streaming")
    assert findings(fragment) == [Finding("E201", "Api", at, f"Metadata of Api: {message}")]


def test_every_route_of_a_list_that_is_missing_is_told() -> None:
    missing = [finding.message for finding in findings(app(), {"Routes": ["GET /chat", "POST /chat", "ANY /"]})]
    assert missing == [
        "Routes of the Transform entry: there is no route GET /chat in Api.",
        "Routes of the Transform entry: there is no route ANY / in Api.",
    ]


def test_a_template_without_any_api_is_told() -> None:
    message = "Routes of the Transform entry: there is no route GET /chat in this template. There are no routes at all."
    assert findings({"Resources": {}}, {"Routes": "GET /chat"}) == [Finding("E201", "", PARAMETER, message)]


def test_the_organisations_routes_hold_where_they_exist() -> None:
    environment = {"SAMSTREAM_ROUTES": "POST /chat,GET /nowhere"}
    assert streams(run(app(), environment=environment)) == ["Api POST /chat"]


NOTHING = "it selects no route: no REST API of this template has a proxy route here. Tag an Api event, or remove it."


def test_a_function_without_routes_is_told() -> None:
    fragment = app(Other=function({"Metadata": {"Streaming": True}}))
    at = ("Resources", "Other", "Metadata", "Streaming")
    assert findings(fragment) == [Finding("E201", "Other", at, f"Metadata of Other: {NOTHING}")]


def test_an_api_without_proxy_routes_is_told() -> None:
    fragment = app({"/chat": {"options": operation({"type": "mock"})}})
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": True}
    at = ("Resources", "Api", "Metadata", "Streaming")
    assert findings(fragment) == [Finding("E201", "Api", at, f"Metadata of Api: {NOTHING}")]


def test_a_tag_that_says_no_needs_no_route() -> None:
    fragment = app(Other=function({"Metadata": {"Streaming": False}}))
    assert findings(fragment) == []


def kept(**more: Any) -> dict[str, Any]:
    """A function whose event the pass before SAM found tagged."""
    record = {"Event": "Ask", "Method": "post", "Path": "/chat", "Scope": "ROUTE", "Streaming": True, **more}
    return function({"Metadata": {"SamStreamEvents": [record]}})


EVENT = ("Resources", "Chat", "Properties", "Events", "Ask")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"RestApiId": {"Ref": "Api"}, "Path": "/talk"},
            "there is no route POST /talk in Api. The nearest is POST /chat.",
        ),
        ({"RestApiId": "Api", "Method": "get"}, "there is no route GET /chat in Api. The nearest is POST /chat."),
        ({}, "there is no REST API ServerlessRestApi in this template. Those with routes: Api."),
        (
            {"RestApiId": {"Fn::ImportValue": "Api"}},
            "there is no REST API Fn::ImportValue#cc7dcfc7 in this template. Those with routes: Api.",
        ),
    ],
)
def test_an_event_whose_route_is_not_there_is_told(record: dict[str, Any], message: str) -> None:
    message = f"Event Ask of Chat: {message}"
    assert findings(app(Chat=kept(**record))) == [Finding("E201", "Chat", EVENT, message)]


@pytest.mark.parametrize("record", [{"Method": None}, {"Method": 5}, {"Path": {"Fn::ImportValue": "Path"}}])
def test_an_event_whose_route_nobody_knows_is_told(record: dict[str, Any]) -> None:
    (finding,) = findings(app(Chat=kept(RestApiId="Api", **record)))
    assert finding._replace(message="") == Finding("E201", "Chat", EVENT, "")


def test_an_event_that_names_another_route_is_told() -> None:
    (finding,) = findings(app(Chat=kept(RestApiId="Api", Streaming="GET /chat")))
    message = (
        "Event Ask of Chat: it names the route GET /chat, but a tag here selects its own route only; write true, "
        "or put the list into the Metadata of the function or API."
    )
    assert finding == Finding("E201", "Chat", EVENT, message)


def test_an_event_that_says_no_needs_no_route() -> None:
    assert findings(app(Chat=kept(Streaming=False))) == []


IN_S3 = (
    "Api: its body is a file in S3, which a macro doesn't see; write it into Body or DefinitionBody, "
    "or let AWS::Include fetch it"
)
NO_PATHS = "Api: its Body is not an OpenAPI definition with paths; write one"


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"BodyS3Location": {"Bucket": "b", "Key": "k"}}, IN_S3),
        ({"Body": "openapi.yaml"}, NO_PATHS),
        ({"Body": {"openapi": "3.0.1"}}, NO_PATHS),
    ],
)
def test_an_api_whose_routes_are_out_of_sight_is_told(properties: dict[str, Any], why: str) -> None:
    body = {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}
    fragment = app(Api={**body, "Metadata": {"Streaming": True}}, Chat=kept(RestApiId={"Ref": "Api"}))
    message = f"Event Ask of Chat: the route POST /chat can't be found ({why})."
    whole = f"Metadata of Api: its routes can't be found ({why})."
    at = ("Resources", "Api", "Metadata", "Streaming")
    assert findings(fragment) == [Finding("E201", "Api", at, whole), Finding("E201", "Chat", EVENT, message)]


def test_a_function_behind_apis_out_of_sight_names_them() -> None:
    body = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"BodyS3Location": "s3://b/k"}}
    message = f"Metadata of Chat: its routes can't be found ({IN_S3})."
    assert findings(app(Api=body, Chat=function({"Metadata": {"Streaming": True}}))) == [
        Finding("E201", "Chat", AT, message)
    ]


def test_methods_of_an_api_out_of_sight_are_found() -> None:
    body = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"BodyS3Location": "s3://b/k"}}
    assert streams(run(app(Api=body, Get=method(), Chat=function({"Metadata": {"Streaming": True}})))) == ["Api GET /"]


def test_routes_of_two_apis_are_looked_for_in_those_of_the_function() -> None:
    paths = {"/talk": {"post": operation(proxy("${Other.Arn}"))}}
    fragment = app(Chat=CHAT, Talk=api(paths), Other=function())
    message = "Metadata of Chat: there is no route POST /chta in Api. The nearest is POST /chat."
    assert findings(fragment) == [Finding("E201", "Chat", AT, message)]


@pytest.mark.parametrize("route", ["GET /talk", "Api GET /talk"])
def test_a_route_of_another_function_is_told_with_the_function_it_invokes(route: str) -> None:
    paths = {"/chat": {"post": operation()}, "/talk": {"get": operation(proxy("${Talk.Arn}"))}}
    fragment = app(paths, Chat=function({"Metadata": {"Streaming": route}}), Talk=function())
    message = (
        f"Metadata of Chat: the route {route} is in Api, but it invokes Talk, not Chat. "
        "Put its tag where it stands, or on its API."
    )
    assert findings(fragment) == [Finding("E201", "Chat", AT, message)]


def test_a_route_of_another_api_is_told() -> None:
    fragment = app(Other=api({"/talk": {"get": operation({"type": "mock"})}}))
    fragment["Resources"]["Other"]["Metadata"] = {"Streaming": "Api POST /chat"}
    message = (
        "Metadata of Other: the route Api POST /chat is in Api, but not in Other. "
        "Put its tag where it stands, or on its API."
    )
    assert findings(fragment) == [Finding("E201", "Other", ("Resources", "Other", "Metadata", "Streaming"), message)]


def test_a_default_that_names_a_route_no_event_has_is_told() -> None:
    paths = {"/chat": {"post": operation()}, "/talk": {"get": operation()}}
    chat = kept(RestApiId="Api", Scope="GLOBAL_FUNCTION", Streaming="GET /talk")
    message = (
        "Globals for event Ask of Chat: the route GET /talk is in Api, but no Api event that takes this default has "
        "it. Put its tag where it stands, or on its API."
    )
    assert findings(app(paths, Chat=chat)) == [Finding("E201", "Chat", EVENT, message)]

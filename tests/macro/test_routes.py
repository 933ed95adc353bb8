"""Every route of every REST API, wherever it is written."""

from collections.abc import Mapping
from typing import Any

import pytest

from macro.samples import alias, api, app, function, method, operation, proxy, read, version
from samstream.intrinsics import Unresolvable
from samstream.options import RouteName
from samstream.routes import Route, RouteReader, RouteTable

Json = dict[str, Any]

PATHS = ("Resources", "Api", "Properties", "Body", "paths")
IF = {"Fn::If": ["A", 1, 2]}


def table(body: Json, parameters: Mapping[str, Any] | None = None) -> RouteTable:
    return RouteReader(read(body, parameters)).read()


def names(body: Json, parameters: Mapping[str, Any] | None = None) -> list[str]:
    return [str(route) for route in table(body, parameters).routes]


def either(one: Any, other: Any) -> Json:
    return {"Fn::If": ["A", one, other]}


POST, GET = operation(), operation(proxy("${Other.Arn}"))
NO_VALUE = {"Ref": "AWS::NoValue"}
FIRST, SECOND = ("Fn::If", 1), ("Fn::If", 2)

# A body's paths, and the routes in it with the places of their operations within.
BODIES: dict[str, tuple[Any, list[tuple[str, tuple[Any, ...]]]]] = {
    "plain": ({"/chat": {"post": POST}}, [("POST /chat", ("/chat", "post"))]),
    "methods in any case": (
        {"/": {"GET": POST, "Head": POST, "trace": POST, "patch": POST}},
        [("GET /", ("/", "GET")), ("HEAD /", ("/", "Head")), ("TRACE /", ("/", "trace")), ("PATCH /", ("/", "patch"))],
    ),
    "any method": (
        {"/{proxy+}": {"x-amazon-apigateway-any-method": POST}},
        [("ANY /{proxy+}", ("/{proxy+}", "x-amazon-apigateway-any-method"))],
    ),
    "beside methods": (
        {"/": {"parameters": [], "summary": "x", "x-own": {}, "get": POST}},
        [("GET /", ("/", "get"))],
    ),
    "an operation without integration": ({"/": {"get": {}}}, [("GET /", ("/", "get"))]),
    "if around all paths": (
        either({"/a": {"get": POST}}, {"/b": {"get": POST}}),
        [("GET /a", (*FIRST, "/a", "get")), ("GET /b", (*SECOND, "/b", "get"))],
    ),
    "if around a path": (
        {"/a": either({"get": POST}, {"post": POST})},
        [("GET /a", ("/a", *FIRST, "get")), ("POST /a", ("/a", *SECOND, "post"))],
    ),
    "if without else around a path, as SAM writes conditions": (
        {"/a": either({"get": POST}, NO_VALUE)},
        [("GET /a", ("/a", *FIRST, "get"))],
    ),
    "if around an operation": (
        {"/a": {"get": either(POST, either(GET, NO_VALUE))}},
        [("GET /a", ("/a", "get", *FIRST)), ("GET /a", ("/a", "get", *SECOND, *FIRST))],
    ),
    "if around an integration": (
        {"/a": {"get": operation(either(proxy(), {"type": "mock"}))}},
        [("GET /a", ("/a", "get")), ("GET /a", ("/a", "get"))],
    ),
    "if without any integration": (
        {"/a": {"get": operation(either(NO_VALUE, NO_VALUE))}},
        [("GET /a", ("/a", "get"))],
    ),
    "what is none": ({"/a": None, "/b": ["get"], "/c": {"get": None}, "/d": {"get": "x"}}, []),
    "paths that are none": (["/a"], []),
}


@pytest.mark.parametrize("name", BODIES)
def test_routes_of_a_body(name: str) -> None:
    paths, expected = BODIES[name]
    found = table(app(paths)).routes
    assert [(str(route), route.place) for route in found] == [
        (f"Api {name}", (*PATHS, *place)) for name, place in expected
    ]


@pytest.mark.parametrize("dialect", [{"swagger": "2.0"}, {"openapi": "3.0.1"}, {}])
def test_a_body_of_any_dialect_is_read(dialect: Json) -> None:
    body = {**dialect, "paths": {"/chat": {"post": POST}}}
    resource = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}
    assert names(app(Api=resource)) == ["Api POST /chat"]


def test_an_if_around_the_body_has_routes_in_both() -> None:
    bodies = either({"paths": {"/a": {"get": POST}}}, {"paths": {"/b": {"get": POST}}})
    resource = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": bodies}}
    place = ("Resources", "Api", "Properties", "Body")
    assert [(str(route), route.place) for route in table(app(Api=resource)).routes] == [
        ("Api GET /a", (*place, *FIRST, "paths", "/a", "get")),
        ("Api GET /b", (*place, *SECOND, "paths", "/b", "get")),
    ]


NO_PATHS = "its Body is not an OpenAPI definition with paths; write one"
IN_S3 = (
    "its body is a file in S3, which a macro doesn't see; write it into Body or DefinitionBody, "
    "or let AWS::Include fetch it"
)
UNREADABLE: dict[str, tuple[Json, str]] = {
    "a file in S3": ({"BodyS3Location": {"Bucket": "b"}}, IN_S3),
    "text": ({"Body": "paths: {}"}, NO_PATHS),
    "no paths": ({"Body": {"openapi": "3.0.1"}}, NO_PATHS),
    "an intrinsic": ({"Body": {"Fn::ImportValue": "Body"}}, NO_PATHS),
    "one branch": ({"Body": either({"paths": {}}, "text")}, NO_PATHS),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_can_not_be_read_says_why(name: str) -> None:
    properties, why = UNREADABLE[name]
    found = table(app(Api={"Type": "AWS::ApiGateway::RestApi", "Properties": properties}))
    assert (found.routes, found.unreadable) == ((), {"Api": why})


@pytest.mark.parametrize("properties", [{}, {"Body": NO_VALUE}, {"Body": None}, None])
def test_an_api_without_a_body_has_nothing_to_read(properties: Any) -> None:
    found = table(app(Api={"Type": "AWS::ApiGateway::RestApi", "Properties": properties}))
    assert (found.routes, dict(found.unreadable)) == ((), {})


LOOP = "Fn::ForEach::Items"


def test_loops_that_make_routes_are_noted() -> None:
    methods = {LOOP: ["Item", ["get"], {"${Item}": operation()}], "put": operation()}
    body = app({LOOP: ["Item", ["a"], {"/${Item}": {"get": operation()}}], "/a": methods, "/b": {"$ref": "#/x"}})
    body["Resources"]["Fn::ForEach::Methods"] = ["Item", ["GET"], {"${Item}": method()}]
    found = table(body)
    assert [str(route) for route in found.routes] == ["Api PUT /a"]
    assert found.loops == (
        ("Api", (*PATHS, LOOP)),
        ("Api", (*PATHS, "/a", LOOP)),
        ("Api", (*PATHS, "/b", "$ref")),
        ("Api", ("Resources", "Fn::ForEach::Methods", 2, "${Item}")),
    )
    assert list(found.unreadable) == ["Api"]


def path_resource(part: Any, parent: Any = None) -> Json:
    root = {"Fn::GetAtt": ["Api", "RootResourceId"]}
    properties = {"RestApiId": {"Ref": "Api"}, "PathPart": part, "ParentId": parent or root}
    return {"Type": "AWS::ApiGateway::Resource", "Properties": properties}


def get(resource_id: Any = None, **more: Any) -> Json:
    made = method()
    made["Properties"] |= {**({"ResourceId": resource_id} if resource_id else {}), **more}
    return made


RESOURCES = {
    "V1": path_resource("v1"),
    "Chat1": path_resource("chat", {"Ref": "V1"}),
    "Any": path_resource("{proxy+}", {"Fn::GetAtt": ["Chat1", "ResourceId"]}),
    "Dotted": path_resource("dotted", {"Fn::GetAtt": "Api.RootResourceId"}),
    "Staged": path_resource({"Fn::Sub": "${Stage}-x"}),
    "Imported": path_resource({"Fn::ImportValue": "Part"}),
    "Below": path_resource("below", {"Ref": "Imported"}),
    "Orphan": path_resource("orphan", {"Fn::ImportValue": "Parent"}),
    "Round": path_resource("round", {"Ref": "Trip"}),
    "Trip": path_resource("trip", {"Ref": "Round"}),
}

METHODS: dict[str, tuple[Json, str]] = {
    "on the root": (get(), "Api GET /"),
    "on a resource": (get({"Ref": "V1"}), "Api GET /v1"),
    "on a child": (get({"Ref": "Chat1"}), "Api GET /v1/chat"),
    "by an attribute": (get({"Ref": "Any"}), "Api GET /v1/chat/{proxy+}"),
    "on a dotted parent": (get({"Ref": "Dotted"}), "Api GET /dotted"),
    "with a part of a parameter": (get({"Ref": "Staged"}), "Api GET /prod-x"),
    "with a part nobody knows": (get({"Ref": "Below"}), "Api GET /.../below"),
    "of a parent of elsewhere": (get({"Ref": "Orphan"}), "Api GET /.../orphan"),
    "of a resource of elsewhere": (get({"Fn::ImportValue": "Resource"}), "Api GET /..."),
    "of a resource of another template": (get({"Ref": "Nobody"}), "Api GET /..."),
    "of parents in a circle": (get({"Ref": "Round"}), "Api GET /.../trip/round"),
    "of something else": (get({"Ref": "Chat"}), "Api GET /..."),
    "of any method": (get(HttpMethod="ANY"), "Api ANY /"),
    "in lower case": (get(HttpMethod="post"), "Api POST /"),
    "of a parameter": (get(HttpMethod={"Ref": "Verb"}), "Api DELETE /"),
    "of a method nobody knows": (get(HttpMethod={"Fn::ImportValue": "Verb"}), "Api ? /"),
    "of an API named by a parameter": (get(RestApiId={"Ref": "ApiId"}), "Api GET /"),
    "of an API of elsewhere": (get(RestApiId={"Fn::ImportValue": "Api"}), "Fn::ImportValue#cc7dcfc7 GET /"),
    "of an API named by a list": (get(RestApiId={"Ref": "Apis"}), "Apis GET /"),
    "of an API within a text": (get(RestApiId={"Fn::Sub": "${Api}"}), "Api GET /"),
    "of an API or another": (
        get(RestApiId={"Fn::If": ["Nowhere", {"Ref": "Api"}, {"Ref": "V1"}]}),
        "Api GET /",
    ),
    "of an API that a parameter imports": (get(RestApiId={"Ref": "ImportedApi"}), "ImportedApi GET /"),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_the_path_of_its_parents(name: str) -> None:
    resource, expected = METHODS[name]
    body = app({}, **RESOURCES, Get=resource)
    parameters = {"Stage": "prod", "Verb": "delete", "ApiId": "Api", "ImportedApi": "a1b2c3", "Apis": ["Api"]}
    (route,) = table(body, parameters).routes
    assert (str(route), route.place, route.owner, route.body) == (expected, ("Resources", "Get"), "Get", resource)


def test_an_api_chosen_by_an_if_is_the_one_of_this_deployment() -> None:
    chosen = get(RestApiId={"Fn::If": ["Prod", {"Ref": "Api"}, {"Ref": "Other"}]})
    body = app({}, Get=chosen, Other=api({}))
    body["Conditions"] = {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    assert names(body, {"Stage": "prod"}) == ["Api GET /"]
    assert names(body, {"Stage": "dev"}) == ["Other GET /"]


@pytest.mark.parametrize("integration", [None, {"Ref": "AWS::NoValue"}, "text"])
def test_a_method_without_integration_can_not_stream(integration: Any) -> None:
    (route,) = table(app({}, Get=get(Integration=integration))).routes
    assert (route.integration, route.problem, route.streaming) == (None, "it has no integration", False)


def test_an_if_around_a_methods_integration_makes_two_routes_of_it() -> None:
    mock = {"Type": "MOCK"}
    chosen = either(get()["Properties"]["Integration"], mock)
    found = table(app({}, Get=get(Integration=chosen))).routes
    assert [route.problem for route in found] == [
        None,
        "its integration is MOCK, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ]
    assert {route.place for route in found} == {("Resources", "Get")}


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:talk"

# A function part of a URI, and the logical ids of the functions that it invokes.
FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a function": ("${Chat.Arn}", ("Chat",)),
    "an alias": ("${Live}", ("Chat",)),
    "a version": ("${Version1}", ("Chat",)),
    "a qualifier": ("${Chat.Arn}:live", ("Chat",)),
    "a written name": (ARN, ("Talk",)),
    "a written name with a qualifier": (f"{ARN}:live", ("Talk",)),
    "a name of a parameter": ("arn:aws:lambda:eu-west-1:123456789012:function:${Name}", ("Talk",)),
    "a name of elsewhere": (f"{ARN}s", ()),
    "an alias of itself": ("${Mirror}", ()),
    "a permission": ("${Permission}", ()),
    "a table": ("${Table.Arn}", ()),
    "nobody": ("${Nobody}", ()),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_route_knows_the_function_behind_its_uri(name: str) -> None:
    part, functions = FUNCTIONS[name]
    body = app(
        {"/chat": {"post": operation(proxy(part))}},
        Live=alias("Version1"),
        Version1=version(),
        Talk=function(FunctionName="talk"),
        Odd=function(FunctionName={"Fn::ImportValue": "Name"}),
        Mirror=alias("Version1", function="Mirror"),
        Table={"Type": "AWS::DynamoDB::Table"},
        Permission={"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "Chat"}}},
    )
    (route,) = table(body, {"Name": "talk"}).routes
    assert route.functions == functions


def test_routes_find_their_functions_by_written_names_each_on_its_own() -> None:
    paths = {"/a": {"get": operation(proxy(ARN))}, "/b": {"get": operation(proxy(f"{ARN}:live"))}}
    body = app(paths, Talk=function(FunctionName="talk"))
    assert [route.functions for route in table(body).routes] == [("Talk",), ("Talk",)]


def test_a_route_has_all_functions_between_which_ifs_choose() -> None:
    uris = either(proxy()["uri"], proxy("${Other.Arn}")["uri"])
    within = {"Fn::Sub": [proxy("${F}")["uri"]["Fn::Sub"], {"F": either({"Ref": "Chat"}, {"Ref": "Other"})}]}
    for uri in (uris, within):
        (route,) = table(app({"/chat": {"post": operation(proxy(uri=uri))}}, Other=function())).routes
        assert route.functions == ("Chat", "Other")


def test_routes_are_numbered_by_api_and_by_function() -> None:
    body = app(
        {"/a": {"get": operation(), "post": operation(proxy("${Talk.Arn}"))}},
        Talk=function(),
        Second=api({"/b": {"get": operation()}}),
        Get=get(RestApiId={"Ref": "Second"}),
    )
    found = table(body)
    assert [str(route) for route in found.routes] == ["Api GET /a", "Api POST /a", "Second GET /b", "Second GET /"]
    assert found.by_api == {"Api": [0, 1], "Second": [2, 3]}
    assert found.by_function == {"Chat": [0, 2, 3], "Talk": [1]}


def test_a_route_has_a_name_as_users_write_it() -> None:
    (route,) = table(app()).routes
    assert (route.name, str(route.name), str(route)) == (RouteName("POST", "/chat"), "POST /chat", "Api POST /chat")


def test_a_streaming_route_is_one_whose_integration_streams() -> None:
    (route,) = table(app({"/a": {"get": operation({"type": "http_proxy", "responseTransferMode": "STREAM"})}})).routes
    assert isinstance(route, Route)
    assert route.streaming


def test_reading_changes_nothing_and_never_fails() -> None:
    with pytest.raises(Unresolvable):
        read(app()).resolver.resolve({"Ref": "Chat"})
    assert names({"Resources": {"Odd": {"Type": "AWS::ApiGateway::Method"}}}) == ["?#74234e98 ? /..."]


@pytest.mark.parametrize("kind", ["mock", "http"])
def test_what_no_lambda_integration_names_is_not_invoked(kind: str) -> None:
    (route,) = table(app({"/": {"get": operation(proxy(type=kind))}})).routes
    assert route.functions == ()

"""The plan: which routes will stream, why, with which timeout, and what else that means."""

from typing import Any

import pytest

from macro.samples import (
    NO_VALUE,
    api,
    app,
    at,
    deployment,
    function,
    method,
    operation,
    plan_of,
    proxy,
    run,
    stage,
    streamed,
    streams,
    tagged,
    web_app,
)
from samstream.adapter import Adapter
from samstream.edits import ABSENT, Edit
from samstream.plan import Plan

Json = dict[str, Any]

TAG = {"x-samstream-streaming": True}
INTEGRATION = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")


def planned_by(fragment: Json, **more: Any) -> Plan:
    plan = run(fragment, **more).plan
    assert plan is not None
    return plan


def timeout(
    tag: Any = True, own: Any = ABSENT, function_timeout: Any = ABSENT, setting: int | None = None, **more: Any
) -> tuple[Any, Any]:
    """The timeout that the template ends with, and the one of the report."""
    integration = proxy() if own is ABSENT else proxy(timeoutInMillis=own)
    properties = {} if function_timeout is ABSENT else {"Timeout": function_timeout}
    fragment = app(
        {"/chat": {"post": operation(integration, **{"x-samstream-streaming": tag})}}, Chat=function(**properties)
    )
    result = run(fragment, {"TimeoutInMillis": setting} if setting else {}, **more)
    assert not result.failed, result.message
    return at(result.template, *INTEGRATION, "timeoutInMillis"), result.routes[0].timeout_in_millis


TIMEOUTS: dict[str, tuple[Json, tuple[Any, Any]]] = {
    "nobody's": ({}, (ABSENT, None)),
    "the tag's": ({"tag": {"TimeoutInMillis": 60_000}}, (60_000, 60_000)),
    "the tag's over all others": (
        {"tag": {"TimeoutInMillis": "100"}, "own": 200, "function_timeout": 900, "setting": 300},
        (100, 100),
    ),
    "the route's own": ({"own": 200, "function_timeout": 900, "setting": 300}, (200, 200)),
    "the route's own, which nobody knows": ({"own": {"Ref": "X"}, "function_timeout": 900}, ({"Ref": "X"}, None)),
    "the Transform entry's": ({"function_timeout": 900, "setting": 300}, (300, 300)),
    "the organisation's": (
        {"function_timeout": 900, "environment": {"SAMSTREAM_TIMEOUT_IN_MILLIS": "400"}},
        (400, 400),
    ),
    "the function's": ({"function_timeout": 900}, (900_000, 900_000)),
    "the function's, as text": ({"function_timeout": "30"}, (30_000, 30_000)),
    "the function's, by a parameter": (
        {"function_timeout": {"Ref": "T"}, "parameters": {"T": "120"}},
        (120_000, 120_000),
    ),
    "the function's, not over the service's default": ({"function_timeout": 29}, (ABSENT, None)),
    "the function's, over what the service takes": ({"function_timeout": 10_000}, (900_000, 900_000)),
    "the function's, which nobody knows": ({"function_timeout": {"Fn::ImportValue": "T"}}, (ABSENT, None)),
    "the function's, which is none": ({"function_timeout": [900]}, (ABSENT, None)),
    "the function's, no number": ({"function_timeout": float("inf")}, (ABSENT, None)),
}


@pytest.mark.parametrize("name", TIMEOUTS)
def test_the_timeout_is(name: str) -> None:
    given, expected = TIMEOUTS[name]
    assert timeout(**given) == expected


def test_of_two_functions_behind_a_route_the_longer_timeout_counts() -> None:
    uri = {"Fn::If": ["A", proxy()["uri"], proxy("${Slow.Arn}")["uri"]]}
    fragment = app(
        {"/chat": {"post": operation(proxy(uri=uri), **TAG)}}, Chat=function(Timeout=60), Slow=function(Timeout=90)
    )
    assert [route.timeout_in_millis for route in run(fragment).routes] == [90_000]


def test_a_plan_is_the_edits_that_applying_makes() -> None:
    plan = planned_by(tagged(Chat=web_app()))
    (planned,) = plan.streaming.values()
    assert (str(planned.route), planned.why, planned.timeout) == ("Api POST /chat", "Api POST /chat", None)
    assert planned.tag is plan.tags[0]
    uri = proxy()["uri"]["Fn::Sub"]
    made = streamed()["uri"]["Fn::Sub"]
    of_route = [
        Edit((*INTEGRATION, "uri", "Fn::Sub"), uri, made),
        Edit((*INTEGRATION, "responseTransferMode"), ABSENT, "STREAM"),
    ]
    environment = ("Resources", "Chat", "Properties", "Environment")
    of_adapter = Edit(environment, ABSENT, {"Variables": {"AWS_LWA_INVOKE_MODE": "response_stream"}})
    of_tag = Edit((*INTEGRATION[:-1], "x-samstream-streaming"), True, ABSENT)
    assert planned.edits == tuple(of_route)
    assert plan.adapters == {"Chat": Adapter("Chat", (of_adapter,), None, environment)}
    assert plan.edits == [*of_route, of_adapter, of_tag]
    assert (plan.siblings, plan.versions) == ([], [])
    assert [(group.api, [found.id for found in group.deployments]) for group in plan.deployments] == [
        ("Api", ["Deployment"])
    ]


def test_a_text_that_two_branches_share_is_edited_once() -> None:
    text = proxy("${F}")["uri"]["Fn::Sub"].replace("2015-03-31", "${V}").replace("/invocations", "/${V2}")
    variables = {"V": "2015-03-31", "V2": "invocations", "F": {"Ref": "Chat"}}
    fragment = app({"/chat": {"post": operation(proxy(uri={"Fn::Sub": [f"{text}", variables]}), **TAG)}})
    result = run(fragment)
    made = at(result.template, *INTEGRATION, "uri", "Fn::Sub", 1)
    assert made == {**variables, "V": "2021-11-15", "V2": "response-streaming-invocations"}
    assert len({edit.place for edit in result.edits}) == len(result.edits)


SIBLINGS = {"/chat": {"post": operation(**TAG), "get": operation()}, "/talk": {"get": operation(proxy("${Talk.Arn}"))}}
WHOLE = "Chat streams as a whole (Lambda Web Adapter)"


def test_all_routes_of_a_function_with_the_adapter_stream() -> None:
    result = run(app(SIBLINGS, Chat=web_app(), Talk=function()))
    assert [(route.route, route.after, route.why) for route in result.routes] == [
        ("POST /chat", "STREAM", "Api POST /chat"),
        ("GET /chat", "STREAM", WHOLE),
        ("GET /talk", "BUFFERED", ""),
    ]


def test_a_sibling_in_another_api_gets_its_api_a_new_deployment() -> None:
    fragment = tagged(Get=method(), Chat=web_app(Q="1"), Second={"Type": "AWS::ApiGateway::RestApi"})
    fragment["Resources"]["Get"]["Properties"]["RestApiId"] = {"Ref": "Second"}
    fragment["Resources"]["SecondDeployment"] = {
        "Type": "AWS::ApiGateway::Deployment",
        "Properties": {"RestApiId": {"Ref": "Second"}},
    }
    result = run(fragment)
    assert streams(result) == ["Api POST /chat", "Second GET /"]
    assert result.report is not None
    assert set(result.report.renamed) == {"Deployment", "SecondDeployment"}


def test_a_route_of_two_functions_makes_the_siblings_of_both_stream() -> None:
    uri = {"Fn::If": ["A", proxy()["uri"], proxy("${Talk.Arn}")["uri"]]}
    paths = {"/chat": {"post": operation(**TAG), "get": operation(proxy(uri=uri))}, "/talk": SIBLINGS["/talk"]}
    result = run(app(paths, Chat=web_app(), Talk=web_app()))
    assert streams(result) == ["Api POST /chat", "Api GET /chat", "Api GET /talk"]
    assert result.report is not None
    assert result.report.adapters == ("Chat", "Talk")


def test_a_sibling_that_streams_already_is_left_as_it_is() -> None:
    paths = {"/chat": {"post": operation(**TAG), "get": operation(streamed())}}
    result = run(app(paths, Chat=web_app()), {"SiblingRoutes": "error"})
    assert streams(result) == ["Api POST /chat"]


def test_a_siblings_timeout_is_its_own() -> None:
    paths = {"/chat": {"post": operation(**{"x-samstream-streaming": {"TimeoutInMillis": 60_000}}), "get": operation()}}
    result = run(app(paths, Chat=web_app()))
    assert [route.timeout_in_millis for route in result.routes] == [60_000, None]


def test_tags_leave_the_template_and_other_metadata_stays() -> None:
    fragment = app(
        Chat=function({"Metadata": {"Streaming": True, "Owner": "me", "SamStreamEvents": []}}),
        Table={"Type": "AWS::DynamoDB::Table", "Metadata": {"Streaming": True, "SamStreamEvents": []}},
        Quiet=function({"Metadata": {"Streaming": False}}),
        Empty=function({"Metadata": {}}),
        Odd=function({"Metadata": "text"}),
    )
    made = run(fragment).template["Resources"]
    assert made["Chat"]["Metadata"] == {"Owner": "me"}
    assert made["Table"]["Metadata"] == {"Streaming": True}
    assert (made["Empty"]["Metadata"], made["Odd"]["Metadata"]) == ({}, "text")
    assert "Metadata" not in made["Quiet"]


def test_what_is_not_streamed_comes_out_identical() -> None:
    paths = {"/chat": {"post": operation(**TAG), "get": operation(proxy("${Talk.Arn}"))}, "/": {"get": NO_VALUE}}
    more = {"Talk": function(), "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"A": [{"Ref": "Chat"}]}}}
    fragment = app(paths, **more)
    made = run(fragment).template
    expected = app({**paths, "/chat": {"post": operation(streamed()), "get": paths["/chat"]["get"]}}, **more)
    made.pop("Metadata")
    name = next(name for name in made["Resources"] if name.startswith("Deployment"))
    made["Resources"]["Deployment"] = made["Resources"].pop(name)
    assert made == expected


ALL_MODES = {
    "/chat": {"get": operation(), "post": operation(streamed(timeoutInMillis=60_000)), "put": operation(**TAG)},
    "/talk": {"get": operation(streamed("${Talk.Arn}")), "post": operation({"type": "mock"}), "put": {}},
}


def test_every_route_that_will_stream_is_known_in_the_order_of_the_table() -> None:
    plan = plan_of(app(ALL_MODES, Talk=function()))
    assert [(str(found.route), found.timeout, found.tag is not None, found.why) for found in plan.all_streaming] == [
        ("Api POST /chat", 60_000, False, ""),
        ("Api PUT /chat", None, True, "Api PUT /chat"),
        ("Api GET /talk", None, False, ""),
    ]
    assert [str(route) for route in plan.buffered] == ["Api GET /chat", "Api POST /talk", "Api PUT /talk"]


def test_a_route_that_can_not_do_what_its_tag_says_neither_streams_nor_is_it_buffered() -> None:
    plan = plan_of(app({"/chat": {"post": operation({"type": "mock"}, **TAG)}}))
    assert (plan.all_streaming, plan.buffered) == ((), ())


def test_a_route_that_a_tag_keeps_buffered_is_buffered() -> None:
    paths = {"/chat": {"post": operation(**{"x-samstream-streaming": False})}}
    assert [str(route) for route in plan_of(app(paths)).buffered] == ["Api POST /chat"]


def test_the_functions_that_stream_are_known_with_their_routes() -> None:
    plan = plan_of(app(ALL_MODES, Talk=function(), Quiet=function()))
    found = {name: [str(streaming.route) for streaming in routes] for name, routes in plan.streaming_functions.items()}
    assert found == {"Chat": ["Api POST /chat", "Api PUT /chat"], "Talk": ["Api GET /talk"]}


def test_the_apis_that_stream_are_those_of_the_template() -> None:
    elsewhere = method(Metadata={"Streaming": True})
    elsewhere["Properties"]["RestApiId"] = {"Fn::ImportValue": "Api"}
    no_api = method(Metadata={"Streaming": True})
    no_api["Properties"]["RestApiId"] = "Chat"
    quiet = api({"/": {"get": operation()}})
    assert list(plan_of(app(ALL_MODES, Quiet=quiet, Get=elsewhere, Odd=no_api, Talk=function())).apis) == ["Api"]


def test_what_belongs_to_an_api_names_it() -> None:
    choice = {"Fn::If": ["A", {"Ref": "Api"}, {"Ref": "Api"}]}
    by_choice = deployment()
    by_choice["Properties"]["RestApiId"] = choice
    loop = ["Name", ["Late"], {"${Name}": deployment()}]
    body = app(Second=deployment(), Third=by_choice, Other=deployment("Other"), Odd=deployment(), Stage=stage())
    body["Resources"]["Odd"]["Properties"] = None
    body["Resources"]["Fn::ForEach::Deployments"] = loop
    plan = plan_of(body)
    of_api = [found.id for found in plan.of_api("AWS::ApiGateway::Deployment", "Api")]
    assert of_api == ["Deployment", "Second", "Third"]
    assert [found.id for found in plan.of_api("AWS::ApiGateway::Stage", "Api")] == ["Stage"]
    assert list(plan.of_api("AWS::ApiGateway::Stage", "Other")) == []


def test_an_adapter_is_read_once() -> None:
    plan = plan_of(app(Chat=web_app(), Talk=function()))
    adapter = plan.adapter_of("Chat")
    assert adapter is not None
    assert adapter.function == "Chat"
    assert plan.adapter_of("Chat") is adapter
    assert plan.adapter_of("Talk") is None


def test_a_template_in_which_nothing_streams_has_nothing_of_all_this() -> None:
    plan = plan_of({"Resources": {}})
    assert (plan.all_streaming, plan.buffered, plan.streaming_functions, plan.apis) == ((), (), {}, {})


SECONDS: list[tuple[Any, int | None]] = [
    (ABSENT, 3),
    (29, 29),
    ("29", 29),
    ({"Ref": "Seconds"}, 60),
    (NO_VALUE, 3),
    ({"Ref": "Unknown"}, None),
    ({"Fn::ImportValue": "Seconds"}, None),
    (None, None),
    (True, None),
    (2.5, None),
    (["29"], None),
]


@pytest.mark.parametrize(("value", "seconds"), SECONDS)
def test_a_functions_timeout_is_known_before_the_deployment_or_none(value: Any, seconds: int | None) -> None:
    chat = function(Timeout=value)
    if value is ABSENT:
        del chat["Properties"]["Timeout"]
    assert plan_of(app(Chat=chat), parameters={"Seconds": "60"}).timeout_of("Chat") == seconds


def test_what_this_deployment_does_not_create_neither_streams_nor_is_it_buffered() -> None:
    choice = {"Fn::If": ["Never", proxy(), streamed()]}
    paths = {"/chat": {"get": operation(choice)}}
    get, post = method(), method()
    get["Condition"] = "Never"
    post["Properties"]["RestApiId"] = {"Ref": "Dead"}
    dead = api({"/talk": {"get": operation(streamed()), "post": operation()}}, Condition="Never")
    body = {**app(paths, Dead=dead, Get=get, Post=post), "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
    plan = plan_of(body)
    assert [found.route.place[-1] for found in plan.all_streaming] == ["get"]
    assert (plan.buffered, list(plan.apis)) == ((), ["Api"])

"""The routes of a template as it was written, and their places."""

from typing import Any

import pytest

from cli.samples import sam_template
from corpus import GOOD, Case
from reading import routes
from sam import ACCOUNT, all_parameters, deploy_case
from samstream.edits import ABSENT, value_at
from samstream.template import Stack
from samstream_cli.source_routes import SourceRoute, source_routes

STACK = Stack("eu-west-1", ACCOUNT, {})
URI = {"Fn::Sub": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${Chat.Arn}/invocations"}
OPERATION = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": URI}}
EVENTS = ("Resources", "Chat", "Properties", "Events")


def read(**resources: Any) -> list[SourceRoute]:
    template = sam_template()
    template["Resources"].update(resources)
    return list(source_routes(template, STACK))


def test_each_api_event_is_a_route() -> None:
    assert read() == [
        SourceRoute("ServerlessRestApi", "POST", "/chat", "event", (*EVENTS, "Ask"), "Chat", "Ask"),
        SourceRoute("ServerlessRestApi", "GET", "/", "event", (*EVENTS, "About"), "Chat", "About"),
    ]


def test_each_operation_of_a_definition_body_is_a_route_of_its_function() -> None:
    properties = {"StageName": "live", "DefinitionBody": {"paths": {"/x": {"get": OPERATION}}}}
    found = read(Api={"Type": "AWS::Serverless::Api", "Properties": properties})
    place = ("Resources", "Api", "Properties", "DefinitionBody", "paths", "/x", "get")
    assert found[2:] == [SourceRoute("Api", "GET", "/x", "operation", place, "Chat", None)]


def test_each_branch_of_a_body_is_a_route() -> None:
    item = {"Fn::If": ["Yes", {"any": OPERATION}, {"x-amazon-apigateway-any-method": {}}]}
    found = read(Api={"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"paths": {"/x": item}}}})
    place = ("Resources", "Api", "Properties", "Body", "paths", "/x", "Fn::If")
    assert found[2:] == [
        SourceRoute("Api", "ANY", "/x", "operation", (*place, 2, "x-amazon-apigateway-any-method"), None, None)
    ]


def test_each_method_resource_is_a_route() -> None:
    properties = {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": "Api.RootResourceId"}, "HttpMethod": "GET"}
    method = {"Type": "AWS::ApiGateway::Method", "Properties": properties}
    found = read(Api={"Type": "AWS::ApiGateway::RestApi"}, Root=method)
    assert found[2:] == [SourceRoute("Api", "GET", "/", "method", ("Resources", "Root"), None, None)]


def event(**properties: Any) -> dict[str, Any]:
    events = {"E": {"Type": "Api", "Properties": properties}, "N": {"Type": "Schedule"}, "H": {"Type": "HttpApi"}}
    return {"Type": "AWS::Serverless::Function", "Properties": {"Events": events}}


def test_what_only_the_deployment_knows_has_no_name() -> None:
    unknown = {"Fn::ImportValue": "x"}
    found = read(F=event(Path=unknown, Method=unknown, RestApiId="Mine"))
    place = ("Resources", "F", "Properties", "Events", "E")
    assert found[2:] == [SourceRoute("Mine", "?", "/...", "event", place, "F", "E")]


def test_parameters_are_resolved() -> None:
    template = {"Resources": {"F": event(Path={"Fn::Sub": "/${Stage}/x"}, Method={"Ref": "Verb"})}}
    stack = STACK._replace(parameters={"Stage": "live", "Verb": "put"})
    assert list(map(str, source_routes(template, stack))) == ["ServerlessRestApi PUT /live/x"]


def test_a_loop_has_the_routes_whose_names_are_literal() -> None:
    looped = event(Path="/x", Method="get")
    looped["Properties"]["Events"]["Other"] = {"Type": "Api", "Properties": {"Path": "/${Name}", "Method": "get"}}
    found = read(**{"Fn::ForEach::Names": ["Name", ["A", "B"], {"F${Name}": looped}]})
    place = ("Resources", "Fn::ForEach::Names", 2, "F${Name}", "Properties", "Events", "E")
    assert found[2:] == [SourceRoute("ServerlessRestApi", "GET", "/x", "event", place, "F${Name}", "E")]


@pytest.mark.parametrize("template", [{}, {"Resources": []}, {"Resources": {"A": 1, "Fn::ForEach::x": 2}}])
def test_what_is_no_template_has_no_routes(template: Any) -> None:
    assert source_routes(template, STACK) == ()


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_all_routes_that_stream_in_the_end_have_a_place_in_the_source(case: Case) -> None:
    found = source_routes(case.template(), Stack(case.region, ACCOUNT, all_parameters(case)))
    assert [route for route in found if value_at(case.template(), route.place) is ABSENT] == []
    if "Fn::ForEach" not in str(case.body):
        assert routes(deploy_case(case).template, "streaming") <= set(map(str, found))

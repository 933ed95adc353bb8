"""What a template wants, on templates of every shape."""

import json

import pytest

from samstream_cli.verify.reads import Reader
from samstream_cli.verify.wanted import Wanted, WantedRoute, read_wanted

from corpus import Case, cases  # isort: skip
from sam import deploy_case  # isort: skip
from verify.account import REGION, Account, Json, operation, processed  # isort: skip

UNMADE = {
    "plain/body_if_around_paths": {"Api GET /a"},
    "plain/api_condition": {"Api GET /a"},
    "sam/function_condition_false": {"ServerlessRestApi GET /a"},
    "sam/function_conditions_on_one_path": {"ServerlessRestApi POST /a"},
}
"""What the conditions of these templates leave out."""


def wanted(body: Json, parameters: dict[str, str] | None = None, region: str = REGION) -> Wanted:
    account = Account()
    account.template_body = body
    account.add("app", region, status="CREATE_COMPLETE", parameters=parameters or {})
    for logical, resource in body["Resources"].items():
        if isinstance(resource, dict) and "Type" in resource:
            account.resources[logical] = (resource["Type"], f"app-{logical}")
    return read_wanted(Reader(account.clients(), region), "app")


@pytest.mark.parametrize("case", cases("sam", "plain", "cdk"), ids=str)
def test_the_routes_that_a_processed_template_has_streaming_are_wanted(case: Case) -> None:
    texts = {name: value if isinstance(value, str) else ",".join(value) for name, value in case.parameters.items()}
    found = wanted(deploy_case(case).template, texts, case.region)
    assert {f"{route.api} {route.name}" for route in found.routes} == case.streams - UNMADE.get(str(case), set())


def _with(**resources: Json) -> Json:
    paths = {"/chat": {"post": operation("Chat")}}
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"openapi": "3.0.1", "paths": paths}}}
    function = {"Type": "AWS::Lambda::Function", "Metadata": {"Streaming": True}, "Properties": {"Timeout": 60}}
    return {"Resources": {"Api": api, "Chat": function, **resources}}


def _stage(**properties: object) -> Json:
    return {"Type": "AWS::ApiGateway::Stage", "Properties": {"RestApiId": {"Ref": "Api"}, **properties}}


def _deployment(**properties: object) -> Json:
    return {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}, **properties}}


def test_a_route_comes_with_what_the_template_gives_it() -> None:
    found = wanted(processed(_with()))
    assert found.routes == (WantedRoute("Api", "POST /chat", 60000, "Metadata of Chat", ("Chat",)),)
    assert (found.apis, found.functions, found.stages) == ({"Api": "app-Api"}, {"Chat": "app-Chat"}, {"Api": ()})


@pytest.mark.parametrize(
    ("resources", "stages"),
    [
        (
            {"One": _stage(StageName="prod"), "Two": _stage(), "D": _deployment(StageName="Stage")},
            ("app-One", "app-Two"),
        ),
        ({"D": _deployment(StageName={"Ref": "Name"})}, ("live",)),
        ({"D": _deployment(StageName={"Fn::ImportValue": "x"})}, ()),
        ({"D": _deployment()}, ()),
    ],
)
def test_stages_are_those_of_the_template(resources: dict[str, Json], stages: tuple[str, ...]) -> None:
    body = processed(_with(**resources)) | {"Parameters": {"Name": {"Type": "String"}}}
    assert wanted(body, {"Name": "live"}).stages == {"Api": stages}


def test_an_api_that_a_parameter_names_is_found() -> None:
    body = _with()
    body["Parameters"] = {"ApiId": {"Type": "String"}}
    integration = body["Resources"].pop("Api")["Properties"]["Body"]["paths"]["/chat"]["post"]
    properties = {name[0].upper() + name[1:]: value for name, value in integration.popitem()[1].items()}
    body["Resources"]["Method"] = {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "ApiId"},
            "ResourceId": {"Fn::GetAtt": ["X", "RootResourceId"]},
            "HttpMethod": "POST",
            "Integration": properties | {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST"},
        },
    }
    found = wanted(body, {"ApiId": "abc123"})
    assert ([route.name for route in found.routes], found.apis) == (["POST /"], {"ApiId": "abc123"})


def test_a_template_of_yaml_is_read_too() -> None:
    account = Account().deploy()
    account.template_body = "# a comment\n" + json.dumps(account.template_body, indent=1)
    assert len(read_wanted(Reader(account.clients(), REGION), "app").routes) == 3


def test_a_template_that_is_nested_without_end_is_told() -> None:
    account = Account().deploy()
    account.template_body = '{"Resources": ' + '{"a": ' * 5000 + "1" + "}" * 5001
    found = read_wanted(Reader(account.clients(), REGION), "app")
    assert (found.is_known, found.routes) == (False, ())

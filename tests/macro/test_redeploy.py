"""New Deployments and Versions, and every reference to them."""

import copy
import json
import re
from typing import Any

import pytest

from macro.samples import (
    NO_VALUE,
    alias,
    api,
    app,
    at,
    deployment,
    function,
    method,
    operation,
    proxy,
    run,
    streamed,
    streams,
    tagged,
    version,
    web_app,
)
from samstream.report import RouteReport

Json = dict[str, Any]

OLD, NEW = "Deployment", "Deployment0123456789"

OTHERS: list[Any] = [{"Ref": "Api"}, {"Fn::GetAtt": ["Api", "A"]}, {"Fn::GetAtt": "Api.A"}, {"Fn::Sub": "${Api}"}]

# A resource's body, and the same once the references follow.
FOLLOW: dict[str, tuple[Json, Json]] = {
    "Ref": ({"Properties": {"DeploymentId": {"Ref": OLD}}}, {"Properties": {"DeploymentId": {"Ref": NEW}}}),
    "GetAtt as a list": (
        {"Properties": {"A": {"Fn::GetAtt": [OLD, "DeploymentId"]}}},
        {"Properties": {"A": {"Fn::GetAtt": [NEW, "DeploymentId"]}}},
    ),
    "GetAtt dotted": (
        {"Properties": {"A": {"Fn::GetAtt": f"{OLD}.DeploymentId"}}},
        {"Properties": {"A": {"Fn::GetAtt": f"{NEW}.DeploymentId"}}},
    ),
    "Sub": (
        {"Properties": {"A": {"Fn::Sub": "${Deployment}/${ Deployment.DeploymentId }/${Deployment}"}}},
        {"Properties": {"A": {"Fn::Sub": f"${{{NEW}}}/${{ {NEW}.DeploymentId }}/${{{NEW}}}"}}},
    ),
    "Sub with a literal": (
        {"Properties": {"A": {"Fn::Sub": "${!Deployment} ${Deployment}"}}},
        {"Properties": {"A": {"Fn::Sub": f"${{!Deployment}} ${{{NEW}}}"}}},
    ),
    "Sub with a map": (
        {"Properties": {"A": {"Fn::Sub": ["${Deployment}${X}", {"X": {"Ref": OLD}}]}}},
        {"Properties": {"A": {"Fn::Sub": [f"${{{NEW}}}${{X}}", {"X": {"Ref": NEW}}]}}},
    ),
    "Sub whose map shadows the name": (
        {"Properties": {"A": {"Fn::Sub": ["${Deployment}", {"Deployment": {"Ref": OLD}}]}}},
        {"Properties": {"A": {"Fn::Sub": ["${Deployment}", {"Deployment": {"Ref": NEW}}]}}},
    ),
    "DependsOn": ({"DependsOn": OLD}, {"DependsOn": NEW}),
    "DependsOn as a list": ({"DependsOn": ["Api", OLD]}, {"DependsOn": ["Api", NEW]}),
    "beside others": (
        {"Properties": {"A": [{"Ref": OLD}, *OTHERS]}, "DependsOn": [OLD, "Api"]},
        {"Properties": {"A": [{"Ref": NEW}, *OTHERS]}, "DependsOn": [NEW, "Api"]},
    ),
    "canary settings": (
        {"Properties": {"CanarySetting": {"DeploymentId": {"Ref": OLD}, "PercentTraffic": 5}}},
        {"Properties": {"CanarySetting": {"DeploymentId": {"Ref": NEW}, "PercentTraffic": 5}}},
    ),
    "deep within": (
        {"Properties": {"A": [{"Fn::If": ["B", {"Fn::Join": ["", ["x", {"Ref": OLD}]]}, NO_VALUE]}]}},
        {"Properties": {"A": [{"Fn::If": ["B", {"Fn::Join": ["", ["x", {"Ref": NEW}]]}, NO_VALUE]}]}},
    ),
    "other parts of a resource": (
        {"Metadata": {"A": {"Ref": OLD}}, "UpdatePolicy": {"B": {"Ref": OLD}}},
        {"Metadata": {"A": {"Ref": NEW}}, "UpdatePolicy": {"B": {"Ref": NEW}}},
    ),
}

STAY: dict[str, Json] = {
    "a name in a text": {"Properties": {"A": OLD, "B": ["Deployment"], "Deployment": OLD}},
    "another name": {"DependsOn": "Deployments", "Properties": {"A": {"Ref": "MyDeployment"}}},
    "a longer name": {"Properties": {"A": [{"Fn::Sub": "${Deployment2}"}, {"Fn::GetAtt": "Deployment2.A"}]}},
    "a property called Ref": {"Properties": {"Ref": OLD, "B": 1}},
    "a property called DependsOn": {"Properties": {"DependsOn": OLD}},
    "broken ones": {
        "DependsOn": [5, {"Ref": 5}],
        "Properties": {
            "A": [{"Ref": [OLD]}, {"Fn::GetAtt": []}, {"Fn::GetAtt": [5]}, {"Fn::GetAtt": 5}, {"Fn::Sub": [OLD]}]
        },
    },
}


def following(fragment: Json) -> Json:
    """The template once its Deployment has its new id, which is called NEW here."""
    result = run(fragment)
    assert result.report is not None, result.message
    made: Json = json.loads(json.dumps(result.template).replace(result.report.renamed[OLD], NEW))
    return made


@pytest.mark.parametrize("name", FOLLOW)
def test_a_reference_follows(name: str) -> None:
    before, after = ({"Type": "T", **body} for body in FOLLOW[name])
    assert following(tagged(Stage=before))["Resources"]["Stage"] == after


@pytest.mark.parametrize("name", FOLLOW)
def test_a_reference_in_a_loop_follows(name: str) -> None:
    before, after = ({"Type": "T", **body} for body in FOLLOW[name])
    loop = "Fn::ForEach::X"
    made = following(tagged(**{loop: ["X", ["a"], {"Stage${X}": before}]}))
    assert made["Resources"][loop] == ["X", ["a"], {"Stage${X}": after}]


@pytest.mark.parametrize("name", STAY)
def test_what_is_no_reference_stays(name: str) -> None:
    stage = {"Type": "T", **STAY[name]}
    assert following(tagged(Stage=stage))["Resources"]["Stage"] == stage


VALUE = {"Value": {"Ref": OLD}, "Export": {"Name": {"Fn::Sub": "${Deployment}"}}}
FOLLOWING = {"Value": {"Ref": NEW}, "Export": {"Name": {"Fn::Sub": f"${{{NEW}}}"}}}


@pytest.mark.parametrize("section", ["Outputs", "Hooks", "Rules"])
def test_a_section_that_may_refer_to_resources_follows(section: str) -> None:
    assert following({**tagged(), section: {"A": VALUE}})[section] == {"A": FOLLOWING}


def test_a_loop_over_outputs_follows() -> None:
    loop = "Fn::ForEach::X"
    made = following({**tagged(), "Outputs": {loop: ["X", ["a"], {"A${X}": VALUE}]}})
    assert made["Outputs"] == {loop: ["X", ["a"], {"A${X}": FOLLOWING}]}


@pytest.mark.parametrize("section", ["Parameters", "Mappings", "Description"])
def test_a_section_that_can_not_refer_to_resources_stays(section: str) -> None:
    value: Any = {"A": {"Default": {"Ref": OLD}}} if section != "Description" else OLD
    assert following({**tagged(), section: value})[section] == value


def test_a_value_nested_too_deeply_to_be_searched_at_a_glance_is_walked() -> None:
    value: Any = {"Ref": OLD}
    for _ in range(150):
        value = {"Fn::Join": ["", [{"Fn::Join": ["", [value]]}]]}
    stage = {"Type": "T", "Properties": {"A": value}}
    made = following(tagged(Stage=stage))["Resources"]["Stage"]
    assert made == json.loads(json.dumps(stage).replace(OLD, NEW))


def test_several_names_follow_in_one_text() -> None:
    text = "${Second}${Deployment}${Second.Id}"
    result = run(tagged(Second=deployment(), Stage={"Type": "T", "Properties": {"Fn::Sub": text}}))
    assert result.report is not None
    first, second = (result.report.renamed[name] for name in ("Deployment", "Second"))
    made = at(result.template, "Resources", "Stage", "Properties", "Fn::Sub")
    assert made == f"${{{second}}}${{{first}}}${{{second}.Id}}"


HASH = "abcdef0123"
SAM_ID = f"ApiDeployment{HASH}"
DESCRIPTION = f"RestApi deployment id: {HASH}{'4' * 30}"


def sam_app(**properties: Any) -> Json:
    made = deployment(**{"Description": DESCRIPTION, "StageName": "Stage", **properties})
    stage = {"Type": "AWS::ApiGateway::Stage", "Properties": {"DeploymentId": {"Ref": SAM_ID}}}
    return tagged(Deployment=None, **{SAM_ID: made, "ApiStage": stage})


def renamed(fragment: Json, settings: Json | None = None, **more: Any) -> dict[str, str]:
    result = run(fragment, settings, **more)
    assert result.report is not None, result.message
    return result.report.renamed


def test_sams_own_id_gets_another_hash_and_its_description_too() -> None:
    result = run(sam_app())
    (new,) = renamed(sam_app()).values()
    assert re.fullmatch(r"ApiDeployment[0-9a-f]{10}", new)
    assert new != SAM_ID
    description = at(result.template, "Resources", new, "Properties", "Description")
    assert re.fullmatch(rf"RestApi deployment id: {new[-10:]}[0-9a-f]{{30}}", description)
    assert at(result.template, "Resources", "ApiStage", "Properties", "DeploymentId") == {"Ref": new}
    assert SAM_ID not in result.template["Resources"]


@pytest.mark.parametrize("description", [None, "mine", f"about {HASH}", f"{HASH}{'4' * 31}", {"Ref": "Text"}])
def test_a_description_that_sam_did_not_write_stays(description: Any) -> None:
    made = run(sam_app(Description=description)).template["Resources"]
    (resource,) = (value for name, value in made.items() if value["Type"] == "AWS::ApiGateway::Deployment")
    assert resource["Properties"]["Description"] == description


def test_a_description_follows_only_where_the_id_ends_with_a_hash() -> None:
    description = f"RestApi deployment id: Deployment{'4' * 30}"
    made = following(tagged(Deployment=deployment(Description=description)))
    assert at(made, "Resources", NEW, "Properties", "Description") == description


def test_a_hand_written_id_gets_a_hash_at_its_end() -> None:
    assert list(renamed(tagged())) == ["Deployment"]
    (new,) = renamed(tagged()).values()
    assert re.fullmatch(r"Deployment[0-9a-f]{10}", new)


def test_an_id_that_only_looks_like_sams_keeps_all_of_its_name() -> None:
    fragment = tagged(Deployment=None, Deploy1234567890=deployment(Description="by hand"))
    (new,) = renamed(fragment).values()
    assert re.fullmatch(r"Deploy1234567890[0-9a-f]{10}", new)


def test_the_resources_keep_their_order() -> None:
    (new,) = renamed(tagged()).values()
    assert list(run(tagged()).template["Resources"]) == ["Api", "Chat", "Permission", new]


def test_a_very_long_id_stays_within_cloudformations_limit() -> None:
    long = "D" * 255
    (new,) = renamed(tagged(Deployment=None, **{long: deployment()})).values()
    assert (len(new), new[:245]) == (255, "D" * 245)


def test_a_taken_id_is_not_given_twice() -> None:
    (new,) = renamed(tagged()).values()
    (other,) = renamed(tagged(**{new: {"Type": "AWS::SQS::Queue"}})).values()
    assert re.fullmatch(r"Deployment[0-9a-f]{40}", other)
    assert other.startswith(new)


def test_all_deployments_of_an_api_are_new_and_those_of_others_are_not() -> None:
    fragment = tagged(Second=deployment(), Elsewhere=deployment("Other"), Other=api({}))
    new = renamed(fragment)
    assert set(new) == {"Deployment", "Second"}
    assert len(set(new.values())) == 2


def test_a_deployment_may_name_its_api_by_a_parameter() -> None:
    assert set(renamed(tagged(Deployment=deployment("ApiName")), parameters={"ApiName": "Api"})) == {"Deployment"}


CHANGES: dict[str, Json] = {
    "another timeout": {"x-samstream-streaming": {"TimeoutInMillis": 60_000}},
    "another function": {"x-amazon-apigateway-integration": proxy("${Chat.Arn}:live")},
    "an authorizer": {"security": [{"api_key": []}]},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_streaming_route_means_a_new_id(name: str) -> None:
    tag = {"x-samstream-streaming": True}
    before = app({"/chat": {"post": operation(**tag)}})
    after = app({"/chat": {"post": {**operation(**tag), **CHANGES[name]}}})
    assert renamed(before) != renamed(after)


def test_the_value_of_a_parameter_that_a_route_depends_on_means_a_new_id() -> None:
    fragment = app({"/chat": {"post": operation(proxy("${Chat.Arn}:${Alias}"), **{"x-samstream-streaming": True})}})
    ids = [renamed(fragment, parameters={"Alias": alias, "Other": "x"}) for alias in ("blue", "green", "blue")]
    assert ids[0] == ids[2] != ids[1]


def test_another_route_that_streams_means_a_new_id() -> None:
    paths = {"/chat": {"post": operation(), "get": operation()}}
    one = renamed(app(paths), {"Routes": "POST /chat"})
    both = renamed(app(paths), {"Routes": ["POST /chat", "GET /chat"]})
    assert one != both
    assert renamed(app(paths), {"Routes": ["GET /chat", "POST /chat"]}) == both


UNRELATED: dict[str, Json] = {
    "a function's code": tagged(Chat=function(Code="s3://b/k")),
    "a resource": tagged(Table={"Type": "AWS::DynamoDB::Table"}),
    "a deployment's description": tagged(Deployment=deployment(Description="x")),
}


@pytest.mark.parametrize("name", UNRELATED)
def test_no_change_of_a_route_means_the_same_id(name: str) -> None:
    assert renamed(UNRELATED[name]) == renamed(tagged())


def test_a_route_that_stays_buffered_changes_no_id() -> None:
    ids = []
    for timeout in (100, 200):
        paths = {"/chat": {"post": operation()}, "/": {"get": operation(proxy("${T.Arn}", timeoutInMillis=timeout))}}
        ids.append(renamed(app(paths), {"Routes": "POST /chat"}))
    assert ids[0] == ids[1]


def test_the_order_of_keys_changes_no_id() -> None:
    fragment = tagged()
    turned = copy.deepcopy(fragment)
    post = turned["Resources"]["Api"]["Properties"]["Body"]["paths"]["/chat"]["post"]
    integration = post["x-amazon-apigateway-integration"]
    post["x-amazon-apigateway-integration"] = dict(reversed(integration.items()))
    assert renamed(turned) == renamed(fragment)


def test_a_second_pass_that_changes_nothing_keeps_the_id() -> None:
    fragment = app(Get=method())
    routes = {"Routes": ["POST /chat", "GET /"]}
    once = run(fragment, routes)
    twice = run(once.template, routes)
    assert streams(once) == ["Api POST /chat", "Api GET /"]
    assert twice.template == once.template


def test_a_second_pass_that_streams_more_replaces_the_id_of_the_first() -> None:
    paths = {"/chat": {"post": operation()}, "/": {"get": operation()}}
    once = run(app(paths), {"Routes": "POST /chat"})
    twice = run(once.template, {"Routes": "GET /"})
    at_once = run(app(paths), {"Routes": ["POST /chat", "GET /"]})
    assert set(twice.template["Resources"]) == set(at_once.template["Resources"])
    assert set(twice.template["Resources"]) != set(once.template["Resources"])
    assert at(twice.template, "Metadata", "SamStream", "NewLogicalIds") == renamed(
        app(paths), {"Routes": ["POST /chat", "GET /"]}
    )


LIVE = "ChatVersion0123456789"


def behind_an_alias(chat: Json, uri: str = "${Live}", **more: Any) -> Json:
    paths = {"/chat": {"post": operation(proxy(uri), **{"x-samstream-streaming": True})}}
    return app(paths, Chat=chat, Live=alias(LIVE), **{LIVE: version()}, **more)


@pytest.mark.parametrize("uri", ["${Live}", "${Chat.Arn}:live", f"${{{LIVE}}}"])
def test_a_function_whose_variables_change_publishes_a_new_version(uri: str) -> None:
    result = run(behind_an_alias(web_app(), uri))
    new = renamed(behind_an_alias(web_app(), uri))[LIVE]
    assert result.findings == ()
    assert re.fullmatch(r"ChatVersion[0-9a-f]{10}", new)
    assert at(result.template, "Resources", "Live") == alias(new)
    assert at(result.template, "Resources", new) == version()
    if LIVE in uri:
        text = at(result.template, "Resources", "Api", "Properties", "Body", "paths", "/chat", "post")
        assert f"${{{new}}}" in str(text)


@pytest.mark.parametrize("chat", [function(), web_app(AWS_LWA_INVOKE_MODE="response_stream")])
def test_a_function_whose_variables_stay_keeps_its_version(chat: Json) -> None:
    assert list(renamed(behind_an_alias(chat))) == ["Deployment"]


def test_a_version_that_no_streaming_route_invokes_stays() -> None:
    other = version("Other")
    made = run(behind_an_alias(web_app(), OtherVersion=other, Old=version())).template["Resources"]
    assert (made["OtherVersion"], made["Old"]) == (other, version())


def test_the_latest_version_needs_no_new_one() -> None:
    latest = alias(LIVE)
    latest["Properties"]["FunctionVersion"] = "$LATEST"
    for fragment in (
        behind_an_alias(web_app(), "${Latest}", Latest=latest),
        behind_an_alias(web_app(), "${Chat.Arn}:$LATEST"),
    ):
        result = run(fragment)
        assert (result.findings, list(renamed(fragment))) == ((), ["Deployment"])


def test_an_alias_that_shifts_traffic_gets_both_of_its_versions_anew() -> None:
    second = "ChatVersion9876543210"
    live = alias(LIVE)
    weights = [{"FunctionVersion": {"Fn::GetAtt": [second, "Version"]}, "FunctionWeight": 0.1}]
    live["Properties"]["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    fragment = behind_an_alias(web_app())
    fragment["Resources"] |= {"Live": live, second: version()}
    assert set(renamed(fragment)) == {"Deployment", LIVE, second}


def test_a_tag_that_only_says_no_renames_nothing() -> None:
    paths = {"/chat": {"post": operation(**{"x-samstream-streaming": False})}}
    assert set(run(app(paths)).template["Resources"]) == {"Api", "Chat", "Permission", "Deployment"}


def test_the_routes_of_a_report_and_the_ids_are_those_of_one_api_each() -> None:
    tag = {"x-samstream-streaming": True}
    fragment = tagged(Second=api({"/": {"get": operation(streamed(), **tag)}}), SecondDeployment=deployment("Second"))
    result = run(fragment)
    assert result.report is not None
    assert result.report.routes == (
        RouteReport("Api", "POST /chat", "Chat", "BUFFERED", "STREAM", None, "Api POST /chat"),
        RouteReport("Second", "GET /", "Chat", "STREAM", "STREAM", None, "Second GET /"),
    )


def test_an_api_that_comes_after_another_ones_deployment_follows_it() -> None:
    paths = {"/talk": {"get": operation(**{"x-samstream-streaming": True})}}
    fragment = tagged(Other=api(paths, DependsOn=["Deployment"]), After=deployment("Other"))
    after = run(fragment).template["Resources"]
    (renamed,) = (name for name, resource in after.items() if resource == fragment["Resources"]["Deployment"])
    assert renamed != "Deployment"
    assert after["Other"]["DependsOn"] == [renamed]

"""W402: an edge-optimized endpoint cuts a stream that is silent for 30 seconds."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, findings, look, method, operation, streamed
from samstream.findings import Finding

STREAMED = {"/chat": {"post": operation(streamed())}}
UNNAMED = "names no endpoint type, so it is edge-optimized"


def told(how: str, name: str = "Api", where: str = "") -> list[Finding]:
    message = (
        f"{name} {how}, and that cuts a stream which is silent for 30 s. Set its EndpointConfiguration to "
        f"REGIONAL{where}, or write something more often."
    )
    return [Finding("W402", name, ("Resources", name, "Properties", "EndpointConfiguration"), message)]


def with_endpoint(**properties: Any) -> dict[str, Any]:
    fragment = app(STREAMED)
    del fragment["Resources"]["Api"]["Properties"]["EndpointConfiguration"]
    fragment["Resources"]["Api"]["Properties"] |= properties
    fragment["Conditions"] = {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    return fragment


def check(stage: str = "prod", **properties: Any) -> list[Finding]:
    return look(with_endpoint(**properties), parameters={"Stage": stage, "Kind": "EDGE", "Kinds": ["REGIONAL"]})


EDGE: list[Any] = [
    {"Types": ["EDGE"]},
    {"Types": ["edge"]},
    {"Types": "EDGE"},
    {"Types": [{"Ref": "Kind"}]},
    {"Types": {"Fn::If": ["Prod", ["EDGE"], ["REGIONAL"]]}},
    {"Fn::If": ["Prod", {"Types": ["EDGE"]}, {"Types": ["REGIONAL"]}]},
]


@pytest.mark.parametrize("configuration", EDGE)
def test_an_edge_optimized_api_is_told(configuration: Any) -> None:
    assert check(EndpointConfiguration=configuration) == told("is edge-optimized")


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"EndpointConfiguration": {}},
        {"EndpointConfiguration": {"Types": []}},
        {"EndpointConfiguration": NO_VALUE},
        {"EndpointConfiguration": {"Types": NO_VALUE}},
        {"EndpointConfiguration": {"IpAddressType": "dualstack"}},
        {"EndpointConfiguration": None, "Parameters": None},
        {"Parameters": {"endpointConfigurationTypes": NO_VALUE}},
    ],
)
def test_an_api_that_names_no_type_is_told(properties: Any) -> None:
    assert check(**properties) == told(UNNAMED)


OTHERS: list[Any] = [
    {"Types": ["REGIONAL"]},
    {"Types": ["PRIVATE"], "VpcEndpointIds": [{"Ref": "Endpoint"}]},
    {"Types": {"Ref": "Kinds"}},
    {"Types": {"Fn::ImportValue": "Types"}},
    {"Types": [{"Ref": "Unknown"}]},
    {"Ref": "Unknown"},
    {"Types": [["EDGE"]]},
    {"Types": {"EDGE": True}},
]


@pytest.mark.parametrize("configuration", OTHERS)
def test_one_that_waits_longer_or_that_nobody_knows_is_not(configuration: Any) -> None:
    assert check(EndpointConfiguration=configuration) == []


@pytest.mark.parametrize("configuration", EDGE[-2:])
def test_a_choice_is_told_where_it_falls_on_edge(configuration: Any) -> None:
    assert check("test", EndpointConfiguration=configuration) == []


@pytest.mark.parametrize(("kind", "expected"), [("REGIONAL", []), ("EDGE", told("is edge-optimized"))])
def test_the_parameters_of_an_import_name_a_type_too(kind: str, expected: list[Finding]) -> None:
    assert check(Parameters={"endpointConfigurationTypes": kind}) == expected
    assert check(EndpointConfiguration={"Types": []}, Parameters={"endpointConfigurationTypes": kind}) == expected


@pytest.mark.parametrize(("region", "is_told"), [("eu-west-1", True), ("cn-north-1", False), ("us-gov-west-1", False)])
def test_where_there_are_no_edge_optimized_endpoints_an_api_needs_no_type(region: str, is_told: bool) -> None:
    found = look(with_endpoint(), region=region)
    assert found == (told(UNNAMED) if is_told else [])


def test_sams_own_api_is_told_with_the_place_to_set_it() -> None:
    made = with_endpoint()["Resources"]["Api"]
    fragment = app(Api=None, Deployment=None, ServerlessRestApi=made)
    expected = told(UNNAMED, "ServerlessRestApi", " under Globals.Api")
    assert look(fragment, {"Ignore": "W401"}) == expected


def test_a_tagged_api_is_told_once() -> None:
    fragment = with_endpoint()
    assert findings(fragment, {"Routes": "POST /chat"}) == told(UNNAMED)


def test_an_api_whose_routes_stay_buffered_is_not() -> None:
    fragment = app()
    del fragment["Resources"]["Api"]["Properties"]["EndpointConfiguration"]
    assert look(fragment) == []


def test_an_api_of_elsewhere_can_not_be_seen() -> None:
    integration = {
        "Type": "HTTP_PROXY",
        "Uri": "https://a",
        "ResponseTransferMode": "STREAM",
        "TimeoutInMillis": 60_000,
    }
    get = method(integration)
    get["Properties"]["RestApiId"] = {"Fn::ImportValue": "Api"}
    assert look(app({}, Get=get), {"Ignore": "W401"}) == []


def test_an_api_that_this_deployment_does_not_create_is_not() -> None:
    fragment = with_endpoint()
    fragment["Resources"]["Api"]["Condition"] = "Prod"
    assert look(fragment, parameters={"Stage": "test"}) == []

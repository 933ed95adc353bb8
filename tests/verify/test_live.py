"""What is read of an API: all pages of it, in types of our own."""

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from samstream_cli.verify.live import (
    FunctionRef,
    LiveApi,
    LiveDeployment,
    LiveIntegration,
    LiveRoute,
    LiveSettings,
    LiveStage,
    Snapshot,
    read_api,
    read_snapshot,
)

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient

URI = "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/{}/response-streaming-invocations"
OLD_URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{}/invocations"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:chat"
DATE = datetime(2026, 1, 1, tzinfo=UTC)


def client() -> tuple["APIGatewayClient", Stubber]:
    made = boto3.client("apigateway", region_name="eu-west-1")
    return made, Stubber(made)


def test_an_api_is_read_through_all_its_pages() -> None:
    apigateway, stub = client()
    integration: dict[str, object] = {"type": "AWS_PROXY", "uri": URI.format(ARN), "responseTransferMode": "STREAM"}
    integration |= {"timeoutInMillis": 120000, "httpMethod": "POST", "credentials": "arn:aws:iam::1:role/r"}
    resources = [
        {"id": "r0", "path": "/"},
        {"id": "r1", "path": "/chat", "resourceMethods": {"POST": {"methodIntegration": integration}, "GET": {}}},
    ]
    more = {"id": "r2", "path": "/old", "resourceMethods": {"ANY": {"methodIntegration": {"type": "HTTP_PROXY"}}}}
    page = {"restApiId": "abc123", "limit": 500}
    settings: dict[str, object] = {
        "name": "n",
        "endpointConfiguration": {"types": ["EDGE"]},
        "minimumCompressionSize": 0,
    }
    settings |= {"disableExecuteApiEndpoint": True, "policy": "{}", "tags": {"a": "b"}}
    stage: dict[str, object] = {
        "stageName": "prod",
        "deploymentId": "d1",
        "variables": {"a": "b"},
        "cacheClusterEnabled": True,
    }
    stage |= {"methodSettings": {"~1chat/GET": {"cachingEnabled": True}, "*/*": {"cachingEnabled": False}}}
    stage |= {"canarySettings": {"deploymentId": "d2", "percentTraffic": 10.0}}
    stub.add_response("get_rest_api", settings, {"restApiId": "abc123"})
    stub.add_response("get_resources", {"items": resources, "position": "p"}, {**page, "embed": ["methods"]})
    stub.add_response("get_resources", {"items": [more]}, {**page, "embed": ["methods"], "position": "p"})
    stub.add_response("get_stages", {"item": [stage]}, {"restApiId": "abc123"})
    stub.add_response("get_deployments", {"items": [{"id": "d1"}], "position": "p"}, page)
    stub.add_response("get_deployments", {"items": [{"id": "d2", "createdDate": DATE}]}, {**page, "position": "p"})
    with stub:
        found = read_api(apigateway, "abc123")
    stub.assert_no_pending_responses()
    chat = LiveIntegration("AWS_PROXY", "STREAM", URI.format(ARN), 120000, "POST", "arn:aws:iam::1:role/r")
    assert found == LiveApi(
        "abc123",
        LiveSettings("n", ("EDGE",), 0, True, True, {"a": "b"}),
        {
            "POST /chat": LiveRoute("POST", "/chat", "r1", chat),
            "GET /chat": LiveRoute("GET", "/chat", "r1", None),
            "ANY /old": LiveRoute("ANY", "/old", "r2", LiveIntegration("HTTP_PROXY", "BUFFERED")),
        },
        {
            "prod": LiveStage(
                "prod",
                "d1",
                {"a": "b"},
                True,
                {"/chat/GET": {"cachingEnabled": True}, "/*/*": {"cachingEnabled": False}},
                "d2",
                10.0,
            )
        },
        (LiveDeployment("d2", DATE), LiveDeployment("d1")),
    )


def exported(paths: object) -> Snapshot:
    apigateway, stub = client()
    request = {"restApiId": "abc123", "stageName": "prod", "exportType": "oas30", "accepts": "application/json"}
    body = io.BytesIO(json.dumps({"paths": paths}).encode())
    stub.add_response("get_export", {"body": body}, {**request, "parameters": {"extensions": "apigateway"}})
    with stub:
        return read_snapshot(apigateway, "abc123", "prod")


def operation(**integration: object) -> dict[str, object]:
    return {"x-amazon-apigateway-integration": integration}


def test_a_snapshot_has_the_integrations_of_an_export() -> None:
    paths = {
        "/chat": {"post": operation(type="aws_proxy", uri=URI.format(ARN), timeoutInMillis=50), "get": {}},
        "/any": {"x-amazon-apigateway-any-method": operation(type="http_proxy", responseTransferMode="STREAM")},
        "/old": {"get": operation(type="http_proxy"), "options": operation(type="mock")},
    }
    assert exported(paths) == Snapshot(
        "prod",
        {
            "POST /chat": LiveIntegration("AWS_PROXY", None, URI.format(ARN), 50),
            "GET /chat": None,
            "ANY /any": LiveIntegration("HTTP_PROXY", "STREAM"),
            "GET /old": LiveIntegration("HTTP_PROXY", "BUFFERED"),
            "OPTIONS /old": LiveIntegration("MOCK", "BUFFERED"),
        },
        tells_mode=True,
    )


def test_an_export_without_any_mode_says_nothing_of_proxies() -> None:
    found = exported({"/old": {"get": operation(type="http_proxy")}})
    assert found == Snapshot("prod", {"GET /old": LiveIntegration("HTTP_PROXY")}, tells_mode=False)


def test_an_export_of_a_thousand_routes_is_read() -> None:
    paths = {f"/{number}": {"get": operation(type="aws_proxy", uri=URI.format(ARN))} for number in range(1000)}
    assert {found and found.streams for found in exported(paths).integrations.values()} == {True}


@pytest.mark.parametrize(
    ("integration", "streams"),
    [
        (LiveIntegration("AWS_PROXY", "STREAM", URI.format(ARN)), True),
        (LiveIntegration("AWS_PROXY", None, URI.format(ARN)), True),
        (LiveIntegration("AWS_PROXY", "BUFFERED", URI.format(ARN)), False),
        (LiveIntegration("AWS_PROXY", "STREAM", OLD_URI.format(ARN)), False),
        (LiveIntegration("AWS_PROXY", "STREAM", "arn:aws:apigateway:eu-west-1:lambda:path/nonsense"), False),
        (LiveIntegration("HTTP_PROXY", "STREAM"), True),
        (LiveIntegration("HTTP_PROXY", "BUFFERED"), False),
        (LiveIntegration("HTTP_PROXY", None), None),
        (LiveIntegration("AWS", "STREAM", URI.format(ARN)), False),
        (LiveIntegration("MOCK", "STREAM"), False),
    ],
)
def test_the_uri_decides_for_a_function_and_the_mode_for_a_proxy(
    integration: LiveIntegration, streams: bool | None
) -> None:
    assert integration.streams == streams


@pytest.mark.parametrize(
    ("function", "variables", "found"),
    [
        (ARN, {}, FunctionRef(ARN, "eu-west-1", "123456789012", "chat")),
        (f"{ARN}:live", {}, FunctionRef(f"{ARN}:live", "eu-west-1", "123456789012", "chat", "live")),
        (
            ARN + ":${stageVariables.a}",
            {"a": "7"},
            FunctionRef(f"{ARN}:7", "eu-west-1", "123456789012", "chat", "7"),
        ),
        (ARN + ":${stageVariables.a}", {}, None),
        ("chat", {}, None),
        (
            "arn:aws-cn:lambda:cn-north-1:1:function:f",
            {},
            FunctionRef("arn:aws-cn:lambda:cn-north-1:1:function:f", "cn-north-1", "1", "f"),
        ),
    ],
)
def test_a_uri_names_its_function(function: str, variables: dict[str, str], found: FunctionRef | None) -> None:
    assert LiveIntegration("AWS_PROXY", None, OLD_URI.format(function)).function(variables) == found


@pytest.mark.parametrize(
    ("settings", "method", "cached"),
    [
        ({}, "GET", False),
        ({"/*/*": {"cachingEnabled": True}}, "GET", True),
        ({"/*/*": {"cachingEnabled": True}}, "POST", False),
        ({"/*/*": {"cachingEnabled": True}, "/chat/GET": {"cachingEnabled": False}}, "GET", False),
        ({"/chat/POST": {"cachingEnabled": True}}, "POST", True),
    ],
)
def test_a_stage_says_what_it_caches(settings: dict[str, dict[str, bool]], method: str, cached: bool) -> None:
    assert LiveStage("prod", "d", is_cached=True, method_settings=settings).caches(method, "/chat") is cached
    assert LiveStage("prod", "d", method_settings=settings).caches(method, "/chat") is False

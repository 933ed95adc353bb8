"""The whole command against a service that speaks AWS's own protocols, though it drops the streaming mode."""

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from samstream_cli.verify.command import verify

TEMPLATE = {
    "Resources": {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
        "Path": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "chat",
            },
        },
        "Method": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResourceId": {"Ref": "Path"},
                "HttpMethod": "GET",
                "AuthorizationType": "NONE",
                "Integration": {
                    "Type": "HTTP_PROXY",
                    "IntegrationHttpMethod": "GET",
                    "Uri": "https://example.com",
                    "ResponseTransferMode": "STREAM",
                },
            },
        },
    }
}


@mock_aws
def test_a_stack_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    boto3.client("cloudformation").create_stack(StackName="app", TemplateBody=json.dumps(TEMPLATE))
    apigateway = boto3.client("apigateway")
    (api,) = apigateway.get_rest_apis()["items"]
    apigateway.create_deployment(restApiId=api["id"], stageName="prod")

    assert verify.main(["app"], standalone_mode=False) == 1
    assert capsys.readouterr().out.splitlines()[:3] == [
        f"API Api ({api['id']}), stage prod",
        "Route       Verdict    Configured   Deployed   Timeout   Function",
        "GET /chat   buffered   BUFFERED     -          default   -",
    ]
    assert verify.main(["app", "--stage", "prod", "--json", "--region", "eu-west-1"], standalone_mode=False) == 1
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [(route["route"], route["verdict"]) for route in document["routes"]] == [("GET /chat", "buffered")]

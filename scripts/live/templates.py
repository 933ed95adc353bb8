"""The small templates that experiments deploy: all code stands in them, and no function may write logs, so that nothing
is left when a stack goes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from samstream.types import JsonObject

MACRO: Final = "AWS::CloudFormation::Macro"
SCRIPTED: Final = """\
// Answers with what the request's body says: a list of steps, each a word, a value and how often.
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('application/vnd.awslambda.http-integration-response');
  for (const [step, value, count] of JSON.parse(event.body)) {
    if (step === 'write') stream.write(value.repeat(count ?? 1));
    else if (step === 'wait') await pause(value);
    else throw new Error(value);
  }
  stream.end();
});
"""
_URIS: Final = {
    "STREAM": "2021-11-15/functions/${Function.Arn}/response-streaming-invocations",
    "BUFFERED": "2015-03-31/functions/${Function.Arn}/invocations",
}
_PATHS: Final = {"STREAM": "stream", "BUFFERED": "buffered"}
NOTHING: Final[JsonObject] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
"""A resource that costs nothing and is made at once."""


def write(template: JsonObject) -> str:
    """As short as it goes: CloudFormation takes 51,200 bytes."""
    return json.dumps(template, ensure_ascii=False, separators=(",", ":"))


def template(resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None, **more: Any) -> JsonObject:
    values = {name: {"Value": value} for name, value in (outputs or {}).items()}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "An experiment of samstream; it may be deleted at any time",
        **more,
        "Resources": dict(resources),
        **({"Outputs": values} if values else {}),
    }


def function(code: str, *, runtime: str = "python3.13", timeout: int = 30, processor: str = "arm64") -> JsonObject:
    """A function, and a role that allows it nothing."""
    principal = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    properties = {
        "Runtime": runtime,
        "Handler": "index.handler",
        "Architectures": [processor],
        "MemorySize": 256,
        "Timeout": timeout,
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": code},
    }
    document = {"Version": "2012-10-17", "Statement": [principal]}
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": properties},
    }


def gateway(*, endpoint: str = "REGIONAL", timeout_in_millis: int = 29_000) -> JsonObject:
    """An API whose POST /stream and POST /buffered reach one function, which answers as the request says."""
    paths = {f"/{_PATHS[mode]}": {"post": _operation(mode, timeout_in_millis)} for mode in _URIS}
    body = {"openapi": "3.0.1", "info": {"title": {"Ref": "AWS::StackName"}, "version": "1"}, "paths": paths}
    throttling = {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 5}
    api = {"Ref": "Api"}
    resources = function(SCRIPTED, runtime="nodejs22.x", timeout=120) | {
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {"Body": body, "EndpointConfiguration": {"Types": [endpoint]}},
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "Function"},
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"},
            },
        },
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": api}},
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": api,
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "live",
                "MethodSettings": [throttling],
            },
        },
    }
    url = {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}"}
    return template(resources, {"Url": url})


def macro(name: str, code: str, *, timeout: int = 30, is_alias: bool = False) -> JsonObject:
    """A macro of this name, by its function or by an alias of it."""
    resources = function(code, timeout=timeout) | {"Macro": macro_resource(name, {"Fn::GetAtt": ["Function", "Arn"]})}
    if is_alias:
        version = {"Fn::GetAtt": ["Version", "Version"]}
        of = {"FunctionName": {"Ref": "Function"}}
        resources["Version"] = {"Type": "AWS::Lambda::Version", "Properties": of}
        alias = of | {"Name": "live", "FunctionVersion": version}
        resources["Alias"] = {"Type": "AWS::Lambda::Alias", "Properties": alias}
        resources["Macro"] = macro_resource(name, {"Ref": "Alias"})  # which is its ARN
    return template(resources)


def macro_resource(name: str, function: Any) -> JsonObject:
    return {"Type": MACRO, "Properties": {"Name": name, "FunctionName": function}}


def use_of(name: str, **parameters: str) -> JsonObject:
    """A template that a macro is asked to process; what is in it costs nothing."""
    entry = {"Name": name, "Parameters": parameters} if parameters else name
    return template({"Nothing": NOTHING}, Transform=[entry])


def _operation(mode: str, timeout_in_millis: int) -> JsonObject:
    uri = {"Fn::Sub": f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/{_URIS[mode]}"}
    integration: JsonObject = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, "responseTransferMode": mode}
    if mode == "STREAM":
        integration["timeoutInMillis"] = timeout_in_millis
    return {"responses": {}, "x-amazon-apigateway-integration": integration}

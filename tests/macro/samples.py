"""The smallest templates of their kind, and the macro run over them, for the tests of its modules."""

from collections.abc import Mapping
from typing import Any

from samstream.edits import value_at
from samstream.findings import Finding
from samstream.options import Options
from samstream.plan import Plan
from samstream.template import Stack, Template
from samstream.transform import Result, inspect, transform

Json = dict[str, Any]

REGION, ACCOUNT = "eu-west-1", "123456789012"

NO_VALUE = {"Ref": "AWS::NoValue"}

PREFIX = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path"


def buffered(function: str = "${Chat.Arn}") -> str:
    """A buffered URI, as the text of an Fn::Sub."""
    return f"{PREFIX}/2015-03-31/functions/{function}/invocations"


def streaming(function: str = "${Chat.Arn}") -> str:
    return f"{PREFIX}/2021-11-15/functions/{function}/response-streaming-invocations"


def proxy(function: str = "${Chat.Arn}", **more: Any) -> Json:
    """An integration of an OpenAPI body."""
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": buffered(function)}, **more}


def streamed(function: str = "${Chat.Arn}", **more: Any) -> Json:
    """The same integration, streaming."""
    return {**proxy(function, uri={"Fn::Sub": streaming(function)}), "responseTransferMode": "STREAM", **more}


def operation(integration: Any = None, **more: Any) -> Json:
    return {**more, "x-amazon-apigateway-integration": proxy() if integration is None else integration}


def api(paths: Any, **more: Any) -> Json:
    properties = {"EndpointConfiguration": {"Types": ["REGIONAL"]}, "Body": {"swagger": "2.0", "paths": paths}}
    return {"Type": "AWS::ApiGateway::RestApi", **more, "Properties": properties}


def method(integration: Any = None, **more: Any) -> Json:
    """A Method resource on the root of Api."""
    own = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": buffered()}}
    properties = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": "GET",
        "Integration": own if integration is None else integration,
    }
    return {"Type": "AWS::ApiGateway::Method", **more, "Properties": properties}


def function(more: Mapping[str, Any] | None = None, **properties: Any) -> Json:
    """A plain function, of a runtime that streams by itself, with the Timeout that routes have anyway."""
    properties = {"Runtime": "nodejs22.x", "Timeout": 29, **properties}
    return {"Type": "AWS::Lambda::Function", **(more or {}), "Properties": properties}


def web_app(more: Mapping[str, Any] | None = None, **variables: Any) -> Json:
    """A plain function with the Lambda Web Adapter."""
    layer = "arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerArm64:30"
    made = function(more, Runtime="python3.13", Layers=[layer])
    if variables:
        made["Properties"]["Environment"] = {"Variables": variables}
    return made


def permission(function: str = "Chat") -> Json:
    properties = {
        "FunctionName": {"Ref": function},
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def deployment(api: str = "Api", **properties: Any) -> Json:
    return {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": api}, **properties}}


def stage(api: str = "Api", **properties: Any) -> Json:
    """The stage "live"."""
    own = {"RestApiId": {"Ref": api}, "StageName": "live", "DeploymentId": {"Ref": "Deployment"}}
    return {"Type": "AWS::ApiGateway::Stage", "Properties": {**own, **properties}}


def version(function: str = "Chat") -> Json:
    return {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": function}}}


def alias(version: str, name: str = "live", function: str = "Chat") -> Json:
    properties = {
        "FunctionName": {"Ref": function},
        "Name": name,
        "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
    }
    return {"Type": "AWS::Lambda::Alias", "Properties": properties}


def app(paths: Any = None, /, **resources: Any) -> Json:
    """An API with a function, POST /chat unless told otherwise, and its Deployment. None leaves a resource out."""
    made = {
        "Api": api({"/chat": {"post": operation()}} if paths is None else paths),
        "Chat": function(),
        "Permission": permission(),
        "Deployment": deployment(),
        **resources,
    }
    return {"Resources": {name: resource for name, resource in made.items() if resource is not None}}


def tagged(value: Any = True, /, **resources: Any) -> Json:
    """The same with POST /chat tagged in the body."""
    return app({"/chat": {"post": operation(**{"x-samstream-streaming": value})}}, **resources)


def sam_function(events: Any = None, /, **more: Any) -> Json:
    return {
        "Type": "AWS::Serverless::Function",
        **more,
        "Properties": {"Runtime": "nodejs22.x", "Events": events or {}},
    }


def event(*, kind: str = "Api", beside: Mapping[str, Any] | None = None, **properties: Any) -> Json:
    """An Api event POST /chat. `beside` stands beside its Properties."""
    return {"Type": kind, **(beside or {}), "Properties": {"Path": "/chat", "Method": "post", **properties}}


def sam_app(**event_properties: Any) -> Json:
    """A SAM template with one event, before SAM."""
    return {"Resources": {"Chat": sam_function({"Ask": event(**event_properties)})}}


def stack(parameters: Mapping[str, Any] | None = None, region: str = REGION) -> Stack:
    return Stack(region, ACCOUNT, parameters or {})


def read(body: Json, parameters: Mapping[str, Any] | None = None, region: str = REGION) -> Template:
    return Template(body, stack(parameters, region))


def run(
    fragment: Any,
    settings: Mapping[str, Any] | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    region: str = REGION,
) -> Result:
    """The macro, once. `settings` are the Parameters of its Transform entry."""
    return transform(fragment, Options.load(dict(settings or {}), environment or {}), stack(parameters, region))


def findings(fragment: Any, settings: Mapping[str, Any] | None = None, **more: Any) -> list[Finding]:
    return list(run(fragment, settings, **more).findings)


def look(body: Json, settings: Mapping[str, Any] | None = None, **more: Any) -> list[Finding]:
    """What the rules say of a template that may stream without a tag."""
    return list(inspect(body, Options.load(dict(settings or {}), {}), stack(**more))[1])


def plan_of(body: Json, **more: Any) -> Plan:
    """The plan of a template that may stream without a tag."""
    return inspect(body, Options(), stack(**more))[0]


def streams(result: Result) -> list[str]:
    """The routes that a transform made streaming; a failure made none, and its message says so in a comparison."""
    if result.failed:
        return [result.message]
    return [f"{route.api} {route.route}" for route in result.report.routes] if result.report else []


def at(template: Any, *place: str | int) -> Any:
    """What stands at a place, for comparisons: a repr of ABSENT where there is nothing."""
    return value_at(template, place)

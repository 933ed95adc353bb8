"""An account in memory with one deployed stack: `deploy` makes of a template what CloudFormation would, and tests then
change what somebody changed by hand."""

# ruff: noqa: N802, N803  # operations and their members have AWS's names

import io
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from samstream.options import Options
from samstream.template import Stack
from samstream.transform import transform
from samstream_cli.verify.command import run
from samstream_cli.verify.report import Verified

from aws.cloud import ACCOUNT, CALLER, Cloud, Refusal  # isort: skip

REGION = "eu-west-1"
API_ID = "abc123"
ADAPTER = f"arn:aws:lambda:{REGION}:753240598075:layer:LambdaAdapterLayerX86:30"
HIDDEN = "not-to-be-shown"

Json = dict[str, Any]


def operation(function: str, **settings: Any) -> Json:
    uri = {
        "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{function}.Arn}}/invocations"
    }
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, **settings}
    return {"x-amazon-apigateway-integration": integration}


def template() -> Json:
    """After SAM, before the macro: an adapter's function with two routes, a Node.js function and a proxy with one."""
    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": f"https://example.com/{HIDDEN}"}
    chat = {"Runtime": "python3.13", "Timeout": 120, "Layers": [ADAPTER], "Environment": {"Variables": {"KEY": HIDDEN}}}
    return {
        "Resources": {
            "Chat": {"Type": "AWS::Lambda::Function", "Metadata": {"Streaming": True}, "Properties": chat},
            "Plain": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x", "Timeout": 10}},
            "Api": {
                "Type": "AWS::ApiGateway::RestApi",
                "Metadata": {"Streaming": ["GET /proxy"]},
                "Properties": {
                    "EndpointConfiguration": {"Types": ["REGIONAL"]},
                    "Body": {
                        "openapi": "3.0.1",
                        "paths": {
                            "/chat": {"post": operation("Chat")},
                            "/events/{id}": {"get": operation("Chat")},
                            "/plain": {"x-amazon-apigateway-any-method": operation("Plain")},
                            "/proxy": {"get": {"x-amazon-apigateway-integration": proxy}},
                        },
                    },
                },
            },
            "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
            "Stage": {
                "Type": "AWS::ApiGateway::Stage",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "DeploymentId": {"Ref": "Deployment"},
                    "StageName": "prod",
                },
            },
        }
    }


def processed(source: Json) -> Json:
    result = transform(source, Options(), Stack(REGION, ACCOUNT, {}))
    assert not [finding for finding in result.findings if finding.severity == "error"]
    made: Json = result.template
    return made


@dataclass
class FakeApi:
    """`live` and each stage's `served` have integrations by route; `deployments` are ids with days of January."""

    live: dict[str, Json]
    settings: Json = field(default_factory=lambda: {"endpointConfiguration": {"types": ["REGIONAL"]}})
    stages: dict[str, Json] = field(default_factory=dict)
    served: dict[str, dict[str, Json]] = field(default_factory=dict)
    deployments: dict[str, int] = field(default_factory=dict)
    exports: dict[str, bytes] = field(default_factory=dict)
    """What a stage exports in place of what it serves."""

    def stage(self, name: str, deployment: str = "dep1", **settings: Any) -> None:
        self.stages[name] = {"stageName": name, "deploymentId": deployment, **settings}
        self.served[name] = deepcopy(self.live)


class Account(Cloud):
    """One stack `app`; every list comes in pages of two."""

    def __init__(self) -> None:
        super().__init__()
        self.apis: dict[str, FakeApi] = {}
        self.functions: dict[str, Json] = {}
        self.resources: dict[str, tuple[str, str]] = {}
        self.template_body: Any = {}
        self.codes: dict[str, str] = {}
        """Errors that operations answer."""
        self.exports_tell_mode = True

    def verify(self, **options: Any) -> Verified:
        return run(self.clients(), REGION, "app", **options)

    @property
    def api(self) -> FakeApi:
        return self.apis[API_ID]

    def deploy(self, source: Json | None = None) -> "Account":
        """All of a template, as CloudFormation would."""
        body = processed(template() if source is None else source)
        self.template_body = body
        self.add("app", status="UPDATE_COMPLETE")
        for logical, resource in body["Resources"].items():
            self.resources[logical] = (resource["Type"], f"app-{logical}")
            if resource["Type"] == "AWS::Lambda::Function":
                self._deploy_function(logical, resource["Properties"])
        self.resources |= {"Api": ("AWS::ApiGateway::RestApi", API_ID), "Stage": ("AWS::ApiGateway::Stage", "prod")}
        api = self.apis[API_ID] = FakeApi(dict(_integrations(body)), deployments={"dep0": 1, "dep1": 2})
        api.stage("prod")
        return self

    def _deploy_function(self, logical: str, properties: Json) -> None:
        variables = properties.get("Environment", {}).get("Variables", {})
        self.functions[f"app-{logical}"] = {
            "FunctionName": f"app-{logical}",
            "Timeout": properties["Timeout"],
            "Runtime": properties["Runtime"],
            "Layers": [{"Arn": arn} for arn in properties.get("Layers", [])],
            "Environment": {"Variables": dict(variables)},
        }

    def _refuse(self, model: Any) -> None:
        name, service = model.name, model.service_model.service_name
        if name in self.denied:
            action = "apigateway:GET" if service == "apigateway" else f"{service}:{name}"
            raise Refusal(
                "AccessDeniedException", f"User: {CALLER} is not authorized to perform: {action} on resource: x"
            )
        if name in self.codes:
            raise Refusal(self.codes[name], "it went wrong")

    def GetTemplate(self, region: str, StackName: str, TemplateStage: str) -> Json:
        self._find(region, StackName)
        assert TemplateStage == "Processed"
        body = self.template_body
        return {"TemplateBody": body if isinstance(body, str) else json.dumps(body)}

    def ListStackResources(self, region: str, StackName: str, NextToken: str = "0") -> Json:
        self._find(region, StackName)
        found = [
            {"LogicalResourceId": logical, "PhysicalResourceId": physical, "ResourceType": kind,
             "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": datetime(2026, 1, 1, tzinfo=UTC)}
            for logical, (kind, physical) in self.resources.items()
        ]  # fmt: skip
        items, more = self._page(found, NextToken)
        return {"StackResourceSummaries": items} | ({"NextToken": more} if more else {})

    def _page(self, items: list[Any], position: str) -> tuple[list[Any], str]:
        start, end = int(position), int(position) + self.page
        return items[start:end], str(end) if end < len(items) else ""

    def _api(self, rest_api_id: str) -> FakeApi:
        if rest_api_id not in self.apis:
            raise Refusal("NotFoundException", "Invalid API identifier specified")
        return self.apis[rest_api_id]

    def GetRestApi(self, _region: str, restApiId: str) -> Json:
        return {"id": restApiId, "name": "api", **self._api(restApiId).settings}

    def GetResources(self, _region: str, restApiId: str, embed: list[str], limit: int, position: str = "0") -> Json:
        assert (embed, limit) == (["methods"], 500)
        methods: dict[str, Json] = {"/": {}}
        for route, integration in self._api(restApiId).live.items():
            method, _, path = route.partition(" ")
            told = {"methodIntegration": integration} if integration else {}
            methods.setdefault(path, {})[method] = {"httpMethod": method, **told}
        found = [
            {"id": f"r{number}", "path": path} | ({"resourceMethods": methods} if methods else {})
            for number, (path, methods) in enumerate(methods.items())
        ]
        items, more = self._page(found, position)
        return {"items": items} | ({"position": more} if more else {})

    def GetStages(self, _region: str, restApiId: str) -> Json:
        return {"item": list(self._api(restApiId).stages.values())}

    def GetDeployments(self, _region: str, restApiId: str, limit: int, position: str = "0") -> Json:
        assert limit == 500
        found = [
            {"id": name, "createdDate": datetime(2026, 1, day, tzinfo=UTC)}
            for name, day in self._api(restApiId).deployments.items()
        ]
        items, more = self._page(found, position)
        return {"items": items} | ({"position": more} if more else {})

    def GetExport(self, _region: str, restApiId: str, stageName: str, **request: Any) -> Json:
        assert (request["exportType"], request["parameters"]) == ("oas30", {"extensions": "apigateway"})
        api = self._api(restApiId)
        if stageName in api.exports:
            return {"contentType": "application/json", "body": io.BytesIO(api.exports[stageName])}
        paths: dict[str, Json] = {}
        for route, integration in api.served[stageName].items():
            method, _, path = route.partition(" ")
            key = "x-amazon-apigateway-any-method" if method == "ANY" else method.lower()
            shown = {**integration, "type": integration["type"].lower()}
            if not self.exports_tell_mode:
                shown.pop("responseTransferMode", None)
            paths.setdefault(path, {})[key] = {"x-amazon-apigateway-integration": shown}
        return {"body": io.BytesIO(json.dumps({"openapi": "3.0.1", "paths": paths}).encode())}

    def GetFunctionConfiguration(self, region: str, FunctionName: str) -> Json:
        partition, _, rest = FunctionName.partition(f":lambda:{region}:")
        account, _, name = rest.partition(":function:")
        if account != ACCOUNT:
            raise Refusal("AccessDeniedException", f"User: {CALLER} is not authorized to perform: "
                          f"lambda:GetFunctionConfiguration on resource: {FunctionName}")  # fmt: skip
        if name not in self.functions:
            raise Refusal("ResourceNotFoundException", f"Function not found: {partition}")
        return self.functions[name]


def _integrations(body: Json) -> Any:
    for path, item in body["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        for key, operation in item.items():
            method = "ANY" if key.startswith("x-") else key.upper()
            found = dict(operation["x-amazon-apigateway-integration"])
            found["type"] = found["type"].upper()
            if isinstance(found["uri"], dict):
                found["uri"] = _resolved(found["uri"]["Fn::Sub"])
            found.setdefault("timeoutInMillis", 29000)
            found.setdefault("responseTransferMode", "BUFFERED")
            yield f"{method} {path}", found


def _resolved(uri: str) -> str:
    text = uri.replace("${AWS::Partition}", "aws").replace("${AWS::Region}", REGION)
    before, _, rest = text.partition("${")
    name, _, after = rest.partition(".Arn}")
    return f"{before}{function_arn(f'app-{name}')}{after}"


def function_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:lambda:{REGION}:{account}:function:{name}"


def buffered(integration: Json) -> Json:
    """The same, as it was before it streamed."""
    uri = (
        integration["uri"].replace("2021-11-15", "2015-03-31").replace("response-streaming-invocations", "invocations")
    )
    return {**integration, "uri": uri, "responseTransferMode": "BUFFERED", "timeoutInMillis": 29000}

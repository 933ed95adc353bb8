"""SAM templates of any size, and what SAM makes of them, the same in every run.

One team's ten functions go through the real translator; a template for many teams is that output, stamped
with a number for each. So a megabyte takes no minutes, and holds nothing that SAM doesn't write.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, Literal

from benchmarks.macro import PARAMETERS, REGION, handle
from samstream_cli.sam import translate

Template = dict[str, Any]

Place = Literal["functions", "events", "operations", "Parameters"]
"""Where tags stand: the functions' `Metadata`, their events (before SAM), operations, the Transform's `Parameters`."""


SUBJECTS = (
    "Orders",
    "Invoices",
    "Chats",
    "Files",
    "Users",
    "Carts",
    "Reports",
    "Searches",
    "Alerts",
    "Tokens",
)
STREAMED_URI = "/response-streaming-invocations"


@dataclass(frozen=True)
class Shape:
    """A kind of template: `team` makes ten functions' SAM resources."""

    name: str
    team: Callable[[], Template]


def source(shape: Shape, teams: int) -> Template:
    """The SAM template itself, before any translation."""
    resources: Template = {}
    for number in range(teams):
        resources |= _stamp(shape.team(), number)
    return _document(resources)


def processed(shape: Shape, size: int, share: float, place: Place = "functions") -> Template:
    """What SAM makes of it: `size` bytes of JSON or a little more, with `share` of it tagged at that place."""
    team = _translated(shape, with_events=place == "events")
    resources: Template = {}
    written = 0
    for number in count():
        if written >= size:
            _TAGS[place](resources, share)
            return _document(resources)
        stamped = _stamp(team, number)
        written += len(json.dumps(stamped))
        _merge(resources, stamped)
    raise AssertionError


def functions(template: Template) -> Iterator[Template]:
    """Its Lambda functions, SAM's or plain."""
    kinds = ("AWS::Lambda::Function", "AWS::Serverless::Function")
    return (resource for resource in template["Resources"].values() if resource["Type"] in kinds)


def streaming(template: Template) -> int:
    """How many routes of a processed template stream."""
    return json.dumps(template).count(STREAMED_URI)


def route_names(template: Template, share: float) -> list[str]:
    """The names of that share of a processed template's routes."""
    names = [f"{method.upper()} {path}" for path, method, _ in _operations(template["Resources"])]
    return [name for number, name in enumerate(names) if _is_chosen(number, share)]


def tag_events(template: Template) -> None:
    """The tag on each Api event of a SAM template."""
    for function in functions(template):
        for event in function["Properties"]["Events"].values():
            event["Properties"]["Streaming"] = True


def _document(resources: Template) -> Template:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Teams and their functions",
        "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
        "Conditions": {"IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": resources,
    }


@cache
def _translated(shape: Shape, *, with_events: bool) -> Template:
    template = _document(shape.team())
    if with_events:
        tag_events(template)
        template = handle(template)
    resources: Template = translate(template, PARAMETERS, REGION)["Resources"]
    return resources


def _stamp(resources: Template, number: int) -> Template:
    """The resources with the team's number in their logical ids and paths."""
    text = json.dumps(resources).replace("Team", f"Team{number:04d}").replace("/team/", f"/team{number}/")
    stamped: Template = json.loads(text)
    return stamped


def _merge(resources: Template, more: Template) -> None:
    """An API that all teams share gets the paths of each."""
    for name, resource in more.items():
        if name in resources and resource["Type"] == "AWS::ApiGateway::RestApi":
            resources[name]["Properties"]["Body"]["paths"] |= resource["Properties"]["Body"]["paths"]
        else:
            resources[name] = resource


def _tag_functions(resources: Template, share: float) -> None:
    for number, function in enumerate(functions({"Resources": resources})):
        if _is_chosen(number, share):
            function["Metadata"] = {"Streaming": True}


def _tag_operations(resources: Template, share: float) -> None:
    for number, (_, _, operation) in enumerate(_operations(resources)):
        if _is_chosen(number, share):
            operation["x-samstream-streaming"] = True


def _keep_events(resources: Template, share: float) -> None:
    """All functions carry what the pass before SAM kept of their events' tags; the others lose it."""
    for number, function in enumerate(functions({"Resources": resources})):
        if not _is_chosen(number, share):
            del function["Metadata"]


_TAGS: dict[Place, Callable[[Template, float], None]] = {
    "functions": _tag_functions,
    "events": _keep_events,
    "operations": _tag_operations,
    "Parameters": lambda _resources, _share: None,
}


def _is_chosen(number: int, share: float) -> bool:
    """Spreads a share evenly."""
    return round((number + 1) * share) > round(number * share)


def _operations(resources: Template) -> Iterator[tuple[str, str, Template]]:
    for resource in resources.values():
        if resource["Type"] == "AWS::ApiGateway::RestApi":
            for path, methods in resource["Properties"]["Body"]["paths"].items():
                yield from ((path, method, operation) for method, operation in methods.items())


def _function(subject: str, events: Template, **properties: Any) -> Template:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "CodeUri": f"s3://example-artifacts/{subject.lower()}.zip",
            "Handler": "app.handler",
            "Runtime": "python3.13",
            "MemorySize": 512,
            "Timeout": 60,
            "Environment": {"Variables": {"STAGE": {"Ref": "Stage"}, "TABLE": {"Ref": "TeamTable"}}},
            "Policies": [
                {"Statement": [{"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
                                "Resource": {"Fn::GetAtt": ["TeamTable", "Arn"]}}]}
            ],
            "Events": events,
            **properties,
        },
    }  # fmt: skip


def _event(path: str, method: str, api: str | None) -> Template:
    chosen = {"RestApiId": {"Ref": api}} if api else {}
    return {"Type": "Api", "Properties": {"Path": path, "Method": method, **chosen}}


def _team(api: str | None, events: Callable[[str, str | None], Template], **properties: Any) -> Template:
    resources: Template = {
        f"Team{subject}": _function(subject, events(f"/team/{subject.lower()}", api), **properties)
        for subject in SUBJECTS
    }
    for name in tuple(resources):
        group = {"Fn::Sub": f"/aws/lambda/${{{name}}}"}
        resources[f"{name}Log"] = {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": group, "RetentionInDays": 30},
        }
    if api:
        resources[api] = {
            "Type": "AWS::Serverless::Api",
            "Properties": {"StageName": {"Ref": "Stage"}, "EndpointConfiguration": {"Type": "REGIONAL"}},
        }
    return resources | {
        "TeamTable": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            },
        }
    }


def _collection(path: str, api: str | None) -> Template:
    item = f"{path}/{{id}}"
    return {
        "List": _event(path, "get", api),
        "Create": _event(path, "post", api),
        "Read": _event(item, "get", api),
    }


def _proxy(path: str, api: str | None) -> Template:
    return {"Root": _event(path, "any", api), "Rest": _event(f"{path}/{{proxy+}}", "any", api)}


def _with_adapter() -> Template:
    variables = {
        "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
        "AWS_LWA_PORT": "8000",
        "STAGE": {"Ref": "Stage"},
    }
    return _team(
        "TeamApi",
        _proxy,
        Handler="run.sh",
        Layers=[f"arn:aws:lambda:{REGION}:753240598075:layer:LambdaAdapterLayerX86:30"],
        Environment={"Variables": variables},
    )


def _with_definition() -> Template:
    """An API described in full: schemas, parameters and responses outweigh the integrations."""
    resources = _team("TeamApi", _collection)
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            name: {"type": "string", "description": f"The {name} of this one, as the customer sees it"}
            for name in ("id", "name", "created", "changed", "owner", "state")
        },
    }
    paths: Template = {}
    for subject in SUBJECTS:
        for event in resources[f"Team{subject}"]["Properties"]["Events"].values():
            path, method = event["Properties"]["Path"], event["Properties"]["Method"]
            paths.setdefault(path, {})[method] = _operation(f"Team{subject}", path, schema)
    resources["TeamApi"]["Properties"]["DefinitionBody"] = {
        "openapi": "3.0.1",
        "info": {"title": "Team", "version": "1.0"},
        "paths": paths,
    }
    return resources


def _operation(function: str, path: str, schema: Template) -> Template:
    uri = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{function}.Arn}}/invocations"
    )
    content = {"application/json": {"schema": schema}}
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "summary": f"Of {path}",
        "parameters": [identifier] if "{" in path else [],
        "responses": {
            "200": {"description": "Here it is", "content": content},
            "404": {"description": "There is none"},
        },
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": uri}
        },
    }  # fmt: skip


SHAPES = (
    Shape("one API", lambda: _team(None, _collection)),
    Shape("many APIs", lambda: _team("TeamApi", _collection)),
    Shape("web adapter", _with_adapter),
    Shape("OpenAPI", _with_definition),
)

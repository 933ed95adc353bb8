"""What a stack's template wants: its REST APIs, their stages, and the routes that are to stream."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from samstream.intrinsics import Unresolvable
from samstream.options import Options
from samstream.plan import Plan
from samstream.report import earlier_report
from samstream.routes import Route
from samstream.stages import stages_of
from samstream.template import DEPLOYMENT, FUNCTION, REST_API, STAGE, is_template
from samstream.template import Stack as Context
from samstream.transform import inspect
from samstream.types import Json, JsonObject, as_object
from samstream_cli.aws.errors import AwsError
from samstream_cli.aws.stacks import Stack, find_stack
from samstream_cli.errors import TemplateError, UsageError
from samstream_cli.templates import parse
from samstream_cli.verify.reads import Reader, Unread

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

NESTED: Final = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class WantedRoute:
    """A route that is to stream, with the timeout and the functions that the template gives it."""

    api: str
    name: str
    timeout: int | None = None
    why: str = ""
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """`apis` and `functions` are ids in AWS by logical ids; `stages` those that the template makes, by API."""

    routes: tuple[WantedRoute, ...] = ()
    apis: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    nested: tuple[str, ...] = ()
    is_known: bool = True
    """Whether the template could be read."""
    unlisted: Unread | None = None
    """Why the stack's resources aren't known."""
    changing: str = ""
    """The stack's state while CloudFormation works on it."""

    def of_api(self, api: str) -> dict[str, WantedRoute]:
        return {route.name: route for route in self.routes if route.api == api}


@dataclass(frozen=True, slots=True)
class _Resource:
    type: str
    physical: str


def read_wanted(reader: Reader, name: str) -> Wanted:
    """What the stack of this name or id wants. Raises `UsageError` where there is no such stack."""
    client = reader.clients.of("cloudformation", reader.region)
    stack = reader.read(lambda: find_stack(client, name))
    if stack is None:
        raise UsageError(f"there is no stack {name} in {reader.region}", "Check the name, --region and --profile.")
    if isinstance(stack, Stack) and (stack.is_new or stack.status == "DELETE_COMPLETE"):
        raise UsageError(f"the stack {name} in {reader.region} has nothing in it ({stack.status})", "Deploy it first.")
    template = reader.read(lambda: _read_template(client, name))
    resources = reader.read(lambda: _read_resources(client, name))
    found = {} if isinstance(resources, Unread) else resources
    apis = {logical: one.physical for logical, one in found.items() if one.type == REST_API}
    functions = {logical: one.physical for logical, one in found.items() if one.type == FUNCTION}
    nested = tuple(logical for logical, one in found.items() if one.type == NESTED)
    unlisted = resources if isinstance(resources, Unread) else None
    known = stack if isinstance(stack, Stack) else None
    changing = known.status if known and known.is_changing else ""
    if isinstance(template, Unread):
        return Wanted((), apis, {}, functions, nested, is_known=False, unlisted=unlisted, changing=changing)
    plan = _plan(template, known, reader.region)
    routes = tuple(_routes(plan, template))
    for api in {route.api for route in routes} - apis.keys():
        value = known.parameters.get(api) if known else None
        apis |= {api: value} if value else {}
    stages = {api: tuple(_stages(plan, api, found)) for api in apis}
    return Wanted(routes, apis, stages, functions, nested, unlisted=unlisted, changing=changing)


def _read_template(client: "CloudFormationClient", name: str) -> JsonObject:
    """The template as CloudFormation used it. Raises `AwsError` where it is none."""
    try:
        body: Any = client.get_template(StackName=name, TemplateStage="Processed").get("TemplateBody")
        text = body if isinstance(body, str) else json.dumps(body)
        template = parse(text.encode(), f"the template of {name}")
    except (TemplateError, RecursionError, ValueError) as error:  # botocore parses JSON itself, as deep as it is
        message = error.message if isinstance(error, TemplateError) else f"the template of {name} can't be read"
        raise AwsError(message, code="UnreadableTemplate") from error
    if not is_template(template):
        raise AwsError(f"the template of {name} has no map of Resources", code="UnreadableTemplate")
    found: JsonObject = template
    return found


def _read_resources(client: "CloudFormationClient", name: str) -> dict[str, _Resource]:
    return {
        one["LogicalResourceId"]: _Resource(one["ResourceType"], one["PhysicalResourceId"])
        for page in client.get_paginator("list_stack_resources").paginate(StackName=name)
        for one in page["StackResourceSummaries"]
        if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE"
    }


def _plan(template: JsonObject, stack: Stack | None, region: str) -> Plan:
    """The plan that the macro would make of it: routes that stream already, and tags that nobody took off."""
    account = stack.id.split(":")[4] if stack and stack.id.count(":") >= 4 else ""
    parameters = _parameters(template, stack.parameters if stack else {})
    try:
        return inspect(template, Options(), Context(region, account, parameters))[0]
    except RecursionError:
        raise UsageError("the stack's template is nested too deeply to be worked on", "Flatten it.") from None


def _parameters(template: JsonObject, values: Mapping[str, str]) -> dict[str, Json]:
    """Values as a macro gets them: lists as lists. Of a parameter in Systems Manager the value isn't told here."""
    declared = as_object(template.get("Parameters"))
    kinds = {name: str(as_object(body).get("Type")) for name, body in declared.items()}
    return {
        name: value.split(",") if "List" in kinds.get(name, "") else value
        for name, value in values.items()
        if not kinds.get(name, "").startswith("AWS::SSM::")
    }


def _routes(plan: Plan, template: JsonObject) -> Iterator[WantedRoute]:
    """What streams by the template itself, then what its report says of routes that it doesn't have streaming."""
    rows = earlier_report(template).get("Routes")
    reported = {
        (str(row.get("Api")), str(row.get("Route"))): row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    }
    wanted = {}
    for planned in plan.all_streaming:
        key = (planned.route.api, str(planned.route.name))
        why = planned.why or str(reported.get(key, {}).get("Why", ""))
        wanted[key] = WantedRoute(*key, planned.timeout, why, planned.route.functions)
    unmade = {_key(route) for route in plan.table.routes} - {_key(route) for route in plan.buffered}
    for key, row in reported.items():
        if key not in wanted and key not in unmade:
            wanted[key] = WantedRoute(*key, None, str(row.get("Why", "")))
    yield from wanted.values()


def _key(route: Route) -> tuple[str, str]:
    return route.api, str(route.name)


def _stages(plan: Plan, api: str, resources: Mapping[str, _Resource]) -> Iterator[str]:
    """The names of an API's Stage resources; without any, of the stages that its Deployments make."""
    stages = list(stages_of(plan, api))
    made = [stage for stage in stages if stage.resource.type == STAGE]
    for stage in made or stages:
        if stage.resource.type == STAGE and stage.resource.id in resources:
            yield resources[stage.resource.id].physical
        elif stage.resource.type == DEPLOYMENT:
            try:
                name = plan.template.resolver.resolve(stage.resource.properties.get("StageName"))
            except Unresolvable:
                continue
            if isinstance(name, str):
                yield name

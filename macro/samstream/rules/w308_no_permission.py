"""W308: API Gateway may invoke a streaming route's function."""

from collections.abc import Iterator

from samstream.findings import Finding
from samstream.intrinsics import referenced
from samstream.plan import Plan
from samstream.rules.base import Rule
from samstream.segments import segments, spelt
from samstream.template import ALIAS, PERMISSION, VERSION, Resource
from samstream.types import Json


class NoPermission(Rule):
    id = "W308"
    shortdesc = "API Gateway may invoke a streaming route's function"
    description = (
        "API Gateway needs an AWS::Lambda::Permission for lambda:InvokeFunction, or credentials of the integration; "
        "else callers get a 500. Streaming needs no other permission. SAM writes one for each Api event, and none "
        "for the routes of a DefinitionBody."
    )
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html"
    tags = ("function", "route")

    def check(self, plan: Plan) -> Iterator[Finding]:
        if any(permission.in_loop for permission in plan.template.of_type(PERMISSION, looped=True)):
            return  # it makes permissions that nobody can see yet
        allowed: set[str] | None = None
        for name, routes in plan.streaming_functions.items():
            if all(found.route.integration and found.route.integration.has_credentials for found in routes):
                continue
            allowed = _allowed(plan) if allowed is None else allowed
            if not allowed & {name, _name(plan, plan.template.resources[name].properties.get("FunctionName"))}:
                message = (
                    f"{name}: no AWS::Lambda::Permission of this template lets apigateway.amazonaws.com invoke it. "
                    "Add one, unless it stands elsewhere."
                )
                yield self.finding(name, plan.template.resources[name].place, message)


def _allowed(plan: Plan) -> set[str]:
    """The functions that permissions name, by logical id or by name; those behind aliases and versions too."""
    found: set[str] = set()
    for permission in plan.template.of_type(PERMISSION):
        if not plan.template.is_dead(permission.id) and _may_be_for_api_gateway(plan, permission):
            found |= _named(plan, permission.properties.get("FunctionName"))
    for published in plan.template.of_type(ALIAS, VERSION):
        if published.id in found:
            found |= set(referenced(published.properties.get("FunctionName")))
    return found - {""}


def _named(plan: Plan, function: Json) -> set[str]:
    name = function.get("Ref") if isinstance(function, dict) and len(function) == 1 else None
    if isinstance(name, str) and name in plan.template.resources:  # as SAM writes them all
        return {name}
    return {_name(plan, function), *referenced(function)}


def _may_be_for_api_gateway(plan: Plan, permission: Resource) -> bool:
    """Function URLs have an action of their own; a principal with braces is known only to the deployment."""
    principal = permission.properties.get("Principal")
    if not isinstance(principal, str):
        principal = spelt(segments(principal, (), plan.template.resolver))
    is_for_urls = permission.properties.get("Action") == "lambda:InvokeFunctionUrl"
    return not is_for_urls and any(mark in principal for mark in ("apigateway", "*", "{", "?"))


def _name(plan: Plan, value: Json) -> str:
    """A function's name, however it is built, without account, Region and qualifier."""
    if value is None or (isinstance(value, dict) and str(value.get("Ref")) in plan.template.resources):
        return ""
    text = spelt(segments(value, (), plan.template.resolver))
    return text.partition(":function:")[2].partition(":")[0] or text.partition(":")[0]

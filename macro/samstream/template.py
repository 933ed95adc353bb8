"""A template, parsed once: its resources and loops, with intrinsics that resolve."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from samstream.intrinsics import Resolver
from samstream.types import Json, JsonObject, Place, as_object

FUNCTION: Final = "AWS::Lambda::Function"
ALIAS: Final = "AWS::Lambda::Alias"
VERSION: Final = "AWS::Lambda::Version"
REST_API: Final = "AWS::ApiGateway::RestApi"
METHOD: Final = "AWS::ApiGateway::Method"
PATH_RESOURCE: Final = "AWS::ApiGateway::Resource"
DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"
SAM_FUNCTION: Final = "AWS::Serverless::Function"
SAM_STATE_MACHINE: Final = "AWS::Serverless::StateMachine"
SAM_API: Final = "AWS::Serverless::Api"

LOOP: Final = "Fn::ForEach::"


@dataclass(frozen=True, slots=True)
class Stack:
    """What CloudFormation tells a macro of the stack: the parameters' values by name, defaults included."""

    region: str
    account_id: str
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, or what a `Fn::ForEach` that hasn't run yet will make resources of (`in_loop`)."""

    id: str
    place: Place
    type: str
    body: JsonObject
    in_loop: bool = False

    @property
    def properties(self) -> JsonObject:
        return as_object(self.body.get("Properties"))

    @property
    def metadata(self) -> JsonObject:
        return as_object(self.body.get("Metadata"))


class Template:
    """Reads a template's body, which it never changes."""

    def __init__(self, body: JsonObject, stack: Stack) -> None:
        self.body = body
        self.resolver = Resolver(body, stack.region, stack.account_id, stack.parameters)
        everything = list(_resources(body["Resources"], ("Resources",), in_loop=False))
        self.resources = {resource.id: resource for resource in everything if not resource.in_loop}
        self.looped = [resource for resource in everything if resource.in_loop]
        self._by_type: dict[str, list[Resource]] = {}
        for resource in everything:
            self._by_type.setdefault(resource.type, []).append(resource)

    @property
    def before_sam(self) -> bool:
        """SAM has yet to run: it replaces every resource of its own types."""
        return any(name.startswith("AWS::Serverless::") for name in self._by_type)

    def of_type(self, *types: str, looped: bool = False) -> Iterator[Resource]:
        """The resources of these types, those in loops only if asked for."""
        for name in types:
            yield from (found for found in self._by_type.get(name, ()) if looped or not found.in_loop)

    def is_dead(self, name: str) -> bool:
        """The resource's own `Condition` is false with these parameter values."""
        resource = self.resources.get(name)
        return resource is not None and self.resolver.is_dead(resource.body)


def is_template(fragment: Json) -> bool:
    return isinstance(fragment, dict) and isinstance(fragment.get("Resources"), dict)


def _resources(items: JsonObject, place: Place, *, in_loop: bool) -> Iterator[Resource]:
    for name, body in items.items():
        if isinstance(body, dict) and isinstance(body.get("Type"), str):
            yield Resource(name, (*place, name), body["Type"], body, in_loop)
        elif name.startswith(LOOP) and isinstance(body, list) and len(body) == 3 and isinstance(body[2], dict):
            yield from _resources(body[2], (*place, name, 2), in_loop=True)

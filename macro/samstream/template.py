"""A template, parsed once: its resources and loops, with intrinsics that resolve."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from samstream.intrinsics import Resolver, Unresolvable
from samstream.types import Json, JsonObject, Place, as_object, mentions

FUNCTION: Final = "AWS::Lambda::Function"
ALIAS: Final = "AWS::Lambda::Alias"
VERSION: Final = "AWS::Lambda::Version"
PERMISSION: Final = "AWS::Lambda::Permission"
REST_API: Final = "AWS::ApiGateway::RestApi"
METHOD: Final = "AWS::ApiGateway::Method"
PATH_RESOURCE: Final = "AWS::ApiGateway::Resource"
DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"
STAGE: Final = "AWS::ApiGateway::Stage"
SAM_FUNCTION: Final = "AWS::Serverless::Function"
SAM_STATE_MACHINE: Final = "AWS::Serverless::StateMachine"
SAM_API: Final = "AWS::Serverless::Api"

HTTP_APIS: Final = ("AWS::ApiGatewayV2::Api", "AWS::Serverless::HttpApi")

APIS: Final = (REST_API, SAM_API, *HTTP_APIS)

OPERATION_TAG: Final = "x-samstream-streaming"

LOOP: Final = "Fn::ForEach::"


class Stack(NamedTuple):
    """What CloudFormation tells a macro of the stack: the parameters' values by name, defaults included."""

    region: str
    account_id: str
    parameters: Mapping[str, Json]


class Resource(NamedTuple):
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
        everything = list(resources_in(body["Resources"], ("Resources",)))
        self.resources = {resource.id: resource for resource in everything if not resource.in_loop}
        self.looped = [resource for resource in everything if resource.in_loop]
        self.with_metadata = [resource for resource in everything if resource.body.get("Metadata")]
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

    @cached_property
    def has_operation_tag(self) -> bool:
        """Some API's properties hold the tag of an operation, rightly or not."""
        word = (OPERATION_TAG.encode(),)
        apis = self.of_type(*APIS, looped=True)
        return any(mentions(api.properties, word) and _has_key(api.properties, OPERATION_TAG) for api in apis)

    def is_dead_place(self, place: Place, value: Json = None) -> bool:
        """The place lies in a branch of an `Fn::If` that these parameter values don't take."""
        if "Fn::If" not in place:
            return False
        value = self.body if value is None else value
        for key, branch in zip(place, (*place[1:], None), strict=False):
            value = _child(value, key)
            if key == "Fn::If" and isinstance(value, list) and value and self._is_other(value[0], branch):
                return True
        return False

    def _is_other(self, condition: Json, branch: str | int | None) -> bool:
        try:
            return branch in (1, 2) and branch != (1 if self.resolver.condition(str(condition)) else 2)
        except Unresolvable:
            return False

    def is_dead(self, name: str) -> bool:
        """The resource's own `Condition` is false with these parameter values."""
        resource = self.resources.get(name)
        return resource is not None and self.resolver.is_dead(resource.body)


def _has_key(value: Json, key: str) -> bool:
    if isinstance(value, list):
        return any(_has_key(item, key) for item in value)
    return isinstance(value, dict) and (key in value or any(_has_key(item, key) for item in value.values()))


def _child(value: Json, key: str | int) -> Json:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def is_template(fragment: Json) -> bool:
    return isinstance(fragment, dict) and isinstance(fragment.get("Resources"), dict)


def resources_in(items: JsonObject, place: Place, *, in_loop: bool = False) -> Iterator[Resource]:
    """The resources of a map of them, and those that its loops will make."""
    for name, body in items.items():
        if isinstance(body, dict) and isinstance(body.get("Type"), str):
            yield Resource(name, (*place, name), body["Type"], body, in_loop)
        elif name.startswith(LOOP) and isinstance(body, list) and len(body) == 3 and isinstance(body[2], dict):
            yield from resources_in(body[2], (*place, name, 2), in_loop=True)

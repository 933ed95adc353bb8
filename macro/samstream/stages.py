"""The stages of an API, whichever resource describes them, and the type of its endpoint."""

from collections.abc import Iterator
from typing import NamedTuple

from samstream.intrinsics import NO_VALUE, Unresolvable
from samstream.plan import Plan
from samstream.template import DEPLOYMENT, STAGE, Resource
from samstream.types import Json, JsonObject, Place, as_object


class Stage(NamedTuple):
    """The settings of a stage and where they stand."""

    resource: Resource
    settings: JsonObject
    place: Place

    def __str__(self) -> str:
        name = self.settings.get("StageName", self.resource.properties.get("StageName"))
        return f"stage {name}" if isinstance(name, str) else self.resource.id


def stages_of(plan: Plan, api: str) -> Iterator[Stage]:
    """Those of `AWS::ApiGateway::Stage`, and those that a Deployment makes by its `StageName`."""
    for stage in plan.of_api(STAGE, api):
        yield Stage(stage, stage.properties, (*stage.place, "Properties"))
    for deployment in plan.of_api(DEPLOYMENT, api):
        description = deployment.properties.get("StageDescription")
        if isinstance(description, dict) or "StageName" in deployment.properties:
            yield Stage(deployment, as_object(description), (*deployment.place, "Properties", "StageDescription"))


def endpoint_type(plan: Plan, api: Resource) -> str | None:
    """The endpoint's type, empty if none is named, None if it isn't known before the deployment."""
    parameters = as_object(api.properties.get("Parameters"))  # of the import, where SAM and others write it too
    try:
        configuration = _resolved(plan, api.properties.get("EndpointConfiguration"))
        types = as_object(configuration).get("Types") or _resolved(plan, parameters.get("endpointConfigurationTypes"))
    except Unresolvable:
        return None
    if not types and plan.template.resolver.resolve({"Ref": "AWS::Partition"}) != "aws":
        return None  # there are no edge-optimized endpoints
    kind = types[0] if isinstance(types, list) and types else types or ""
    return kind.upper() if isinstance(kind, str) else None


def _resolved(plan: Plan, value: Json) -> Json:
    resolved = plan.template.resolver.resolve(value)
    return None if resolved is NO_VALUE else resolved

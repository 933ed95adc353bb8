"""The stages of an API, whichever resource describes them."""

from collections.abc import Iterator
from typing import NamedTuple

from samstream.plan import Plan
from samstream.template import DEPLOYMENT, STAGE, Resource
from samstream.types import JsonObject, Place


class Stage(NamedTuple):
    """The settings of a stage and where they stand."""

    resource: Resource
    settings: JsonObject
    place: Place

    def __str__(self) -> str:
        name = self.settings.get("StageName", self.resource.properties.get("StageName"))
        return f"stage {name}" if isinstance(name, str) else self.resource.id


def stages_of(plan: Plan, api: str) -> Iterator[Stage]:
    """Those of `AWS::ApiGateway::Stage`, and those that a Deployment makes by its `StageDescription`."""
    for stage in plan.of_api(STAGE, api):
        yield Stage(stage, stage.properties, (*stage.place, "Properties"))
    for deployment in plan.of_api(DEPLOYMENT, api):
        description = deployment.properties.get("StageDescription")
        if isinstance(description, dict):
            yield Stage(deployment, description, (*deployment.place, "Properties", "StageDescription"))

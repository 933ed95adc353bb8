"""The stages of an API, whichever resource describes them."""

from typing import Any

import pytest

from macro.samples import app, deployment, plan_of, stage
from samstream.stages import stages_of


def found(**resources: Any) -> list[tuple[str, Any, Any]]:
    return [(made.resource.id, made.settings, made.place) for made in stages_of(plan_of(app(**resources)), "Api")]


def test_a_stage_and_a_deployments_description_are_stages() -> None:
    live, description = stage(), {"TracingEnabled": True}
    made = found(Stage=live, Deployment=deployment(StageName="test", StageDescription=description))
    assert made == [
        ("Stage", live["Properties"], ("Resources", "Stage", "Properties")),
        ("Deployment", description, ("Resources", "Deployment", "Properties", "StageDescription")),
    ]


def test_those_of_another_api_are_not() -> None:
    other = deployment("Other", StageName="test", StageDescription={"TracingEnabled": True})
    assert found(Stage=stage("Other"), Deployment=other) == []


@pytest.mark.parametrize("description", [None, "text", ["TracingEnabled"], 5])
def test_a_deployment_without_a_description_makes_a_stage_without_settings(description: Any) -> None:
    place = ("Resources", "Deployment", "Properties", "StageDescription")
    made = found(Deployment=deployment(StageName="live", StageDescription=description))
    assert made == found(Deployment=deployment(StageName="live")) == [("Deployment", {}, place)]
    assert found(Deployment=deployment(StageDescription=description)) == []


@pytest.mark.parametrize(
    ("name", "shown"), [("prod", "stage prod"), ({"Ref": "Stage"}, "Stage"), (None, "Stage"), (5, "Stage")]
)
def test_a_stage_is_shown_by_its_name_else_by_its_id(name: Any, shown: str) -> None:
    plan = plan_of(app(Stage=stage(StageName=name)))
    assert [str(made) for made in stages_of(plan, "Api")] == [shown]


def test_a_description_is_shown_by_the_name_of_its_deployments_stage() -> None:
    for description, shown in (({}, "stage live"), ({"StageName": "own"}, "stage own")):
        plan = plan_of(app(Deployment=deployment(StageName="live", StageDescription=description)))
        assert [str(made) for made in stages_of(plan, "Api")] == [shown]

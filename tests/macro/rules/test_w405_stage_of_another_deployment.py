"""W405: a stage that uses no Deployment of its API in this template keeps what it had."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, deployment, findings, look, operation, stage, streamed
from samstream.findings import Finding

STREAMED = {"/chat": {"post": operation(streamed())}}
TOLD = [
    Finding(
        "W405",
        "Stage",
        ("Resources", "Stage", "Properties", "DeploymentId"),
        "Stage: its DeploymentId names no Deployment of Api in this template, so its callers don't get the routes that "
        "stream. Write a Ref to one.",
    )
]


def check(deployment_id: Any, **more: Any) -> list[Finding]:
    return look(app(STREAMED, Stage=stage(DeploymentId=deployment_id), **more))


@pytest.mark.parametrize(
    "deployment_id",
    [
        "abc123",
        {"Ref": "Unknown"},
        {"Fn::ImportValue": "Deployment"},
        {"Ref": "OfOther"},
        {"Ref": "Chat"},
        NO_VALUE,
        None,
    ],
)
def test_a_stage_of_another_deployment_is_told(deployment_id: Any) -> None:
    assert check(deployment_id, OfOther=deployment("Other")) == TOLD


@pytest.mark.parametrize(
    "deployment_id",
    [
        {"Ref": "Deployment"},
        {"Ref": "Second"},
        {"Fn::GetAtt": ["Deployment", "DeploymentId"]},
        {"Fn::Sub": "${Deployment}"},
        {"Fn::If": ["Prod", {"Ref": "Deployment"}, {"Ref": "Unknown"}]},
    ],
)
def test_a_stage_of_one_of_its_apis_deployments_is_not(deployment_id: Any) -> None:
    assert check(deployment_id, Second=deployment()) == []


def test_of_a_deployment_that_sam_makes_its_name_in_sam_is_told() -> None:
    (found,) = look(app(STREAMED, Deployment=None, ApiDeployment0123456789=deployment(), Stage=stage(DeploymentId="a")))
    assert found.message.endswith("Write !Ref Api.Deployment.")


def test_the_stage_of_another_api_is_its_own() -> None:
    assert look(app(STREAMED, Stage=stage("Other", DeploymentId="abc123"))) == []


def test_without_any_deployment_another_rule_tells() -> None:
    assert [found.rule for found in check("abc123", Deployment=None)] == ["W401"]


def test_a_tagged_api_is_told_and_a_buffered_one_is_not() -> None:
    fragment = app(Stage=stage(DeploymentId="abc123"))
    assert findings(fragment, {"Routes": "POST /chat"}) == TOLD
    assert look(fragment) == []

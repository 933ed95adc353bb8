"""E401: a Deployment that describes its stage can't be replaced."""

from macro.samples import deployment, findings, run, streams, tagged
from samstream.findings import Finding

OLD = deployment(StageName="prod", StageDescription={"LoggingLevel": "INFO"})
PLACE = ("Resources", "Deployment", "Properties", "StageDescription")
MESSAGE = (
    "Deployment: CloudFormation can't replace a Deployment with a StageDescription, so Api would not be deployed "
    "again. Move StageName and StageDescription to an AWS::ApiGateway::Stage."
)


def test_a_deployment_with_a_stage_description_is_told() -> None:
    assert findings(tagged(Deployment=OLD)) == [Finding("E401", "Deployment", PLACE, MESSAGE)]


def test_a_deployment_of_another_api_may_have_one() -> None:
    assert findings(tagged(Old=deployment("Other", StageDescription={}))) == []


def test_a_deployment_with_a_stage_name_alone_is_replaced() -> None:
    result = run(tagged(Deployment=deployment(StageName="prod")))
    assert streams(result) == ["Api POST /chat"]
    assert "Deployment" not in result.template["Resources"]


def test_ignored_it_leaves_the_deployment_as_it_is_and_replaces_the_others() -> None:
    result = run(tagged(Deployment=OLD, Second=deployment()), {"Ignore": "E401"})
    assert result.findings == ()
    assert result.template["Resources"]["Deployment"] == OLD
    assert "Second" not in result.template["Resources"]

"""SAM's translator runs for the Region asked for, calls nobody, and changes nothing around it."""

import copy
import os
from typing import Any

import pytest

from cli.samples import SAM, sam_template
from samstream_cli.sam import SamRefusal, translate

TEMPLATE: dict[str, Any] = {name: value for name, value in sam_template(SAM).items() if name != "Transform"}


def permission_arn(region: str) -> Any:
    translated = translate(TEMPLATE, {}, region)
    return translated["Resources"]["ChatAskPermissionProd"]["Properties"]["SourceArn"]["Fn::Sub"][0]


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_region_decides_the_partition_whatever_ran_before(region: str, partition: str) -> None:
    assert permission_arn("us-east-1").startswith("arn:aws:")
    assert permission_arn(region).startswith(f"arn:{partition}:")


def test_the_fragment_and_the_environment_stay_as_they_were() -> None:
    fragment, environment = copy.deepcopy(TEMPLATE), dict(os.environ)
    translate(fragment, {}, "eu-west-1")
    assert (fragment, dict(os.environ)) == (TEMPLATE, environment)


def test_a_profile_that_does_not_exist_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "missing")
    assert "ServerlessRestApi" in translate(TEMPLATE, {}, "eu-west-1")["Resources"]
    assert os.environ["AWS_PROFILE"] == "missing"


def test_policies_are_known_without_asking_iam() -> None:
    template = copy.deepcopy(TEMPLATE)
    template["Resources"]["Chat"]["Properties"]["Policies"] = ["AmazonS3ReadOnlyAccess", "NobodyKnowsThis"]
    role = translate(template, {}, "cn-north-1")["Resources"]["ChatRole"]["Properties"]
    assert role["ManagedPolicyArns"] == [
        "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess",
        "NobodyKnowsThis",
    ]


def test_an_application_is_not_looked_up() -> None:
    location = {"ApplicationId": "arn:aws:serverlessrepo:us-east-1:1:applications/x", "SemanticVersion": "1.0.0"}
    app = {"Type": "AWS::Serverless::Application", "Properties": {"Location": location}}
    stack = translate({"Resources": {"App": app}}, {}, "us-east-1")["Resources"]["App"]
    assert stack["Properties"]["TemplateURL"] == "https://not-uploaded-yet.s3.amazonaws.com/application.yaml"


def test_every_reason_of_sam_is_told() -> None:
    broken = {"Type": "AWS::Serverless::Function", "Properties": {"Runtime": "nodejs22.x"}}
    with pytest.raises(SamRefusal) as caught:
        translate({"Resources": {"One": broken, "Two": broken}}, {}, "us-east-1")
    assert [reason[:34] for reason in caught.value.reasons] == [
        "Resource with id [One] is invalid.",
        "Resource with id [Two] is invalid.",
    ]


def test_a_translator_that_stumbles_is_a_refusal_too() -> None:
    class Unreadable:
        def __deepcopy__(self, memo: object) -> None:
            raise TypeError("nobody can read this")

    with pytest.raises(SamRefusal, match=r"SAM's translator stopped with TypeError: nobody can read this\."):
        translate(TEMPLATE, {"Stage": Unreadable()}, "us-east-1")


def test_a_parameter_reaches_sam() -> None:
    template = copy.deepcopy(TEMPLATE)
    template["Parameters"] = {"Stage": {"Type": "String"}}
    template["Resources"]["Chat"]["Properties"]["AutoPublishAlias"] = {"Ref": "Stage"}
    assert "ChatAliasprod" in translate(template, {"Stage": "prod"}, "us-east-1")["Resources"]

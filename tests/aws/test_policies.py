"""The policies that `--print-policy` prints, held against what the verbs really call."""

import fnmatch
import json
import re
from pathlib import Path
from typing import Any

import cfn_flip
import pytest

from aws import organization_cloud
from aws.cloud import Cloud
from aws.organization_cloud import Organization
from aws.running import install, no_sleep, report, template, uninstall
from samstream_cli.aws.clients import caller
from samstream_cli.aws.installation import Order
from samstream_cli.aws.organization import Targets
from samstream_cli.aws.organization_statuses import read_organization
from samstream_cli.aws.policies import KINDS, Kind, Scope, policy_text
from samstream_cli.aws.regional import Attempts
from samstream_cli.status import look

ROOT = Path(__file__).parent.parent.parent
SCOPE = Scope("samstream", "SamStream", ("eu-west-1",))
NEEDS_NOTHING = "sts:GetCallerIdentity"
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


def statements(kind: Kind, scope: Scope = SCOPE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(policy_text(kind, scope))["Statement"]
    return found


def actions(kind: Kind) -> set[str]:
    return {action for statement in statements(kind) for action in statement["Action"]}


def called() -> set[str]:
    """Every call of a life: installed, failed, updated, looked at, removed."""
    cloud = Cloud()
    caller(cloud.clients(), "eu-west-1")
    install(cloud, order=Order(template("1.0"), "samstream", tags={"a": "b"}))
    install(cloud, dry_run=True)
    install(cloud)
    install(cloud, ("us-east-1",), dry_run=True)
    for stack in ("samstream", None):
        look(cloud.clients(), ["eu-west-1"], stack, Attempts(report()), no_sleep)
    uninstall(cloud)
    return {f"{service}:{operation}" for service, operation in cloud.calls}


def test_the_installer_may_do_all_that_the_verbs_call() -> None:
    assert called() - actions("installer") == {NEEDS_NOTHING}


def test_the_organizations_policy_allows_all_that_the_verbs_call() -> None:
    cloud = Organization()
    organization_cloud.install(cloud, organization_cloud.wish("1.0.0"))
    organization_cloud.install(cloud)
    read_organization(organization_cloud.context(cloud), Targets(), report(), no_sleep)
    organization_cloud.uninstall(cloud)
    called = {f"{service}:{operation}" for service, operation in cloud.calls}
    assert called - actions("organization") - actions("installer") == {NEEDS_NOTHING}
    assert actions("organization") - called == {
        "cloudformation:ListStackSetOperations",  # printed for others' operations
        "cloudformation:StopStackSetOperation",  # printed after an interruption
        "cloudformation:TagResource",
        "cloudformation:UntagResource",
    }


def test_what_only_reads_other_stacks_is_all_that_reaches_beyond_the_own_one() -> None:
    wide = {tuple(one["Action"]) for one in statements("installer") if one["Resource"] == "*"}
    assert wide == {
        (
            "cloudformation:BatchDescribeTypeConfigurations",
            "cloudformation:DescribeStackDriftDetectionStatus",
            "cloudformation:DescribeStackResources",
            "cloudformation:GetTemplateSummary",
            "cloudformation:ListStacks",
        ),
        ("logs:DescribeIndexPolicies", "logs:DescribeLogGroups"),
    }


def test_a_deployer_may_call_the_macro_and_nothing_else() -> None:
    assert statements("deployer") == [
        {
            "Sid": "CallTheMacro",
            "Effect": "Allow",
            "Action": ["lambda:InvokeFunction"],
            "Resource": ["arn:aws:lambda:eu-west-1:ACCOUNT_ID:function:samstream-MacroFunction-*"],
        }
    ]


def test_a_service_role_may_do_what_cloudformation_does_and_the_installer_may_too() -> None:
    assert actions("service-role") <= actions("installer")
    assert not any(action.startswith("cloudformation:") for action in actions("service-role"))


def test_the_role_can_be_given_to_lambda_alone() -> None:
    (passing,) = [one for one in statements("installer") if one["Action"] == ["iam:PassRole"]]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


def test_every_type_of_resource_in_the_installer_has_its_actions() -> None:
    resources = json.loads(cfn_flip.to_json((ROOT / "template.yaml").read_text()))["Resources"]
    services = {
        "AWS::CloudFormation::Macro": "cloudformation:CreateChangeSet",
        "AWS::IAM::Role": "iam:CreateRole",
        "AWS::Lambda::Function": "lambda:CreateFunction",
        "AWS::Lambda::Permission": "lambda:AddPermission",
        "AWS::Logs::LogGroup": "logs:CreateLogGroup",
    }
    assert {services[body["Type"]] for body in resources.values()} <= actions("installer")


@pytest.mark.parametrize(
    ("regions", "arn"),
    [
        ((), "arn:aws:lambda:*:ACCOUNT_ID:function:samstream-MacroFunction-*"),
        (("cn-north-1",), "arn:aws-cn:lambda:cn-north-1:ACCOUNT_ID:function:samstream-MacroFunction-*"),
        (("us-gov-west-1",), "arn:aws-us-gov:lambda:us-gov-west-1:ACCOUNT_ID:function:samstream-MacroFunction-*"),
    ],
)
def test_the_region_tells_the_partition(regions: tuple[str, ...], arn: str) -> None:
    assert statements("deployer", Scope("samstream", "SamStream", regions))[0]["Resource"] == [arn]


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_is_one_that_iam_takes(kind: Kind) -> None:
    """Ids of letters and digits, no action twice, at most 6,144 characters without spaces:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    text = policy_text(kind, SCOPE)
    found = statements(kind)
    assert len(re.sub(r"\s", "", text)) < 6_144
    assert all(re.fullmatch(r"[A-Za-z0-9]+", one["Sid"]) for one in found)
    assert all(sorted(set(one["Action"])) == one["Action"] for one in found)
    assert len({one["Sid"] for one in found}) == len(found)


def test_the_docs_have_the_policies_that_are_printed() -> None:
    page = "".join((ROOT / "docs" / name).read_text() for name in ("permissions.md", "organization.md"))
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    wanted = [json.loads(policy_text(kind, Scope("samstream", "SamStream"))) for kind in KINDS]
    assert [policy for policy in wanted if policy not in blocks] == []


def test_the_functions_own_name_is_covered() -> None:
    arn = "arn:aws:lambda:eu-west-1:ACCOUNT_ID:function:samstream-MacroFunction-AbC123xyz"
    assert fnmatch.fnmatchcase(arn, statements("deployer")[0]["Resource"][0])

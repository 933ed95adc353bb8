"""IAM policies with the least that each kind of user of the macro needs.

Actions of CloudFormation and which resources they take:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
What CloudFormation calls for a resource, as the caller or the service role, is in the `handlers` of its schema:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Kind = Literal["installer", "deployer", "service-role", "organization"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

ACCOUNT: Final = "ACCOUNT_ID"
"""What to replace by the account's number; IAM refuses a policy in which it is left."""

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a policy is for; no Region means all of them. A StackSet's stacks are named after it."""

    stack_name: str
    macro_name: str
    regions: Sequence[str] = ()
    is_stack_set: bool = False

    @property
    def stack(self) -> str:
        """What the stacks are called."""
        return f"StackSet-{self.stack_name}-*" if self.is_stack_set else self.stack_name

    @property
    def partition(self) -> str:
        """The partition that the Regions' names tell; the commercial one without any."""
        prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        found = [name for prefix, name in prefixes.items() if self.regions and self.regions[0].startswith(prefix)]
        return found[0] if found else "aws"

    def arns(self, service: str, resource: str, account: str = ACCOUNT) -> list[str]:
        """The resource in each Region."""
        return [f"arn:{self.partition}:{service}:{region}:{account}:{resource}" for region in self.regions or ("*",)]

    @property
    def functions(self) -> list[str]:
        """The macro's function: CloudFormation names it after the stack and its logical id."""
        return self.arns("lambda", f"function:{self.stack}-MacroFunction-*")

    @property
    def role(self) -> str:
        """The function's role. CloudFormation cuts the name short where it would have over 64 characters."""
        return f"arn:{self.partition}:iam::{ACCOUNT}:role/{self.stack}-MacroRole-*"


def policy_text(kind: Kind, scope: Scope) -> str:
    """A policy as JSON, ready for IAM but for the account's number."""
    makers = {
        "installer": _installer,
        "deployer": _deployer,
        "service-role": _service_role,
        "organization": _organization,
    }
    statements = makers[kind](scope)
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _installer(scope: Scope) -> list[Statement]:
    stack = [
        "CancelUpdateStack",
        "ContinueUpdateRollback",
        "CreateChangeSet",
        "DeleteChangeSet",
        "DeleteStack",
        "DescribeChangeSet",
        "DescribeStackEvents",
        "DescribeStacks",
        "DetectStackDrift",
        "DetectStackResourceDrift",
        "ExecuteChangeSet",
        "TagResource",
        "UntagResource",
    ]
    account = [
        "BatchDescribeTypeConfigurations",
        "DescribeStackDriftDetectionStatus",
        "DescribeStackResources",
        "GetTemplateSummary",
        "ListStacks",
    ]
    return [
        _allow("TheStack", "cloudformation", stack, scope.arns("cloudformation", f"stack/{scope.stack_name}/*")),
        _allow("LookForOtherStacks", "cloudformation", account, "*"),
        *_resources(scope),
    ]


def _deployer(scope: Scope) -> list[Statement]:
    return [_allow("CallTheMacro", "lambda", ["InvokeFunction"], scope.functions)]


def _service_role(scope: Scope) -> list[Statement]:
    return _resources(scope)


def _organization(scope: Scope) -> list[Statement]:
    """For the StackSet alone: who makes a plain stack in the management account needs the installer's policy, too."""
    change = [
        "CreateStackInstances",
        "DeleteStackInstances",
        "DeleteStackSet",
        "DescribeStackSet",
        "DescribeStackSetOperation",
        "DetectStackSetDrift",
        "ListStackInstances",
        "ListStackSetAutoDeploymentTargets",
        "ListStackSetOperationResults",
        "ListStackSetOperations",
        "StopStackSetOperation",
        "TagResource",
        "UntagResource",
        "UpdateStackSet",
    ]
    stack_set = [
        f"arn:{scope.partition}:cloudformation:*:{ACCOUNT}:{kind}"
        for kind in (f"stackset/{scope.stack_name}:*", f"stackset-target/{scope.stack_name}:*")
    ]
    types = f"arn:{scope.partition}:cloudformation:*::type/resource/*"
    units = ["DescribeOrganization", "ListAccountsForParent", "ListOrganizationalUnitsForParent"]
    return [
        _allow("TheStackSet", "cloudformation", change, [*stack_set, types]),
        _allow("MakeOne", "cloudformation", ["CreateStackSet", "DescribeOrganizationsAccess"], "*"),
        _allow("TheOrganization", "organizations", units, "*"),
    ]


def _resources(scope: Scope) -> list[Statement]:
    """What CloudFormation does to the template's resources. The macro itself needs no action of its own."""
    function = [
        "AddPermission",
        "CreateFunction",
        "DeleteFunction",
        "GetFunction",
        "GetFunctionCodeSigningConfig",
        "GetFunctionConfiguration",
        "GetFunctionRecursionConfig",
        "GetPolicy",
        "GetRuntimeManagementConfig",
        "ListTags",
        "RemovePermission",
        "TagResource",
        "UntagResource",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
    ]
    logs = [
        "AssociateKmsKey",
        "CreateLogGroup",
        "DeleteLogGroup",
        "DeleteRetentionPolicy",
        "DisassociateKmsKey",
        "GetDataProtectionPolicy",
        "ListTagsForResource",
        "PutRetentionPolicy",
        "TagResource",
        "UntagResource",
    ]
    group = f"log-group:/samstream/{scope.macro_name}"
    return [
        _allow("TheFunction", "lambda", function, scope.functions),
        _allow("ItsLayer", "lambda", ["GetLayerVersion"], scope.arns("lambda", "layer:*:*", "*")),
        *_role(scope),
        _allow("ItsLogs", "logs", logs, [arn for end in ("", ":*") for arn in scope.arns("logs", group + end)]),
        _allow("ListLogGroups", "logs", ["DescribeIndexPolicies", "DescribeLogGroups"], "*"),
    ]


def _role(scope: Scope) -> list[Statement]:
    role = [
        "CreateRole",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListRolePolicies",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
        "UpdateRoleDescription",
    ]
    passing = _allow("GiveItToTheFunction", "iam", ["PassRole"], [scope.role])
    passing["Condition"] = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    return [_allow("ItsRole", "iam", role, [scope.role]), passing]


def _allow(sid: str, service: str, actions: Sequence[str], resources: str | Sequence[str]) -> Statement:
    named = [f"{service}:{action}" for action in actions]
    return {"Sid": sid, "Effect": "Allow", "Action": named, "Resource": resources}

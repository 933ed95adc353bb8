"""A change set's life: created, waited for, read, then executed or deleted; none is left behind."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from samstream_cli.aws.errors import INSTALLER_ADVICE, AwsError, parse_denial
from samstream_cli.aws.stacks import find_stack, is_missing

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef

Sleep = Callable[[float], None]
Kind = Literal["CREATE", "UPDATE"]
POLL_SECONDS: Final = 2.0

_NOTHING: Final = ("didn't contain changes", "No updates are to be performed")
"""CloudFormation's two wordings for a change set without changes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become of a stack. A parameter without a value keeps the one that the stack has."""

    stack_name: str
    kind: Kind
    template: str
    parameters: Mapping[str, str | None]
    tags: Mapping[str, str]
    role_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one resource; `replacement` is AWS's word, empty where there is none."""

    action: str
    resource: str
    type: str
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change set by its name, known before AWS is asked for it; `makes_stack` where the stack is new with it."""

    name: str
    stack_name: str
    makes_stack: bool


def name_one(draft: Draft, *, makes_stack: bool) -> ChangeSet:
    return ChangeSet(f"samstream-{uuid.uuid4()}", draft.stack_name, makes_stack)


def create(client: "CloudFormationClient", draft: Draft, named: ChangeSet) -> None:
    """Asks for a change set, which AWS then works at."""
    optional: dict[str, Any] = {"RoleARN": draft.role_arn} if draft.role_arn else {}
    if draft.tags:
        optional["Tags"] = [{"Key": key, "Value": value} for key, value in draft.tags.items()]
    client.create_change_set(
        StackName=draft.stack_name,
        ChangeSetName=named.name,
        ClientToken=named.name,  # a repeated request is then the same one
        ChangeSetType=draft.kind,
        TemplateBody=draft.template,
        Parameters=[
            {"ParameterKey": key, "UsePreviousValue": True}
            if value is None
            else {"ParameterKey": key, "ParameterValue": value}
            for key, value in draft.parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
        **optional,
    )


def read_changes(client: "CloudFormationClient", made: ChangeSet, sleep: Sleep) -> tuple[Change, ...]:
    """All its changes once AWS is done with it, none where nothing would change. Raises `AwsError`."""
    describe = partial(client.describe_change_set, ChangeSetName=made.name, StackName=made.stack_name)
    answer = describe()
    while answer["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
        sleep(POLL_SECONDS)
        answer = describe()
    reason = answer.get("StatusReason", "")
    if answer["Status"] == "FAILED" and says_nothing(reason):
        return ()
    if answer["Status"] != "CREATE_COMPLETE":
        message = f"CloudFormation can't plan the stack {made.stack_name}: {(reason or answer['Status']).rstrip('.')}"
        raise AwsError(message, INSTALLER_ADVICE if parse_denial(reason) else "", "FAILED")
    changes = _changes(answer)
    while token := answer.get("NextToken"):
        answer = describe(NextToken=token)
        changes += _changes(answer)
    return changes


def says_nothing(reason: str) -> bool:
    """CloudFormation has found no difference."""
    return any(words in reason for words in _NOTHING)


def _changes(answer: "DescribeChangeSetOutputTypeDef") -> tuple[Change, ...]:
    found = [change.get("ResourceChange", {}) for change in answer.get("Changes", [])]
    return tuple(
        Change(
            one.get("Action", ""),
            one.get("LogicalResourceId", ""),
            one.get("ResourceType", ""),
            one.get("Replacement", ""),
        )
        for one in found
    )


def execute(client: "CloudFormationClient", made: ChangeSet) -> None:
    """Starts what the change set plans."""
    client.execute_change_set(ChangeSetName=made.name, StackName=made.stack_name, ClientRequestToken=made.name)


def discard(client: "CloudFormationClient", made: ChangeSet) -> None:
    """Deletes a change set that wasn't executed, and the empty stack that was made for it."""
    try:
        client.delete_change_set(ChangeSetName=made.name, StackName=made.stack_name)
        stack = find_stack(client, made.stack_name) if made.makes_stack else None
        if stack is not None and stack.is_new:
            client.delete_stack(StackName=stack.id)
    except client.exceptions.ClientError as error:
        if not is_missing(error):
            raise

"""Which stacks of a Region have a template that names the macro, as far as CloudFormation's own summary tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from samstream_cli.aws.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import StackStatusType

LIMIT: Final = 1_000
"""How many stacks are looked into: AWS answers a few such questions a second."""

_IN_USE: Final[tuple["StackStatusType", ...]] = (
    "CREATE_COMPLETE",
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "DELETE_FAILED",
    "IMPORT_COMPLETE",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_COMPLETE",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_FAILED",
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
)


@dataclass(frozen=True, slots=True)
class Users:
    """Stacks that use the macro, how many were looked into, and those that couldn't be."""

    stacks: tuple[str, ...]
    looked_into: int
    unknown: tuple[str, ...]
    is_complete: bool


def find_users(client: "CloudFormationClient", name: str) -> Users:
    """Looks through the stacks of the client's Region, `LIMIT` at most."""
    found: list[str] = []
    unknown: list[str] = []
    looked_into = 0
    for stack in _stacks(client):
        if looked_into == LIMIT:
            return Users(tuple(found), looked_into, tuple(unknown), is_complete=False)
        looked_into += 1
        try:
            transforms = client.get_template_summary(StackName=stack).get("DeclaredTransforms", [])
        except client.exceptions.ClientError as error:
            if code_of(error) != "ValidationError":
                raise
            unknown.append(stack)  # gone since, or with a template that AWS itself can't sum up
            continue
        if name in (transform.split("::")[-1] for transform in transforms):
            found.append(stack)
    return Users(tuple(found), looked_into, tuple(unknown), is_complete=True)


def _stacks(client: "CloudFormationClient") -> Iterator[str]:
    for page in client.get_paginator("list_stacks").paginate(StackStatusFilter=list(_IN_USE)):
        for stack in page["StackSummaries"]:
            yield stack["StackName"]

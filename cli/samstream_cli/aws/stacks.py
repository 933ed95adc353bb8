"""Stacks as CloudFormation tells of them, and which of their states take an update."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from samstream_cli.aws.errors import AwsError, code_of, message_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

NEW: Final = "REVIEW_IN_PROGRESS"
"""The state of a stack that has only a change set which was never executed: there is nothing in it yet."""

_AWAIT: Final = "Wait until that has ended; `samstream status` shows it."
_REMOVE: Final = "Remove what is left: samstream uninstall --stack-name {name} --region {region}"
_OBSTACLES: Final = {
    "ROLLBACK_COMPLETE": ("could not be created, and what is left of it takes no update", _REMOVE),
    "ROLLBACK_FAILED": ("could not be created, nor be removed again", _REMOVE),
    "CREATE_FAILED": ("could not be created", _REMOVE),
    "DELETE_FAILED": ("could not be deleted as a whole", _REMOVE),
    "UPDATE_ROLLBACK_FAILED": (
        "failed in an update, and again on the way back",
        "Bring it back: aws cloudformation continue-update-rollback --stack-name {name} --region {region}",
    ),
    "UPDATE_FAILED": (
        "failed in an update and was left so",
        "Bring it back: aws cloudformation rollback-stack --stack-name {name} --region {region}",
    ),
    "IMPORT_ROLLBACK_FAILED": (
        "failed in an import, and again on the way back",
        "Bring it back: aws cloudformation continue-update-rollback --stack-name {name} --region {region}",
    ),
}


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack. Values of parameters are never shown."""

    name: str
    id: str
    status: str
    parameters: dict[str, str] = field(default_factory=dict, repr=False)
    outputs: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    drift: str = ""

    @property
    def is_new(self) -> bool:
        return self.status == NEW

    @property
    def is_changing(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and not self.is_new


def find_stack(client: "CloudFormationClient", name: str) -> Stack | None:
    """The stack of this name or id, None where there is none."""
    try:
        found = client.describe_stacks(StackName=name)["Stacks"]
    except client.exceptions.ClientError as error:
        if is_missing(error):
            return None
        raise
    return read_stack(found[0]) if found else None


def is_missing(error: Exception) -> bool:
    """CloudFormation has one code for all that is wrong with a request, so its words decide."""
    return (
        isinstance(error, ClientError) and code_of(error) == "ValidationError" and "does not exist" in message_of(error)
    )


def read_stack(found: "StackTypeDef") -> Stack:
    """A stack of an answer of AWS."""
    return Stack(
        name=found["StackName"],
        id=found.get("StackId", ""),
        status=found["StackStatus"],
        parameters={one.get("ParameterKey", ""): one.get("ParameterValue", "") for one in found.get("Parameters", [])},
        outputs={one.get("OutputKey", ""): one.get("OutputValue", "") for one in found.get("Outputs", [])},
        tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
        drift=found.get("DriftInformation", {}).get("StackDriftStatus", ""),
    )


def refuse_obstacle(stack: Stack, region: str) -> None:
    """Says why a stack takes no update now and what to do about it. Raises `AwsError`."""
    what, remedy = _OBSTACLES.get(stack.status, ("is being changed by someone else", _AWAIT))
    if stack.status in _OBSTACLES or stack.is_changing:
        message = f"the stack {stack.name} in {region} {what} ({stack.status})"
        raise AwsError(message, remedy.format(name=stack.name, region=region), stack.status)

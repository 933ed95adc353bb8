"""What is installed in a Region: version, whether it is this package's, and drift."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.errors import AwsError, aws_errors
from samstream_cli.aws.macro_stack import macro_name, refuse_foreign, version_of
from samstream_cli.aws.stacks import Stack, find_stack, read_stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

Source = Literal["this package's", "another's", "unknown"]
POLL_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Status:
    """One Region's line; without a stack only the first two are set."""

    region: str
    stack: str
    status: str = "not installed"
    macro: str = ""
    version: str = ""
    source_hash: str = ""
    source: Source = "unknown"
    drift: str = ""


def read_status(client: "CloudFormationClient", region: str, stack_name: str, source_hash: str) -> Status:
    """What a Region has, by a stack's name. Raises `AwsError`."""
    stack = find_stack(client, stack_name)
    if stack is None:
        return Status(region, stack_name)
    refuse_foreign(stack, region)
    return _status(stack, region, source_hash)


def read_all(client: "CloudFormationClient", region: str, source_hash: str) -> tuple[Status, ...]:
    """Every stack of a Region that holds the macro, under whatever name."""
    advice = "--all needs cloudformation:DescribeStacks and ListStacks on *; leave it out for one stack."
    with aws_errors(region, advice):
        pages = client.get_paginator("describe_stacks").paginate()
        stacks = [read_stack(found) for page in pages for found in page["Stacks"]]
    return tuple(_status(stack, region, source_hash) for stack in stacks if _is_macro(stack))


def detect_drift(client: "CloudFormationClient", stack_name: str, sleep: Sleep) -> str:
    """AWS's word for it: IN_SYNC or DRIFTED. Raises `AwsError`."""
    detection = client.detect_stack_drift(StackName=stack_name)["StackDriftDetectionId"]
    found = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
    while found["DetectionStatus"] == "DETECTION_IN_PROGRESS":
        sleep(POLL_SECONDS)
        found = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
    if found["DetectionStatus"] == "DETECTION_FAILED":
        reason = found.get("DetectionStatusReason", "AWS doesn't say why").rstrip(".")
        raise AwsError(f"the drift of the stack {stack_name} can't be told: {reason}", code="DETECTION_FAILED")
    return found.get("StackDriftStatus", "UNKNOWN")


def _is_macro(stack: Stack) -> bool:
    return "TransformToAdd" in stack.outputs and macro_name(stack) != ""


def _status(stack: Stack, region: str, source_hash: str) -> Status:
    has = stack.outputs.get("SourceHash", "")
    source: Source = "unknown" if not has else "this package's" if has == source_hash else "another's"
    return Status(region, stack.name, stack.status, macro_name(stack), version_of(stack), has, source, stack.drift)

"""Stacks that hold the macro: how they are recognised, and what they say of themselves."""

from typing import TYPE_CHECKING, Final

from samstream_cli.aws.errors import AwsError, is_denied
from samstream_cli.aws.macro_template import NAME_PARAMETER
from samstream_cli.aws.stacks import Stack, is_missing

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

MACRO_TYPE: Final = "AWS::CloudFormation::Macro"


def macro_name(stack: Stack) -> str:
    """The name that templates list under `Transform`."""
    return stack.outputs.get("MacroName") or stack.parameters.get(NAME_PARAMETER, "")


def version_of(stack: Stack) -> str:
    """The version that the stack says it has; none where it was deployed from a folder of an older version."""
    return stack.outputs.get("Version", "")


def refuse_foreign(stack: Stack, region: str) -> None:
    """Nobody's other stack is to be changed because it has the name. Raises `AwsError`."""
    if NAME_PARAMETER not in stack.parameters and not stack.is_new:
        message = f"the stack {stack.name} in {region} isn't samstream's: it has no parameter {NAME_PARAMETER}"
        raise AwsError(message, "Choose another name: --stack-name NAME", "ForeignStack")


def owner_of(client: "CloudFormationClient", name: str) -> str | None:
    """The stack whose macro has this name, as far as CloudFormation finds it.

    A resource's physical id leads to its stack
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html). That a macro's
    physical id is its name isn't documented: where nothing is found, a creation that clashes fails and says so itself.
    """
    try:
        found = client.describe_stack_resources(PhysicalResourceId=name)["StackResources"]
    except client.exceptions.ClientError as error:
        if is_missing(error) or is_denied(error):
            return None
        raise
    owners = [
        one.get("StackName", "")
        for one in found
        if one["ResourceType"] == MACRO_TYPE
        and one.get("PhysicalResourceId") == name
        and one["ResourceStatus"] != "DELETE_COMPLETE"
    ]
    return owners[0] if owners else None

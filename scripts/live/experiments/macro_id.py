"""`samstream install` asks whose macro a name is by DescribeStackResources. That a macro's physical id is its name
isn't documented:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-macro.html
"""

from typing import Final, NamedTuple

from botocore.exceptions import ClientError

from samstream_cli.aws.errors import aws_errors, message_of
from scripts.live.lab import Answer, Experiment, Lab, quoted
from scripts.live.templates import macro

_CODE: Final = "def handler(event, context): ..."


class Seen(NamedTuple):
    """The macro's name, its physical id, and what is found by the name: stacks, or why none."""

    name: str
    physical_id: str
    stacks: tuple[str, ...]
    failure: str


def observe(lab: Lab) -> Seen:
    lab.deploy("macro")
    stack, name = lab.name("macro"), lab.names.prefix
    client = lab.account.clients.of("cloudformation", lab.account.region)
    with aws_errors(lab.account.region, ""):
        listed = client.describe_stack_resources(StackName=stack)["StackResources"]
        physical_id = next(one.get("PhysicalResourceId", "") for one in listed if one["LogicalResourceId"] == "Macro")
        try:
            found = client.describe_stack_resources(PhysicalResourceId=name)["StackResources"]
        except ClientError as error:
            return Seen(name, physical_id, (), message_of(error))
    return Seen(name, physical_id, tuple(sorted({one.get("StackName", "") for one in found})), "")


def judge(seen: Seen) -> Answer:
    is_name = "it is its name" if seen.physical_id == seen.name else "it is something else"
    found = "the stack is found by the name" if seen.stacks else "the stack is not found by the name"
    evidence = f"name {seen.name}, id {seen.physical_id}, found {', '.join(seen.stacks) or quoted(seen.failure) or '-'}"
    return Answer(f"{is_name}, and {found}", evidence)


EXPERIMENT = Experiment(
    "macro-id",
    "Is a macro's physical id its name, and does DescribeStackResources find its stack by it?",
    2,
    lambda names: {"macro": macro(names.prefix, _CODE)},
    observe,
    judge,
)

"""Recognises what AWS says where a StackSet can't do its work for want of a role, and offers the way that works.

A macro is created by "either a stack or stack set with self-managed permissions"
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html). With the role that
service-managed StackSets make for themselves, "You can't provision nested stacks, transforms, or macros"
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-custom-execution-role.html). How AWS words
the refusal of a template that defines a macro isn't documented; of one that uses a transform it is known:
"Transform is not supported in SERVICE_MANAGED permission model"
(https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/839).
"""

import re
from collections.abc import Sequence
from typing import Final

from samstream_cli.aws.stacksets import Home

_OF_MODEL: Final = re.compile(
    r"service.managed permission"
    r"|(macro|transform)s?\b.*(not (supported|allowed|authorized|permitted)|unsupported|can(no|')t|unable)"
    r"|(not (supported|allowed|authorized|permitted)|unsupported|can(no|')t|unable).*(macro|transform)",
    re.IGNORECASE | re.DOTALL,
)
_OF_ROLE: Final = re.compile(r"AWSCloudFormationStackSet\w+Role|should have .* role with trust relationship", re.DOTALL)

ROLES_ADVICE: Final = (
    "How to make the roles: "
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html"
)


def is_of_model(message: str) -> bool:
    """Whether AWS refuses the macro because of how a service-managed StackSet works."""
    return _OF_MODEL.search(message) is not None


def is_of_role(message: str) -> bool:
    """Whether a role that a self-managed StackSet needs is missing."""
    return _OF_ROLE.search(message) is not None


def offer(home: Home, accounts: Sequence[str], regions: Sequence[str], *, is_left: bool) -> str:
    """The ways that are left, with the commands that take them; the first removes the StackSet where it is left."""
    whom = " ".join(f"--account {one}" for one in accounts) or "--account ID (each)"
    where = " ".join(f"--region {one}" for one in regions) or "--region R (each)"
    itself = f"--stack-name {home.name} --home-region {home.region}"
    call_as = f" --call-as {home.call_as}" if home.call_as != "SELF" else ""
    remove = f"  samstream uninstall --organization {itself}{call_as}\n" if is_left else ""
    return (
        "A service-managed StackSet can't make a macro with the role that it has by default. Two ways are left.\n"
        "Self-managed, with roles of your own in each account; new accounts have to be named then:\n"
        f"{remove}"
        f"  samstream install --organization --self-managed {itself} {whom} {where}\n"
        f"  {ROLES_ADVICE}\n"
        "Service-managed, with a custom execution role, which is given where the StackSet is made; then run this "
        "again:\n"
        "  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-custom-execution-role.html"
    )

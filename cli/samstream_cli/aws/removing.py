"""Removes the macro's stack in every Region: look who uses it, ask, delete, follow."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from click import Abort

from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import INSTALLER_ADVICE, AwsError, aws_errors
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.macro_stack import macro_name, refuse_foreign, version_of
from samstream_cli.aws.regional import Attempts, follow_all, print_aligned, tell_going_on
from samstream_cli.aws.stacks import Stack, find_stack
from samstream_cli.aws.users import Users, find_users
from samstream_cli.aws.waiting import Watch
from samstream_cli.errors import ExitCode
from samstream_cli.progress import progress

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Target:
    """What to remove; a `name` has to be the macro's, and `is_forced` doesn't look for users."""

    stack_name: str
    name: str | None = None
    is_forced: bool = False


@dataclass(slots=True)
class Removal:
    """One Region's stack on its way out."""

    client: "CloudFormationClient" = field(repr=False)
    region: str
    stack: Stack
    watch: Watch | None = None

    def refuse_users(self, users: Users) -> None:
        """Raises `AwsError` where stacks use the macro, or it can't be told."""
        name = macro_name(self.stack)
        force = "--force removes it all the same; they go on as they are, and can't be updated until it is back."
        if users.stacks:
            names = ", ".join(users.stacks[:_SHOWN]) + (" and others" if len(users.stacks) > _SHOWN else "")
            raise AwsError(f"{len(users.stacks)} stacks in {self.region} use {name}: {names}", force, "InUse")
        if not users.is_complete:
            message = f"{self.region} has more than {users.looked_into:,} stacks, too many to look into all of them"
            raise AwsError(message, f"None of those uses {name}. --force removes it all the same.", "TooMany")

    def delete(self) -> None:
        """Asks AWS to delete the stack, and no other that might get its name."""
        watch = Watch(self.client, self.region, self.stack.name, self.stack.id)
        watch.begin()
        self.watch = watch
        try:
            self.client.delete_stack(StackName=self.stack.id, ClientRequestToken=f"samstream-{uuid.uuid4()}")
        except self.client.exceptions.ClientError:  # refused, so nothing has begun; without an answer it may have
            self.watch = None
            raise


def run(clients: Clients, regions: Sequence[str], target: Target, manner: Manner) -> ExitCode:
    """Removes what is there; what went wrong in a Region is told and makes the exit code 1."""
    attempts = Attempts(manner.err)
    found: list[Removal] = []
    for region in regions:
        with attempts.at(region):
            removal = _look(clients.of("cloudformation", region), region, target)
            if removal is None:
                manner.out.print(f"{region}: there is no stack {target.stack_name}, so there is nothing to remove.")
                continue
            if not target.is_forced:
                _check_users(removal, manner)
            found.append(removal)
    if found:
        _print_plan(manner, found)
        if not manner.is_agreed and not manner.ask(f"Remove it in {', '.join(one.region for one in found)}?"):
            manner.err.print("Nothing was changed.")
            return ExitCode.WOULD_FAIL
        _delete(found, attempts, manner)
    return attempts.exit_code


def _look(client: "CloudFormationClient", region: str, target: Target) -> Removal | None:
    stack, name = find_stack(client, target.stack_name), target.name
    if stack is None:
        return None
    refuse_foreign(stack, region)
    has = macro_name(stack)
    if name is not None and has not in ("", name):
        remedy = f"Name that macro: --name {has} --stack-name {stack.name}"
        raise AwsError(f"the stack {stack.name} in {region} holds the macro {has}, not {name}", remedy, "OtherMacro")
    if stack.is_changing:
        message = f"the stack {stack.name} in {region} is being changed ({stack.status})"
        raise AwsError(message, "Wait until that has ended; `samstream status` shows it.", stack.status)
    return Removal(client, region, stack)


def _check_users(removal: Removal, manner: Manner) -> None:
    name, advice = macro_name(removal.stack), f"{INSTALLER_ADVICE} --force doesn't look who uses the macro."
    with progress(f"Looking which stacks in {removal.region} use {name}"), aws_errors(removal.region, advice):
        users = find_users(removal.client, name)
    removal.refuse_users(users)
    if users.unknown:
        manner.err.print(
            f"note: {len(users.unknown)} of {users.looked_into} stacks in {removal.region} can't be looked into.",
            soft_wrap=True,
        )


def _print_plan(manner: Manner, found: Sequence[Removal]) -> None:
    rows = [
        (one.region, one.stack.name, macro_name(one.stack) or "-", version_of(one.stack) or "unknown") for one in found
    ]
    print_aligned(manner.out, [("Region", "Stack", "Macro", "Version"), *rows])
    name = macro_name(found[0].stack)
    manner.out.print(
        "",
        "The macro goes, with its function, role and logs. Stacks deployed with it go on streaming.",
        f"Templates that list it can't be deployed any more: No transform named {name or 'NAME'} found.",
        "",
        sep="\n",
        soft_wrap=True,
    )


def _delete(found: Sequence[Removal], attempts: Attempts, manner: Manner) -> None:
    try:
        for one in found:
            with attempts.at(one.region):
                one.delete()
        follow_all(manner.err, [one.watch for one in found if one.watch], attempts, manner.sleep)
    except (KeyboardInterrupt, Abort):
        tell_going_on(manner.err, [one.watch for one in found if one.watch], "removal")
        raise
    for one in found:
        if one.region not in attempts.problems:
            manner.out.print(f"{one.stack.name} is removed in {one.region}.")

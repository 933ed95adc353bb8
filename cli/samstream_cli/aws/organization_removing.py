"""Removes the macro from an organization, or a part of it: look, show, ask, delete the stacks, then the StackSet."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.text import Text

from samstream_cli.aws import removing
from samstream_cli.aws.errors import AwsError, aws_errors
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.macro_template import NAME_PARAMETER
from samstream_cli.aws.organization import ADVICE, Batch, Context, Preferences, Targets, to_remove
from samstream_cli.aws.organization_plan import refuse_foreign
from samstream_cli.aws.regional import print_aligned
from samstream_cli.aws.removing import Target
from samstream_cli.aws.stacksets import (
    Instance,
    StackSet,
    delete_stack_set,
    find_stack_set,
    list_instances,
    list_units,
)
from samstream_cli.aws.stacksets_waiting import Operation, follow_operation, telling
from samstream_cli.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Removal:
    """What to remove: all that the StackSet has, or those targets."""

    target: Target
    targets: Targets = field(default_factory=Targets)
    preferences: Preferences = field(default_factory=Preferences)


def run(context: Context, removal: Removal, manner: Manner) -> ExitCode:
    """Removes what is there; a stack that can't be removed is told and makes the exit code 1."""
    home = context.home
    with aws_errors(home.region, ADVICE):
        found = find_stack_set(home)
        instances = list_instances(home) if found else ()
        covered = list_units(home) if found and found.is_automatic else {}
    code = ExitCode.OK
    if found is None:
        manner.out.print(f"{home.region}: there is no StackSet {home.name}, so there is nothing to remove.")
        if context.is_management and not removal.targets.regions:
            manner.out.print("A stack of this account's own is removed by samstream uninstall --region R.")
    else:
        _refuse(found, removal, context)
        batches = to_remove(removal.targets, instances, covered)
        code = _remove(context, removal, batches, instances, manner)
    if code is ExitCode.OK:
        code = _remove_management(context, removal, instances, manner)
    return code


def _refuse(found: StackSet, removal: Removal, context: Context) -> None:
    refuse_foreign(found, context)
    has, name = found.parameters[NAME_PARAMETER], removal.target.name
    if name not in (None, has):
        message = f"the StackSet {found.name} in {context.home.region} holds the macro {has}, not {name}"
        raise AwsError(message, f"Name that macro: --name {has} --stack-name {found.name}", "OtherMacro")


def _remove(
    context: Context, removal: Removal, batches: list[Batch], instances: Iterable[Instance], manner: Manner
) -> ExitCode:
    going = [one for one in instances if removal.targets.has(one)]
    is_whole = not removal.targets.is_partial
    if not batches and not is_whole:
        manner.out.print("The StackSet has nothing there, so there is nothing to remove.")
        return ExitCode.OK
    _print_plan(context, going, manner, is_whole=is_whole)
    if not manner.is_agreed and not manner.ask("Remove it from the organization?"):
        manner.err.print("Nothing was changed.")
        return ExitCode.WOULD_FAIL
    try:
        is_done = _delete(context, batches, removal.preferences, manner)
        if is_done and is_whole:
            with aws_errors(context.home.region, ADVICE):
                delete_stack_set(context.home)
    except AwsError as error:
        again = "What is left can be removed by the same command."
        message = f"{error.message}. {error.remedy}".rstrip()
        manner.err.print(Text.assemble((f"{context.home.name}: ", "bold red"), message), again, soft_wrap=True)
        return ExitCode.WOULD_FAIL
    if not is_done:
        manner.err.print("Run the same command again when what is in the way is gone.")
        return ExitCode.WOULD_FAIL
    parts = "1 stack is" if len(going) == 1 else f"{len(going)} stacks are"
    what = "The StackSet is" if is_whole else parts
    manner.out.print(f"{what} removed.\n")
    return ExitCode.OK


def _delete(context: Context, batches: Iterable[Batch], preferences: Preferences, manner: Manner) -> bool:
    home, is_done = context.home, True
    for batch in batches:
        operation = Operation(home, "removal")
        request = {**batch.request, **preferences.request, "RetainStacks": False}
        with telling(manner.err, operation):
            operation.begin(home.client.delete_stack_instances, request, manner.err, manner.sleep)
            follow_operation(manner.err, operation, manner.sleep)
        if operation.status != "SUCCEEDED" or operation.failures:
            is_done = False
            why = f": {operation.reason}" if operation.reason else ""
            manner.err.print(f"The removal ended as {operation.status}{why}", soft_wrap=True)
            manner.err.print(f"  Look:  {operation.look}", soft_wrap=True)
    return is_done


def _remove_management(context: Context, removal: Removal, instances: Iterable[Instance], manner: Manner) -> ExitCode:
    targets = removal.targets
    regions = targets.regions or sorted({one.region for one in instances})
    if not context.is_management or targets.units or not targets.has_account(context.account) or not regions:
        return ExitCode.OK
    manner.out.print(Text(f"The management account {context.account}:", "bold"))
    return removing.run(context.clients, regions, removal.target, manner)


def _print_plan(context: Context, going: Iterable[Instance], manner: Manner, *, is_whole: bool) -> None:
    home, out = context.home, manner.out
    out.print(Text(f"StackSet {home.name} in {home.region}", "bold"))
    rows = [(one.account, one.region, one.unit or "-", one.status) for one in going]
    print_aligned(out, [("Account", "Region", "Unit", "State"), *rows] if rows else [("   has no stacks",)])
    out.print(
        "",
        "The macro goes, with its function, role and logs" + (", and the StackSet itself." if is_whole else "."),
        "Stacks deployed with it go on streaming, but templates that list it can't be deployed there any more.",
        "Which stacks of those accounts use it isn't looked into: that takes credentials of each.",
        "",
        sep="\n",
        soft_wrap=True,
    )

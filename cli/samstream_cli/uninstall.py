"""`samstream uninstall`: the macro out of this account, in one Region or many, or out of an organization."""

import sys
from typing import Any

import click

from samstream_cli.aws import organization_removing
from samstream_cli.aws.clients import caller, connect
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.macro_template import DEFAULT_NAME
from samstream_cli.aws.organization_options import Choice, organization_options, preference_options
from samstream_cli.aws.organization_removing import Removal
from samstream_cli.aws.regional import REGIONS_EXIT_CODES, refuse_to_guess
from samstream_cli.aws.removing import Target, run
from samstream_cli.options import debug_option
from samstream_cli.tables import report_console


@click.command(epilog=REGIONS_EXIT_CODES)
@click.option("--name", help="The macro's name  [default: that of the stack]")
@click.option("--stack-name", help="The stack that holds it  [default: the name in lower case, samstream]")
@click.option("--region", "regions", multiple=True, help="Where; repeatable  [default: AWS_REGION, the profile's]")
@click.option("--profile", help="Whose credentials to use  [default: AWS_PROFILE, boto3's own chain]")
@click.option("--force", is_flag=True, help="Remove it even where stacks use it; don't look for them.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@organization_options
@preference_options
@debug_option
def uninstall(  # noqa: PLR0913  # one argument an option
    *,
    name: str | None,
    stack_name: str | None,
    regions: tuple[str, ...],
    profile: str | None,
    force: bool,
    yes: bool,
    **of_organization: Any,
) -> int:
    """Remove the macro from this account.

    Looks first which stacks have a template that lists the macro, and refuses if there are any: they would go on
    streaming, but couldn't be updated.

    With --organization the StackSet goes with all its stacks, or the part that --ou, --account and --region name.
    """
    choice = Choice(**of_organization)
    choice.check(regions)
    refuse_to_guess(is_agreed=yes)
    clients = connect(profile)
    manner = Manner(report_console(sys.stdout), report_console(sys.stderr), is_agreed=yes)
    stack = stack_name or (name or DEFAULT_NAME).lower()
    target = Target(stack, name, is_forced=force)
    if choice.organization:
        removal = Removal(target, choice.targets(regions), choice.preferences)
        return organization_removing.run(choice.context(clients, regions, stack), removal, manner)
    where = clients.regions(regions)
    account, arn = caller(clients, where[0])
    manner.out.print(f"Account {account}, as {arn}\n", style="dim", soft_wrap=True)
    return run(clients, where, target, manner)

"""`samstream install`: the macro into this account, in one Region or many, or into an organization."""

import sys
from typing import Any

import click

from samstream_cli.aws import organization_installing
from samstream_cli.aws.clients import Clients, caller, connect
from samstream_cli.aws.installation import Order
from samstream_cli.aws.installing import Manner, run
from samstream_cli.aws.macro_template import DEFAULT_NAME, check_parameters, load_macro_template
from samstream_cli.aws.organization_options import (
    Choice,
    installing_options,
    organization_options,
    preference_options,
)
from samstream_cli.aws.organization_plan import Wish
from samstream_cli.aws.policies import ACCOUNT, KINDS, Kind, Scope, policy_text
from samstream_cli.aws.regional import REGIONS_EXIT_CODES, refuse_to_guess
from samstream_cli.errors import ExitCode, UsageError
from samstream_cli.options import debug_option
from samstream_cli.parameters import parse_assignments
from samstream_cli.tables import report_console


@click.command(epilog=REGIONS_EXIT_CODES)
@click.option("--name", help="The name that templates list  [default: the installed one's, else SamStream]")
@click.option("--stack-name", help="The stack that holds it  [default: the name in lower case]")
@click.option("--region", "regions", multiple=True, help="Where; repeatable  [default: AWS_REGION, the profile's]")
@click.option("--profile", help="Whose credentials to use  [default: AWS_PROFILE, boto3's own chain]")
@click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Of the macro's stack; repeatable."
)
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Of the stack and what is in it; repeatable.")
@click.option("--role-arn", help="The role that CloudFormation assumes.")
@click.option("--template", metavar="FILE", help="Install this template  [default: the one in this package]")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--print-policy", type=click.Choice(KINDS), help="Print an IAM policy and do nothing else.")
@organization_options
@installing_options
@preference_options
@debug_option
def install(  # noqa: PLR0913  # one argument an option
    *,
    name: str | None,
    stack_name: str | None,
    regions: tuple[str, ...],
    profile: str | None,
    parameters: tuple[str, ...],
    tags: tuple[str, ...],
    role_arn: str | None,
    template: str | None,
    dry_run: bool,
    yes: bool,
    print_policy: Kind | None,
    **of_organization: Any,
) -> int:
    """Install the macro in this account, or bring it to this version.

    Shows what would change, asks, and waits until CloudFormation is done. Parameters and tags that aren't given
    stay as they are. Another --name installs a second version beside the first.

    With --organization it does so in all accounts of the units named by --ou, and in accounts that join them later.
    """
    choice = Choice(**of_organization)
    stack = stack_name or (name or DEFAULT_NAME).lower()
    if print_policy:
        scope = Scope(stack, name or DEFAULT_NAME, regions, is_stack_set=choice.organization)
        click.echo(policy_text(print_policy, scope))
        click.echo(f"Replace {ACCOUNT} by the account's number.", err=True)
        return ExitCode.OK
    choice.check(regions)
    if choice.organization and role_arn:
        raise UsageError("--role-arn is of a single account's stack", "Leave it out, or see --self-managed.")
    refuse_to_guess(is_agreed=yes or dry_run)
    order = Order(
        template=load_macro_template(template),
        stack_name=stack,
        name=name,
        parameters=parse_assignments(parameters),
        tags=parse_assignments(tags, "--tag"),
        role_arn=role_arn,
    )
    check_parameters(order.template, order.parameters, name)
    clients = connect(profile)
    manner = Manner(report_console(sys.stdout), report_console(sys.stderr), is_dry_run=dry_run, is_agreed=yes)
    if choice.organization:
        return _install_in_organization(clients, regions, order, choice, manner)
    where = clients.regions(regions)
    account, arn = caller(clients, where[0])
    manner.out.print(f"Account {account}, as {arn}\n", style="dim", soft_wrap=True)
    return run(clients, where, order, manner)


def _install_in_organization(
    clients: Clients, regions: tuple[str, ...], order: Order, choice: Choice, manner: Manner
) -> int:
    wish = Wish(
        order=order,
        targets=choice.targets(regions),
        preferences=choice.preferences,
        self_managed=choice.self_managed,
        is_retained=choice.is_retained,
        admin_role=choice.admin_role,
        execution_role=choice.execution_role,
    )
    return organization_installing.run(choice.context(clients, regions, order.stack_name), wish, manner)

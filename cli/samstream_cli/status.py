"""`samstream status`: which version of the macro is installed where."""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Any, Final

import click
from rich.console import Console

from samstream import __version__
from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.clients import Clients, caller, connect
from samstream_cli.aws.macro_template import DEFAULT_NAME
from samstream_cli.aws.organization_options import Choice, organization_options
from samstream_cli.aws.organization_statuses import print_organization, read_organization, to_json
from samstream_cli.aws.regional import Attempts, print_aligned
from samstream_cli.aws.statuses import Status, detect_drift, read_all, read_status
from samstream_cli.options import debug_option
from samstream_cli.packaging import installed_sources
from samstream_cli.packaging.sources import digest
from samstream_cli.progress import progress
from samstream_cli.tables import report_console

_EPILOG: Final = """\b
Exit codes:
  0    every Region was looked at
  1    at least one couldn't be
  2    wrong options, or no credentials
  130  interrupted
"""


@click.command(epilog=_EPILOG)
@click.option("--name", help="The macro's name, which its stack is named after  [default: SamStream]")
@click.option("--stack-name", help="The stack that holds it  [default: the name in lower case]")
@click.option("--all", "is_all", is_flag=True, help="Every stack that holds the macro, under whatever name.")
@click.option("--region", "regions", multiple=True, help="Where; repeatable  [default: AWS_REGION, the profile's]")
@click.option("--profile", help="Whose credentials to use  [default: AWS_PROFILE, boto3's own chain]")
@click.option("--drift", is_flag=True, help="Have AWS compare what is there with the stack's template.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@organization_options
@debug_option
def status(  # noqa: PLR0913  # one argument an option
    *,
    name: str | None,
    stack_name: str | None,
    is_all: bool,
    regions: tuple[str, ...],
    profile: str | None,
    drift: bool,
    as_json: bool,
    **of_organization: Any,
) -> int:
    """Say which version of the macro is installed where, and whether it is the one of this package.

    With --organization: by account and Region, what the StackSet has, or the part that --ou and the like name.
    """
    choice = Choice(**of_organization)
    choice.check(regions)
    clients = connect(profile)
    if choice.organization:
        name = stack_name or (name or DEFAULT_NAME).lower()
        return tell_organization(clients, choice, regions, name, drift=drift, as_json=as_json)
    where = clients.regions(regions)
    caller(clients, where[0])  # whoever has no credentials is told once
    attempts = Attempts(report_console(sys.stderr))
    stack = None if is_all else stack_name or (name or DEFAULT_NAME).lower()
    with progress("Looking at what is installed"):
        found = look(clients, where, stack, attempts, time.sleep if drift else None)
    out = report_console(sys.stdout)
    if as_json:
        out.out(json.dumps(to_document(found, attempts), indent=2), highlight=False)
    elif found or not attempts.problems:
        print_statuses(out, found)
    return attempts.exit_code


def tell_organization(  # noqa: PLR0913  # what the verb was told
    clients: Clients, choice: Choice, regions: Sequence[str], stack_name: str, *, drift: bool, as_json: bool
) -> int:
    """What the StackSet has, and the management account where the caller is in it."""
    out, attempts = report_console(sys.stdout), Attempts(report_console(sys.stderr))
    sleep = time.sleep if drift else None
    context = choice.context(clients, regions, stack_name)
    targets = choice.targets(regions)
    with nullcontext() if drift else progress("Looking at what is installed"):  # a detection shows how far it is
        found = read_organization(context, targets, attempts.console, sleep)
        where = targets.regions or sorted({one.region for one in found.instances})
        is_wanted = context.is_management and not targets.units and targets.has_account(context.account)
        own = look(clients, where if is_wanted else (), stack_name, attempts, sleep)
    if as_json:
        document = {
            "version": 1,
            "package": __version__,
            "stack_set": to_json(found),
            "management": to_document(own, attempts),
        }
        out.out(json.dumps(document, indent=2), highlight=False)
        return attempts.exit_code
    print_organization(out, found)
    if own:
        out.print(f"\nThe management account {context.account}:")
        print_statuses(out, own)
    return attempts.exit_code


def look(
    clients: Clients, regions: Sequence[str], stack_name: str | None, attempts: Attempts, drift_sleep: Sleep | None
) -> list[Status]:
    """What each Region has; `drift_sleep` waits for AWS's comparison, which isn't asked for without it."""
    source_hash = digest(installed_sources())
    found: list[Status] = []
    for region in regions:
        with attempts.at(region):
            client = clients.of("cloudformation", region)
            here = (
                read_all(client, region, source_hash)
                if stack_name is None
                else (read_status(client, region, stack_name, source_hash),)
            )
            found += here if drift_sleep is None else [_with_drift(clients, one, drift_sleep) for one in here]
    return found


def _with_drift(clients: Clients, one: Status, sleep: Sleep) -> Status:
    if not one.macro:
        return one
    return replace(one, drift=detect_drift(clients.of("cloudformation", one.region), one.stack, sleep))


def to_document(found: Sequence[Status], attempts: Attempts) -> dict[str, object]:
    """What `--json` prints."""
    problems = {region: [error.message for error in errors] for region, errors in attempts.problems.items()}
    return {"version": 1, "package": __version__, "stacks": [asdict(one) for one in found], "problems": problems}


def print_statuses(console: Console, found: Sequence[Status]) -> None:
    """One line a stack."""
    if not found:
        console.print("No stack here holds the macro.")
        return
    header = ("Region", "Stack", "State", "Macro", "Version", "Code", "Drift")
    rows = [
        (
            one.region,
            one.stack,
            one.status,
            one.macro or "-",
            one.version or "-",
            one.source if one.macro else "-",
            one.drift or "-",
        )
        for one in found
    ]
    print_aligned(console, [header, *rows])

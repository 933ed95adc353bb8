"""`samstream repair`: streaming on a live API without its template."""

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from samstream.options import MAX_TIMEOUT, MIN_TIMEOUT, RouteName
from samstream_cli.aws.clients import caller, connect
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.regional import refuse_to_guess
from samstream_cli.errors import UsageError
from samstream_cli.options import debug_option
from samstream_cli.progress import progress
from samstream_cli.repair import record
from samstream_cli.repair.planning import Order, make_plan
from samstream_cli.repair.running import Run
from samstream_cli.repair.undoing import make_undo_plan
from samstream_cli.tables import report_console

_EPILOG: Final = """\b
Exit codes:
  0    done, or there is nothing to do; with --dry-run: it could be done
  1    stopped in the middle (what was done is told), a route doesn't
       stream afterwards, or the question was answered no
  2    refused before anything was changed: something speaks against it,
       wrong options, no such API, stage or route, no permission to read
  130  interrupted; what was done is told
"""


@click.command(epilog=_EPILOG)
@click.argument("routes", nargs=-1, metavar="[ROUTE]...")
@click.option("--api", metavar="ID", help="The REST API.")
@click.option("--stage", metavar="NAME", help="The stage that is to serve the change.")
@click.option("--region", help="Where the API is  [default: AWS_REGION, the profile's]")
@click.option("--profile", help="Whose credentials to use  [default: AWS_PROFILE, boto3's own chain]")
@click.option(
    "--timeout-in-millis",
    type=click.IntRange(MIN_TIMEOUT, MAX_TIMEOUT),
    help="Of these routes  [default: their own; instead of 29 s the function's, if longer]",
)
@click.option("--function-too", is_flag=True, help="Also set AWS_LWA_INVOKE_MODE of functions with the adapter.")
@click.option("--siblings", is_flag=True, help="Also the other routes of such a function, which break otherwise.")
@click.option("--also-publish", is_flag=True, help="Even if the deployment publishes other changes of the API.")
@click.option("--keep-canary", is_flag=True, help="Even if the stage has a canary, which stays as it is.")
@click.option("--managed-by-cloudformation", "managed", is_flag=True, help="Even if a stack manages it.")
@click.option("--record", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write the undo file there.")
@click.option("--undo", type=click.Path(path_type=Path), metavar="FILE", help="Put back what a repair changed.")
@click.option("--force", is_flag=True, help="With --undo: even what was changed since.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; the rest goes to standard error.")
@debug_option
def repair(  # noqa: PLR0913  # one argument an option
    *,
    routes: tuple[str, ...],
    api: str | None,
    stage: str | None,
    region: str | None,
    profile: str | None,
    timeout_in_millis: int | None,
    function_too: bool,
    siblings: bool,
    also_publish: bool,
    keep_canary: bool,
    managed: bool,
    target: Path | None,
    undo: Path | None,
    force: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Make routes of a live API stream, such as 'POST /chat': where there is no template to change.

    Changes mode, URI and timeout of their integrations, makes a deployment, points the stage to it and verifies the
    result. Shows the plan and asks first; what was there before is kept in a file for --undo.
    """
    manner = Manner(report_console(sys.stdout), report_console(sys.stderr), is_dry_run=dry_run, is_agreed=yes)
    allowed = (function_too, siblings, also_publish, keep_canary, managed)
    if undo:
        if any((routes, api, stage, region, timeout_in_millis, target, *allowed)):
            raise UsageError("--undo takes everything from its file", "Leave out the other options.")
        return _undo(undo, profile, manner, is_forced=force, is_json=as_json)
    if not (api and stage and routes) or force:
        wrong = "--force is for --undo" if force else "--api, --stage or the routes are missing"
        raise UsageError(wrong, "samstream repair --api abc123 --stage prod 'POST /chat', for example.")
    order = Order(api, stage, _names(routes), timeout_in_millis, *allowed)
    return _repair(order, region, profile, manner, target, is_json=as_json)


def _repair(  # noqa: PLR0913  # what the options say
    order: Order, region: str | None, profile: str | None, manner: Manner, target: Path | None, *, is_json: bool
) -> int:
    refuse_to_guess(is_agreed=manner.is_agreed or manner.is_dry_run)
    path = target or Path(f"samstream-repair-{order.api}-{order.stage}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json")
    if target and target.exists():
        raise UsageError(f"{target} exists already", "Name another file: --record FILE")
    clients = connect(profile)
    where = clients.regions((region,) if region else ())[0]
    account, arn = caller(clients, where)
    manner.err.print(f"Account {account}, as {arn}", style="dim", soft_wrap=True)
    with progress(f"Reading {order.api}"):
        plan = make_plan(clients, account, where, order)
    return Run(clients, plan, manner, _with(order.command(where), profile), target=path, is_json=is_json).carry_out()


def _undo(path: Path, profile: str | None, manner: Manner, *, is_forced: bool, is_json: bool) -> int:
    refuse_to_guess(is_agreed=manner.is_agreed or manner.is_dry_run)
    found = record.load(path)
    clients = connect(profile)
    account, arn = caller(clients, clients.regions((found.place.region,))[0])
    manner.err.print(f"Account {account}, as {arn}", style="dim", soft_wrap=True)
    with progress(f"Reading {found.place.api}"):
        plan = make_undo_plan(clients, account, found, is_forced=is_forced)
    again = _with(shlex.join(["samstream", "repair", "--undo", str(path)]) + " --force" * is_forced, profile)
    return Run(clients, plan, manner, again, undone=path, is_json=is_json).carry_out()


def _names(routes: tuple[str, ...]) -> tuple[str, ...]:
    """Each route once, as API Gateway names it."""
    found: dict[str, None] = {}
    for text in routes:
        try:
            name = RouteName.parse(text)
        except ValueError as error:
            raise UsageError(f"{text!r} is no route", f"Write {error}.") from None
        if name.api:
            raise UsageError(f"{text!r} names an API", f"Write '{name.method} {name.path}': --api says which.")
        found[str(name)] = None
    return tuple(found)


def _with(command: str, profile: str | None) -> str:
    return f"{command} --profile {shlex.quote(profile)}" if profile else command

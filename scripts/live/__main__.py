"""`python -m scripts.live`: see docs/live.md."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from samstream_cli.aws.clients import Clients, caller, connect
from samstream_cli.aws.errors import aws_errors
from samstream_cli.aws.regional import refuse_to_guess
from samstream_cli.errors import ExitCode, SamstreamError, UsageError
from samstream_cli.tables import report_console
from scripts.live import story as stories
from scripts.live.account import Account
from scripts.live.experiments import EXPERIMENTS
from scripts.live.lab import Experiment, Names
from scripts.live.ledger import Ledger, default_path
from scripts.live.running import Manner, clean, new_prefix, print_ids, settle

EXIT_CODES = """\b
Exit codes:
  0    all is settled, or as expected, and nothing is left
  1    something isn't, or the question was answered no
  2    wrong options, no credentials
  130  interrupted; what is left then is said
"""


@click.command(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("what", type=click.Choice(("experiments", "story", "cleanup")), default="experiments")
@click.option("--only", multiple=True, metavar="ID", help="This experiment; repeatable.")
@click.option("--list", "is_listed", is_flag=True, help="List the experiments and do nothing else.")
@click.option("--dry-run", is_flag=True, help="Print the plan and the templates, and make nothing.")
@click.option("--region", help="Where  [default: AWS_REGION, the profile's]")
@click.option("--profile", help="Whose credentials to use  [default: AWS_PROFILE, boto3's own chain]")
@click.option("--other-function", metavar="ARN", help="Another account's function, for the experiment macro-account.")
@click.option("--keep", is_flag=True, help="Remove nothing; cleanup does it later.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option(
    "--ledger", "ledger_file", metavar="FILE", help=f"What was made stands there  [default: {default_path()}]"
)
def live(  # noqa: PLR0913  # one argument an option
    *,
    what: str,
    only: tuple[str, ...],
    is_listed: bool,
    dry_run: bool,
    region: str | None,
    profile: str | None,
    other_function: str | None,
    keep: bool,
    yes: bool,
    ledger_file: str | None,
) -> int:
    """Ask AWS itself, in an account for trials: settle open questions by EXPERIMENTS, tell the example's STORY, or
    remove by CLEANUP what an ended run left."""
    if only and what != "experiments":
        raise UsageError(f"--only chooses experiments, and {what} has none", "Leave it out.")
    chosen = choose(only)
    if is_listed:
        print_ids(chosen, report_console(sys.stdout))
        return ExitCode.OK
    refuse_to_guess(is_agreed=yes or dry_run)
    manner = Manner(report_console(sys.stdout), report_console(sys.stderr), yes, dry_run, keep)
    ledger = Ledger(Path(ledger_file) if ledger_file else default_path())
    clients = connect(profile)
    if what == "cleanup":
        return cleanup(clients, profile, ledger, manner, region)
    where = clients.regions((region,) if region else ())[0]
    account = Account(clients, where, "", ledger) if dry_run else open_account(clients, profile, ledger, where)
    if what == "story":
        return stories.tell(stories.Story(account, new_prefix()), manner)
    return settle(chosen, Names(new_prefix(), other_function), account, manner)


def choose(only: Sequence[str]) -> list[Experiment[Any]]:
    """The experiments with these ids, else all. Raises `UsageError`."""
    for one in only:
        if one not in EXPERIMENTS:
            raise UsageError(f"there is no experiment {one}", f"There are {', '.join(EXPERIMENTS)}.")
    return [experiment for experiment in EXPERIMENTS.values() if not only or experiment.id in only]


def open_account(clients: Clients, profile: str | None, ledger: Ledger, region: str) -> Account:
    """The account that the credentials are for. Raises `AwsError`."""
    import boto3  # noqa: PLC0415  # 200 ms, for which --help needn't wait

    with aws_errors(region, ""):
        objects = boto3.Session(profile_name=profile).client("s3", region_name=region)
    return Account(clients, region, caller(clients, region)[0], ledger, objects=objects)


def cleanup(clients: Clients, profile: str | None, ledger: Ledger, manner: Manner, region: str | None) -> int:
    """Removes what the ledger has of this account, Region by Region."""
    left = [made for made in ledger.left() if region in (None, made.region)]
    code = ExitCode.OK
    for where in dict.fromkeys(made.region for made in left):
        account = open_account(clients, profile, ledger, where)
        here = [made for made in left if made.region == where]
        own = [made for made in here if made.account == account.number]
        for made in here:
            whose = "" if made in own else f" of account {made.account}: other credentials remove it"
            manner.err.print(f"{made.kind} {made.name} in {made.region}{whose}", soft_wrap=True)
        if manner.is_dry_run or not own:
            continue
        if not manner.is_agreed and not manner.ask("Remove them?"):
            return ExitCode.WOULD_FAIL
        code = max(code, clean(account, own, manner.err))
    if not left:
        manner.err.print("Nothing is left of any run.")
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the result is the exit code."""
    try:
        result = live.main(arguments, prog_name="python -m scripts.live", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SamstreamError as error:
        click.echo(f"live: {error.message}. {error.remedy}".rstrip(), err=True)
        return error.exit_code
    return int(result or 0)


if __name__ == "__main__":
    sys.exit(main())

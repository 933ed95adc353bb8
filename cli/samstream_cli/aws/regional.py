"""What verbs that work in several Regions share: one that fails doesn't stop the others, and all is told."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.errors import AwsError, aws_errors
from samstream_cli.aws.waiting import Event, Watch, follow, look
from samstream_cli.errors import ExitCode, SamstreamError, UsageError

Ask = Callable[[str], bool]

REGIONS_EXIT_CODES: Final = """\b
Exit codes:
  0    done in every Region, or there was nothing to do
  1    not done in at least one Region, or the question was answered no
  2    wrong options, no credentials, or a refusal before anything was begun
  130  interrupted; what goes on in AWS then is said
"""

_STOP: Final = {"update": "cancel-update-stack", "creation": "delete-stack"}


class Attempts:
    """Tries what is to be done in each Region and keeps what went wrong."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.problems: dict[str, list[SamstreamError]] = {}

    @contextmanager
    def at(self, region: str) -> Iterator[None]:
        """Runs a block for a Region; what goes wrong is told and kept."""
        try:
            with aws_errors(region):
                yield
        except AwsError as error:
            self.problems.setdefault(region, []).append(error)
            line = Text.assemble((f"{region}: ", "bold red"), f"{error.message}. {error.remedy}".rstrip())
            self.console.print(line, soft_wrap=True)

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.WOULD_FAIL if self.problems else ExitCode.OK


def ask_on_terminal(question: str) -> bool:
    return click.confirm(question, err=True)


def refuse_to_guess(*, is_agreed: bool) -> None:
    """Nothing is changed unasked. Raises `UsageError` where there is nobody to ask."""
    if not is_agreed and not sys.stdin.isatty():
        raise UsageError("this isn't a terminal, so nobody can be asked", "Add --yes to go ahead.")


def follow_all(console: Console, watches: Sequence[Watch], attempts: Attempts, sleep: Sleep) -> None:
    """Shows what happens to the stacks until all are over, and why any of them failed."""

    def tell(watch: Watch, event: Event) -> None:
        style = "red" if event.is_failure else "dim"
        line = f"{watch.region}  {event.resource}  {event.status}  {event.reason}".rstrip()
        console.print(Text(line, style), soft_wrap=True)

    waiting = console.status(_waiting(watches)) if console.is_terminal and watches else nullcontext()
    with waiting:
        follow(watches, tell, sleep)
    for watch in watches:
        with attempts.at(watch.region):
            if not watch.is_success:
                raise watch.failure()


def tell_going_on(console: Console, watches: Iterable[Watch], operation: str) -> None:
    """After an interruption: what goes on without us, and how to look at it and stop it."""
    for watch in watches:
        if watch.is_over:
            continue
        console.print(
            f"The {operation} of the stack {watch.name} in {watch.region} goes on in AWS.",
            f"  Look:  {look(watch.name, watch.region)}",
            sep="\n",
            soft_wrap=True,
        )
        if operation in _STOP:
            stop = f"aws cloudformation {_STOP[operation]} --stack-name {watch.name} --region {watch.region}"
            console.print(f"  Stop:  {stop}", soft_wrap=True)


def print_aligned(console: Console, rows: Sequence[Sequence[str]], *, has_header: bool = True) -> None:
    """Rows in columns, without spaces at their ends."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for index, row in enumerate(rows):
        line = "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        console.print(Text(line, "bold" if has_header and index == 0 else ""), soft_wrap=True)


def _waiting(watches: Sequence[Watch]) -> str:
    return f"CloudFormation works in {', '.join(watch.region for watch in watches)} ..."

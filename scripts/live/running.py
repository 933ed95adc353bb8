"""What all runs share: say what comes, ask, work, remove everything, and print a table."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console

from samstream_cli.aws.errors import AwsError, CredentialsError
from samstream_cli.aws.regional import Ask, ask_on_terminal
from samstream_cli.errors import ExitCode
from samstream_cli.progress import progress
from scripts.live.account import Account
from scripts.live.lab import Answer, Experiment, Lab, Names, quoted
from scripts.live.ledger import Made
from scripts.live.templates import write

CLEANUP: Final = "python -m scripts.live cleanup"
_COST: Final = "It costs money: requests and milliseconds of Lambda and API Gateway, all in all less than US$ 0.10."


@dataclass(frozen=True, slots=True)
class Manner:
    """What to show where, whom to ask, and whether to leave things standing."""

    out: Console
    err: Console
    is_agreed: bool = False
    is_dry_run: bool = False
    is_kept: bool = False
    ask: Ask = ask_on_terminal


def new_prefix() -> str:
    """A name that no other run has, of which names of macros, stacks and buckets are made."""
    return f"samstream-live-{secrets.token_hex(4)}"


def is_agreed(manner: Manner, what: str, account: Account, minutes: int) -> bool:
    """Says where, how long and for what price; a dry run ends here."""
    where = account.region if manner.is_dry_run else f"account {account.number}, {account.region}"
    manner.err.print(f"{what} in {where}: about {minutes} minutes. {_COST}")
    if manner.is_dry_run:
        manner.err.print("Nothing was made: this is a dry run.")
        return False
    if manner.is_agreed or manner.ask("Go ahead?"):
        return True
    manner.err.print("Nothing was made.")
    return False


def settle(
    experiments: Sequence[Experiment[Any]],
    names: Names,
    account: Account,
    manner: Manner,
    lab: Callable[..., Lab] = Lab,
) -> ExitCode:
    """One experiment after the other, each with nothing left of the one before; a failure doesn't stop the others."""
    print_plan(experiments, names, manner)
    minutes = sum(one.minutes for one in experiments)
    if not is_agreed(manner, f"{len(experiments)} experiments", account, minutes):
        return ExitCode.OK if manner.is_dry_run else ExitCode.WOULD_FAIL
    answers: dict[str, Answer] = {}
    try:
        for one in experiments:
            own = one.own(names)
            with cleaned(account, names.prefix, manner), progress(f"{one.id}: {one.question}"):
                answers[one.id] = _answer(one, lab(account, own, one.templates(own)))
    finally:
        rows = [
            (one.question, answers[one.id].text, answers[one.id].evidence) for one in experiments if one.id in answers
        ]
        print_table(manner.out, ("Question", f"Answer in {account.region}", "Seen"), rows)
    is_clean = manner.is_kept or not of_run(account, names.prefix)
    is_settled = all(answer.is_settled for answer in answers.values())
    return ExitCode.OK if is_clean and is_settled else ExitCode.WOULD_FAIL


def print_plan(experiments: Iterable[Experiment[Any]], names: Names, manner: Manner) -> None:
    """Ids, questions and minutes; of a dry run the templates, too."""
    for one in experiments:
        print_ids([one], manner.err)
        for key, template in one.templates(one.own(names)).items() if manner.is_dry_run else ():
            manner.out.print(f"# {one.own(names).prefix}-{key}\n{write(template)}", soft_wrap=True)


def print_ids(experiments: Iterable[Experiment[Any]], console: Console) -> None:
    for one in experiments:
        console.print(f"{one.id:17} {one.minutes:2} min  {one.question}", soft_wrap=True)


def print_table(console: Console, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """In Markdown, to be pasted into a page."""
    for cells in (header, ["---"] * len(header), *rows):
        console.print(f"| {' | '.join(cells)} |", soft_wrap=True)


@contextmanager
def cleaned(account: Account, prefix: str, manner: Manner) -> Iterator[None]:
    """Removes what a block has made, however it ends; whoever interrupts that, too, is told what is left."""
    try:
        yield
    finally:
        if not manner.is_kept:
            clean(account, of_run(account, prefix), manner.err)
        elif of_run(account, prefix):
            manner.err.print(f"Kept, as you asked. To remove it: {CLEANUP}")


def clean(account: Account, left: Sequence[Made], console: Console) -> ExitCode:
    """Removes these; what can't be removed stays in the ledger and is told."""
    failed = False
    try:
        for made in left:
            try:
                with progress(f"Removing the {made.kind} {made.name}"):
                    account.remove(made)
            except AwsError as error:
                failed = True
                console.print(f"Not removed: {made.kind} {made.name}: {error.message}", style="red", soft_wrap=True)
    except KeyboardInterrupt:
        failed = True
        raise
    finally:
        if failed:
            still = ", ".join(f"{made.kind} {made.name}" for made in left if made in account.ledger.left())
            console.print(f"Left in {account.region}: {still}. To remove it: {CLEANUP}", soft_wrap=True)
    return ExitCode.WOULD_FAIL if failed else ExitCode.OK


def _answer(experiment: Experiment[Any], lab: Lab) -> Answer:
    try:
        return experiment.settle(lab)
    except CredentialsError:
        raise
    except AwsError as error:
        return Answer(
            "not settled: the experiment failed", quoted(f"{error.message}. {error.remedy}"), is_settled=False
        )


def of_run(account: Account, prefix: str) -> list[Made]:
    """What a run has made and not removed."""
    return [made for made in account.ledger.left() if made.name.startswith(prefix)]

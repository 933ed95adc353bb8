"""Installs or updates the macro in every Region of an order: plan, show, ask, execute, follow.

All change sets are asked for before the first is waited for, and all are followed together, so twenty Regions take no
longer than the slowest. Whatever happens, no change set is left behind that wasn't executed.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from click import Abort
from rich.console import Console
from rich.text import Text

from samstream_cli.aws.changesets import Change, Sleep
from samstream_cli.aws.clients import Clients
from samstream_cli.aws.installation import Installation, Order
from samstream_cli.aws.macro_stack import version_of
from samstream_cli.aws.macro_template import DEFAULT_NAME
from samstream_cli.aws.regional import Ask, Attempts, ask_on_terminal, follow_all, print_aligned, tell_going_on
from samstream_cli.errors import ExitCode
from samstream_cli.progress import progress


@dataclass(frozen=True, slots=True)
class Manner:
    """How to go about it: what to show where, whom to ask, how to wait."""

    out: Console
    err: Console
    is_dry_run: bool = False
    is_agreed: bool = False
    ask: Ask = ask_on_terminal
    sleep: Sleep = field(default=time.sleep)


def run(clients: Clients, regions: Sequence[str], order: Order, manner: Manner) -> ExitCode:
    """Carries out an order; what went wrong in a Region is told and makes the exit code 1."""
    attempts = Attempts(manner.err)
    all_ = [Installation(clients.of("cloudformation", region), region, order, manner.sleep) for region in regions]
    try:
        with progress(f"Asking CloudFormation what would change in {', '.join(regions)}"):
            _plan(all_, attempts)
        planned = [one for one in all_ if one.region not in attempts.problems]
        _print_plans(manner.out, planned)
        pending = [one for one in planned if one.changes]
        if manner.is_dry_run:
            manner.out.print("Nothing was changed: this is a dry run.")
            return attempts.exit_code
        if pending and not manner.is_agreed and not manner.ask(_question(pending)):
            manner.err.print("Nothing was changed.")
            return ExitCode.WOULD_FAIL
        _execute(pending, attempts, manner)
        _print_done(manner.out, [one for one in planned if one.region not in attempts.problems])
    except (KeyboardInterrupt, Abort):
        for one in all_:
            tell_going_on(manner.err, [one.watch] if one.watch else [], "update" if one.before else "creation")
        raise
    finally:
        _discard(all_, attempts)
    return attempts.exit_code


def _plan(all_: Sequence[Installation], attempts: Attempts) -> None:
    for one in all_:
        with attempts.at(one.region):
            one.prepare()
    for one in all_:
        with attempts.at(one.region):
            if one.region not in attempts.problems:
                one.read()


def _execute(pending: Sequence[Installation], attempts: Attempts, manner: Manner) -> None:
    for one in pending:
        with attempts.at(one.region):
            one.execute()
    follow_all(manner.err, [one.watch for one in pending if one.watch], attempts, manner.sleep)


def _discard(all_: Sequence[Installation], attempts: Attempts) -> None:
    for one in all_:
        with attempts.at(one.region):
            one.discard()
        if one.change_set is not None and one.watch is None:
            where = f"--stack-name {one.order.stack_name} --region {one.region}"
            delete = f"aws cloudformation delete-change-set --change-set-name {one.change_set.name} {where}"
            attempts.console.print(
                f"A change set that changes nothing may be left. Delete it: {delete}", soft_wrap=True
            )


def _print_plans(console: Console, planned: Sequence[Installation]) -> None:
    if not planned:
        return
    header = ("Region", "Stack", "Macro", "Version", "What would change")
    print_aligned(console, [header, *(_row(one) for one in planned)])
    console.print()
    alike: dict[tuple[Change, ...], list[str]] = {}
    for one in planned:
        alike.setdefault(one.changes, []).append(one.region)
    for changes, regions in alike.items():
        if changes:
            console.print(Text(", ".join(regions), "bold"), soft_wrap=True)
            rows = [("", each.action, each.resource, each.type, _fate(each.replacement)) for each in changes]
            print_aligned(console, rows, has_header=False)
            console.print()


def _row(one: Installation) -> tuple[str, ...]:
    what = _summary(one) if one.changes else "nothing"
    return one.region, one.order.stack_name, one.name, _versions(one), what


def _summary(one: Installation) -> str:
    if one.before is None:
        return f"created with {len(one.changes)} resources"
    return f"{len(one.changes)} of its resources"


def _versions(one: Installation) -> str:
    new = one.order.template.version or "unknown"
    if one.before is None:
        return new
    old = version_of(one.before) or "unknown"
    return old if old == new else f"{old} -> {new}"


def _fate(replacement: str) -> str:
    return {"True": "replaced", "Conditional": "perhaps replaced"}.get(replacement, "")


def _question(pending: Sequence[Installation]) -> str:
    return f"Go ahead in {', '.join(one.region for one in pending)}?"


def _print_done(console: Console, done: Sequence[Installation]) -> None:
    if not done:
        return
    for one in done:
        where = f"in {one.region} ({_versions(one)})"
        text = f"{one.name} is installed {where}." if one.changes else f"Nothing to change: {one.name} is {where}."
        console.print(text, soft_wrap=True)
    name = done[0].name
    option = "" if name == DEFAULT_NAME else f" --macro-name {name}"
    console.print(
        "",
        "To make routes stream, list it in a template before SAM and after, and tag events:",
        "",
        "Transform:",
        f"  - {name}",
        "  - AWS::Serverless-2016-10-31",
        f"  - {name}",
        "",
        "      Events:",
        "        Ask:",
        "          Type: Api",
        "          Properties: {Path: /chat, Method: post, Streaming: true}",
        "",
        f'samstream add template.yaml "POST /chat"{option} does both.',
        sep="\n",
        soft_wrap=True,
    )

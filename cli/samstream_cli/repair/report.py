"""Shows a plan and what became of it: to people as tables, to programs as one JSON document."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from samstream_cli.aws.regional import print_aligned
from samstream_cli.probe_runs import printable
from samstream_cli.repair.plan import NEW, Plan
from samstream_cli.verify.cases import RouteVerdict, Verdict

if TYPE_CHECKING:
    from samstream.types import JsonObject

VERSION: Final = 1
"""Of the JSON document; it changes when a name in it changes its meaning or goes."""


class Outcome(StrEnum):
    """How a run ended."""

    NOTHING_TO_DO = "nothing_to_do"
    PLANNED = "planned"
    REFUSED = "refused"
    DECLINED = "declined"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass
class Result:
    """What became of a plan; `record` is the undo file, `deployment` the one that was made."""

    outcome: Outcome
    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    problem: str = ""
    record: str = ""
    deployment: str = ""
    verdicts: Sequence[RouteVerdict] = ()


def print_plan(console: Console, plan: Plan) -> None:
    """What would be done, what is worth knowing, and what speaks against it."""
    place = plan.place
    console.print(Text(f"API {place.api}, stage {place.stage}, {place.region}", "bold"), soft_wrap=True)
    if plan.routes:
        rows = [("Route", "Transfer mode", "Timeout", "Function", "")]
        rows += [(one.route, one.mode, one.timeout, one.function or "-", one.note) for one in plan.routes]
        keep = range(5 if any(change.note for change in plan.routes) else 4)
        print_aligned(console, [[printable(row[at]) for at in keep] for row in rows])
    for function in plan.functions:
        console.print(Text(printable(f"Function {function.name}: {function}")), soft_wrap=True)
    if plan.stage:
        after = "a new one" if plan.stage.after == NEW else plan.stage.after
        console.print(Text(f"Stage {place.stage}: deployment {plan.stage.before} -> {after}"), soft_wrap=True)
    console.print()
    for note in plan.notes:
        console.print(Text.assemble(("note", "yellow"), f": {printable(note)}."), soft_wrap=True)
    for refusal in plan.refusals:
        text = f": {printable(refusal.message)}.\n  {printable(refusal.remedy)}"
        console.print(Text.assemble(("refused", "bold red"), text), soft_wrap=True)


def print_verdicts(console: Console, verdicts: Sequence[RouteVerdict]) -> None:
    """One line a route, as `samstream verify` judges it."""
    for one in verdicts:
        style = {Verdict.STREAMS: "green", Verdict.UNKNOWN: "yellow"}.get(one.verdict, "bold red")
        word = one.verdict.replace("_", " ")
        remedy = one.judgement.remedy.replace("--probe", "samstream probe URL")  # an option of verify
        text = f": {printable(one.case.route)}: {printable(one.judgement.why)}. {printable(remedy)}"
        console.print(Text.assemble((word, style), text.rstrip()), soft_wrap=True)


def to_json(plan: Plan, result: Result) -> str:
    """The plan and what became of it."""
    verdicts = [
        {"route": one.case.route, "verdict": str(one.verdict), "why": one.judgement.why}
        | {"remedy": one.judgement.remedy, "rule": one.judgement.rule}
        for one in result.verdicts
    ]
    document: JsonObject = {
        "version": VERSION,
        "plan": {**asdict(plan), "is_needed": plan.is_needed},
        "result": {
            "outcome": str(result.outcome),
            "done": result.done,
            "left": result.left,
            "problem": result.problem,
            "undo_file": result.record,
            "deployment": result.deployment,
            "verdicts": verdicts,
        },
    }
    return json.dumps(document, indent=2)

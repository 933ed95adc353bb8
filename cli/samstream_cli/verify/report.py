"""Tells what was found: to people as text, to programs as one JSON document."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from rich.console import Console
from rich.text import Text

from samstream.types import JsonObject
from samstream_cli.errors import ExitCode
from samstream_cli.probe_runs import printable
from samstream_cli.verify.cases import Case, Integration, Judgement, RouteVerdict, Verdict
from samstream_cli.verify.judging import CONFIGURED_AND_DEPLOYED, seconds_of
from samstream_cli.verify.live import LiveIntegration
from samstream_cli.verify.notes import Note
from samstream_cli.verify.probes import UNTOLD, Outcome, Probed
from samstream_cli.verify.reads import Unread

VERSION: Final = 1
"""Of the JSON document; it changes when a name in it changes its meaning or goes."""

_STYLES: Final[Mapping[str, str]] = {
    Verdict.STREAMS: "green",
    Verdict.NOT_REDEPLOYED: "bold red",
    Verdict.DISAGREES: "bold red",
    Verdict.BUFFERED: "bold red",
    Verdict.UNKNOWN: "yellow",
    Outcome.STREAMED: "green",
    Outcome.FAILED: "bold red",
    Outcome.REFUSED: "yellow",
    Outcome.UNREACHABLE: "yellow",
}


@dataclass(frozen=True)
class Verified:
    """All there is to tell of a stack."""

    stack: str
    region: str
    verdicts: Sequence[RouteVerdict]
    notes: Sequence[Note] = ()
    problems: Sequence[Unread] = ()
    probes: Sequence[Probed] = ()
    is_template_known: bool = True
    is_strict: bool = False

    @property
    def of_interest(self) -> list[RouteVerdict]:
        """Those that are to stream or do, and those that are broken."""
        return [one for one in self.verdicts if one.case.wanted or one.verdict is not Verdict.BUFFERED]

    @property
    def exit_code(self) -> ExitCode:
        is_failed = any(one.is_failure for one in self.verdicts)
        is_failed = is_failed or any(one.outcome is Outcome.FAILED for one in self.probes)
        if is_failed or (self.is_strict and any(note.rule for note in self.notes)):
            return ExitCode.WOULD_FAIL
        is_untold = any(one.verdict is Verdict.UNKNOWN for one in self.verdicts)
        is_untold = is_untold or any(one.outcome in UNTOLD for one in self.probes)
        return ExitCode.UNUSABLE if is_untold or not self.is_template_known else ExitCode.OK


def print_verified(console: Console, verified: Verified) -> None:
    """Each stage with its routes, what couldn't be read, the notes, the probes, and the sum."""
    stages: dict[tuple[str, str, str], list[RouteVerdict]] = {}
    for one in verified.of_interest:
        stages.setdefault((one.case.api.name, one.case.api.id, one.case.stage.name), []).append(one)
    for (name, id_, stage), verdicts in stages.items():
        console.print(Text(printable(f"API {name} ({id_}), stage {stage}"), "bold"))
        _print_routes(console, verdicts)
        console.print()
    for problem in verified.problems:
        _print_line(console, "not read", "yellow", f"{problem.reason}. {problem.remedy}".rstrip())
    noted: dict[tuple[str, str], list[str]] = {}
    for note in verified.notes:
        where = " ".join(filter(None, (note.api, note.stage, note.route))) if note.stage else ""
        noted.setdefault((f"note {note.rule}".rstrip(), note.message), []).append(where)
    for (word, message), places in noted.items():
        _print_line(console, word, "yellow", printable(", ".join(filter(None, places))) + ": " * any(places) + message)
    if verified.probes:
        _print_probes(console, verified.probes)
    if verified.problems or verified.notes or verified.probes:
        console.print()
    console.print(Text(_sum(verified), "bold"), soft_wrap=True)


def _print_routes(console: Console, verdicts: Sequence[RouteVerdict]) -> None:
    rows = [("Route", "Verdict", "Configured", "Deployed", "Timeout", "Function"), *map(_row, verdicts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for index, row in enumerate(rows):
        line = Text("   ").join(
            Text(cell.ljust(width), _STYLES.get(cell.replace(" ", "_"), "") if at == 1 else "bold" if not index else "")
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        line.rstrip()
        console.print(line, soft_wrap=not console.is_terminal)
    reasons: dict[Judgement, list[str]] = {}
    for one in verdicts:
        if one.verdict is not Verdict.STREAMS or one.judgement.why != CONFIGURED_AND_DEPLOYED:
            reasons.setdefault(one.judgement, []).append(one.case.route)
    for judgement, routes in reasons.items():
        rule = f" [{judgement.rule}]" if judgement.rule else ""
        console.print(
            Text(printable(f"{', '.join(routes)}: {judgement.why}.{rule}")), soft_wrap=not console.is_terminal
        )
        if judgement.remedy:
            console.print(Text(printable(f"  {judgement.remedy}")), soft_wrap=True)


def _row(one: RouteVerdict) -> tuple[str, ...]:
    case = one.case
    integration = case.deployed if isinstance(case.deployed, LiveIntegration) else case.live
    timeout = integration.timeout if isinstance(integration, LiveIntegration) else None
    return (
        printable(case.route),
        one.verdict.replace("_", " "),
        mode_of(case.live),
        mode_of(case.deployed),
        seconds_of(timeout) if timeout is not None else "default" if isinstance(integration, LiveIntegration) else "-",
        printable(str(case.ref or "-")),
    )


def mode_of(integration: Integration) -> str:
    """Its mode in API Gateway's words, `?` where it isn't known, `-` where there is nothing."""
    if integration is None:
        return "-"
    streams = None if isinstance(integration, Unread) else integration.streams
    return {True: "STREAM", False: "BUFFERED", None: "?"}[streams]


def _print_probes(console: Console, probes: Sequence[Probed]) -> None:
    for one in probes:
        style = _STYLES.get(one.outcome, "")
        _print_line(console, one.outcome.replace("_", " "), style, f"{printable(one.request)}: {one.why}.")


def _print_line(console: Console, word: str, style: str, text: str) -> None:
    console.print(Text.assemble((word, style), f": {text}"), soft_wrap=not console.is_terminal)


def _sum(verified: Verified) -> str:
    """One sentence."""
    interesting = verified.of_interest
    buffered = len(verified.verdicts) - len(interesting)
    others = f" {buffered} other{'s are' if buffered != 1 else ' is'} buffered, as nothing says otherwise." * bool(
        buffered
    )
    if not verified.is_template_known:
        others += " What the template wants isn't known."
    if not interesting:
        return f"No route of {verified.stack} is to stream, and none does.{others}"
    streaming = sum(one.verdict is Verdict.STREAMS for one in interesting)
    routes, verb = "route" if len(interesting) == 1 else "routes", "streams" if streaming == 1 else "stream"
    return f"{streaming} of {len(interesting)} {routes} of {verified.stack} {verb}.{others}"


def to_json(verified: Verified) -> str:
    """The document that docs/verify.md describes."""
    document = {
        "version": VERSION,
        "exit_code": int(verified.exit_code),
        "stack": verified.stack,
        "region": verified.region,
        "template_known": verified.is_template_known,
        "routes": [_route_data(one) for one in verified.verdicts],
        "notes": [asdict(note) for note in verified.notes],
        "problems": [{"reason": one.reason, "remedy": one.remedy, "action": one.action} for one in verified.problems],
        "probes": [_probe_data(one) for one in verified.probes],
    }
    return json.dumps(document, indent=2)


def _route_data(one: RouteVerdict) -> JsonObject:
    case, judgement = one.case, one.judgement
    return {
        **_place(case),
        "wanted": case.wanted is not None,
        "tag": case.wanted.why if case.wanted else "",
        "verdict": str(judgement.verdict),
        "why": judgement.why,
        "remedy": judgement.remedy,
        "rule": judgement.rule,
        "configured": _integration_data(case.live),
        "deployed": _integration_data(case.deployed),
        "function": str(case.ref) if case.ref else None,
    }


def _place(case: Case) -> JsonObject:
    return {"api": case.api.name, "api_id": case.api.id, "stage": case.stage.name, "route": case.route}


def _integration_data(integration: Integration) -> JsonObject:
    mode = mode_of(integration)
    timeout = integration.timeout if isinstance(integration, LiveIntegration) else None
    return {"mode": None if mode in ("?", "-") else mode, "timeout_in_millis": timeout}


def _probe_data(one: Probed) -> JsonObject:
    run = one.run
    return {
        **_place(one.case),
        "request": one.request,
        "outcome": str(one.outcome),
        "why": one.why,
        "status": run.status if run else None,
        "http_version": (run.http_version or None) if run else None,
        "first_byte_s": round(run.first_byte, 6) if run and run.first_byte is not None else None,
        "longest_silence_s": round(run.longest_silence.seconds, 6) if run and run.longest_silence else None,
    }

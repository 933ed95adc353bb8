"""Tells what a probe saw: to people as text, to programs as one JSON document."""

import json
from collections.abc import Sequence
from itertools import groupby
from statistics import median
from typing import Final

from rich.console import Console
from rich.text import Text

from samstream.types import JsonObject
from samstream_cli.errors import ExitCode
from samstream_cli.probe_runs import Chunk, Ending, Run, printable, shown_headers
from samstream_cli.probe_verdict import Expectations, judge, missed, remarks, seconds
from samstream_cli.timeline import draw

VERSION: Final = 1
"""Of the JSON document; it changes when a name in it changes its meaning or goes."""

_WIDEST: Final = 100
_ENDINGS: Final = {
    Ending.CUT: "CUT OFF",
    Ending.TIMEOUT: "given up",
    Ending.STOPPED: "stopped",
    Ending.INTERRUPTED: "interrupted",
}


def print_run(console: Console, run: Run, expected: Expectations) -> None:
    """One run, the verdict last."""
    for line in _head(run):
        console.print(line)
    for name, value in shown_headers(run):
        console.print(Text(f"  {name}: {value}", "dim"))
    console.print()
    console.print(timeline(console, run))
    console.print()
    console.print(figures(run))
    verdict = judge(run)
    word = ("Streamed", "bold green") if verdict.streamed else ("No streaming seen", "bold yellow")
    console.print(Text.assemble(word, f": {verdict.why}."))
    for remark in remarks(run):
        console.print(Text.assemble(("note: ", "yellow"), f"{remark}."))
    for miss in missed(run, expected):
        console.print(Text.assemble(("missed: ", "bold red"), f"{miss}."))


def timeline(console: Console, run: Run) -> Text:
    return draw(run, min(console.width - 2, _WIDEST), ascii_only=console.options.ascii_only)


def figures(run: Run) -> Text:
    """The run's measures in one line."""
    parts = [f"{len(run.chunks)} {'chunk' if len(run.chunks) == 1 else 'chunks'}", f"{run.size} bytes"]
    if run.events is not None:
        parts.append(f"{run.events} {'event' if run.events == 1 else 'events'}")
    if run.headers_at is not None:
        parts.append(f"headers {seconds(run.headers_at)}")
    if run.chunks:
        parts.append(f"first byte {seconds(run.chunks[0].at)}")
    if silence := run.longest_silence:
        parts.append(f"longest silence {seconds(silence.seconds)}")
    parts.append(f"{_ENDINGS.get(run.ending, 'end')} {seconds(run.ended)}")
    return Text("  ".join(parts))


def chunk_line(chunk: Chunk, before: float, *, with_content: bool) -> str:
    """When a chunk came, how long after what was before it, and its size."""
    content = f"  {printable(chunk.content.decode('utf-8', 'backslashreplace'))}" if with_content else ""
    return f"{chunk.at:9.3f} s  +{chunk.at - before:8.3f} s  {chunk.size:8} bytes{content}"


def print_summary(console: Console, runs: Sequence[Run]) -> None:
    """The repeated runs of each URL, in one line of figures each."""
    for part in summaries(runs):
        console.print(Text(f"{part['label'] or part['url']}: {part['runs']} runs, {part['streamed']} streamed"))
        for name, key in (("first byte", "first_byte_s"), ("longest silence", "longest_silence_s")):
            if figure := part[key]:
                values = (f"{word} {seconds(figure[word])}" for word in ("min", "median", "max"))
                console.print(Text(f"  {name:16}{', '.join(values)}"))


def summaries(runs: Sequence[Run]) -> list[JsonObject]:
    """What the runs of each target have in common, for targets in their order."""
    groups = [list(group) for _, group in groupby(runs, lambda run: (run.label, run.url))]
    return [
        {
            "label": group[0].label,
            "url": group[0].url,
            "runs": len(group),
            "streamed": sum(judge(run).streamed for run in group),
            "first_byte_s": _spread([run.first_byte for run in group]),
            "longest_silence_s": _spread([silence.seconds for run in group if (silence := run.longest_silence)]),
        }
        for group in groups
    ]


def to_json(runs: Sequence[Run], expected: Expectations, exit_code: ExitCode, *, with_content: bool = False) -> str:
    """The document that docs/probe.md describes."""
    document = {
        "version": VERSION,
        "exit_code": int(exit_code),
        "runs": [_run_data(run, expected, with_content=with_content) for run in runs],
        "summary": summaries(runs),
    }
    return json.dumps(document, indent=2)


def exit_code_of(runs: Sequence[Run], expected: Expectations) -> ExitCode:
    if any(run.ending is Ending.INTERRUPTED for run in runs):
        return ExitCode.INTERRUPTED
    return ExitCode.WOULD_FAIL if any(missed(run, expected) for run in runs) else ExitCode.OK


def _head(run: Run) -> list[Text]:
    """The request, how it got there, and the status."""
    name = f"  ({printable(run.label)})" if run.label else ""
    setup = (("dns", run.setup.dns), ("connect", run.setup.connect), ("tls", run.setup.tls))
    steps = ", ".join(f"{step} {seconds(taken)}" for step, taken in setup if taken is not None)
    lines = [Text(f"redirect: {hop}", "dim") for hop in run.redirects]
    lines.append(Text.assemble((f"{run.method} {run.url}", "bold"), name))
    if run.address:
        lines.append(Text(f"{run.address}: {steps}; the clock starts then", "dim"))
    style = "red" if not run.status or run.status >= 400 else "green"
    status = f"{run.status} {printable(run.reason)}".rstrip() + f" ({run.http_version})" if run.status else "no answer"
    return [*lines, Text(status, style)]


def _run_data(run: Run, expected: Expectations, *, with_content: bool) -> JsonObject:
    silence, verdict = run.longest_silence, judge(run)
    return {
        "label": run.label,
        "method": run.method,
        "url": run.url,
        "address": run.address,
        "proxy": run.proxy or None,
        "redirects": list(run.redirects),
        "http_version": run.http_version or None,
        "status": run.status,
        "reason": run.reason,
        "headers": [list(header) for header in shown_headers(run)],
        "setup": {
            "dns_s": _rounded(run.setup.dns),
            "connect_s": _rounded(run.setup.connect),
            "tls_s": _rounded(run.setup.tls),
        },
        "sent_s": _rounded(run.sent),
        "headers_s": _rounded(run.headers_at),
        "first_byte_s": _rounded(run.first_byte),
        "ended_s": _rounded(run.ended),
        "ending": str(run.ending),
        "failure": run.failure or None,
        "longest_silence": silence and {"from_s": _rounded(silence.start), "seconds": _rounded(silence.seconds)},
        "bytes": run.size,
        "events": run.events,
        "chunks": [_chunk_data(chunk, with_content=with_content) for chunk in run.chunks],
        "streamed": verdict.streamed,
        "why": verdict.why,
        "remarks": remarks(run),
        "missed": missed(run, expected),
    }


def _chunk_data(chunk: Chunk, *, with_content: bool) -> JsonObject:
    text = {"text": chunk.content.decode("utf-8", "backslashreplace")} if with_content else {}
    return {"at_s": _rounded(chunk.at), "bytes": chunk.size, **text}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _spread(values: Sequence[float | None]) -> JsonObject | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"min": _rounded(min(known)), "median": _rounded(median(known)), "max": _rounded(max(known))}

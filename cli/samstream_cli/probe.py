"""`samstream probe`: when each chunk of an answer came, and whether that was streaming."""

import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live

from samstream_cli.errors import UsageError
from samstream_cli.options import debug_option
from samstream_cli.probe_network import Recording
from samstream_cli.probe_report import (
    chunk_line,
    exit_code_of,
    figures,
    print_run,
    print_summary,
    timeline,
    to_json,
)
from samstream_cli.probe_request import Request, parse_header, parse_method, parse_url
from samstream_cli.probe_runs import Chunk, Ending, Run
from samstream_cli.probe_verdict import Expectations
from samstream_cli.probing import probe as run_probe
from samstream_cli.probing import so_far
from samstream_cli.tables import report_console
from samstream_cli.timeline import to_svg
from samstream_cli.writing import check_target, write

LONGEST: Final = 900.0
"""Seconds that API Gateway gives a streaming route."""

PROBE_EXIT_CODES: Final = """\b
Exit codes:
  0    the answer came whole, its status is below 400, every expectation holds
  1    it was cut off or didn't end in time, its status is 400 or above
       without --allow-error, or an expectation is missed
  2    the command can't tell: wrong options, or nothing to connect to
  130  interrupted; what came until then is shown
"""


class _Seconds(click.FloatRange):
    """A time of up to a day."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail("nan is no time.", param, ctx)
        return number


_SECONDS: Final = _Seconds(0, 86_400, min_open=True)


@dataclass(frozen=True)
class Watching:
    """How to follow a run: for how long, how much of it, and what to show of it meanwhile."""

    timeout: float
    max_chunks: int | None = None
    show_chunks: bool = False
    with_content: bool = False
    as_json: bool = False


@click.command(epilog=PROBE_EXIT_CODES)
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option("-X", "--method", help="The method  [default: GET, or POST with --data]")
@click.option("-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header; repeatable.")
@click.option("-d", "--data", metavar="TEXT", help="The body: TEXT, @FILE, or - for standard input.")
@click.option("--repeat", type=click.IntRange(1, 1000), default=1, show_default=True, help="Runs of each URL.")
@click.option("--label", "labels", multiple=True, metavar="NAME", help="Name a URL in the pictures; one for each.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--svg", metavar="FILE", help="Draw the timelines into FILE.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.option("--chunks", "show_chunks", is_flag=True, help="Print a line for each chunk as it comes.")
@click.option("--body", "with_content", is_flag=True, help="Show what each chunk contains (turns on --chunks).")
@click.option("--timeout", type=_SECONDS, default=LONGEST, show_default=True, help="Seconds until giving a run up.")
@click.option("--max-chunks", type=click.IntRange(1), metavar="N", help="Stop a run after N chunks.")
@click.option("--follow", is_flag=True, help="Follow redirects; the last answer is measured.")
@click.option("--http1", is_flag=True, help="Use HTTP/1.1 where HTTP/2 is offered.")
@click.option("-k", "--insecure", is_flag=True, help="Don't verify the server's certificate.")
@click.option("--max-ttfb", type=_SECONDS, metavar="SECONDS", help="Fail if the body's first byte comes later.")
@click.option("--max-gap", type=_SECONDS, metavar="SECONDS", help="Fail if a silence lasts longer.")
@click.option("--expect-streaming", is_flag=True, help="Fail if no streaming is seen.")
@click.option("--allow-error", is_flag=True, help="Take a status of 400 or above.")
@debug_option
def probe(  # noqa: PLR0913  # one argument an option
    *,
    urls: tuple[str, ...],
    method: str | None,
    headers: tuple[str, ...],
    data: str | None,
    repeat: int,
    labels: tuple[str, ...],
    as_json: bool,
    svg: str | None,
    force: bool,
    show_chunks: bool,
    with_content: bool,
    timeout: float,
    max_chunks: int | None,
    follow: bool,
    http1: bool,
    insecure: bool,
    max_ttfb: float | None,
    max_gap: float | None,
    expect_streaming: bool,
    allow_error: bool,
) -> int:
    """Show when each chunk of the answer from URL came, and whether that was streaming.

    Works against anything that speaks HTTP. Times count from the moment the request begins to be sent on
    a connection of its own. Neither header values of the request nor values in a URL's query are printed.
    """
    if svg is not None:
        check_target(Path(svg), force=force, template=None)
    content = _read_data(data)
    sent = (*map(parse_header, headers), *_content_type(content, headers))
    verb = parse_method(method or ("GET" if content is None else "POST"))
    requests = [
        Request(verb, parse_url(url), sent, content, label, http1, insecure, follow)
        for url, label in _labelled(urls, labels)
    ]
    expected = Expectations(max_ttfb, max_gap, expect_streaming, allow_error)
    watching = Watching(timeout, max_chunks, show_chunks or with_content, with_content, as_json)
    return _show(requests, repeat, watching, expected, svg)


def _show(requests: list[Request], repeat: int, watching: Watching, expected: Expectations, svg: str | None) -> int:
    """Runs everything and tells of it; the result is the exit code."""
    console = report_console(sys.stdout)
    repeated = [request for request in requests for _ in range(repeat)]
    runs = list(_run_all(console, repeated, watching, expected))
    code = exit_code_of(runs, expected)
    if watching.as_json:
        click.echo(to_json(runs, expected, code, with_content=watching.with_content))
    elif repeat > 1:
        print_summary(console, runs)
    if svg is not None:
        write(Path(svg), to_svg(runs))
        click.echo(f"Wrote {svg}.", err=watching.as_json)
    return code


def _run_all(console: Console, requests: list[Request], watching: Watching, expected: Expectations) -> Iterator[Run]:
    """Each run, told when it is done; an interrupted one is the last."""
    for number, request in enumerate(requests):
        if number and not watching.as_json:
            console.print()
        run = watch(console, request, watching)
        if not watching.as_json:
            print_run(console, run, expected)
        yield run
        if run.ending is Ending.INTERRUPTED:
            return


def watch(
    console: Console, request: Request, watching: Watching, clock: Callable[[], float] = time.perf_counter
) -> Run:
    """One run, shown while it goes on: as lines, or as a timeline that grows where there is a terminal."""
    quiet = watching.as_json or not watching.show_chunks
    recording = Recording(
        clock,
        timeout=watching.timeout,
        max_chunks=watching.max_chunks,
        keep_content=watching.with_content,
        on_chunk=(lambda _: None) if quiet else _teller(console, with_content=watching.with_content),
    )
    with _live(console, request, recording, shown=quiet and not watching.as_json):
        return run_probe(request, recording)


def _teller(console: Console, *, with_content: bool) -> Callable[[Chunk], None]:
    before = 0.0

    def tell(chunk: Chunk) -> None:
        nonlocal before
        console.print(chunk_line(chunk, before, with_content=with_content), soft_wrap=True)
        console.file.flush()
        before = chunk.at

    return tell


@contextmanager
def _live(console: Console, request: Request, recording: Recording, *, shown: bool) -> Iterator[None]:
    if not (shown and console.is_terminal):
        yield
        return
    with Live(_Growing(request, recording), console=console, transient=True, refresh_per_second=10):
        yield


@dataclass(frozen=True)
class _Growing:
    """The timeline up to the moment in which it is drawn."""

    request: Request
    recording: Recording

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        run = so_far(self.request, self.recording)
        yield timeline(console, run)
        yield figures(run)


def _labelled(urls: tuple[str, ...], labels: tuple[str, ...]) -> list[tuple[str, str]]:
    if len(labels) > len(urls):
        raise UsageError(f"{len(labels)} labels are too many for {len(urls)} URLs", "Give each URL one at most.")
    return list(zip(urls, (*labels, *[""] * (len(urls) - len(labels))), strict=True))


def _read_data(data: str | None) -> bytes | None:
    """The request's body, None for none. Raises `UsageError`."""
    if data is None or not data.startswith(("-", "@")) or (data[0] == "-" and data != "-"):
        return None if data is None else os.fsencode(data)
    if data == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        raise UsageError(f"{data[1:]} can't be read: {error.strerror}", "Name a file: --data @FILE") from error


def _content_type(content: bytes | None, headers: tuple[str, ...]) -> list[tuple[str, str]]:
    """JSON where the body is a JSON object or list, else what curl sends; nothing where the user says it."""
    if content is None or any(header.lower().startswith("content-type:") for header in headers):
        return []
    try:
        is_json = isinstance(json.loads(content), dict | list)
    except (ValueError, RecursionError):
        is_json = False
    return [("content-type", "application/json" if is_json else "application/x-www-form-urlencoded")]

"""Asks the routes of a stage themselves: GET and HEAD unasked, any other request only as it is given."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlsplit

from samstream_cli.errors import UsageError
from samstream_cli.probe_network import Recording
from samstream_cli.probe_request import Request, parse_method, parse_url
from samstream_cli.probe_runs import Ending, Run
from samstream_cli.probe_verdict import judge, remarks, seconds
from samstream_cli.probing import ProbeError, probe
from samstream_cli.verify.cases import Case
from samstream_cli.verify.live import LiveSettings
from samstream_cli.verify.survey import NO_STAGE

ROOM: Final = 30.0
"""Seconds that a probe goes on after the silence that is asked for."""

_PARAMETER: Final = re.compile(r"\{(\w+)(\+?)\}")


class Outcome(StrEnum):
    """What a probe says: `not_seen` is an answer that streaming can't be told of, `refused` a status of 4xx."""

    STREAMED = "streamed"
    ANSWERED = "answered"
    NOT_SEEN = "not_seen"
    FAILED = "failed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"


UNTOLD: Final = (Outcome.REFUSED, Outcome.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Asking:
    """How to ask. `requests` are methods and paths, with a query if need be; `paths` values of path parameters.
    Headers and data may be secrets, and stay in here."""

    url: str | None = None
    requests: tuple[tuple[str, str], ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    data: bytes | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    silence: float | None = None
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class Probed:
    """One request and what came of it; `run` is None where there was none."""

    case: Case
    request: str
    outcome: Outcome
    why: str
    run: Run | None = None


def parse_request(text: str) -> tuple[str, str]:
    """`"POST /chat"`. Raises `UsageError`."""
    method, _, path = text.strip().partition(" ")
    if not path.strip().startswith("/"):
        raise UsageError("a --request isn't a method and a path", 'Write --request "POST /chat", for example.')
    return parse_method(method), path.strip()


def probe_all(cases: Sequence[Case], asking: Asking, suffix: str, region: str) -> Iterator[Probed]:
    """Each probe when it is done. Raises `UsageError` where a request fits no route or a URL several stages."""
    targets = {(case.api.id, case.stage.name) for case in cases}
    if asking.url and len(targets) > 1:
        raise UsageError("--url is one stage's, but there are several", "Choose one with --api and --stage.")
    given = [(_case_of(cases, *request), *request) for request in asking.requests]
    for case in cases:
        is_streaming = case.concerns_streaming and case.stage.name != NO_STAGE
        planned = list(_unasked(case, asking)) if is_streaming else []
        planned += [(method, path) for found, method, path in given if found is case]
        if is_streaming and not planned:
            yield Probed(case, case.route, Outcome.SKIPPED, _why_skipped(case))
        for method, path in planned:
            yield from _probe_route(case, method, path, asking, _base(case, asking, suffix, region))


def _case_of(cases: Sequence[Case], method: str, path: str) -> Case:
    """The route that API Gateway would choose: the one with the most literal path, a method's own before ANY."""
    bare = path.partition("?")[0]
    fitting = [case for case in cases if _fits(case.route, method, bare)]
    if not fitting:
        raise UsageError(f"no route of the stack answers {method} {bare}", "Check the method and the path.")
    best = min(map(_width, fitting))
    chosen = [case for case in fitting if _width(case) == best]
    if len(chosen) > 1:
        raise UsageError(f"several stages answer {method} {bare}", "Choose one with --api and --stage.")
    return chosen[0]


def _width(case: Case) -> tuple[str, bool]:
    """What is smaller is chosen: literal text before a parameter, that before a greedy one."""
    method, _, path = case.route.partition(" ")
    return _PARAMETER.sub(lambda found: "\x7f\x7f" if found[2] else "\x7f", path), method == "ANY"


def _fits(route: str, method: str, path: str) -> bool:
    own_method, _, own_path = route.partition(" ")
    parts = _PARAMETER.split(own_path)
    pattern = "".join(
        re.escape(part) if index % 3 == 0 else ("(.+)" if parts[index + 1] else "([^/]+)") if index % 3 == 1 else ""
        for index, part in enumerate(parts)
    )
    return own_method in (method, "ANY") and re.fullmatch(pattern, path) is not None


def _unasked(case: Case, asking: Asking) -> Iterator[tuple[str, str]]:
    """GET acts on nothing, nor does HEAD; what has path parameters needs their values."""
    method, _, path = case.route.partition(" ")
    if {found[1] for found in _PARAMETER.finditer(path)} <= asking.paths.keys():
        filled = _PARAMETER.sub(lambda found: quote(asking.paths[found[1]], safe="/" if found[2] else ""), path)
        yield from ((verb, filled) for verb in ("GET", "HEAD") if method in (verb, "ANY"))


def _why_skipped(case: Case) -> str:
    method, _, path = case.route.partition(" ")
    if method not in ("GET", "HEAD", "ANY"):
        return f'a {method} may act, so it isn\'t sent unasked: --request "{method} {path}"'
    names = [found[1] for found in _PARAMETER.finditer(path)]
    return f"its path needs values: {' '.join(f'--path {name}=VALUE' for name in names)}"


def _base(case: Case, asking: Asking, suffix: str, region: str) -> str | None:
    """Where the stage answers; None where that isn't to be told from here."""
    if asking.url:
        return asking.url.rstrip("/")
    settings = case.api.settings
    if not isinstance(settings, LiveSettings) or "PRIVATE" in settings.endpoint_types:
        return None
    if settings.is_default_endpoint_disabled:
        return None
    return f"https://{case.api.id}.execute-api.{region}.{suffix}/{case.stage.name}"


def _probe_route(case: Case, method: str, path: str, asking: Asking, base: str | None) -> Iterator[Probed]:
    """By HTTP/2, or whatever the server speaks; over TLS a GET once more by HTTP/1.1."""
    name = f"{method} {path.partition('?')[0]}"
    if base is None:
        yield Probed(case, name, Outcome.SKIPPED, "the API doesn't answer at its own host: --url https://...")
        return
    data = asking.data if method not in ("GET", "HEAD") else None
    request = Request(method, parse_url(base + path), asking.headers, data)
    yield _probe(case, name, request, asking)
    if urlsplit(base).scheme == "https" and method == "GET":
        http1 = Request(method, request.url, request.headers, None, http1=True)
        yield _probe(case, f"{name} by HTTP/1.1", http1, asking)


def _probe(
    case: Case, name: str, request: Request, asking: Asking, clock: Callable[[], float] = time.perf_counter
) -> Probed:
    timeout = max(asking.timeout, (asking.silence or 0) + ROOM)
    try:
        run = probe(request, Recording(clock, timeout=timeout))
    except ProbeError as error:
        return Probed(case, name, Outcome.UNREACHABLE, f"{error.message}. {error.remedy}")
    if run.ending is Ending.INTERRUPTED:
        raise KeyboardInterrupt
    outcome, why = judge_run(run, asking.silence)
    return Probed(case, name, outcome, why, run)


def judge_run(run: Run, silence: float | None) -> tuple[Outcome, str]:
    """What an answer says of its route, and why."""
    status = run.status or 0
    if run.ending is Ending.CUT or not status or status >= 500:
        what = f"status {status}" if status else "no answer"
        return Outcome.FAILED, "; ".join((what, *_said(run)))
    if status >= 400:
        return Outcome.REFUSED, "; ".join((f"status {status}; --header passes a key or token along", *_said(run)))
    if not run.chunks:
        return Outcome.ANSWERED, f"status {status} without a body"
    verdict = judge(run)
    if silence is not None:
        longest = run.longest_silence.seconds if run.longest_silence else 0.0
        if longest < silence:
            why = f"its longest silence was {seconds(longest)}: name a request that is silent for {silence:g} s"
            return Outcome.NOT_SEEN, why
        return Outcome.STREAMED, f"{seconds(longest)} of silence came through"
    first = f"first byte after {seconds(run.first_byte)}; " if run.first_byte is not None else ""
    return (Outcome.STREAMED if verdict.streamed else Outcome.NOT_SEEN), first + verdict.why


def _said(run: Run) -> list[str]:
    """What is remarked of an error; its length says nothing."""
    return [remark for remark in remarks(run) if not remark.startswith("content-length")]

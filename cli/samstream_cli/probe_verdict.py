"""Judges a run: did it stream, what may have gone wrong, and which expectations it misses."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from samstream_cli.probe_runs import Ending, Run

FIRST_WINDOW: Final = 14_600
"""What a server may send before the first acknowledgement: ten segments, https://www.rfc-editor.org/rfc/rfc6928"""

SLOWEST_RATE: Final = 1_000_000
"""Bytes a second; a network that is slower makes a big buffered body look streamed, so say so in the docs."""

JITTER: Final = 0.05
PAUSE: Final = 1.0
"""A silence between two chunks that no network explains."""

LATE: Final = 0.5
"""A first byte after this many seconds had something to wait for."""

LIMITS: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"

_GATEWAY_MESSAGES: Final = {
    "internal server error": "the function failed or wrote what its route doesn't take. Look at its log, then at both "
    "modes: a route that streams needs a function (or an adapter) that writes the streaming format, a buffered route "
    "one that doesn't; and a changed route needs a new deployment",
    "endpoint request timed out": "the route's timeout ran out before the function answered. It is 29 seconds unless "
    "the integration's TimeoutInMillis says otherwise",
    "missing authentication token": "no route has this path and method on this stage, or it isn't deployed yet",
    "forbidden": "the API key, the WAF, a resource policy or the custom domain refused the request",
    "unauthorized": "the authorizer refused the request",
    "too many requests": "the API's or the account's throttling refused the request",
    "limit exceeded": "the usage plan's quota is used up",
    "service unavailable": "API Gateway couldn't get an answer from the integration",
}


@dataclass(frozen=True)
class Verdict:
    """Whether streaming was seen, and the measure that says so."""

    streamed: bool
    why: str


@dataclass(frozen=True)
class Expectations:
    """What a run must show; `None` expects nothing."""

    max_ttfb: float | None = None
    max_gap: float | None = None
    streaming: bool = False
    allow_error: bool = False


def seconds(value: float) -> str:
    """A duration for people."""
    return f"{value * 1000:.0f} ms" if value < 0.0995 else f"{value:.2f} s" if value < 99.995 else f"{value:.0f} s"


def judge(run: Run) -> Verdict:
    """Streaming is seen when the body took longer to come than the network explains."""
    if not run.chunks:
        return Verdict(False, "no body came, so there was nothing to stream")
    if len(run.chunks) == 1:
        return Verdict(False, _at_once(run, ""))
    seen = f"{len(run.chunks)} chunks over {seconds(run.span)}"
    if run.span > buffered_span(run) or run.longest_pause >= PAUSE:
        return Verdict(True, f"the body came in {seen}")
    if run.span <= JITTER:
        return Verdict(False, _at_once(run, f" ({seen})"))
    return Verdict(False, f"the body came without a pause ({seen}), as quickly as a buffered one of its size might")


def _at_once(run: Run, seen: str) -> str:
    waited = run.chunks[0].at
    if waited < LATE:
        return f"the whole body came at once{seen}: it was buffered, or is too short to tell"
    return f"nothing came for {seconds(waited)}, then the whole body at once{seen}: it was buffered, or made only then"


def buffered_span(run: Run) -> float:
    """How long a body may take though it lay ready: round trips while TCP speeds up, then a slow network."""
    round_trips = math.log2(1 + run.size / FIRST_WINDOW)
    return JITTER + round_trips * (run.setup.connect or 0.0) + run.size / SLOWEST_RATE


def remarks(run: Run) -> list[str]:
    """What a user should know of this run, the most important first."""
    return [*_on_the_end(run), *_on_the_status(run), *_on_the_headers(run), *run.notes]


def missed(run: Run, expected: Expectations) -> list[str]:
    """Every expectation that the run misses; an answer that didn't come whole misses one that all have."""
    return list(_missed(run, expected))


def _missed(run: Run, expected: Expectations) -> Iterator[str]:
    if run.ending is Ending.CUT:
        yield "the answer was cut off"
    if run.ending is Ending.TIMEOUT:
        yield "the answer didn't end within --timeout"
    if run.status and run.status >= 400 and not expected.allow_error:
        yield f"the status is {run.status} (--allow-error takes it)"
    if expected.max_ttfb is not None and (run.first_byte is None or run.first_byte > expected.max_ttfb):
        came = "never came" if run.first_byte is None else f"came after {seconds(run.first_byte)}"
        yield f"the first byte {came}, later than {seconds(expected.max_ttfb)} (--max-ttfb)"
    gap = run.longest_silence
    if expected.max_gap is not None and gap and gap.seconds > expected.max_gap:
        yield f"the longest silence was {seconds(gap.seconds)}, over {seconds(expected.max_gap)} (--max-gap)"
    if expected.streaming and not judge(run).streamed:
        yield "no streaming was seen (--expect-streaming)"


def _on_the_end(run: Run) -> Iterator[str]:
    if run.ending is Ending.TIMEOUT:
        yield f"given up {seconds(run.ended)} after the request (--timeout); --max-chunks ends a stream that has no end"
    if run.ending is not Ending.CUT:
        return
    when = "before any answer came" if run.status is None else "in the middle of the answer"
    yield f"the connection was cut {when}, {seconds(run.ended)} after the request ({run.failure})"
    yield f"{_cause(run)} ({LIMITS})"


def _cause(run: Run) -> str:
    last = run.chunks[-1].at if run.chunks else run.headers_at or 0.0
    quiet = run.ended - last
    if 28.5 <= run.ended < 29.9:
        return "29 s is the default timeout of an API Gateway route: set TimeoutInMillis, up to 900000"
    if 29.5 <= quiet < 32:
        return "30 s of silence end a stream of an edge-optimized API: make it REGIONAL, or send a heartbeat"
    if 299 <= quiet < 305:
        return "5 minutes of silence end a stream of a Regional or private API: send a heartbeat"
    if 899 <= run.ended < 905:
        return "15 minutes are the longest that API Gateway and Lambda give an answer"
    return "behind API Gateway that is most often the function's Timeout or a crash: look at its log and its Timeout"


def _on_the_status(run: Run) -> Iterator[str]:
    message = _gateway_message(run.error_body)
    if message in _GATEWAY_MESSAGES and (_is_aws(run) or run.status in (502, 504)):
        yield f"API Gateway answers {message!r}: {_GATEWAY_MESSAGES[message]}"
    if run.header("location") and run.status and 300 <= run.status < 400:
        yield "a redirect, not followed: --follow measures what it leads to"


def _on_the_headers(run: Run) -> Iterator[str]:
    encoding = run.header("content-encoding")
    if encoding not in ("", "identity"):
        yield f"compressed ({encoding}): bytes are counted as they came, events aren't; compressing may hold bytes back"
    if run.header("content-length") and run.chunks and not judge(run).streamed:
        yield "content-length is set, so the length was known before the body began, as it is of a buffered answer"
    if "hit" in run.header("x-cache").lower():
        yield "a cache answered (x-cache), so this says nothing of what is behind it"
    elif "cloudfront" in run.header("via").lower():
        # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_VpcOriginConfig.html, OriginReadTimeout
        yield "it came through CloudFront (via), whose origin response timeout is 30 s unless set higher"
    if run.proxy:
        yield f"it went through the proxy {run.proxy}, which may buffer; set NO_PROXY to go without"


def _gateway_message(body: str) -> str:
    """The `message` of API Gateway's own error responses."""
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    message = (content.get("message") or content.get("Message")) if isinstance(content, dict) else ""
    return message.lower() if isinstance(message, str) else ""


def _is_aws(run: Run) -> bool:
    return any(name.lower().startswith(("x-amzn-", "x-amz-apigw-")) for name, _ in run.headers)

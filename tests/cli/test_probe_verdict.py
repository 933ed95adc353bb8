"""What is said of a run: did it stream, what went wrong, what was expected in vain."""

import json
from dataclasses import replace
from typing import Any

import pytest

from samstream_cli.probe_runs import Chunk, Ending, Run, Setup
from samstream_cli.probe_verdict import Expectations, Verdict, judge, missed, remarks, seconds


def run(*times: float, size: int = 10, connect: float = 0.01, **fields: Any) -> Run:
    """A run whose chunks came at these times."""
    chunks = tuple(Chunk(at, size) for at in times)
    given: dict[str, Any] = {"status": 200, "headers_at": 0.1, "ended": max(times, default=0.1), **fields}
    return Run("GET", "https://a.test/", chunks=chunks, setup=Setup(None, connect), **given)


@pytest.mark.parametrize(
    ("seen", "streamed", "why"),
    [
        (run(), False, "no body came, so there was nothing to stream"),
        (run(0.3), False, "the whole body came at once: it was buffered, or is too short to tell"),
        (
            run(0.3, 0.301),
            False,
            "the whole body came at once (2 chunks over 1 ms): it was buffered, or is too short to tell",
        ),
        (
            run(3.0),
            False,
            "nothing came for 3.00 s, then the whole body at once: it was buffered, or made only then",
        ),
        (
            run(3.0, 3.001),
            False,
            (
                "nothing came for 3.00 s, then the whole body at once (2 chunks over 1 ms): "
                "it was buffered, or made only then"
            ),
        ),
        (run(0.2, 0.4), True, "the body came in 2 chunks over 0.20 s"),
        (run(*[number / 50 for number in range(101)]), True, "the body came in 101 chunks over 2.00 s"),
    ],
)
def test_small_bodies_stream_when_they_take_their_time(seen: Run, streamed: bool, why: str) -> None:
    assert judge(seen) == Verdict(streamed, why)


def test_a_big_body_that_takes_as_long_as_a_network_does_is_no_proof() -> None:
    assert judge(run(*[number / 100 for number in range(100)], size=100_000)) == Verdict(
        False, "the body came without a pause (100 chunks over 0.99 s), as quickly as a buffered one of its size might"
    )


def test_a_big_body_with_a_pause_streams() -> None:
    assert judge(run(0.1, 0.2, 1.3, size=10_000_000)) == Verdict(True, "the body came in 3 chunks over 1.20 s")


def test_round_trips_of_a_far_server_are_no_streaming() -> None:
    slow_start = (0.3, 0.6, 0.9)
    assert judge(run(*slow_start, size=30_000, connect=0.3)).streamed is False
    assert judge(run(*slow_start, size=30_000, connect=0.01)).streamed is True


def test_an_answer_that_is_as_expected_misses_nothing() -> None:
    assert missed(run(0.2, 0.9), Expectations(0.2, 0.71, streaming=True)) == []


def test_every_expectation_that_is_missed_is_named() -> None:
    seen = run(0.2, 0.201, ended=1.5, status=404, ending=Ending.CUT)
    assert missed(seen, Expectations(0.1, 1.0, streaming=True)) == [
        "the answer was cut off",
        "the status is 404 (--allow-error takes it)",
        "the first byte came after 0.20 s, later than 0.10 s (--max-ttfb)",
        "the longest silence was 1.30 s, over 1.00 s (--max-gap)",
        "no streaming was seen (--expect-streaming)",
    ]


def test_what_never_came_is_late() -> None:
    seen = run(status=None, headers_at=None, ending=Ending.TIMEOUT, ended=9.0)
    assert missed(seen, Expectations(max_ttfb=1, max_gap=1)) == [
        "the answer didn't end within --timeout",
        "the first byte never came, later than 1.00 s (--max-ttfb)",
    ]


def test_errors_can_be_allowed() -> None:
    assert missed(run(1.0, status=500), Expectations(allow_error=True)) == []


@pytest.mark.parametrize(
    ("times", "ended", "cause"),
    [
        ((1.0, 28.9), 29.0, "29 s is the default timeout of an API Gateway route"),
        ((), 29.1, "29 s is the default timeout of an API Gateway route"),
        ((1.0, 10.0), 40.1, "30 s of silence end a stream of an edge-optimized API"),
        ((1.0,), 301.0, "5 minutes of silence end a stream of a Regional or private API"),
        ((1.0, 899.0), 900.2, "15 minutes are the longest that API Gateway and Lambda give an answer"),
        ((1.0,), 3.0, "behind API Gateway that is most often the function's Timeout or a crash"),
    ],
)
def test_a_cut_is_explained_by_when_it_came(times: tuple[float, ...], ended: float, cause: str) -> None:
    what, why = remarks(run(*times, ended=ended, ending=Ending.CUT, failure="incomplete chunked read"))
    after = f"{seconds(ended)} after the request (incomplete chunked read)"
    assert what == f"the connection was cut in the middle of the answer, {after}"
    assert why.startswith(cause)
    assert why.endswith("(https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html)")


def test_a_cut_before_the_answer_is_told_from_one_within() -> None:
    seen = run(status=None, headers_at=None, ended=2.0, ending=Ending.CUT, failure="x")
    assert remarks(seen)[0] == "the connection was cut before any answer came, 2.00 s after the request (x)"


@pytest.mark.parametrize(
    ("status", "message", "start"),
    [
        (502, "Internal server error", "the function failed or wrote what its route doesn't take"),
        (504, "Endpoint request timed out", "the route's timeout ran out before the function answered"),
        (403, "Missing Authentication Token", "no route has this path and method on this stage"),
        (403, "Forbidden", "the API key, the WAF, a resource policy"),
    ],
)
def test_what_api_gateway_answers_itself_is_explained(status: int, message: str, start: str) -> None:
    seen = run(1.0, status=status, headers=(("x-amzn-RequestId", "1"),), error_body=json.dumps({"message": message}))
    (remark,) = remarks(seen)
    assert remark.startswith(f"API Gateway answers {message.lower()!r}: {start}")


@pytest.mark.parametrize("body", ["", "[]", "{", '{"message": 5}', '{"message": "mine"}', "[" * 100_000, "null"])
def test_other_errors_are_left_to_speak_for_themselves(body: str) -> None:
    assert remarks(run(1.0, status=500, headers=(("x-amzn-RequestId", "1"),), error_body=body)) == []


def test_another_servers_forbidden_is_not_api_gateways() -> None:
    assert remarks(run(1.0, status=403, error_body='{"message": "Forbidden"}')) == []


@pytest.mark.parametrize(
    ("header", "start"),
    [
        (("Content-Encoding", "gzip"), "compressed (gzip): bytes are counted as they came"),
        (("Content-Length", "10"), "content-length is set, so the length was known before the body began"),
        (("X-Cache", "Hit from cloudfront"), "a cache answered (x-cache)"),
        (("Via", "1.1 abc.cloudfront.net (CloudFront)"), "it came through CloudFront (via)"),
    ],
)
def test_headers_that_bear_on_streaming_are_explained(header: tuple[str, str], start: str) -> None:
    (remark,) = remarks(run(1.0, headers=(header,)))
    assert remark.startswith(start)


def test_what_else_a_user_should_know_is_said() -> None:
    seen = replace(run(1.0, status=302, headers=(("Location", "/a"),)), proxy="http://proxy.test/", notes=("a note",))
    assert remarks(seen) == [
        "a redirect, not followed: --follow measures what it leads to",
        "it went through the proxy http://proxy.test/, which may buffer; set NO_PROXY to go without",
        "a note",
    ]
    assert remarks(run(1.0, ended=5.0, ending=Ending.TIMEOUT)) == [
        "given up 5.00 s after the request (--timeout); --max-chunks ends a stream that has no end"
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 ms"), (0.0994, "99 ms"), (0.0996, "0.10 s"), (99.994, "99.99 s"), (100, "100 s")]
)
def test_durations_are_written_for_people(value: float, text: str) -> None:
    assert seconds(value) == text

"""Live calls, of real servers on this machine."""

import socket
import time
from typing import Any

import pytest

from samstream_cli.errors import UsageError
from samstream_cli.probe_runs import Chunk, Ending, Run
from samstream_cli.verify.probes import Asking, Outcome, judge_run, parse_request

from cli.probe_servers import CHUNKED, LAST, Server, chunk, saying, serving, whole  # isort: skip
from verify.account import Account  # isort: skip
from verify.test_verdicts import PLAIN  # isort: skip


def streaming(connection: socket.socket) -> None:
    connection.sendall(CHUNKED + chunk(b"one"))
    time.sleep(0.3)
    connection.sendall(chunk(b"two") + LAST)


def probed(server: Server, **asking: Any) -> dict[str, str]:
    """Outcomes by request."""
    verified = Account().deploy().verify(asking=Asking(url=server.url, **asking))
    return {one.request: str(one.outcome) for one in verified.probes}


def asked(server: Server) -> list[str]:
    return [request.split(b" HTTP/")[0].decode() for request in server.requests]


def test_unasked_only_routes_are_called_that_act_on_nothing() -> None:
    with serving(streaming) as server:
        found = probed(server)
        assert (found, asked(server)) == (
            {"POST /chat": "skipped", "GET /events/{id}": "skipped", "GET /proxy": "streamed"},
            ["GET /proxy"],
        )


def test_path_parameters_get_their_values() -> None:
    with serving(streaming) as server:
        found = probed(server, paths={"id": "a b/c"})
        assert found["GET /events/a%20b%2Fc"] == "streamed"
        assert "GET /events/a%20b%2Fc" in asked(server)


def test_a_request_that_acts_is_sent_where_it_is_given() -> None:
    with serving(streaming) as server:
        given = ("POST", "/chat?key=secret")
        found = probed(server, requests=(given,), data=b"{}", headers=(("authorization", "secret"),))
        assert found["POST /chat"] == "streamed"
        assert server.requests[0].startswith(b"POST /chat?key=secret HTTP/1.1")
        assert b"authorization: secret" in server.requests[0]
        assert server.requests[0].endswith(b"{}")
        assert not server.requests[-1].endswith(b"{}")


def test_a_route_that_is_buffered_is_called_where_it_is_given() -> None:
    with serving(whole(b"ok")) as server:
        found = probed(server, requests=(("DELETE", "/plain"),))
        assert found["DELETE /plain"] == "not_seen"


def test_a_request_that_fits_no_route_is_refused() -> None:
    with serving(streaming) as server, pytest.raises(UsageError, match="no route of the stack answers GET /nope"):
        probed(server, requests=(("GET", "/nope?key=secret"),))


def test_a_request_that_several_stages_answer_is_refused() -> None:
    account = Account().deploy()
    account.api.stage("test")
    with pytest.raises(UsageError, match="several stages answer POST /chat"):
        account.verify(stages=["prod", "test"], asking=Asking(requests=(("POST", "/chat"),)))


def test_a_request_goes_to_the_route_that_api_gateway_would_choose() -> None:
    account = Account().deploy()
    for route in ("GET /{proxy+}", "ANY /events/{id}", "GET /events/now", "GET /{top}/{id}"):
        account.api.live[route] = account.api.live["ANY /plain"]
    account.api.stage("prod")
    with serving(streaming) as server:
        given = ("/events/now", "/events/7", "/a/b", "/a/b/c")
        asking = Asking(url=server.url, requests=tuple(("GET", path) for path in given))
        found = {one.request: one.case.route for one in account.verify(asking=asking).probes}
    assert {path: found[f"GET {path}"] for path in given} == {
        "/events/now": "GET /events/now",
        "/events/7": "GET /events/{id}",
        "/a/b": "GET /{top}/{id}",
        "/a/b/c": "GET /{proxy+}",
    }


def test_over_tls_a_get_is_made_by_both_versions_of_http() -> None:
    asking = Asking(url="https://127.0.0.1:9", requests=(("POST", "/chat"),))
    found = {one.request: str(one.outcome) for one in Account().deploy().verify(asking=asking).probes}
    asked = ("GET /proxy", "GET /proxy by HTTP/1.1", "POST /chat")
    assert found == dict.fromkeys(asked, "unreachable") | {"GET /events/{id}": "skipped"}


def test_any_is_called_by_get_and_head() -> None:
    account = Account().deploy()
    route = account.api.live[PLAIN]
    route |= {"uri": account.api.live["POST /chat"]["uri"], "responseTransferMode": "STREAM"}
    account.api.stage("prod")
    head = saying(b"HTTP/1.1 204 No Content\r\n\r\n")
    with serving(streaming, head, streaming) as server:
        verified = account.verify(asking=Asking(url=server.url))
    found = {one.request: str(one.outcome) for one in verified.probes}
    assert (found["GET /proxy"], found["GET /plain"], found["HEAD /plain"]) == ("streamed", "answered", "answered")


def test_a_failing_answer_fails_the_verification() -> None:
    body = b'{"message": "Internal server error"}'
    with serving(whole(body, b"x-amzn-RequestId: 1", status=b"502 Bad Gateway")) as server:
        verified = Account().deploy().verify(asking=Asking(url=server.url))
    assert (verified.exit_code, verified.probes[-1].why.partition(":")[0]) == (
        1,
        "status 502; API Gateway answers 'internal server error'",
    )


def test_a_refused_call_says_nothing() -> None:
    with serving(whole(b"{}", status=b"401 Unauthorized")) as server:
        verified = Account().deploy().verify(asking=Asking(url=server.url))
    assert (verified.exit_code, str(verified.probes[-1].outcome)) == (2, "refused")


def test_a_host_that_isnt_there_says_nothing() -> None:
    with serving(streaming) as server:
        url = server.url
    verified = Account().deploy().verify(asking=Asking(url=url))
    assert (verified.exit_code, str(verified.probes[-1].outcome)) == (2, "unreachable")


@pytest.mark.parametrize(
    "settings", [{"endpointConfiguration": {"types": ["PRIVATE"]}}, {"disableExecuteApiEndpoint": True}]
)
def test_an_api_without_a_host_of_its_own_needs_a_url(settings: dict[str, Any]) -> None:
    account = Account().deploy()
    account.api.settings |= settings
    verified = account.verify(asking=Asking())
    assert [(one.request, one.why) for one in verified.probes if one.request == "GET /proxy"] == [
        ("GET /proxy", "the API doesn't answer at its own host: --url https://...")
    ]


def test_one_url_is_one_stages() -> None:
    account = Account().deploy()
    account.api.stage("test")
    with pytest.raises(UsageError, match="--url is one stage's"):
        account.verify(stages=["prod", "test"], asking=Asking(url="http://127.0.0.1:9"))


def ran(*chunks: float, ended: float, **fields: Any) -> Run:
    made = tuple(Chunk(at, 10) for at in chunks)
    return Run("GET", "http://x/", status=fields.pop("status", 200), headers_at=0.1, chunks=made, ended=ended, **fields)


@pytest.mark.parametrize(
    ("run", "silence", "expected"),
    [
        (ran(0.1, 36.0, ended=36.1), 35.0, (Outcome.STREAMED, "35.90 s of silence came through")),
        (
            ran(0.1, 2.0, ended=2.1),
            35.0,
            (Outcome.NOT_SEEN, "its longest silence was 1.90 s: name a request that is silent for 35 s"),
        ),
        (
            ran(0.1, 2.0, ended=2.1),
            None,
            (Outcome.STREAMED, "first byte after 0.10 s; the body came in 2 chunks over 1.90 s"),
        ),
        (ran(ended=0.1, status=204), None, (Outcome.ANSWERED, "status 204 without a body")),
    ],
)
def test_a_run_is_judged(run: Run, silence: float | None, expected: tuple[Outcome, str]) -> None:
    assert judge_run(run, silence) == expected


def test_a_silence_that_cuts_an_edge_endpoint_fails() -> None:
    outcome, why = judge_run(ran(0.1, ended=30.2, ending=Ending.CUT, failure="closed"), 35.0)
    assert outcome is Outcome.FAILED
    assert "30 s of silence end a stream of an edge-optimized API" in why


def test_a_stream_that_has_no_end_streams() -> None:
    assert judge_run(ran(0.1, 2.0, ended=60.0, ending=Ending.TIMEOUT), None)[0] is Outcome.STREAMED


@pytest.mark.parametrize("text", ["", "GET", "GET chat", "a b c/", "GÄT /x"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_request(text)


def test_a_request_is_a_method_and_a_path() -> None:
    assert parse_request(" post /chat?a=b ") == ("POST", "/chat?a=b")

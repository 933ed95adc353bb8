"""Measuring answers of real servers: what came, when, and how it ended."""

import gzip
import socket
import threading
from typing import Any

import pytest

from cli.probe_servers import (
    CHUNKED,
    HELD,
    LAST,
    OK,
    Clock,
    chunk,
    failure,
    measured,
    parts,
    request,
    saying,
    serving,
    whole,
)
from samstream_cli.probe_network import Recording
from samstream_cli.probe_runs import Chunk, Ending, Setup
from samstream_cli.probing import probe


def test_each_chunk_is_told_while_the_producer_is_held_back_until_then() -> None:
    clock, told = Clock(), threading.Semaphore(0)
    pieces = [b"one", b"two!", b"three"]

    def answer(connection: socket.socket) -> None:
        connection.sendall(CHUNKED)
        for piece in pieces:
            clock.now += 2
            connection.sendall(chunk(piece))
            assert told.acquire(timeout=HELD), "the chunk wasn't told"
        clock.now += 1
        connection.sendall(LAST)

    run = measured(answer, clock, on_chunk=lambda _: told.release())
    assert parts(run) == [(2.0, 3), (4.0, 4), (6.0, 5)]
    assert (run.status, run.reason, run.http_version, run.ending) == (200, "OK", "HTTP/1.1", Ending.COMPLETE)
    assert (run.address, run.ended, run.size, run.setup) == ("127.0.0.1", 7.0, 12, Setup(None, 0.0, None))


def test_what_one_read_brings_is_one_chunk_however_it_is_framed() -> None:
    run = measured(saying(CHUNKED, *[chunk(b"x")] * 10, LAST), keep_content=True)
    assert run.chunks == (Chunk(0.0, 10, b"x" * 10),)


def test_content_is_kept_only_where_it_is_wanted() -> None:
    assert measured(whole(b"secret")).chunks == (Chunk(0.0, 6),)


def test_a_connection_cut_in_the_middle_keeps_what_came() -> None:
    run = measured(saying(CHUNKED, chunk(b"abc")))
    assert (run.status, run.ending, parts(run)) == (200, Ending.CUT, [(0.0, 3)])
    assert run.failure == "peer closed connection without sending complete message body (incomplete chunked read)"


def test_a_body_shorter_than_its_length_is_cut() -> None:
    assert measured(saying(OK, b"Content-Length: 9\r\n\r\nabc")).ending is Ending.CUT


def test_a_connection_closed_without_an_answer_is_a_run_without_status() -> None:
    run = measured(saying())
    assert (run.status, run.ending, run.failure) == (
        None,
        Ending.CUT,
        "Server disconnected without sending a response.",
    )


def test_interim_answers_are_not_the_answer() -> None:
    run = measured(saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK, b"Content-Length: 2\r\n\r\nok"))
    assert (run.status, run.headers, run.size) == (200, (("Content-Length", "2"),), 2)


def test_slow_headers_are_told_from_the_body() -> None:
    clock = Clock()

    def answer(connection: socket.socket) -> None:
        clock.now += 3
        connection.sendall(OK + b"Content-Length: 2\r\n\r\n")
        headers_seen.wait(HELD)
        clock.now += 4
        connection.sendall(b"ok")

    headers_seen = threading.Event()
    with serving(answer) as server:
        run = probe(request(server.url), Noticing(clock, headers_seen))
    assert (run.headers_at, run.first_byte, run.ended) == (3.0, 7.0, 7.0)


class Noticing(Recording):
    """Sets the event as soon as the headers are there."""

    def __init__(self, clock: Clock, event: threading.Event) -> None:
        super().__init__(clock, timeout=HELD)
        self._event = event

    def trace(self, name: str, info: Any) -> None:
        super().trace(name, info)
        if name.endswith("receive_response_headers.complete"):
            self._event.set()


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_an_answer_without_a_body_has_no_chunks(status: bytes) -> None:
    run = measured(saying(b"HTTP/1.1 " + status + b"\r\n\r\n"))
    assert (run.status, run.chunks, run.first_byte, run.ending) == (int(status[:3]), (), 0.0, Ending.COMPLETE)


def test_head_has_no_body_whatever_its_length() -> None:
    run = measured(saying(OK, b"Content-Length: 99\r\n\r\n"), method="HEAD")
    assert (run.status, run.chunks, run.ending) == (200, (), Ending.COMPLETE)


def test_compressed_bytes_are_counted_as_they_come() -> None:
    body = gzip.compress(b"data: x\n\n" * 1000)
    run = measured(whole(body, b"Content-Encoding: gzip", b"Content-Type: text/event-stream"))
    assert (run.size, run.events, run.header("content-encoding")) == (len(body), None, "gzip")


def test_events_of_an_event_stream_are_counted() -> None:
    body = b": hello\n\ndata: 1\n\nevent: x\ndata: 2\ndata: 3\n\nid: 4\n\n"
    assert measured(whole(body, b"Content-Type: text/event-stream; charset=utf-8")).events == 2
    assert measured(whole(body)).events is None


def test_ten_megabytes_are_counted_to_the_byte() -> None:
    run = measured(whole(b"x" * 10_000_000))
    assert (run.size, run.ending, max(chunk.size for chunk in run.chunks) <= 65536) == (
        10_000_000,
        Ending.COMPLETE,
        True,
    )


def test_a_run_stops_after_the_chunks_that_were_asked_for() -> None:
    told = threading.Semaphore(0)

    def answer(connection: socket.socket) -> None:
        connection.sendall(CHUNKED)
        while True:
            connection.sendall(chunk(b"x"))
            told.acquire(timeout=1)

    run = measured(answer, max_chunks=3, on_chunk=lambda _: told.release())
    assert (run.ending, parts(run)) == (Ending.STOPPED, [(0.0, 1)] * 3)


def test_a_run_is_given_up_at_its_timeout() -> None:
    released, clock = threading.Event(), Clock()

    def answer(connection: socket.socket) -> None:
        connection.sendall(CHUNKED + chunk(b"x"))
        released.wait(HELD)

    with serving(answer) as server:
        run = probe(request(server.url), Recording(clock, timeout=0.2))
        released.set()
    assert (run.ending, parts(run)) == (Ending.TIMEOUT, [(0.0, 1)])


def test_a_stream_that_never_pauses_is_given_up_too() -> None:
    clock = Clock()

    def tick(_: Chunk) -> None:
        clock.now += 1

    def answer(connection: socket.socket) -> None:
        connection.sendall(CHUNKED)
        while True:
            connection.sendall(chunk(b"x" * 1000))

    assert measured(answer, clock, on_chunk=tick).ending is Ending.TIMEOUT


def test_an_interrupted_run_keeps_what_came() -> None:
    def interrupt(_: Chunk) -> None:
        raise KeyboardInterrupt

    run = measured(saying(CHUNKED, chunk(b"abc")), on_chunk=interrupt)
    assert (run.ending, parts(run)) == (Ending.INTERRUPTED, [(0.0, 3)])


def test_ipv6_is_spoken_to() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with serving(whole(b"ok"), family=socket.AF_INET6) as server:
        run = probe(request(f"http://[::1]:{server.port}/"), Recording(Clock(), timeout=HELD))
    assert (run.address, run.size) == ("::1", 2)
    assert b"\r\nHost: [::1]:%d\r\n" % server.port in server.requests[0]


def test_a_name_is_resolved_apart_from_the_connection() -> None:
    with serving(whole(b"ok")) as server:
        run = probe(request(f"http://localhost:{server.port}/"), Recording(Clock(), timeout=HELD))
    assert run.setup == Setup(0.0, 0.0, None)


def test_nothing_to_connect_to_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/?key=secret"
        message = failure(url)
    assert message == f"{url.partition('?')[0]}?key=*** can't be reached: [Errno 111] Connection refused"
    assert failure("http://no-such-host.invalid/").startswith(
        "http://no-such-host.invalid/ can't be reached: its name isn't known ("
    )


def test_what_is_no_http_is_said() -> None:
    with serving(saying(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")) as server:
        message = failure(server.url)
    assert message.startswith(f"{server.url}/ doesn't answer in HTTP: illegal status line")

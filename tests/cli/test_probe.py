"""`samstream probe` as users call it: what it prints, what it hides, and its exit code."""

import io
import json
import os
import pty
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cli.probe_servers import CHUNKED, HELD, LAST, Clock, Server, chunk, request, saying, serving, whole
from cli.samples import EXECUTABLE, call, samstream
from samstream_cli.probe import Watching, watch
from samstream_cli.probe_report import print_run, print_summary, summaries
from samstream_cli.probe_runs import Chunk, Ending, Run, Setup
from samstream_cli.probe_verdict import LIMITS, Expectations
from samstream_cli.probing import UNREACHABLE
from samstream_cli.tables import report_console


@pytest.fixture
def server() -> Iterator[Server]:
    """One that answers at once."""
    with serving(whole(b"secret body", b"Content-Type: text/plain", b"Set-Cookie: sid=secret; Secure")) as found:
        yield found


class Slow:
    """Sends two chunks, and the second only after the first was seen; then it ends, or is held for good."""

    def __init__(self, *, ends: bool = True) -> None:
        self.seen = threading.Event()
        self.ends = ends
        self.told = True

    def __call__(self, connection: socket.socket) -> None:
        connection.sendall(CHUNKED + chunk(b"data: one\n\n"))
        self.told = self.seen.wait(HELD)
        if self.ends:
            connection.sendall(chunk(b"data: two\n\n") + LAST)


def test_a_run_is_told_to_people(server: Server, capsys: Any) -> None:
    ran = call(capsys, "probe", f"{server.url}/a?key=secret", "-H", "authorization: Bearer secret")
    assert (ran.code, ran.err) == (0, "")
    assert "secret" not in ran.out
    lines = [re.sub(r"\d+ ms|0\.\d\d s", "N", line) for line in ran.out.splitlines()]
    assert lines[:7] == [
        f"GET {server.url}/a?key=***",
        "127.0.0.1: connect N; the clock starts then",
        "200 OK (HTTP/1.1)",
        "  Content-Type: text/plain",
        "  Set-Cookie: sid=***",
        "  Content-Length: 11",
        "",
    ]
    assert lines[-4:] == [
        "",
        "1 chunk  11 bytes  headers N  first byte N  longest silence N  end N",
        "No streaming seen: the whole body came at once: it was buffered, or is too short to tell.",
        "note: content-length is set, so the length was known before the body began, as it is of a buffered answer.",
    ]


def test_a_chunks_line_is_printed_while_the_producer_is_held_back() -> None:
    slow = Slow()
    with serving(slow) as server, _process("probe", "--chunks", server.url) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        slow.seen.set()
        rest = process.stdout.read()
        assert process.wait(HELD) == 0
    assert (slow.told, first.endswith(b" 11 bytes\n"), rest.splitlines()[0].endswith(b" 11 bytes")) == (
        True,
        True,
        True,
    )


def test_an_interrupted_probe_shows_what_came() -> None:
    slow = Slow(ends=False)
    with serving(slow) as server, _process("probe", "--chunks", server.url) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().decode()
        assert process.wait(HELD) == 130
        slow.seen.set()
    assert re.search(r"^1 chunk  11 bytes .*  interrupted .*s$", rest, re.MULTILINE)


def test_the_timeline_grows_on_a_terminal() -> None:
    slow = Slow()
    controller, terminal = pty.openpty()
    seen = b""
    with serving(slow) as server, _process("probe", server.url, output=terminal) as process:
        os.close(terminal)
        while b"1 chunk  11 bytes" not in seen:
            seen += os.read(controller, 65536)
        slow.seen.set()
        with suppress(OSError):  # the other end is closed
            while True:
                seen += os.read(controller, 65536)
        assert process.wait(HELD) == 0
    os.close(controller)
    assert (slow.told, b"2 chunks  22 bytes" in seen) == (True, True)


def _process(*arguments: str, output: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    return subprocess.Popen([EXECUTABLE, *arguments], stdout=output, env=environment)


def test_json_is_one_document(capsys: Any) -> None:
    clock = Clock()

    def answer(connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: 1\n\n"
        )

    with serving(answer) as server:
        ran = call(capsys, "probe", server.url, "--json", "--label", "mine", "--max-gap", "5")
    document = json.loads(ran.out)
    (run,) = document["runs"]
    times = {"setup", "sent_s", "headers_s", "first_byte_s", "ended_s", "longest_silence", "chunks"}
    assert {name: value for name, value in run.items() if name not in times} == {
        "label": "mine",
        "method": "GET",
        "url": f"{server.url}/",
        "address": "127.0.0.1",
        "proxy": None,
        "redirects": [],
        "http_version": "HTTP/1.1",
        "status": 200,
        "reason": "OK",
        "headers": [["Content-Type", "text/event-stream"], ["Content-Length", "9"]],
        "ending": "complete",
        "failure": None,
        "bytes": 9,
        "events": 1,
        "streamed": False,
        "why": "the whole body came at once: it was buffered, or is too short to tell",
        "remarks": [
            "content-length is set, so the length was known before the body began, as it is of a buffered answer"
        ],
        "missed": [],
    }
    at = run["first_byte_s"]
    assert run["chunks"] == [{"at_s": at, "bytes": 9}]
    assert run["longest_silence"] == {"from_s": at, "seconds": run["ended_s"] - at}
    assert (document["version"], document["exit_code"], ran.code, clock.now) == (1, 0, 0, 100.0)


def test_a_body_is_shown_only_where_it_is_asked_for(capsys: Any) -> None:
    with serving(whole(b"hi\x1b[31m\xff\n")) as server:
        lines = call(capsys, "probe", server.url, "--body").out.splitlines()
        data = json.loads(call(capsys, "probe", server.url, "--body", "--json").out)
    assert lines[0].endswith("        9 bytes  hi\\x1b[31m\\xff\\n")
    assert data["runs"][0]["chunks"][0]["text"] == "hi\x1b[31m\\xff\n"


def test_repeated_runs_are_summed_up(server: Server, capsys: Any) -> None:
    ran = call(capsys, "probe", server.url, "--repeat", "3")
    assert (ran.code, len(server.requests), ran.out.count("200 OK")) == (0, 3, 3)
    assert f"{server.url}/: 3 runs, 0 streamed\n  first byte      min " in ran.out


def test_a_summary_has_the_median_of_each_target() -> None:
    runs = [_run("a", 1.0), _run("a", 5.0), _run("a", 2.0), _run("b")]
    first, second = summaries(runs)
    assert first == {
        "label": "a",
        "url": "u",
        "runs": 3,
        "streamed": 3,
        "first_byte_s": {"min": 1.0, "median": 2.0, "max": 5.0},
        "longest_silence_s": {"min": 1.0, "median": 1.0, "max": 1.0},
    }
    assert (second["first_byte_s"], second["longest_silence_s"]) == (None, None)
    stream = io.StringIO()
    print_summary(report_console(stream), runs)
    assert stream.getvalue().splitlines() == [
        "a: 3 runs, 3 streamed",
        "  first byte      min 1.00 s, median 2.00 s, max 5.00 s",
        "  longest silence min 1.00 s, median 1.00 s, max 1.00 s",
        "b: 1 runs, 0 streamed",
    ]


def _run(label: str, *times: float) -> Run:
    chunks = tuple(Chunk(at + later, 5) for at in times for later in (0, 1))
    return Run("GET", "u", label, chunks=chunks, ended=chunks[-1].at if chunks else 0.0)


def test_the_report_of_a_cut_stream_is_complete() -> None:
    seen = Run(
        method="POST",
        url="https://a.test/chat",
        label="chat",
        address="192.0.2.1",
        setup=Setup(0.012, 0.02, 0.041),
        headers_at=0.2,
        status=200,
        http_version="HTTP/2",
        headers=(("x-amzn-requestid", "abc\x1b"),),
        chunks=(Chunk(1.0, 5), Chunk(28.0, 5)),
        events=2,
        ended=29.0,
        ending=Ending.CUT,
        failure="reset",
        redirects=("302 https://a.test/",),
    )
    stream = io.StringIO()
    print_run(report_console(stream), seen, Expectations())
    lines = stream.getvalue().splitlines()
    assert lines[:5] == [
        "redirect: 302 https://a.test/",
        "POST https://a.test/chat  (chat)",
        "192.0.2.1: dns 12 ms, connect 20 ms, tls 41 ms; the clock starts then",
        "200 (HTTP/2)",
        "  x-amzn-requestid: abc\\x1b",
    ]
    assert lines[-5:] == [
        "2 chunks  10 bytes  2 events  headers 0.20 s  first byte 1.00 s  longest silence 27.00 s  CUT OFF 29.00 s",
        "Streamed: the body came in 2 chunks over 27.00 s.",
        "note: the connection was cut in the middle of the answer, 29.00 s after the request (reset).",
        f"note: 29 s is the default timeout of an API Gateway route: set TimeoutInMillis, up to 900000 ({LIMITS}).",
        "missed: the answer was cut off.",
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 0),
        (("--max-ttfb", "20", "--max-gap", "20"), 0),
        (("--max-ttfb", "0.0000001"), 1),
        (("--expect-streaming",), 1),
    ],
)
def test_expectations_make_the_exit_code(server: Server, arguments: tuple[str, ...], code: int, capsys: Any) -> None:
    assert call(capsys, "probe", server.url, *arguments).code == code


def test_an_error_status_fails_unless_it_is_allowed(capsys: Any) -> None:
    with serving(whole(b"no", status=b"404 Not Found")) as server:
        assert call(capsys, "probe", server.url).code == 1
        assert call(capsys, "probe", server.url, "--allow-error").code == 0


def test_streaming_that_is_expected_and_seen_is_fine() -> None:
    clock, told = Clock(), threading.Semaphore(0)

    def answer(connection: socket.socket) -> None:
        connection.sendall(CHUNKED)
        for _ in range(3):
            clock.now += 1
            connection.sendall(chunk(b"x"))
            told.acquire(timeout=HELD)
        connection.sendall(LAST)

    class Told(io.StringIO):
        def write(self, text: str) -> int:
            if " bytes" in text:
                told.release()
            return super().write(text)

    with serving(answer) as server:
        run = watch(report_console(Told()), request(server.url), Watching(HELD, show_chunks=True), clock)
    stream = io.StringIO()
    print_run(report_console(stream), run, Expectations(streaming=True))
    assert "Streamed: the body came in 3 chunks over 2.00 s.\n" in stream.getvalue()
    assert "missed" not in stream.getvalue()


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ('{"a": 1}', b"application/json"),
        ("a=1", b"application/x-www-form-urlencoded"),
        ("5", b"application/x-www-form-urlencoded"),
    ],
)
def test_data_is_posted_as_what_it_is(server: Server, data: str, content_type: bytes, capsys: Any) -> None:
    assert call(capsys, "probe", server.url, "--data", data).code == 0
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert (head[:6], body) == (b"POST /", data.encode())
    assert b"\r\ncontent-type: " + content_type in head


def test_data_comes_from_a_file_or_standard_input(server: Server, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "body.json"
    path.write_bytes(b"\x00\xff")
    call(capsys, "probe", server.url, "--data", f"@{path}", "--method", "put", "-H", "Content-Type: x/y")
    samstream("probe", server.url, "--data", "-", stdin="typed")
    assert [(sent[:4], sent.partition(b"\r\n\r\n")[2]) for sent in server.requests] == [
        (b"PUT ", b"\x00\xff"),
        (b"POST", b"typed"),
    ]
    assert server.requests[0].lower().count(b"content-type") == 1


def test_a_picture_shows_every_url_by_its_label(server: Server, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "a.svg"
    ran = call(capsys, "probe", server.url, f"{server.url}/b", "--label", "first", "--svg", str(path))
    texts = [element.text for element in ElementTree.parse(path).iter() if element.get("class") == "label"]  # noqa: S314
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"Wrote {path}.")
    assert texts == ["When each chunk came", "first", f"GET {server.url}/b"]


def test_a_picture_that_exists_is_kept_without_force(server: Server, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "a.svg"
    path.write_text("precious")
    ran = call(capsys, "probe", server.url, "--svg", str(path))
    assert (ran.code, path.read_text(), server.requests) == (2, "precious", [])
    assert call(capsys, "probe", server.url, "--svg", str(path), "--force", "--json").err == f"Wrote {path}.\n"
    assert path.read_text().startswith("<svg ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("example.com",), "samstream: that URL names no http or https host. Write it as https://host/path.\n"),
        (
            ("http://127.0.0.1:1/", "--label", "a", "--label", "b"),
            "samstream: 2 labels are too many for 1 URLs. Give each URL one at most.\n",
        ),
        (
            ("http://127.0.0.1:1/", "--data", "@/nowhere/at/all"),
            "samstream: /nowhere/at/all can't be read: No such file or directory. Name a file: --data @FILE\n",
        ),
        (
            ("http://127.0.0.1:1/",),
            f"samstream: http://127.0.0.1:1/ can't be reached: [Errno 111] Connection refused. {UNREACHABLE}\n",
        ),
    ],
)
def test_what_can_not_be_probed_is_said(arguments: tuple[str, ...], message: str, capsys: Any) -> None:
    ran = call(capsys, "probe", *arguments)
    assert (ran.code, ran.out, ran.err) == (2, "", message)


@pytest.mark.parametrize("option", ["--timeout", "--max-ttfb", "--max-gap"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e300", "soon"])
def test_a_time_is_a_positive_number(option: str, value: str, capsys: Any) -> None:
    assert call(capsys, "probe", "http://127.0.0.1:1/", f"{option}={value}").code == 2


def test_a_reader_that_goes_ends_the_probe() -> None:
    with serving(saying(CHUNKED, *[chunk(b"x")] * 3, LAST)) as server:
        read, write = os.pipe()
        os.close(read)
        with _process("probe", "--chunks", server.url, output=write) as process:
            os.close(write)
            assert process.wait(HELD) == 141

"""Servers on this machine that answer as a test says, byte by byte, and probes of them."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from samstream_cli.errors import SamstreamError
from samstream_cli.probe_network import Recording
from samstream_cli.probe_request import Request, parse_url
from samstream_cli.probe_runs import Run
from samstream_cli.probing import probe

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"
HELD = 20.0
"""Seconds that a producer waits for its test before it gives up."""

Answer = Callable[[socket.socket], None]


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


@dataclass
class Server:
    """Where it listens, and the requests it got."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(*answers: Answer, family: socket.AddressFamily = socket.AF_INET) -> Iterator[Server]:
    """A server whose connections get these answers, one after the other, the last one again and again."""
    listener = socket.create_server(("127.0.0.1" if family == socket.AF_INET else "::1", 0), family=family)
    server = Server(listener.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(ConnectionError):
                    server.requests.append(_read_request(connection))
                    answers[min(len(server.requests), len(answers)) - 1](connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(HELD)


def saying(*parts: bytes) -> Answer:
    """Sends everything and closes the connection."""
    return lambda connection: connection.sendall(b"".join(parts))


def whole(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> Answer:
    """An answer with its length."""
    lines = (b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"", body)
    return saying(b"\r\n".join(lines))


def _read_request(connection: socket.socket) -> bytes:
    """Headers and a body of the length that they name."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += (more := connection.recv(65536))
        if not more:
            return data
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length:")]
    while len(body) < sum(lengths):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Clock:
    """Stands still unless a test moves it."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def request(url: str, **fields: Any) -> Request:
    return Request(fields.pop("method", "GET"), parse_url(url), **fields)


def measured(answer: Answer, clock: Clock | None = None, path: str = "/", **fields: Any) -> Run:
    recording = {name: fields.pop(name) for name in ("max_chunks", "keep_content", "on_chunk") if name in fields}
    with serving(answer) as server:
        return probe(request(server.url + path, **fields), Recording(clock or Clock(), timeout=HELD, **recording))


def parts(run: Run) -> list[tuple[float, int]]:
    return [(chunk.at, chunk.size) for chunk in run.chunks]


def failure(url: str, **fields: Any) -> str:
    with pytest.raises(SamstreamError) as caught:
        probe(request(url, **fields), Recording(Clock(), timeout=HELD))
    return caught.value.message

"""The built-in adapter's side of HTTP: one connection, one request after the other, parsed by httptools.

It blocks, since an adapter has one thing to do at a time, and asyncio would double what each chunk costs.
"""

import re
import select
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import httptools

READ: Final = 256 * 1024
LARGE: Final = 4096
"""Pieces of so many bytes go on as one where they come at once: on the rest of the way each costs what they do."""
VECTOR: Final = 1000
"""Parts that a kernel takes at once without their being copied together; all have 1024."""
IDLE: Final = 4.0
"""Seconds for which an idle connection is used again, as in the real adapter:
https://github.com/awslabs/aws-lambda-web-adapter/blob/main/src/lib.rs"""

_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

Lines = Iterable[tuple[bytes, bytes]]


class BrokenOff(ConnectionError):
    """The other side has left in the middle of its answer, or sends what isn't HTTP."""


class Answer(NamedTuple):
    """An answer's head; names of headers are in lower case."""

    status_code: int
    headers: list[tuple[bytes, bytes]]


class Connection:
    """A connection, and the answer that comes on it."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = memoryview(bytearray(READ))
        self._used = time.monotonic()
        self._pieces: list[bytes] = []
        self._expect("")

    def ask(self, method: str, target: str, headers: Lines, body: bytes = b"") -> Answer:
        """Sends a request and waits for the answer's head. Raises `OSError`, and `ValueError` for what isn't HTTP."""
        self.begin(method, target, headers, body)
        return self.answer()

    def begin(self, method: str, target: str, headers: Lines, body: bytes = b"") -> None:
        """Sends a request's head, and its body where that is known."""
        self._expect(method)
        lines = [f"{method} {target} HTTP/1.1".encode(), *(name + b": " + value for name, value in headers)]
        if any(map(_FORBIDDEN.search, lines)):
            raise ValueError("the request has a character that HTTP forbids")
        self._socket.sendall(b"\r\n".join((*lines, b"", body)))

    def send(self, pieces: Sequence[bytes]) -> None:
        """Sends pieces of a chunked body, each as a chunk of its own, or as one where all are large; waits while
        the other side doesn't read."""
        chunks = [pieces] if min(map(len, pieces)) >= LARGE else [[piece] for piece in pieces]
        parts = [part for chunk in chunks for part in (b"%x\r\n" % sum(map(len, chunk)), *chunk, b"\r\n")]
        sent = self._socket.sendmsg(parts) if len(parts) < VECTOR else 0
        if sent < sum(map(len, parts)):
            self._socket.sendall(b"".join(parts)[sent:])

    def end(self) -> None:
        """Ends a chunked body."""
        self._socket.sendall(b"0\r\n\r\n")

    def answer(self) -> Answer:
        """Waits for the answer's head."""
        while self._status < 200:
            self._receive()
        return Answer(self._status, self._headers)

    def parts(self) -> Iterator[list[bytes]]:
        """What is left of the answer's body: the pieces that came at once."""
        while not self._is_complete or self._pieces:
            if self._pieces:
                yield self._pieces
                self._pieces = []
            else:
                self._receive()

    def body(self) -> bytes:
        """What is left of it, whole."""
        return b"".join([piece for pieces in self.parts() for piece in pieces])

    @property
    def is_free(self) -> bool:
        """Whether another request may be sent: the answer has ended, and the other side hasn't left since."""
        return (
            self._is_complete
            and self._is_kept
            and time.monotonic() - self._used < IDLE
            and not select.select([self._socket], [], [], 0)[0]
        )

    def close(self) -> None:
        self._socket.close()

    def _expect(self, method: str) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._method = method
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._pieces = []
        self._is_complete = False
        self._is_kept = False

    def _receive(self) -> None:
        try:
            if size := self._socket.recv_into(self._buffer):
                self._parser.feed_data(self._buffer[:size])
                return
        except (OSError, httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise BrokenOff(f"{type(error).__name__}: {error}") from error
        self._is_complete = self._status >= 200 and self._ends_with_connection
        if not self._is_complete:
            raise BrokenOff("the connection was closed before the answer's end")

    @property
    def _ends_with_connection(self) -> bool:
        return not any(name in (b"content-length", b"transfer-encoding") for name, _ in self._headers)

    # What httptools calls.

    def on_message_begin(self) -> None:
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._status:  # It isn't a trailer.
            self._headers.append((name.lower(), value.strip()))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200:
            self._status = status
            self._is_kept = bool(self._parser.should_keep_alive())
            self._is_complete = self._method == "HEAD"

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        if self._status:
            self._is_complete = True
            self._used = time.monotonic()

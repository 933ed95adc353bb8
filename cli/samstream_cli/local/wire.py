"""A runtime's connection to the Runtime API, parsed by httptools, which tells of trailers and broken bodies, too."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from http import HTTPStatus
from typing import NamedTuple

import httptools

READ = 256 * 1024
"""Bytes read at once. Up to twice as many wait in memory where nobody asks for them, the rest in the sender."""

QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux
PACKET = 64 * 1024
"""What is less than a packet on loopback is acknowledged at once: the real adapter sends small packets, each once the
one before is acknowledged, which is 40 ms late otherwise."""

LARGE = 4096
"""Pieces of so many bytes go on as one where they wait: on the rest of the way each costs as much as they do."""

Headers = dict[str, str]


class BrokenOff(Exception):
    """The other side has left, or sends what isn't HTTP."""


class Request(NamedTuple):
    """A request's head; names of headers are in lower case."""

    method: str
    target: str
    headers: Headers


class Wire(asyncio.BufferedProtocol):
    """The server's side of a connection. It is read at the pace of whoever asks for what came."""

    def __init__(self, accepted: "Callable[[Wire], None]") -> None:
        self.trailers: Headers = {}
        self.is_kept = True
        self._accepted = accepted
        self._parser = httptools.HttpRequestParser(self)
        self._buffer = memoryview(bytearray(READ))
        self._came: deque[Request | bytes | Headers] = deque()
        self._waiting = 0
        self._in_body = False
        self._is_over = False
        self._is_paused = False
        self._news = asyncio.Event()
        self._flushed = asyncio.Event()
        self._flushed.set()
        self._target = b""
        self._headers: Headers = {}

    async def request(self) -> Request:
        """The next request. Raises `BrokenOff` where there is none."""
        request = await self._next()
        assert isinstance(request, Request)
        self._in_body = True
        if request.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return request

    async def piece(self) -> bytes | None:
        """The body's next piece as it came, a large one with the large ones that wait behind it; None at its end, when
        `trailers` are known. Raises `BrokenOff`."""
        if not self._in_body:
            return None
        piece = await self._next()
        if isinstance(piece, bytes):
            return piece if len(piece) < LARGE else b"".join([piece, *self._large_pieces()])
        assert isinstance(piece, dict)
        self._in_body, self.trailers = False, piece
        return None

    async def body(self) -> AsyncIterator[bytes]:
        """What is left of the body, which may be nothing."""
        while (piece := await self.piece()) is not None:
            yield piece

    async def answer(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Waits until it is sent."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        self._transport.write(head.encode("latin-1") + body)
        await self._flushed.wait()

    def abort(self) -> None:
        self._transport.abort()

    async def _next(self) -> Request | bytes | Headers:
        while not self._came:
            if self._is_over:
                raise BrokenOff
            if self._is_paused:
                self._is_paused = False
                self._transport.resume_reading()
            self._news.clear()
            await self._news.wait()
        came = self._came.popleft()
        self._waiting -= len(came)
        return came

    def _large_pieces(self) -> Iterator[bytes]:
        while self._came and isinstance(piece := self._came[0], bytes) and len(piece) >= LARGE:
            self._came.popleft()
            self._waiting -= len(piece)
            yield piece

    def _put(self, came: Request | bytes | Headers) -> None:
        self._came.append(came)
        self._waiting += len(came)
        self._news.set()

    def _end(self) -> None:
        self._is_over = True
        self._news.set()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(0)  # So that what is flushed is sent.
        self._accepted(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if QUICK_ACK and nbytes < PACKET:
            self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
        try:
            self._parser.feed_data(self._buffer[:nbytes])
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._end()
        if self._waiting > READ or self._is_over:
            self._is_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._end()
        return True  # It may wait for an answer.

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._end()
        self._flushed.set()

    def pause_writing(self) -> None:
        self._flushed.clear()

    def resume_writing(self) -> None:
        self._flushed.set()

    # What httptools calls.

    def on_message_begin(self) -> None:
        self._target, self._headers = b"", {}

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        self.is_kept = bool(self._parser.should_keep_alive())
        method = self._parser.get_method().decode("latin-1")
        self._put(Request(method, self._target.decode("latin-1"), self._headers))
        self._headers = {}  # Those that still come are trailers.

    def on_body(self, body: bytes) -> None:
        self._put(body)

    def on_message_complete(self) -> None:
        self._put(self._headers)

"""Records when each read from a connection brought something: httpcore's own network, listened to.

httpcore gives the pieces that HTTP's framing makes of a read, one for each chunk or frame; what arrived together is one
chunk here. A chunk is complete, and told, before the next read blocks.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import httpcore

from samstream_cli.probe_runs import Chunk, Setup

Clock = Callable[[], float]
Resolve = Callable[[str, int], list[str]]


class Enough(Exception):
    """As many chunks came as were asked for."""


class Recording:
    """What happened so far. `on_chunk` is called with each chunk as soon as it is complete."""

    def __init__(
        self,
        clock: Clock,
        *,
        timeout: float,
        max_chunks: int | None = None,
        keep_content: bool = False,
        on_chunk: Callable[[Chunk], None] = lambda _: None,
    ) -> None:
        self.clock = clock
        self.deadline = clock() + timeout
        self.max_chunks = max_chunks
        self.keep_content = keep_content
        self.on_chunk = on_chunk
        self.restart()

    def restart(self) -> None:
        """Forgets everything but the deadline: the request goes elsewhere."""
        self.setup = Setup()
        self.address = ""
        self.began = self.read_at = self.clock()
        self.sent: float | None = None
        self.at_end = False
        self.chunks: list[Chunk] = []
        self._open = False

    def trace(self, name: str, _: Any) -> None:
        """What httpcore says of its progress. Behind a proxy the last word counts, that of the request itself."""
        if name.endswith("send_request_headers.started"):
            self.began = self.clock()
        elif name.endswith("send_request_body.complete"):
            self.sent = self.now()

    def now(self) -> float:
        return self.clock() - self.began

    def remaining(self) -> float:
        """The time left. Raises `httpcore.ReadTimeout` where there is none."""
        remaining = self.deadline - self.clock()
        if remaining <= 0:
            raise httpcore.ReadTimeout
        return remaining

    def add(self, body: bytes) -> None:
        """Counts a piece of the body to the read that brought it."""
        if not body:
            return
        before = self.chunks.pop() if self._open else Chunk(self.read_at - self.began, 0)
        content = before.content + body if self.keep_content else b""
        self.chunks.append(Chunk(before.at, before.size + len(body), content))
        self._open = True

    def settle(self) -> None:
        """Completes the chunk of the last read."""
        if self._open:
            self._open = False
            self.on_chunk(self.chunks[-1])

    def about_to_read(self) -> None:
        self.settle()
        if self.max_chunks is not None and len(self.chunks) >= self.max_chunks:
            raise Enough


class RecordedStream(httpcore.NetworkStream):
    """A connection whose reads are recorded, and never outlast the recording's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, recording: Recording) -> None:
        self._inner = inner
        self._recording = recording

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  # the deadline counts
        self._recording.about_to_read()
        data = self._inner.read(max_bytes, self._recording.remaining())
        self._recording.read_at = self._recording.clock()
        self._recording.at_end = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, self._recording.remaining())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        recording = self._recording
        start = recording.clock()
        secured = self._inner.start_tls(ssl_context, server_hostname, recording.remaining())
        recording.setup = replace(recording.setup, tls=recording.clock() - start)
        return RecordedStream(secured, recording)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order in which the system would try them. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class RecordedNetwork(httpcore.NetworkBackend):
    """Opens recorded connections, with the name's resolution timed apart."""

    def __init__(self, recording: Recording, find_addresses: Resolve = resolve) -> None:
        self._recording = recording
        self._resolve = find_addresses
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        recording = self._recording
        start = recording.clock()
        try:
            addresses = self._resolve(host, port)
        except (socket.gaierror, UnicodeError) as error:
            raise httpcore.ConnectError(f"its name isn't known ({error})") from error
        found = recording.clock()
        failures: list[httpcore.ConnectError] = []
        for address in addresses:
            try:
                stream = self._inner.connect_tcp(address, port, recording.remaining(), local_address, socket_options)
            except httpcore.ConnectError as error:
                failures.append(error)
                continue
            dns = None if addresses == [host] else found - start
            recording.setup = Setup(dns, recording.clock() - found)
            recording.address = address
            return RecordedStream(stream, recording)
        raise failures[0]

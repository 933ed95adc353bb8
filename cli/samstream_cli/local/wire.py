"""An HTTP/1.1 connection by h11, which shows what others hide: trailers, broken bodies, the reader's pace."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import h11

READ = 64 * 1024
"""Bytes read at once. About twice as many wait in memory where nobody asks for them, the rest in the sender."""

Headers = list[tuple[str, str]] | list[tuple[bytes, bytes]]

QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux


class Wire:
    """One side of a connection. Nothing is read from the socket but by `receive`."""

    def __init__(
        self, role: type[h11.CLIENT] | type[h11.SERVER], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ):
        self.http = h11.Connection(role, max_incomplete_event_size=256 * 1024)
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, host: str, port: int) -> "Wire":
        return cls(h11.CLIENT, *await asyncio.open_connection(host, port, limit=READ))

    async def receive(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """The next event. Raises `h11.RemoteProtocolError` where the other side breaks off or sends what isn't HTTP."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            self.http.receive_data(await self._read())
        return event

    async def _read(self) -> bytes:
        try:
            if QUICK_ACK:  # The real adapter sends small packets, each once the one before is acknowledged: 40 ms late.
                self._writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
            return await self._reader.read(READ)
        except OSError:  # A reset is an end, too.
            return b""

    async def send(self, event: h11.Event) -> None:
        """Waits while the other side doesn't read."""
        if data := self.http.send(event):
            self._writer.write(data)
            await self._writer.drain()

    async def body(self) -> AsyncIterator[bytes]:
        """What is left of the message's body, which may be nothing."""
        while self.http.their_state is h11.SEND_BODY and isinstance(event := await self.receive(), h11.Data):
            if event.data:
                yield bytes(event.data)

    def abort(self) -> None:
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

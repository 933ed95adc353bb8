"""What comes on a connection of the Runtime API, read by read."""

import asyncio
from typing import Any

import pytest

from samstream_cli.local.wire import LARGE, READ, BrokenOff, Request, Wire

from .running import run

HEAD = b"POST /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
REQUEST = Request("POST", "/a", {"host": "b", "transfer-encoding": "chunked"})


class Socket:
    """Takes options."""

    def setsockopt(self, *_: int) -> None: ...


class Transport(asyncio.Transport):
    """Remembers what is done to it."""

    def __init__(self) -> None:
        super().__init__({"socket": Socket()})
        self.done: list[Any] = []

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")


def connected() -> tuple[Wire, Transport]:
    wire, transport = Wire(lambda _: None), Transport()
    wire.connection_made(transport)
    return wire, transport


def come(wire: Wire, data: bytes) -> None:
    """Data as asyncio hands it over."""
    for start in range(0, len(data), READ):
        part = data[start : start + READ]
        wire.get_buffer(-1)[: len(part)] = part
        wire.buffer_updated(len(part))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def rest(wire: Wire) -> list[bytes]:
    return [piece async for piece in wire.body()]


def test_small_pieces_keep_their_borders_and_large_ones_that_wait_are_one() -> None:
    async def main() -> None:
        wire, _ = connected()
        come(wire, HEAD + chunk(b"one") + chunk(b"two") + b"0\r\n\r\n")
        assert (await wire.request(), await rest(wire)) == (REQUEST, [b"one", b"two"])
        come(wire, HEAD + chunk(bytes(LARGE)) * 2 + chunk(b"one") + chunk(bytes(LARGE)) + b"0\r\nX-A: 1\r\n\r\n")
        assert (await wire.request(), await rest(wire)) == (REQUEST, [bytes(2 * LARGE), b"one", bytes(LARGE)])
        assert wire.trailers == {"x-a": "1"}

    run(main())


def test_reading_pauses_while_much_waits_and_goes_on_when_more_is_asked_for() -> None:
    async def main() -> None:
        wire, transport = connected()
        come(wire, HEAD + chunk(bytes(READ)) + chunk(bytes(READ)))
        assert transport.done == ["pause", "pause"]
        await wire.request()
        left = 2 * READ
        while left:
            left -= len(await wire.piece() or b"")
        assert transport.done == ["pause", "pause"]
        more = asyncio.create_task(wire.piece())
        await asyncio.sleep(0)
        assert transport.done == ["pause", "pause", "resume"]
        come(wire, chunk(b"one"))
        assert await more == b"one"

    run(main())


@pytest.mark.parametrize("end", [lambda wire: wire.eof_received(), lambda wire: wire.connection_lost(None)])
def test_what_came_before_the_connection_ended_is_read_first(end: Any) -> None:
    async def main() -> None:
        wire, _ = connected()
        come(wire, HEAD + chunk(b"one"))
        end(wire)
        assert (await wire.request(), await wire.piece()) == (REQUEST, b"one")
        with pytest.raises(BrokenOff):
            await wire.piece()

    run(main())


def test_what_is_not_http_ends_the_connection() -> None:
    async def main() -> None:
        wire, transport = connected()
        come(wire, b"\x16\x03\x01\r\n\r\n")
        with pytest.raises(BrokenOff):
            await wire.request()
        assert transport.done == ["pause"]

    run(main())


def test_a_request_for_another_protocol_is_the_last_one() -> None:
    async def main() -> None:
        wire, transport = connected()
        come(wire, b"GET /a HTTP/1.1\r\nUpgrade: b\r\nConnection: upgrade\r\n\r\n")
        assert await wire.request() == Request("GET", "/a", {"upgrade": "b", "connection": "upgrade"})
        assert (await rest(wire), transport.done) == ([], ["pause"])
        with pytest.raises(BrokenOff):
            await wire.request()

    run(main())

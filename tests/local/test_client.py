"""The built-in adapter's HTTP client and a server that says byte by byte what a test tells it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from samstream_cli.local.client import LARGE, Answer, BrokenOff, Connection


@contextmanager
def connected(*answers: bytes) -> Iterator[Connection]:
    """A connection whose server gives these answers, one a request, and leaves."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer, args=(listener, answers))
        thread.start()
        connection = Connection("127.0.0.1", listener.getsockname()[1])
        try:
            yield connection
        finally:
            connection.close()
            thread.join()


def _answer(listener: socket.socket, answers: tuple[bytes, ...]) -> None:
    accepted, _ = listener.accept()
    with accepted:
        for answer in answers:
            if not accepted.recv(2**16):
                return
            accepted.sendall(answer)
        accepted.shutdown(socket.SHUT_WR)
        accepted.recv(2**16)


def ask(connection: Connection, method: str = "GET") -> tuple[Answer, bytes]:
    return connection.ask(method, "/", [(b"Host", b"here")]), connection.body()


WITH_LENGTH = b"HTTP/1.1 200 OK\r\nX-A:  1 \r\nx-a: 2\r\nContent-Length: 3\r\n\r\none"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nX-Trailer: 1\r\n\r\n"
LENGTH_3 = [(b"x-a", b"1"), (b"x-a", b"2"), (b"content-length", b"3")]


@pytest.mark.parametrize(
    ("method", "said", "expected"),
    [
        ("GET", WITH_LENGTH, (Answer(200, LENGTH_3), b"one")),
        ("HEAD", WITH_LENGTH[:-3], (Answer(200, LENGTH_3), b"")),
        ("GET", CHUNKED, (Answer(200, [(b"transfer-encoding", b"chunked")]), b"onetwo")),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", (Answer(204, []), b"")),
        ("GET", b"HTTP/1.0 200 OK\r\n\r\nuntil the end", (Answer(200, []), b"until the end")),
        ("GET", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + WITH_LENGTH, (Answer(200, LENGTH_3), b"one")),
    ],
)
def test_an_answer_is_read_to_its_end(method: str, said: bytes, expected: tuple[Answer, bytes]) -> None:
    with connected(said) as connection:
        assert ask(connection, method) == expected


def test_chunks_keep_their_borders() -> None:
    with connected(CHUNKED) as connection:
        connection.ask("GET", "/", [])
        assert [piece for pieces in connection.parts() for piece in pieces] == [b"one", b"two"]


def sent(pieces: list[bytes]) -> bytes:
    """What of a chunked body goes over the wire."""
    came = bytearray()

    def read(listener: socket.socket) -> None:
        accepted, _ = listener.accept()
        with accepted:
            while data := accepted.recv(2**16):
                came.extend(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=read, args=(listener,))
        thread.start()
        connection = Connection("127.0.0.1", listener.getsockname()[1])
        connection.send(pieces)
        connection.end()
        connection.close()
        thread.join()
    return bytes(came)


def test_small_pieces_are_chunks_of_their_own_and_large_ones_are_one() -> None:
    large = bytes(LARGE)
    many = [b"x"] * 2000
    assert sent([b"one", b"three"]) == b"3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"
    assert sent([large, large]) == b"2000\r\n" + large + large + b"\r\n0\r\n\r\n"
    assert sent([large, b"one"]) == b"1000\r\n" + large + b"\r\n3\r\none\r\n0\r\n\r\n"
    assert sent(many) == b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n"


def test_what_a_slow_reader_leaves_is_sent_later() -> None:
    pieces = [bytes([number]) * 2**20 for number in range(64)]
    assert sent(pieces) == b"4000000\r\n" + b"".join(pieces) + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        WITH_LENGTH[:-1],
        CHUNKED[:-2],
        b"\x16\x03\x01 not HTTP\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    ],
)
def test_what_breaks_off_or_is_no_http_is_an_error(said: bytes) -> None:
    with connected(said) as connection, pytest.raises(BrokenOff):
        ask(connection)


def test_a_connection_is_used_again_while_the_server_keeps_it() -> None:
    with connected(WITH_LENGTH[:-3], CHUNKED, WITH_LENGTH) as connection:
        for method, expected in (("HEAD", b""), ("GET", b"onetwo")):
            assert (ask(connection, method)[1], connection.is_free) == (expected, True)
        assert ask(connection)[1] == b"one"
        with pytest.raises(BrokenOff):
            ask(connection)


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", WITH_LENGTH[:-1]]
)
def test_a_connection_that_closes_or_has_more_to_say_is_not_used_again(said: bytes) -> None:
    with connected(said) as connection:
        connection.ask("GET", "/", [])
        assert not connection.is_free


@pytest.mark.parametrize(
    ("method", "header"), [("GET", (b"X-A", b"1\r\nX-B: 2")), ("GET /\r\n", (b"X-A", b"1")), ("GET", (b"\0", b"1"))]
)
def test_what_http_forbids_is_not_sent(method: str, header: tuple[bytes, bytes]) -> None:
    with connected() as connection, pytest.raises(ValueError, match="a character that HTTP forbids"):
        connection.ask(method, "/", [header])

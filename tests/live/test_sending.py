import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from scripts.live.sending import Reply, send

OK = b"HTTP/1.1 200 OK\r\nX-Two: a\r\nX-Two: b\r\n"


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                received.append(connection.recv(65_536))
                connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", received
        thread.join()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", (200, "hello", "complete")),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", (200, "hello", "cut")),
        (OK + b"Content-Length: 9\r\n\r\nhello", (200, "hello", "cut")),
        (OK + b"\r\nhello\xff", (200, "hello\ufffd", "complete")),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", (502, "", "complete")),
        (b"", (0, "", "cut")),
        (b"nonsense\r\n\r\n", (0, "", "cut")),
    ],
)
def test_an_answer_is_kept_as_far_as_it_came(answer: bytes, expected: tuple[int, str, str]) -> None:
    with answering(answer) as (url, _):
        reply = send("POST", f"{url}/stream", "[]")
    assert (reply.status, reply.body, reply.ending) == expected


def test_a_request_has_its_query_and_its_body() -> None:
    with answering(OK + b"Content-Length: 0\r\n\r\n") as (url, received):
        send("POST", f"{url}/live/chat?a=b", '{"x":1}')
    host = url.removeprefix("http://").encode()
    assert received[0].splitlines() == [
        b"POST /live/chat?a=b HTTP/1.1",
        b"Host: " + host,
        b"Content-Length: 7",
        b"Connection: close",
        b"Content-Type: application/json",
        b"",
        b'{"x":1}',
    ]


def test_a_reply_says_what_a_table_shows() -> None:
    assert [str(Reply(200, body="ab", ending="cut")), str(Reply(502))] == ["200 `ab`, cut off", "502 without a body"]

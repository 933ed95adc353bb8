"""One request, and the answer as it came: an answer that is cut off is one to be seen, not an error."""

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import h11

Send = Callable[[str, str, str], "Reply"]
"""Method, URL and body."""

PATIENCE: Final = 120.0
"""Longer than any script that is sent waits between two bytes."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`ending` is `complete`, or `cut` where HTTP says that more had to come; times are seconds after the request."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    ending: str = "complete"
    first: float = 0.0
    last: float = 0.0

    def __str__(self) -> str:
        """What a table shows of it."""
        body = f" `{self.body[:60]}`" if self.body else " without a body"
        return f"{self.status}{body}{'' if self.ending == 'complete' else ', cut off'}"


def send(method: str, url: str, body: str) -> Reply:
    """Sends by HTTP/1.1 and reads until the answer or the connection ends. An answer that never begins has status 0."""
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    with closing(socket.create_connection((host, parts.port or (443 if tls else 80)), timeout=PATIENCE)) as plain:
        connection = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if tls else plain
        with closing(connection):
            client, content = h11.Connection(h11.CLIENT), body.encode()
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = [("Host", parts.netloc), ("Content-Length", str(len(content))), ("Connection", "close")]
            if content:
                headers.append(("Content-Type", "application/json"))
            events = (h11.Request(method=method, target=target, headers=headers), h11.Data(content), h11.EndOfMessage())
            connection.sendall(b"".join(client.send(event) or b"" for event in events))
            return _read(client, connection)


def _read(client: h11.Connection, connection: socket.socket) -> Reply:
    began = time.monotonic()
    status, headers, body, first, last, ending = 0, dict[str, str](), b"", 0.0, 0.0, "cut"
    while True:
        try:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(connection.recv(65_536))
                continue
        except (h11.RemoteProtocolError, OSError):
            break
        if isinstance(event, h11.Response):
            status, headers = (
                event.status_code,
                {name.decode(): value.decode("latin-1") for name, value in event.headers},
            )
        elif isinstance(event, h11.Data):
            last = time.monotonic() - began
            first, body = first or last, body + event.data
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            ending = "complete" if isinstance(event, h11.EndOfMessage) else "cut"
            break
    return Reply(status, headers, body.decode("utf-8", "replace"), ending, first, last)

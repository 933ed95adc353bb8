"""One request, and all that its integration needs to answer it."""

import base64
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.types import Receive, Scope

from samstream_cli.local.limits import PAYLOAD, Deadline, Options
from samstream_cli.local.reply import Headers, Reply
from samstream_cli.local.routing import Match


class Left(Exception):
    """The client left before it had sent its request."""


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request: names of headers are in lower case, `path` is as it was sent."""

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    port: int = 80
    scheme: str = "http"
    protocol: str = "HTTP/1.1"
    received: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    extended_id: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(11)).decode())
    trace_id: str = field(default_factory=lambda: f"Root=1-{secrets.token_hex(4)}-{secrets.token_hex(12)}")

    def header(self, name: str) -> str | None:
        """Its last value."""
        return next((value for known, value in reversed(self.headers) if known == name), None)


def request_of(scope: Scope) -> Request:
    """The request without its body."""
    server, client = scope.get("server"), scope.get("client")
    return Request(
        method=scope["method"],
        path=(scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1"),
        query=scope["query_string"].decode("utf-8", "replace"),
        headers=[(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]],
        source_ip=client[0] if client else "127.0.0.1",
        port=server[1] if server and server[1] else 80,
        scheme=scope.get("scheme", "http"),
        protocol=f"HTTP/{scope.get('http_version', '1.1')}",
    )


async def body_of(receive: Receive, options: Options) -> bytes:
    """The body, read to its end but kept only as far as API Gateway takes it and a byte more; `Left` where the client
    left before. A client that is answered before it has sent all might never read the answer."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        body += message.get("body", b"")
        if not options.no_limits:
            del body[PAYLOAD + 1 :]
        if not message.get("more_body", False):
            return bytes(body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, the route it has found, and the reply it is to get."""

    request: Request
    match: Match
    options: Options
    reply: Reply
    deadline: Deadline

    @property
    def own(self) -> Headers:
        """Headers that API Gateway adds to an integration's answer."""
        trace = [("X-Amzn-Trace-Id", self.request.trace_id)] if self.match.route.kind == "lambda" else []
        return [*own_headers(self.request), *trace]


def own_headers(request: Request) -> Headers:
    """Headers that API Gateway adds to every answer."""
    return [("x-amzn-RequestId", request.id), ("x-amz-apigw-id", request.extended_id)]

"""An answer on its way to one client: what may be sent, what was, and how long it took."""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from starlette.types import Send

Headers = list[tuple[str, str]]


class Malformed(Exception):
    """Why an integration's answer can't be passed on."""


class Cut(Exception):
    """Why a connection ends in the middle of an answer."""


class Refusal(Exception):
    """An answer of the gateway's own: status and message for the client, `note` for the access log."""

    def __init__(self, status: int, message: str, note: str = "", kind: str = "InternalServerErrorException") -> None:
        super().__init__(note or message)
        self.status = status
        self.body = json.dumps({"message": message}, separators=(",", ":")).encode()
        self.note = note
        self.kind = kind


def bad_gateway(note: str, status: int = 502) -> Refusal:
    """The answer to whatever goes wrong behind the gateway."""
    return Refusal(status, "Internal server error", note)


def timed_out(note: str) -> Refusal:
    """The answer of an integration that took too long."""
    return Refusal(504, "Endpoint request timed out", note)


def too_long(note: str, message: str = "HTTP content length exceeded 10485760 bytes.") -> Refusal:
    """The answer to a request that is too large."""
    return Refusal(413, message, note, "RequestTooLargeException")


class Reply:
    """The client's side of one request; `ttfb` is the seconds to the first byte of the body."""

    def __init__(self, send: Send, method: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.status: int | None = None
        self.ttfb: float | None = None
        self.chunks = 0
        self.bytes = 0
        self.finished = False
        self._send = send
        self._head = method == "HEAD"
        self._clock = clock
        self._began = clock()
        self._left: int | None = None

    @property
    def duration(self) -> float:
        return self._clock() - self._began

    @property
    def bodiless(self) -> bool:
        """Whether this answer has no body, whatever its integration writes."""
        return self._head or self.status in (204, 304)

    async def start(self, status: int, headers: Headers) -> None:
        """Sends status and headers at once."""
        self.status = status
        length = next((value for name, value in headers if name.lower() == "content-length"), None)
        self._left = None if length is None else int(length)
        lines = [(name.encode("ascii"), value.encode("utf-8", "surrogateescape")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": lines})

    async def write(self, chunk: bytes) -> None:
        """Sends a piece of the body on, and waits while the client is slow."""
        if not chunk or self.bodiless:
            return
        if self._left is not None:
            if len(chunk) > self._left:
                raise Malformed("it is longer than its Content-Length")
            self._left -= len(chunk)
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        if self.ttfb is None:
            self.ttfb = self.duration
        self.chunks += 1
        self.bytes += len(chunk)

    async def finish(self) -> None:
        """Ends the answer; one that is not finished is cut, which its client notices."""
        if self._left and not self.bodiless:
            raise Malformed(f"it is {self._left} bytes shorter than its Content-Length")
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        self.finished = True
        if self.ttfb is None:
            self.ttfb = self.duration

    async def refuse(self, refusal: Refusal, headers: Headers) -> str:
        """Sends the gateway's own answer, for which it may be too late; the note for the access log."""
        if self.status is not None:
            return refusal.note if self.finished else f"connection cut: {refusal.note}"
        lines = [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(refusal.body)))]
        await self.start(refusal.status, [*lines, ("x-amzn-ErrorType", refusal.kind)])
        await self.write(refusal.body)
        await self.finish()
        return refusal.note


def status_of(value: object) -> int:
    """The status that a function names, 200 by default; a string of digits will do."""
    if value is None:
        return 200
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 200 <= value <= 599:
        raise Malformed("its statusCode is not a number from 200 to 599")
    return value


def headers_of(single: object, multiple: object) -> Headers:
    """A function's headers; an array in `multiValueHeaders` wins over the same name in `headers`.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    arrays = {name: _array(name, values) for name, values in _mapping(multiple, "multiValueHeaders").items()}
    known = {name.lower() for name in arrays}
    lines = [
        (name, _text(name, value))
        for name, value in _mapping(single, "headers").items()
        if value is not None and name.lower() not in known
    ]
    lines += [(name, value) for name, values in arrays.items() for value in values]
    for name, _ in lines:
        if not _TOKEN.fullmatch(name):
            raise Malformed("a name among its headers is none that HTTP allows")
    return lines


def response_headers(lines: Iterable[tuple[str, str]], own: Headers, *, keep_length: bool) -> Headers:
    """What of an integration's headers reaches the client; API Gateway renames those that it sets itself.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    kept = list(own)
    lengths = []
    for name, value in lines:
        low = name.lower()
        if low == "transfer-encoding":
            keep_length = False
        elif low == "content-length" and keep_length:
            lengths.append(value)
        elif low in _REMAPPED:
            kept.append((f"x-amzn-Remapped-{name}", value))
        else:
            kept.append((name, value))
    if lengths and keep_length:
        if len(set(lengths)) > 1 or not re.fullmatch("[0-9]{1,15}", lengths[0]):
            raise Malformed("its Content-Length is not a number")
        kept.append(("Content-Length", lengths[0]))
    return kept


def with_default_type(headers: Headers) -> Headers:
    """A Lambda answer without a Content-Type is JSON to API Gateway."""
    if any(name.lower() == "content-type" for name, _ in headers):
        return headers
    return [*headers, ("Content-Type", "application/json")]


_TOKEN: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_REMAPPED: Final = {
    "connection", "content-length", "date", "server", "www-authenticate", "keep-alive", "upgrade", "trailer", "te",
    "proxy-authenticate", "proxy-connection", "authorization",
}  # fmt: skip


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(f"its {name} are no map")
    return value


def _array(name: str, values: object) -> list[str]:
    if not isinstance(values, list):
        raise Malformed(f"{name} in its multiValueHeaders is no array")
    return [_text(name, value) for value in values]


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        kind = "an array: write it into multiValueHeaders" if isinstance(value, list) else "no string"
        raise Malformed(f"its header {name} is {kind}")
    if _FORBIDDEN.search(value) or (not value.isascii() and _unsendable(value)):
        raise Malformed(f"its header {name} has a character that HTTP forbids")
    return value.strip()


def _unsendable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False

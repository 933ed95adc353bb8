"""A web app with a route for each way in which an app may answer. It listens where the adapter looks for it."""

import asyncio
import base64
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

ANSWERS: dict[str, tuple[int, Headers, bytes]] = {
    "/": (200, [(b"content-type", b"text/plain; charset=utf-8")], b"ready"),
    "/created": (201, [(b"content-type", b"application/json"), (b"location", b"/created/1")], b'{"id": 1}'),
    "/empty": (200, [(b"content-type", b"text/plain"), (b"content-length", b"0")], b""),
    "/204": (204, [], b""),
    "/302": (302, [(b"location", b"/elsewhere"), (b"content-length", b"0")], b""),
    "/304": (304, [(b"etag", b'"a"')], b""),
    "/404": (404, [(b"content-type", b"application/json")], b'{"detail": "Not Found"}'),
    "/500": (500, [(b"content-type", b"text/plain")], b"Internal Server Error"),
    "/repeated": (200, [(b"vary", b"accept"), (b"x-many", b"one"), (b"vary", b"origin"), (b"x-many", b"two")], b"x"),
    "/cookies": (200, [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2, 3; HttpOnly")], b"x"),
    "/one-cookie": (200, [(b"set-cookie", b"a=1"), (b"content-type", b"text/html")], b"<p>"),
    "/binary": (200, [(b"content-type", b"image/png")], bytes(range(256))),
    "/svg": (200, [(b"content-type", b"image/svg+xml")], b"<svg/>"),
    "/latin": (200, [(b"content-type", b"text/plain; charset=iso-8859-1")], "caf\u00e9".encode("latin-1")),
    "/broken-text": (200, [(b"content-type", b"text/plain")], b"a\xffb"),
    "/utf-8": (200, [(b"content-type", b"application/json")], '"caf\u00e9 \U0001f600"'.encode()),
    "/encoded": (200, [(b"content-type", b"text/plain"), (b"content-encoding", b"gzip")], b"\x1f\x8b not really"),
    "/typeless": (200, [], b"plain"),
    "/with-length": (200, [(b"content-type", b"text/plain"), (b"content-length", b"5")], b"12345"),
}


def grouped(headers: Headers) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in headers:
        groups.setdefault(name.decode(), []).append(value.decode())
    return groups


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
    if scope["type"] != "http":
        return
    path = scope["path"]
    if path in ANSWERS:
        status, headers, body = ANSWERS[path]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    await OTHERS.get(path, echo)(scope, query, receive, send)


async def echo(
    scope: dict[str, Any], _query: object, receive: Callable[[], Awaitable[dict[str, Any]]], send: Send
) -> None:
    """What came, as it came."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = sorted([name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"])
    told = {
        "method": scope["method"],
        "target": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode("latin-1"),
        "headers": headers,
        "body": base64.b64encode(body).decode(),
    }
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


async def events(_scope: object, query: dict[str, str], _receive: object, send: Send) -> None:
    """An event at once, and each further one when the test makes its file."""
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(int(query["count"])):
        while number and not os.path.exists(f"{query['folder']}/{number}"):  # noqa: PTH110
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"data: %d\n\n" % number, "more_body": True})
    await send({"type": "http.response.body"})
    print("sent all events", flush=True)


async def large(_scope: object, query: dict[str, str], _receive: object, send: Send) -> None:
    headers = [(b"content-type", b"application/octet-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(int(query["blocks"])):
        await send({"type": "http.response.body", "body": number.to_bytes(4, "big") * 2**14, "more_body": True})
        print("sent a block", flush=True)
    await send({"type": "http.response.body"})


async def breaks(_scope: object, _query: object, _receive: object, send: Send) -> None:
    """The server breaks off the connection and runs on."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("the app fails in the middle")


async def dies(_scope: object, _query: object, _receive: object, send: Send) -> None:
    """The server's process ends in the middle."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    await asyncio.sleep(0.1)
    os._exit(9)


OTHERS = {"/events": events, "/large": large, "/breaks": breaks, "/dies": dies}


if __name__ == "__main__":
    port = int(os.environ.get("AWS_LWA_PORT", os.environ.get("PORT", "8080")))
    uvicorn.run(app, port=port, log_level="error", server_header=False, date_header=False)

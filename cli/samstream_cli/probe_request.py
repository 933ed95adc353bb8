"""The request that a probe makes: read from the command line, and made anew for a redirect."""

import base64
import re
from dataclasses import dataclass, replace
from typing import Final

import httpx

from samstream import __version__
from samstream_cli.errors import UsageError
from samstream_cli.probe_runs import Run, printable

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HOST: Final = re.compile(rb"[\w.-]+|[0-9a-f:.]+(%\w+)?", re.IGNORECASE)
_HARMLESS: Final = re.compile(r"accept(-.*)?|content-.*|user-agent", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """What to ask for. Header values stay in here: they may be secrets."""

    method: str
    url: httpx.URL
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    label: str = ""
    http1: bool = False
    insecure: bool = False
    follow: bool = False


def parse_url(text: str) -> httpx.URL:
    """An absolute URL of HTTP. Raises `UsageError`."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise UsageError("that URL can't be read", "Write it as https://host/path.") from error
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host) or (url.port or 1) > 65535:
        raise UsageError("that URL names no http or https host", "Write it as https://host/path.")
    return url


def parse_header(text: str) -> tuple[str, str]:
    """`Name: value`. The value never gets into a message. Raises `UsageError`."""
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name):
        raise UsageError("a --header isn't 'Name: value'", "Write --header 'accept: text/event-stream', for example.")
    if not value.strip().isprintable():
        raise UsageError(f"the header {name} has a control character in its value", "Remove it.")
    return name, value.strip()


def parse_method(text: str) -> str:
    """Raises `UsageError`."""
    if not _TOKEN.fullmatch(text):
        raise UsageError(f"{printable(text)!r} is no HTTP method", "Write --method POST, for example.")
    return text.upper()


def sent_headers(request: Request) -> list[tuple[bytes, bytes]]:
    """The given headers after those that they don't replace."""
    defaults = {
        "Host": request.url.netloc.decode("ascii"),
        "User-Agent": f"samstream/{__version__}",
        "Accept": "*/*",
    }
    if request.url.userinfo:
        userinfo = f"{request.url.username}:{request.url.password}".encode()
        defaults["Authorization"] = f"Basic {base64.b64encode(userinfo).decode('ascii')}"
    given = {name.lower() for name, _ in request.headers}
    kept = [(name, value) for name, value in defaults.items() if name.lower() not in given]
    return [(name.encode("ascii"), value.encode()) for name, value in [*kept, *request.headers]]


def is_redirect(status: int | None) -> bool:
    return status in (301, 302, 303, 307, 308)


def redirected(request: Request, run: Run) -> Request:
    """The request that follows a redirect, as browsers make it. To another origin it takes nothing secret along."""
    try:
        url = parse_url(str(request.url.join(run.header("location"))))
    except (httpx.InvalidURL, UsageError) as error:
        raise UsageError(f"{run.url} redirects to what is no URL of HTTP", "Probe without --follow.") from error
    headers = request.headers
    if (url.scheme, url.netloc) != (request.url.scheme, request.url.netloc):
        headers = tuple(header for header in headers if _HARMLESS.fullmatch(header[0]))
    becomes_get = request.method in {303: ("POST", "PUT", "PATCH", "DELETE"), 301: ("POST",), 302: ("POST",)}.get(
        run.status or 0, ()
    )
    if not becomes_get:
        return replace(request, url=url, headers=headers)
    headers = tuple(header for header in headers if not header[0].lower().startswith("content-"))
    return replace(request, url=url, headers=headers, method="GET", content=None)

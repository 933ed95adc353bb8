"""What one probe saw: a run and its chunks. Times are seconds since the request began to be sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import httpx

HIDDEN: Final = "***"
"""Stands for a value that may be a secret."""


class Ending(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    COMPLETE = "complete"
    CUT = "cut"
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Chunk:
    """What one read from the connection brought of the body, compressed if it was; content only where it's wanted."""

    at: float
    size: int
    content: bytes = b""


@dataclass(frozen=True)
class Setup:
    """How long it took to get a connection, before the request began; None for what wasn't done."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None


@dataclass(frozen=True)
class Silence:
    """A time in which nothing of the body came, after its first byte."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Run:
    """One request and its answer; `status` is None as long as there is none."""

    method: str
    url: str
    label: str = ""
    address: str = ""
    proxy: str = ""
    setup: Setup = Setup()
    sent: float | None = None
    headers_at: float | None = None
    status: int | None = None
    reason: str = ""
    http_version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    chunks: tuple[Chunk, ...] = ()
    events: int | None = None
    ended: float = 0.0
    ending: Ending = Ending.COMPLETE
    failure: str = ""
    error_body: str = ""
    redirects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def size(self) -> int:
        return sum(chunk.size for chunk in self.chunks)

    @property
    def first_byte(self) -> float | None:
        """When the body's first byte came; of an answer without a body, when its headers came."""
        return self.chunks[0].at if self.chunks else self.headers_at

    @property
    def span(self) -> float:
        """The time from the first chunk to the last."""
        return self.chunks[-1].at - self.chunks[0].at if self.chunks else 0.0

    @property
    def longest_pause(self) -> float:
        """The longest time between two chunks."""
        return max((silence.seconds for silence in self._silences([])), default=0.0)

    @property
    def longest_silence(self) -> Silence | None:
        """The longest time between two chunks, or between the last one and the end."""
        return max(self._silences([self.ended]), key=lambda silence: silence.seconds, default=None)

    def _silences(self, end: list[float]) -> Iterable[Silence]:
        times = [chunk.at for chunk in self.chunks] + (end if self.chunks else [])
        return [Silence(start, end) for start, end in pairwise(times)]


def shown_url(url: httpx.URL) -> str:
    """The URL without user, password and the values of its query."""
    pairs = [(name, HIDDEN if value else "") for name, value in url.params.multi_items()]
    query = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    path = url.raw_path.decode("ascii").partition("?")[0]
    return printable(f"{url.scheme}://{url.netloc.decode('ascii')}{path}{'?' if query else ''}{query}")


def shown_headers(run: Run) -> list[tuple[str, str]]:
    """The answer's headers; cookies and the values of a query are hidden."""
    return [(printable(name), printable(_shown_value(name.lower(), value))) for name, value in run.headers]


def printable(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _shown_value(name: str, value: str) -> str:
    if name in ("location", "content-location") and "?" in value:
        return f"{value.partition('?')[0]}?{HIDDEN}"
    return f"{value.partition('=')[0]}={HIDDEN}" if name == "set-cookie" else value

"""One line for each request, without its query string and headers, which may hold secrets."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rich.text import Text

Mode: TypeAlias = Literal["stream", "buffered", ""]


@dataclass(frozen=True, slots=True)
class Access:
    """What became of a request.

    `status` is None where no answer was begun, since the client left first. `ttfb` is the seconds to the first byte of
    the body, or to the end where there is none. `note` says what the user should know, with the rule that says more.
    """

    time: float
    api: str
    stage: str
    method: str
    path: str
    route: str | None
    mode: Mode
    status: int | None
    ttfb: float | None
    duration: float
    chunks: int
    bytes: int
    note: str = ""


def plain(access: Access) -> str:
    """The line as plain text."""
    return rendered(access).plain


def rendered(access: Access) -> Text:
    """The line for the terminal."""
    status = "---" if access.status is None else str(access.status)
    line = Text(no_wrap=False).append(f"{status} ", _STYLES.get(status[0], "yellow"))
    line.append(f"{printable(access.method)} ", "bold").append(printable(access.path))
    if access.mode:
        line.append(f"  {access.mode}", "cyan" if access.mode == "stream" else "dim")
    line.append(f"  {_measures(access)}", "dim")
    if access.note:
        line.append(f"  {printable(access.note)}", "yellow")
    return line


def printable(text: str) -> str:
    """One line that can't command a terminal: clients and functions write parts of it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else f"\\x{ord(c):02x}" for c in text)


def _measures(access: Access) -> str:
    first = "" if access.ttfb is None else f"first byte {_seconds(access.ttfb)}, "
    chunks = f"{access.chunks} chunk{'' if access.chunks == 1 else 's'}"
    return f"{first}{_seconds(access.duration)}, {chunks}, {_size(access.bytes)}"


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


_STYLES: Final = {"2": "green", "3": "green", "4": "yellow", "5": "bold red", "-": "dim"}

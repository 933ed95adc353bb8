"""Counts server-sent events, by https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import re
from typing import Final

_DATA: Final = re.compile(rb"(\xef\xbb\xbf)?data(:|$)")
_FIELD_SIZE: Final = len(b"\xef\xbb\xbfdata:")


class EventCounter:
    """Counts the events of a `text/event-stream` that carry data, however its bytes are cut."""

    def __init__(self) -> None:
        self._events = 0
        self._rest = b""
        self._has_data = False

    def feed(self, body: bytes) -> None:
        lines = (self._rest + body).splitlines(keepends=True)
        held = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        # Of a line that goes on its first bytes are enough; a return may still get its line feed.
        self._rest = held if held.endswith(b"\r") else held[:_FIELD_SIZE]
        for line in lines:
            self._end_line(line)

    def finish(self) -> int:
        """The number of events, now that nothing follows."""
        if self._rest.endswith(b"\r"):
            self._end_line(self._rest)
        self._rest = b""
        return self._events

    def _end_line(self, line: bytes) -> None:
        text = line.rstrip(b"\r\n")
        if not text:
            self._events += self._has_data
        self._has_data = bool(text) and (self._has_data or _DATA.match(text) is not None)

"""Counting server-sent events."""

import pytest

from samstream_cli.probe_events import EventCounter


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"", 0),
        (b"data: 1\n\n", 1),
        (b"data\n\n", 1),
        (b"\xef\xbb\xbfdata: 1\r\n\r\ndata:2\r\n\r\n", 2),
        (b"data: 1\r\rdata: 2\r\r", 2),
        (b"database: 1\n\n", 0),
        (b"data: unfinished\n", 0),
        (b"\n\n\n", 0),
        (b"retry: 5\n\ndata: " + b"x" * 200 + b"\n\n", 1),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_counted_however_the_bytes_are_cut(body: bytes, events: int, size: int) -> None:
    counter = EventCounter()
    for start in range(0, len(body), size):
        counter.feed(body[start : start + size])
    assert counter.finish() == events

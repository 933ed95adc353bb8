"""The access log's lines."""

from dataclasses import replace

from samstream_cli.local.access_log import Access, plain, printable, rendered

ACCESS = Access(0, "Api", "Prod", "POST", "/chat", "POST /chat", "stream", 200, 0.0421, 1.54, 12, 3456, "")


def test_a_line_says_status_route_mode_and_measures() -> None:
    assert [
        plain(ACCESS),
        plain(replace(ACCESS, mode="buffered", status=502, ttfb=0.001, duration=0.002, chunks=1, bytes=36, note="why")),
        plain(replace(ACCESS, mode="", status=None, ttfb=None, chunks=0, bytes=2_500_000, note="the client left")),
    ] == [
        "200 POST /chat  stream  first byte 42 ms, 1.5 s, 12 chunks, 3.5 kB",
        "502 POST /chat  buffered  first byte 1 ms, 2 ms, 1 chunk, 36 B  why",
        "--- POST /chat  1.5 s, 0 chunks, 2.5 MB  the client left",
    ]


def test_styles_follow_the_status() -> None:
    lines = [rendered(replace(ACCESS, status=status)) for status in (200, 304, 404, 500, None)]
    assert [line.spans[0].style for line in lines] == ["green", "green", "yellow", "bold red", "dim"]


def test_nobody_commands_the_terminal() -> None:
    line = plain(replace(ACCESS, path="/\x1b[2J\n[red]", note="a\nb\x07"))
    assert line == "200 POST /\\x1b[2J [red]  stream  first byte 42 ms, 1.5 s, 12 chunks, 3.5 kB  a b\\x07"
    assert printable("gr\u00fc\u00dfe \u202e") == "gr\u00fc\u00dfe \\x202e"

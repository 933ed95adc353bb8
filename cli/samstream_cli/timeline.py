"""Draws runs: on the terminal as a strip of blocks, and as an SVG in which each chunk is a tick."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from rich.text import Text

from samstream_cli.probe_runs import Chunk, Ending, Run, Silence, printable
from samstream_cli.probe_verdict import judge, seconds

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS: Final = ".:-=+*%#"

_STYLE: Final = """\
svg { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.back { fill: #ffffff; } text { fill: #57606a; } .label { fill: #1f2328; font-weight: 600; }
.wait { fill: #eaeef2; } .line { stroke: #afb8c1; } .chunk { stroke: #0969da; stroke-width: 1.5; }
.first { stroke: #1a7f37; stroke-dasharray: 3 2; } .first-text { fill: #1a7f37; }
.silence { stroke: #9a6700; fill: none; } .silence-text { fill: #9a6700; } .bad { fill: #cf222e; stroke: #cf222e; }
@media (prefers-color-scheme: dark) {
.back { fill: #0d1117; } text { fill: #8b949e; } .label { fill: #e6edf3; }
.wait { fill: #21262d; } .line { stroke: #484f58; } .chunk { stroke: #58a6ff; }
.first { stroke: #3fb950; } .first-text { fill: #3fb950; }
.silence { stroke: #d29922; } .silence-text { fill: #d29922; } .bad { fill: #f85149; stroke: #f85149; }
}"""

_WIDTH: Final = 800
_LEFT: Final = 20
_PLOT: Final = _WIDTH - 2 * _LEFT
_TITLE_HEIGHT: Final = 40
_ROW_HEIGHT: Final = 140
_AXIS_HEIGHT: Final = 36
_BASELINE: Final = 92
"""Of a row's height, where its ticks stand."""
_TALLEST: Final = 48
_SHORTEST: Final = 8
_ENDINGS: Final = {
    Ending.CUT: "cut off",
    Ending.TIMEOUT: "given up",
    Ending.STOPPED: "stopped",
    Ending.INTERRUPTED: "interrupted",
}
_SHORTEST_AXIS: Final = 1e-3
_CHAR: Final = 7.3
"""About the width of a character."""

Marks = list[tuple[float, str]]
Column = Callable[[float], int]


def draw(run: Run, width: int, *, ascii_only: bool = False) -> Text:
    """The run on three lines: what came when, the longest silence, and the axis."""
    width = max(width, 20)
    scale = _Scale(max(run.ended, _SHORTEST_AXIS), width - 1)
    lines = [
        _strip(run, scale, ascii_only=ascii_only),
        Text(_silence_line(run.longest_silence, scale.column, width), "yellow"),
        Text(_axis_line(scale, width), "dim"),
    ]
    return Text("\n").join(line for line in lines if line.plain.strip())


def draw_together(runs: Sequence[Run], width: int, *, at_least: float = 0.0, ascii_only: bool = False) -> Text:
    """The runs below each other on one axis, which is `at_least` so long; each with its name and its measures."""
    width = max(width, 20)
    scale = _Scale(max([run.ended for run in runs] + [at_least, _SHORTEST_AXIS]), width - 1)
    lines: list[Text] = []
    for run in runs:
        name, strip = Text(printable(_name(run)), "bold"), _strip(run, scale, ascii_only=ascii_only)
        lines += [name, strip, Text(_measures(run), "dim"), Text()]
    return Text("\n").join([*lines, Text(_axis_line(scale, width), "dim")])


def to_svg(runs: Sequence[Run], title: str = "When each chunk came") -> str:
    """The runs below each other on one axis, as a document that needs nothing else and suits light and dark."""
    end = max([run.ended for run in runs] + [_SHORTEST_AXIS])
    scale = _Scale(end, _PLOT)
    height = _TITLE_HEIGHT + _ROW_HEIGHT * len(runs) + _AXIS_HEIGHT
    rows = [_row(run, scale, _TITLE_HEIGHT + number * _ROW_HEIGHT) for number, run in enumerate(runs)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img">',
            f"<title>{_escaped(title)}</title>",
            f"<desc>{_escaped('; '.join(f'{_name(run)}: {judge(run).why}' for run in runs))}</desc>",
            f"<style>\n{_STYLE}\n</style>",
            f'<rect class="back" width="{_WIDTH}" height="{height}" rx="6"/>',
            _text(_LEFT, 26, title, "label"),
            *(line for row in rows for line in row),
            *_axis(scale, height - _AXIS_HEIGHT),
            "</svg>\n",
        ]
    )


def axis_marks(end: float, at_most: int) -> Marks:
    """Round times from 0 to the end, with their texts."""
    step = next(step for power in range(-4, 9) for step in _steps(power) if end / step <= at_most)
    digits = max(0, -_power(step))
    return [(number * step, f"{number * step:.{digits}f}") for number in range(int(end / step + 1e-9) + 1)]


@dataclass(frozen=True)
class _Scale:
    """Puts times on a line of this width."""

    end: float
    width: int

    def column(self, at: float) -> int:
        return round(min(at / self.end, 1.0) * self.width)


def _steps(power: int) -> list[float]:
    return [factor * 10.0**power for factor in (1, 2, 5)]


def _power(step: float) -> int:
    return int(f"{step:e}".partition("e")[2])


def _merged(chunks: Sequence[Chunk], column: Column) -> dict[int, int]:
    """The bytes that came in each column of the picture."""
    placed = groupby(chunks, lambda chunk: column(chunk.at))
    return {place: sum(chunk.size for chunk in group) for place, group in placed}


def _strip(run: Run, scale: _Scale, *, ascii_only: bool) -> Text:
    """The run up to its end: a wait, and blocks as high as chunks are large."""
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    end = scale.column(run.ended)
    first = scale.column(run.first_byte) if run.chunks and run.first_byte is not None else end
    strip = [" "] * (end + 1)
    strip[:first] = ("." if ascii_only else "·") * first
    sizes = _merged(run.chunks, scale.column)
    tallest = max(sizes.values(), default=1)
    for place, size in sizes.items():
        strip[place] = blocks[min(len(blocks) - 1, round((size / tallest) ** 0.5 * (len(blocks) - 1)))]
    is_bad = run.ending in (Ending.CUT, Ending.TIMEOUT)
    line = Text("".join(strip), "cyan") + Text("x" if is_bad else "|", "red" if is_bad else "dim")
    line.stylize("dim", 0, first)
    return line


def _measures(run: Run) -> str:
    """What a caller notices."""
    if run.first_byte is None or not run.chunks:
        return f"{'nothing' if run.ending is Ending.RUNNING else 'no body'} after {seconds(run.ended)}"
    silence = run.longest_silence
    later = f", longest silence after it {seconds(silence.seconds)}" if silence else ""
    return f"first byte {seconds(run.first_byte)}{later}"


def _silence_line(silence: Silence | None, column: Column, width: int) -> str:
    """The longest silence under the strip, as far as there is room to show it."""
    if silence is None or column(silence.end) - column(silence.start) < 2:
        return ""
    start, end = column(silence.start), column(silence.end)
    text = f" {seconds(silence.seconds)} silent "
    if len(text) <= end - start - 2:
        return " " * start + f"|{text.center(end - start - 1, '-')}|"
    return (" " * start + f"|{'-' * (end - start - 1)}|{text}")[:width] if end + len(text) < width else ""


def _axis_line(scale: _Scale, width: int) -> str:
    line = [" "] * (width + 8)
    for at, text in axis_marks(scale.end, max(2, width // 10)):
        place = scale.column(at)
        line[place : place + len(text)] = text
    last = max((place for place, char in enumerate(line) if char != " "), default=0)
    line[last + 1 : last + 3] = " s"
    return "".join(line).rstrip()


def _row(run: Run, scale: _Scale, top: int) -> Iterator[str]:
    """One run: its name, what was seen, a tick for each chunk, and the marks below the line."""
    base = top + _BASELINE
    first = run.ended if run.first_byte is None else run.first_byte
    cut = f", {_ENDINGS[run.ending]} after {seconds(run.ended)}" if run.ending in _ENDINGS else ""
    yield _text(_LEFT, top + 16, _name(run), "label")
    yield _text(_LEFT, top + 33, judge(run).why + cut)
    if wait := scale.column(first):
        yield f'<rect class="wait" x="{_LEFT}" y="{base - _TALLEST}" width="{wait}" height="{_TALLEST}"/>'
    yield _line("line", _LEFT, base, _LEFT + scale.column(run.ended), base)
    sizes = _merged(run.chunks, scale.column)
    tallest = max(sizes.values(), default=1)
    for place, size in sizes.items():
        height = round(_SHORTEST + (_TALLEST - _SHORTEST) * (size / tallest) ** 0.5, 1)
        yield _line("chunk", _LEFT + place, base, _LEFT + place, base - height)
    if run.ending in _ENDINGS:
        yield _line("bad", _LEFT + scale.column(run.ended), base, _LEFT + scale.column(run.ended), base - _TALLEST)
    if run.chunks:
        yield _line("first", _LEFT + wait, base - _TALLEST, _LEFT + wait, base + 8)
        yield _text(_LEFT + wait, base + 20, f"first byte {seconds(first)}", "first-text")
    if (silence := run.longest_silence) and scale.column(silence.seconds) >= 4:
        start, end = (_LEFT + scale.column(at) for at in (silence.start, silence.end))
        yield f'<path class="silence" d="M{start} {base + 24}v4H{end}v-4"/>'
        yield _text(start, base + 40, f"longest silence {seconds(silence.seconds)}", "silence-text")


def _axis(scale: _Scale, top: int) -> Iterator[str]:
    yield _line("line", _LEFT, top, _LEFT + _PLOT, top)
    for at, text in axis_marks(scale.end, 10):
        place = _LEFT + scale.column(at)
        yield _line("line", place, top, place, top + 5)
        yield _text(place, top + 19, f"{text} s" if not at else text, "")


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _text(x: float, y: float, text: str, name: str = "") -> str:
    """A text that ends within the picture: from here, else up to here, else shortened."""
    most = int(_PLOT / _CHAR)
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    anchor = ' text-anchor="end"' if x + len(text) * _CHAR > _LEFT + _PLOT else ""
    if anchor and x - len(text) * _CHAR < 0:
        x, anchor = _LEFT, ""
    kind = f' class="{name}"' if name else ""
    return f'<text{kind} x="{x}" y="{y}"{anchor}>{_escaped(text)}</text>'


def _name(run: Run) -> str:
    return run.label or f"{run.method} {run.url}"


def _escaped(text: str) -> str:
    return escape(printable(text))

"""The pictures of a run, compared whole: times are given, so every tick has its place."""

from typing import Any
from xml.etree import ElementTree

import pytest

from samstream_cli.probe_runs import Chunk, Ending, Run
from samstream_cli.timeline import axis_marks, draw, draw_together, to_svg

NAMESPACE = "{http://www.w3.org/2000/svg}"


def run(*chunks: tuple[float, int], ended: float, **fields: Any) -> Run:
    given: dict[str, Any] = {"status": 200, "headers_at": 0.5, **fields}
    return Run("GET", "https://a.test/chat", chunks=tuple(Chunk(*chunk) for chunk in chunks), ended=ended, **given)


STREAMED = run((1.0, 4), (1.5, 64), (4.0, 16), ended=4.0, label="streamed")
BUFFERED = run((3.0, 84), ended=3.0, label="buffered")


def lines(seen: Run, width: int = 41, *, ascii_only: bool = False) -> list[str]:
    return draw(seen, width, ascii_only=ascii_only).plain.split("\n")


def test_a_run_is_drawn_with_its_wait_its_chunks_and_its_longest_silence() -> None:
    assert lines(STREAMED) == [
        "··········▃    █                        ▅|",
        "               |---- 2.50 s silent -----|",
        "0         1         2         3         4 s",
    ]


def test_a_terminal_without_these_signs_gets_others() -> None:
    assert lines(STREAMED, ascii_only=True)[0] == "..........-    #                        +|"


def test_a_buffered_run_is_all_wait() -> None:
    assert lines(BUFFERED) == ["·" * 40 + "█|", "0            1             2            3 s"]


def test_a_cut_run_ends_with_a_cross() -> None:
    seen = run((1.0, 4), ended=4.0, ending=Ending.CUT)
    assert lines(seen)[0] == "··········█" + " " * 30 + "x"


def test_an_answer_without_a_body_is_drawn_too() -> None:
    assert lines(run(ended=2.0))[0] == "·" * 40 + " |"
    assert lines(run(ended=0.0))[0].endswith("|")


def test_runs_are_drawn_together_on_one_axis() -> None:
    assert draw_together([BUFFERED, STREAMED], 41).plain.split("\n") == [
        "buffered",
        "······························█|",
        "first byte 3.00 s, longest silence after it 0 ms",
        "",
        "streamed",
        "··········▃    █                        ▅|",
        "first byte 1.00 s, longest silence after it 2.50 s",
        "",
        "0         1         2         3         4 s",
    ]


def test_runs_that_are_only_beginning_are_drawn_on_an_axis_that_waits_for_them() -> None:
    beginning = run(ended=1.0, ending=Ending.RUNNING, label="begun\x1b")
    assert draw_together([beginning], 21, at_least=4.0, ascii_only=True).plain.split("\n") == [
        "begun\\x1b",
        "..... |",
        "nothing after 1.00 s",
        "",
        "0         2         4 s",
    ]
    assert draw_together([run(ended=2.0, label="empty")], 21).plain.split("\n")[2] == "no body after 2.00 s"


@pytest.mark.parametrize("width", [0, 1, 20, 79])
def test_no_line_is_much_wider_than_the_terminal(width: int) -> None:
    seen = run(*[(number / 7, number) for number in range(1, 900)], ended=200.0)
    assert max(map(len, lines(seen, width))) <= max(width, 20) + 8


@pytest.mark.parametrize(
    ("end", "at_most", "texts"),
    [
        (4.0, 4, ["0", "1", "2", "3", "4"]),
        (0.023, 5, ["0.000", "0.005", "0.010", "0.015", "0.020"]),
        (900, 10, ["0", "100", "200", "300", "400", "500", "600", "700", "800", "900"]),
        (0.001, 2, ["0.0000", "0.0005", "0.0010"]),
        (0.3, 3, ["0.0", "0.1", "0.2", "0.3"]),
    ],
)
def test_an_axis_has_round_marks(end: float, at_most: int, texts: list[str]) -> None:
    assert [text for _, text in axis_marks(end, at_most)] == texts


def elements(svg: str, name: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(svg)  # noqa: S314  # it is our own
    return [element.attrib for element in root.iter() if element.attrib.get("class") == name]


def test_each_chunk_is_a_tick_as_tall_as_its_size() -> None:
    svg = to_svg([STREAMED])
    ticks = [(float(line["x1"]), float(line["y1"]) - float(line["y2"])) for line in elements(svg, "chunk")]
    assert ticks == [(210.0, 18.0), (305.0, 48.0), (780.0, 28.0)]


def test_the_tallest_tick_of_each_run_is_as_tall() -> None:
    ticks = elements(to_svg([STREAMED, BUFFERED]), "chunk")
    assert [float(line["y1"]) - float(line["y2"]) for line in ticks] == [18.0, 48.0, 28.0, 48.0]


def test_first_byte_and_longest_silence_are_marked() -> None:
    svg = to_svg([STREAMED])
    assert [(line["x1"], line["x2"]) for line in elements(svg, "first")] == [("210", "210")]
    assert elements(svg, "silence") == [{"class": "silence", "d": "M305 156v4H780v-4"}]
    assert ">first byte 1.00 s</text>" in svg
    assert ">longest silence 2.50 s</text>" in svg


def test_several_runs_share_one_axis_and_have_their_labels() -> None:
    svg = to_svg([STREAMED, BUFFERED], "Before and after")
    texts = [element.text for element in ElementTree.fromstring(svg).iter(f"{NAMESPACE}text")]  # noqa: S314
    assert texts == [
        "Before and after",
        "streamed",
        "the body came in 3 chunks over 3.00 s",
        "first byte 1.00 s",
        "longest silence 2.50 s",
        "buffered",
        "nothing came for 3.00 s, then the whole body at once: it was buffered, or made only then",
        "first byte 3.00 s",
        *("0.0 s", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0", "3.5", "4.0"),
    ]
    assert [rect["width"] for rect in elements(svg, "wait")] == ["190", "570"]


def test_a_run_that_ended_badly_says_so() -> None:
    svg = to_svg([run((1.0, 4), (2.0, 4), ended=29.0, ending=Ending.CUT)])
    assert ">the body came in 2 chunks over 1.00 s, cut off after 29.00 s</text>" in svg
    assert [line["x1"] for line in elements(svg, "bad")] == ["780"]


def test_a_picture_needs_nothing_else_and_suits_the_dark() -> None:
    svg = to_svg([STREAMED])
    names = {element.tag.removeprefix(NAMESPACE) for element in ElementTree.fromstring(svg).iter()}  # noqa: S314
    assert names == {"svg", "title", "desc", "style", "rect", "text", "line", "path"}
    assert "@media (prefers-color-scheme: dark)" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "a & b", "\x00\x1b[31m", "\ud800", "x" * 500, "äö"])
def test_any_label_gives_a_document_that_can_be_read(label: str) -> None:
    svg = to_svg([run((1.0, 1), ended=1.0, label=label)], label)
    assert "<script" not in svg
    assert ElementTree.fromstring(svg.encode()).tag == f"{NAMESPACE}svg"  # noqa: S314


def test_thousands_of_chunks_make_no_more_ticks_than_there_are_columns() -> None:
    svg = to_svg([run(*[(number / 1000, 1) for number in range(1, 20_001)], ended=20.0)])
    assert len(elements(svg, "chunk")) == 761


def test_no_runs_give_an_empty_picture() -> None:
    assert elements(to_svg([]), "chunk") == []


def test_the_same_runs_give_the_same_picture() -> None:
    assert to_svg([STREAMED, BUFFERED]) == to_svg([STREAMED, BUFFERED])

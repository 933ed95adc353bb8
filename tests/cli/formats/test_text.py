"""What people read: the line, a caret under what is meant, nothing that steers their terminal."""

import io
from itertools import pairwise

import pytest
from rich.cells import cell_len
from rich.console import Console

from cli.formats.samples import MIXED, WARNING, saying, written
from samstream.findings import Finding
from samstream_cli.checked import Checked, Located, Region
from samstream_cli.formats import text


def on_a_terminal(*checks: Checked, width: int = 60, colours: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        force_terminal=True,
        width=width,
        highlight=False,
        color_system="standard" if colours else None,
    )
    text.write(checks, console)
    return stream.getvalue()


def excerpt(line: str, mark: tuple[int, int], number: int = 1) -> Checked:
    region = Region(number, mark[0] + 1, number, mark[1] + 1)
    return Checked("t.yaml", (Located(Finding("E201", "", (), "No."), (), region, line, mark),))


def marked(check: Checked, width: int) -> tuple[str, str]:
    """The line that a terminal shows, and what of it stands over the carets."""
    lines = on_a_terminal(check, width=width).splitlines()
    shown, carets = next(pair for pair in pairwise(lines) if set(pair[1]) == {" ", "|", "^"})
    start, end = carets.index("^"), len(carets)
    cells = [character for character in shown for _ in range(cell_len(character))]
    return shown, "".join(cells[start:end])


def test_a_file_gets_every_message_on_one_line_and_the_count_last() -> None:
    assert written("text", *MIXED) == (
        "src/template.yaml:14:7: error[E201] Chat: There is no route GET /x. Mend it.\n"
        "   |\n"
        "14 |       Streaming: maybe\n"
        "   |       ^^^^^^^^^\n"
        "\n"
        "src/template.yaml:9:3: warning[W303] Chat: its runtime can't stream. Add the adapter.\n"
        "\n"
        "gone.yaml: error[E006] There is no such file. Check the path.\n"
        "\n"
        "src/template.yaml: note: A macro was skipped.\n"
        "\n"
        "To read more of a rule: samstream check --explain E201\n"
        "2 errors and 1 warning in 3 templates.\n"
    )


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ((Checked("a", ()), Checked("b", ())), "No findings in 2 templates."),
        ((Checked("a", (WARNING,)),), "1 warning in 1 template."),
        ((Checked("a", (WARNING, WARNING)), Checked("b", ())), "2 warnings in 2 templates."),
    ],
)
def test_the_last_line_counts(checks: tuple[Checked, ...], expected: str) -> None:
    assert written("text", *checks).splitlines()[-1] == expected


def test_the_rule_to_read_about_is_the_first_error() -> None:
    text = written("text", Checked("a", (WARNING,)), saying("No."))
    assert "samstream check --explain E201\n" in text


def test_a_terminal_gets_long_messages_wrapped_under_a_hanging_indent() -> None:
    assert on_a_terminal(saying("There is no route GET /x in this template. Mend it."), width=50) == (
        "template.yaml:1:2: error[E201] There is no\n"
        "    route GET /x in this template. Mend it.\n"
        "\n"
        "To read more of a rule: samstream check\n"
        "    --explain E201\n"
        "1 error in 1 template.\n"
    )


def test_a_terminal_gets_colours_by_severity() -> None:
    text = on_a_terminal(*MIXED, colours=True)
    assert "\x1b[1;31merror[E201]\x1b[0m" in text
    assert "\x1b[1;33mwarning[W303]\x1b[0m" in text


@pytest.mark.parametrize("width", [10, 20, 60, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = on_a_terminal(saying("word " * 30 + "x" * 200), excerpt("漢字" * 200, (100, 150)), *MIXED, width=width)
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize(
    ("line", "mark", "shown", "over"),
    [
        ("  漢字: Streaming", (6, 15), "1 |   漢字: Streaming", "Streaming"),
        ("e\u0301: x", (4, 5), "1 | e\u0301: x", "x"),
        ("\tStreaming: x", (1, 10), "1 |     Streaming: x", "Streaming"),
        ("\u202ea: \x1b[2Jx", (2, 3), "1 | \\u202ea: \\x1b[2Jx", ":"),
        ("x" * 100 + "HERE" + "y" * 100, (100, 104), f"1 | …{'x' * 25}HERE{'y' * 25}…", "HERE"),
        ("HERE" + "y" * 100, (0, 4), f"1 | HERE{'y' * 51}…", "HERE"),
        ("x" * 100 + "HERE", (100, 104), f"1 | …{'x' * 51}HERE", "HERE"),
        ("x" * 100 + "H" * 100, (100, 200), f"1 | {'H' * 55}…", "H" * 55 + "…"),
        ("a: ", (3, 3), "1 | a:", ""),
    ],
)
def test_the_caret_stands_under_what_is_meant(line: str, mark: tuple[int, int], shown: str, over: str) -> None:
    assert marked(excerpt(line, mark), width=60) == (shown, over)


def test_a_megabyte_on_one_line_is_shown_as_a_part_of_it() -> None:
    line = '{"Resources": ' + '{"A": 1}, ' * 100_000
    texts = written("text", excerpt(line, (500_014, 500_020)))
    assert max(map(len, texts.splitlines())) == 120

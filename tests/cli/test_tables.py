"""What people read: whole lines for grep in a file, everything within the width on a terminal."""

import io

import pytest
from rich.console import Console

from samstream.edits import ABSENT, Edit
from samstream.findings import Finding
from samstream.transform import Result, RouteReport
from samstream_cli.cloudformation import MacroRun, Outcome, Refusal
from samstream_cli.tables import print_outcome, print_plan, report_console

LONG = "event AskTheModelForAnAnswer of TheFunctionThatAnswersAllTheQuestions"

ROUTES = (
    RouteReport("Api", "GET /", "About", "BUFFERED", "BUFFERED", None, ""),
    RouteReport("Api", "POST /chat/{conversation+}", "Chat", "BUFFERED", "STREAM", 120_000, LONG),
    RouteReport("Api", "OPTIONS /chat", None, "-", "-", None, ""),
)
ERROR = Finding("E201", "Chat", ("Resources", "Chat", "Metadata", "Streaming"), "There is no route GET /x. Add it.")
WARNING = Finding("W301", "Chat", (), "Its Timeout is short. Raise it.")


def printed(outcome: Outcome) -> str:
    stream = io.StringIO()
    print_outcome(report_console(stream), outcome)
    return stream.getvalue()


def on_a_terminal(outcome: Outcome, width: int = 80) -> str:
    stream = io.StringIO()
    print_outcome(Console(file=stream, force_terminal=True, width=width, highlight=False, color_system=None), outcome)
    return stream.getvalue()


def test_a_file_gets_every_route_on_a_line_of_its_own() -> None:
    assert printed(Outcome({}, ROUTES, (), (), None)) == (
        "API   Route                        Function   Before     After      Timeout   Why\n"
        "Api   GET /                        About      BUFFERED   BUFFERED   default\n"
        f"Api   POST /chat/{{conversation+}}   Chat       BUFFERED   STREAM     120 s     {LONG}\n"
        "Api   OPTIONS /chat                -          -          -          -\n"
        "1 of 3 routes streams.\n"
        "\n"
    )


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_a_terminal_gets_all_of_it_within_its_width(width: int) -> None:
    text = on_a_terminal(Outcome({}, ROUTES, (), (), Refusal("Transform X", ("a reason " * 30,), (ERROR,))), width)
    assert max(map(len, text.splitlines())) <= width
    flat = " ".join(text.split())
    for part in ("POST /chat/{conversation+}", "Chat", "120 s", "TheFunctionThatAnswersAllTheQuestions", "Add it."):
        assert part in flat
    assert "…" not in text


def test_an_outcome_without_routes_has_no_table() -> None:
    assert printed(Outcome({}, (), (), (), None)) == ""


def test_findings_notes_and_the_refusal_each_stand_on_a_line() -> None:
    run = MacroRun("Transform entry 1", Result({}, (WARNING, ERROR)))
    outcome = Outcome({}, (), (run,), ("A macro was skipped.",), Refusal("Transform X", (), (ERROR,), "Do this."))
    assert printed(outcome) == (
        "warning W301 Chat: Its Timeout is short. Raise it.\n"
        "\n"
        "note: A macro was skipped.\n"
        "The deployment would fail. Transform X:\n"
        "error E201 Resources/Chat/Metadata/Streaming: There is no route GET /x. Add it.\n"
        "Do this.\n"
    )


def test_what_cannot_be_told_here_is_not_called_a_failure() -> None:
    refusal = Refusal(f"Transform {'X'}", ("No loops.",), certain=False)
    assert printed(Outcome({}, (), (), (), refusal)) == "This can't be told without AWS. Transform X:\n  No loops.\n"


def test_a_plan_shows_what_is_removed_changed_and_created() -> None:
    edits = (
        Edit(("Resources", "A", "Tag"), True, ABSENT),
        Edit(("Resources", "A", 0), {"Ref": "B"}, "c"),
        Edit(("Metadata",), ABSENT, [1]),
    )
    stream = io.StringIO()
    print_plan(report_console(stream), [MacroRun("Transform entry 3, after SAM", Result({}, (), edits))])
    assert stream.getvalue() == (
        "Transform entry 3, after SAM: 3 edits\n"
        "  Resources/A/Tag\n"
        "    - true\n"
        "  Resources/A/0\n"
        '    - {"Ref": "B"}\n'
        '    + "c"\n'
        "  Metadata\n"
        "    + [1]\n"
        "\n"
    )


def test_brackets_and_colons_are_printed_as_they_are() -> None:
    route = RouteReport("Api", "GET /[bold]:smile:", "Fn", "STREAM", "STREAM", 500, "[red]x[/red]")
    text = printed(Outcome({}, (route,), (), ("[i]note[/i] :ok:",), None))
    assert "GET /[bold]:smile:" in text
    assert "[red]x[/red]" in text
    assert "[i]note[/i] :ok:" in text
    assert "0.5 s" in text


def test_a_reader_that_has_gone_is_an_error_of_the_pipe() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        report_console(Gone()).print("anybody there?")

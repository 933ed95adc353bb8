"""What a rule wants and how to leave it out, for every id that a finding can bear."""

import io

import pytest
from rich.console import Console

from samstream_cli.errors import UsageError
from samstream_cli.explain import explain
from samstream_cli.rule_texts import TEXTS
from samstream_cli.tables import report_console


def explained(rule: str) -> str:
    stream = io.StringIO()
    explain(rule, report_console(stream))
    return stream.getvalue()


def test_a_warning_can_be_left_out_of_deployments_too() -> None:
    assert explained(" w401 ") == (
        "warning[W401] An API that changes has a Deployment in this template\n"
        "concerns: deployment\n"
        "\n"
        f"{TEXTS['W401'].description}\n"
        "\n"
        "Left out of deployments and of samstream check by\n"
        "  Ignore: [W401]                            Parameters of the Transform entry\n"
        "  Metadata: {SamStream: {Ignore: [W401]}}   of the template or a resource\n"
        "\n"
        "Left out of samstream check alone by\n"
        "  # samstream: ignore W401                  on its line or the line above\n"
        '  ignore = ["W401"]                         [check] of .samstream.toml\n'
        "  --ignore W401                             on the command line\n"
        "\n"
        "Source\n"
        f"  {TEXTS['W401'].source_url}\n"
    )


@pytest.mark.parametrize("rule", TEXTS)
def test_only_ignorable_rules_are_said_to_be_left_out_of_deployments(rule: str) -> None:
    text = explained(rule)
    assert (f"  Ignore: [{rule}] " in text) == TEXTS[rule].ignorable
    assert ("A deployment can't leave it out." in text) == (not TEXTS[rule].ignorable)


@pytest.mark.parametrize("rule", TEXTS)
def test_a_terminal_of_80_columns_holds_all_but_the_address(rule: str) -> None:
    stream = io.StringIO()
    explain(rule, Console(file=stream, force_terminal=True, width=80, color_system=None))
    assert max(len(line.rstrip()) for line in stream.getvalue().splitlines() if "https://" not in line) <= 80


@pytest.mark.parametrize(
    ("rule", "message", "remedy"),
    [
        ("E21", "there is no rule 'E21'", "Did you mean E201? The rules are E001, E002, "),
        ("nonsense", "there is no rule 'nonsense'", "The rules are E001, E002, "),
        ("\x1b[31m", "there is no rule '\\x1b[31m'", "The rules are "),
    ],
)
def test_an_unknown_rule_says_the_nearest_and_all(rule: str, message: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        explained(rule)
    assert caught.value.message == message
    assert caught.value.remedy.startswith(remedy)

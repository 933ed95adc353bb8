"""`samstream check --explain RULE`: what a rule wants, why, and how to leave it out."""

from typing import Final

from rich.console import Console
from rich.text import Text

from samstream_cli.rule_texts import RuleText, find_rule

_STYLES: Final = {"error": "bold red", "warning": "bold yellow"}

_IN_TEMPLATES: Final = (
    ("Ignore: [{}]", "Parameters of the Transform entry"),
    ("Metadata: {{SamStream: {{Ignore: [{}]}}}}", "of the template or a resource"),
)
_HERE: Final = (
    ("# samstream: ignore {}", "on its line or the line above"),
    ('ignore = ["{}"]', "[check] of .samstream.toml"),
    ("--ignore {}", "on the command line"),
)
_COLUMN: Final = 42


def explain(rule_id: str, console: Console) -> None:
    """All there is to read about a rule. Raises `UsageError` for one that isn't known."""
    text = find_rule(rule_id)
    for part in (_title(text), Text(text.description), *_ways_out(text)):
        console.print(part, soft_wrap=not console.is_terminal)
        console.print()
    # Whole, so that a terminal can open it.
    console.print(Text.assemble(("Source", "bold"), f"\n  {text.source_url}"), soft_wrap=True)


def _title(text: RuleText) -> Text:
    rule = (f"{text.severity}[{text.id}]", _STYLES[text.severity])
    return Text.assemble(rule, (f" {text.shortdesc}", "bold"), (f"\nconcerns: {', '.join(text.tags)}", "dim"))


def _ways_out(text: RuleText) -> tuple[Text, ...]:
    if text.ignorable:
        return (
            _ways("Left out of deployments and of samstream check by", _IN_TEMPLATES, text.id),
            _ways("Left out of samstream check alone by", _HERE, text.id),
        )
    return (_ways("A deployment can't leave it out. Left out of samstream check alone by", _HERE, text.id),)


def _ways(title: str, ways: tuple[tuple[str, str], ...], rule: str) -> Text:
    lines = Text(title, "bold")
    for code, where in ways:
        lines.append(f"\n  {code.format(rule):{_COLUMN}}", "not bold cyan").append(where, "not bold")
    return lines

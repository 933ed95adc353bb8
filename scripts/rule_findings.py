"""Writes what `samstream check` says of the templates in tests/templates/rules, one findings.txt a rule.

`--check` only names those that aren't current.
"""

import sys
from functools import cache
from pathlib import Path

from samstream_cli.checked import Checked, Located
from samstream_cli.checking import CheckSettings, check
from samstream_cli.templates import read_template

RULES = Path(__file__).parent.parent / "tests" / "templates" / "rules"
NAME = "findings.txt"

_SETTINGS = CheckSettings("eu-west-1", environment={})


@cache
def checked(template: Path) -> Checked:
    """What the command line finds in a rule's template."""
    return check(read_template(str(template)), _SETTINGS)


def findings_of(template: Path) -> list[str]:
    """A line a finding, in the order in which the command line tells them, and a line a note."""
    found = checked(template)
    lines = [_line(template.name, located) for located in found.findings]
    lines.extend(f"{template.name} note {note}" for note in found.notes)
    return lines or [f"{template.name}: nothing"]


def page(folder: Path) -> str:
    """The whole findings.txt of one rule's templates."""
    templates = sorted(path for path in folder.iterdir() if path.name != NAME)
    return "".join(f"{line}\n" for template in templates for line in findings_of(template))


def _line(name: str, located: Located) -> str:
    region, finding = located.region, located.finding
    at = f":{region.line}:{region.column}-{region.end_line}:{region.end_column}" if region else ""
    return f"{name}{at} {finding.severity} {finding.rule} {finding.resource or '-'}: {finding.message}"


def main() -> int:
    only_check = "--check" in sys.argv[1:]
    stale = []
    for folder in sorted(RULES.iterdir()):
        target, text = folder / NAME, page(folder)
        if not target.exists() or target.read_text() != text:
            stale.append(folder.name)
            if not only_check:
                target.write_text(text)
    if stale:
        print("Stale:" if only_check else "Wrote:", ", ".join(stale))
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    sys.exit(main())

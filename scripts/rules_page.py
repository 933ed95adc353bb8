"""Writes docs/rules.md from the rules themselves. `--check` only says whether it is current."""

import sys
from pathlib import Path

from samstream.rules import ALL

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"

INTRODUCTION = """# Rules

What samstream says of a template. An error (E) fails the deployment and leaves the template as it was; a warning (W)
goes into the report under `Metadata: SamStream`, and fails too with `Strict: true`. Warnings, and errors marked
*ignorable*, can be left out by `Ignore: [W301]` among the Transform entry's Parameters.

Beside the rules below: E001 says that Parameters or the macro function's environment are wrong, E002 that what arrived
is no template, E003 that it is nested too deeply to be read, and E099 that samstream itself failed, which is a bug to
report.

<!-- Made by scripts/rules_page.py from macro/samstream/rules. -->
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for rule in ALL:
        ignorable = " *Ignorable.*" if rule.ignorable else ""
        parts.append(f"## {rule.id}: {rule.shortdesc}\n\n{rule.description}{ignorable} ([source]({rule.source_url}))\n")
    return "\n".join(parts)


def main() -> int:
    current = PAGE.exists() and PAGE.read_text() == page()
    if "--check" in sys.argv[1:]:
        return 0 if current else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())

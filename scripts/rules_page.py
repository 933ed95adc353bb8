"""Writes docs/rules.md from the rules themselves. `--check` only says whether it is current."""

import sys
from pathlib import Path

from samstream_cli.rule_texts import TEXTS

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"

INTRODUCTION = """# Rules

What samstream says of a template: the macro during a deployment, and [`samstream check`](check.md) before it. An error
(E) fails the deployment and leaves the template as it was; a warning (W) goes into the report under
`Metadata: SamStream`, and fails too with `Strict: true`. Warnings, and errors marked *ignorable*, can be left out, for
a template or for one of its resources: [how](check.md#leaving-findings-out).

<!-- Made by scripts/rules_page.py from macro/samstream/rules and cli/samstream_cli/rule_texts.py. -->
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for rule in TEXTS.values():
        ignorable = " *Ignorable.*" if rule.ignorable and rule.severity == "error" else ""
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

"""`python scripts/make_events.py` writes tests/events/after.json: the macro's second event for a template.

It is what tests/events/before.json becomes by the macro's first pass and the real SAM translator.
"""

import json
import sys
from pathlib import Path
from typing import Any

from samstream.options import Options
from samstream.transform import Stack, transform
from samstream_cli.sam import translate

EVENTS = Path(__file__).parents[1] / "tests" / "events"
REQUEST_ID = "b0a1e5c6-2f0e-4b53-8f0c-6f5e6c1d7a10"


def after(before: dict[str, Any]) -> dict[str, Any]:
    """The second event that CloudFormation sends, given the first."""
    values = before["templateParameterValues"]
    stack = Stack(before["region"], before["accountId"], values)
    first = transform(before["fragment"], Options.load(before["params"], {}), stack)
    return {
        **before,
        "requestId": REQUEST_ID,
        "fragment": translate(first.template, values, before["region"]),
    }


def main() -> int:
    text = (EVENTS / "before.json").read_text(encoding="utf-8")
    written = EVENTS / "after.json"
    current = json.dumps(after(json.loads(text)), indent=2, ensure_ascii=False) + "\n"
    if sys.argv[1:] == ["--check"]:
        return int(not written.exists() or written.read_text(encoding="utf-8") != current)
    written.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

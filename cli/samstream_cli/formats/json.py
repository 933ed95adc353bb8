"""The format for programs of one's own: one JSON document, whose fields stay.

    {
      "version": 1,
      "templates": [
        {
          "name": "template.yaml",
          "findings": [
            {
              "rule": "E201", "severity": "error", "resource": "Chat",
              "place": ["Resources", "Chat", "Metadata", "Streaming"],
              "line": 14, "column": 11, "end_line": 14, "end_column": 27,
              "message": "...", "url": "https://..."
            }
          ],
          "notes": []
        }
      ],
      "summary": {"errors": 1, "warnings": 0}
    }

Lines and columns count from 1 in Unicode characters, the end is exclusive, and all four are null for what concerns the
file as a whole. `resource` is empty for what concerns the whole template. `version` rises when a field goes or changes
its meaning; new fields may come without that.
"""

import json
from collections.abc import Sequence
from typing import Final, TextIO

from samstream.types import JsonObject
from samstream_cli.checked import Checked, Located
from samstream_cli.rule_texts import TEXTS

VERSION: Final = 1


def write(checks: Sequence[Checked], stream: TextIO) -> None:
    """ASCII alone, so that nothing in it steers a terminal or depends on an encoding."""
    document = {
        "version": VERSION,
        "templates": [
            {"name": check.name, "findings": [_data(found) for found in check.findings], "notes": list(check.notes)}
            for check in checks
        ],
        "summary": {
            "errors": sum(check.count("error") for check in checks),
            "warnings": sum(check.count("warning") for check in checks),
        },
    }
    stream.write(json.dumps(document, indent=2) + "\n")


def _data(located: Located) -> JsonObject:
    finding, region = located.finding, located.region
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "resource": finding.resource,
        "place": list(located.place),
        "line": region.line if region else None,
        "column": region.column if region else None,
        "end_line": region.end_line if region else None,
        "end_column": region.end_column if region else None,
        "message": finding.message,
        "url": TEXTS[finding.rule].source_url,
    }

"""Errors that may be none, because something isn't known on this machine: they become the warning W001, which says so.

A parameter may have no value here, and a transform that runs on AWS alone may bring what seems to be missing.
"""

from collections.abc import Sequence
from typing import Final

from samstream.edits import value_at
from samstream.findings import Finding
from samstream.intrinsics import referenced
from samstream.types import JsonObject

_OF_TAGS: Final = ("E101", "E102", "E103", "E104", "E105", "E106", "E201")
_OF_WHAT_IS_MISSING: Final = ("E201", "E202", "E301", "E303")


def doubted(finding: Finding, template: JsonObject, unknown: Sequence[str], skipped: Sequence[str]) -> Finding:
    """The finding, or the doubt about it. `unknown` are parameters without a value, `skipped` transforms that didn't
    run; `template` is the one that the finding's place is in."""
    if finding.severity == "warning":
        return finding
    name = next((name for name in unknown if _depends_on(finding, template, name)), None)
    if name is not None:
        label = finding.message.partition(": ")[0]
        return _doubt(
            finding,
            f"{label}: it depends on the parameter {name}, which has no value here, so this template couldn't be "
            "checked "
            f"to the end. Add --parameter {name}=VALUE.",
        )
    if skipped and finding.rule in _OF_WHAT_IS_MISSING:
        return _doubt(finding, f"{finding.message} {', '.join(skipped)} didn't run here, which may be the reason.")
    return finding


def is_of_a_tag(finding: Finding) -> bool:
    """It says something about a tag, which means nothing where the macro isn't listed."""
    return finding.rule in _OF_TAGS


def _depends_on(finding: Finding, template: JsonObject, name: str) -> bool:
    if any(text in finding.message for text in (f"Ref {name} has no value", f"refer to {name}, which has no value")):
        return True
    is_unknown = "not known before the deployment" in finding.message
    return is_unknown and name in referenced(value_at(template, finding.place))


def _doubt(finding: Finding, message: str) -> Finding:
    return finding._replace(rule="W001", message=message, strict=False)

"""SARIF 2.1.0, which code scanning of GitHub, GitLab and Azure DevOps and the viewers of editors read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO
from urllib.parse import quote

from samstream import __version__
from samstream.findings import Finding
from samstream.types import JsonObject, Place, digest
from samstream_cli.checked import Checked, Located, Region
from samstream_cli.formats.wording import sentence
from samstream_cli.rule_texts import TEXTS, RuleText

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_ROOT: Final = "%SRCROOT%"
_INDEX: Final = {rule: index for index, rule in enumerate(TEXTS)}


def write(checks: Sequence[Checked], stream: TextIO) -> None:
    """One run, with all rules that there are; ASCII alone."""
    run = {
        "tool": {"driver": {"name": "samstream", "version": __version__, "rules": list(map(_rule, TEXTS.values()))}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that samstream ran in."}}},
        "invocations": [_invocation(checks)],
        "results": [result for check in checks for result in _results(check)],
    }
    stream.write(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n")


def _rule(text: RuleText) -> JsonObject:
    """`help` is what GitHub shows beside an alert, and it asks for one."""
    return {
        "id": text.id,
        "name": text.name,
        "shortDescription": {"text": f"{text.shortdesc}."},
        "fullDescription": {"text": text.description},
        "help": {"text": f"{text.description}\n\nSource: {text.source_url}"},
        "helpUri": text.source_url,
        "defaultConfiguration": {"level": text.severity},
        "properties": {"tags": list(text.tags)},
    }


def _invocation(checks: Sequence[Checked]) -> JsonObject:
    notes = [
        {"level": "note", "message": {"text": note}, "locations": [_location(check.name)]}
        for check in checks
        for note in check.notes
    ]
    failed = any(located.finding.rule == "E099" for check in checks for located in check.findings)
    return {"executionSuccessful": not failed, "toolExecutionNotifications": notes}


def _results(check: Checked) -> list[JsonObject]:
    seen: Counter[str] = Counter()
    results = []
    for located in check.findings:
        mark = _fingerprint(located.finding, located.place)
        seen[mark] += 1
        results.append(_result(check.name, located, f"{mark}:{seen[mark]}"))
    return results


def _result(name: str, located: Located, fingerprint: str) -> JsonObject:
    finding = located.finding
    return {
        "ruleId": finding.rule,
        "ruleIndex": _INDEX[finding.rule],
        "level": finding.severity,
        "message": {"text": sentence(finding)},
        "locations": [_location(name, located)],
        "partialFingerprints": {"samstreamPlace/v1": fingerprint},
    }


def _fingerprint(finding: Finding, place: Place) -> str:
    """The same wherever in the file the place has moved to; findings alike are counted by the caller."""
    return digest([finding.rule, finding.resource, *place])[:16]


def _location(name: str, located: Located | None = None) -> JsonObject:
    location: JsonObject = {"physicalLocation": {"artifactLocation": _artifact(name)}}
    if located and located.region:
        location["physicalLocation"]["region"] = _region(located.region)
    if located and located.place:
        location["logicalLocations"] = [{"fullyQualifiedName": "/".join(map(str, located.place))}]
    return location


def _region(region: Region) -> JsonObject:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }


def _artifact(name: str) -> JsonObject:
    """A file below the folder that samstream runs in is named relative to that, any other by its whole path."""
    folder = Path.cwd()
    path = Path(os.path.normpath(folder / name))
    if path.is_relative_to(folder):
        return {"uri": quote(os.fsencode(path.relative_to(folder).as_posix())), "uriBaseId": _ROOT}
    return {"uri": path.as_uri()}

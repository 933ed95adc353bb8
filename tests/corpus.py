"""The templates of tests/templates, each with what its first comment says about it.

The comment is YAML. `shape` names what is special; `streams` lists the routes that must stream, and no others may;
`by_themselves` those of them that stream without a tag; `native` the events that SAM's own property would stream,
where it could; `ignored` says that SAM leaves the route buffered without a word; `timeouts` and `adapter` say what
else must come out; `parameters` and `region` are what the stack is deployed with. Bad templates have `rules`, the
ids of all findings that refuse them, and `says`, what their message names.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cfn_flip
import yaml

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, eq=False)
class Case:
    """One template. `body` is shared by all tests: `template()` gives a copy to change."""

    kind: str
    name: str
    body: Mapping[str, Any]
    notes: Mapping[str, Any]

    def template(self) -> dict[str, Any]:
        return copy.deepcopy(dict(self.body))

    def fragment(self) -> dict[str, Any]:
        """What a macro is sent: everything but the Transform section."""
        return {name: value for name, value in self.template().items() if name != "Transform"}

    @property
    def streams(self) -> set[str]:
        return set(self.notes["streams"])

    @property
    def native(self) -> list[str]:
        return list(self.notes.get("native", ()))

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.notes.get("parameters", {}))

    @property
    def region(self) -> str:
        return str(self.notes.get("region", "eu-west-1"))

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def cases(*kinds: str) -> list[Case]:
    """The templates of these directories, in the order of their names."""
    return [case for kind in kinds for case in _read(kind)]


def _read(kind: str) -> Iterator[Case]:
    if kind == "cdk":
        notes = yaml.safe_load((TEMPLATES / kind / "expect.yaml").read_text())
        for file in sorted((TEMPLATES / kind).glob("*.json")):
            yield Case(kind, file.stem, json.loads(file.read_text()), notes[file.stem])
        return
    for file in sorted((TEMPLATES / kind).glob("*.yaml")):
        text = file.read_text()
        yield Case(kind, file.stem, json.loads(cfn_flip.to_json(text)), _first_comment(text))


def _first_comment(text: str) -> dict[str, Any]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[2:])
    notes = yaml.safe_load("\n".join(lines))
    assert isinstance(notes, dict), text[:100]
    return notes


GOOD = cases("sam", "plain", "cdk")
BAD = cases("bad")
SAM = [case for case in GOOD if case.kind == "sam"]

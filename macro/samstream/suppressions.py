"""What a template itself asks to leave out: `Metadata: SamStream: Ignore: [W401]`, of the template or of a resource."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from samstream.findings import Finding
from samstream.options import PARAMETERS, read_ignore
from samstream.plan import Plan
from samstream.types import Json, JsonObject, Place, as_object

HOLDER: Final = "SamStream"
KEY: Final = "Ignore"


class Suppressions(NamedTuple):
    """Rule ids to leave out everywhere, and by the logical id of a resource; `problems` are what can't be read."""

    everywhere: frozenset[str]
    by_resource: Mapping[str, frozenset[str]]
    problems: tuple[Finding, ...]

    def hold(self, finding: Finding, plan: Plan) -> bool:
        """The finding is to be left out: its rule is named for all, for its resource, or for the function behind the
        route that it is about."""
        if finding.rule in self.everywhere:
            return True
        named = {name for name, rules in self.by_resource.items() if finding.rule in rules}
        return bool(named) and (finding.resource in named or not named.isdisjoint(_functions(finding.place, plan)))


def read_suppressions(plan: Plan, ignorable: Collection[str]) -> Suppressions:
    """Those of the Transform entry and of the template. `ignorable` are the rules that may be named."""
    template = plan.template
    problems = [
        _not_ignorable(name, ignorable, "", (*PARAMETERS, KEY)) for name in sorted(plan.options.ignore - {*ignorable})
    ]
    everywhere = set(plan.options.ignore)
    by_resource: dict[str, frozenset[str]] = {}
    holders: list[tuple[str, JsonObject, Place]] = [("", as_object(template.body.get("Metadata")), ("Metadata",))]
    holders += [(found.id, found.metadata, (*found.place, "Metadata")) for found in template.with_metadata]
    for name, metadata, place in holders:
        holder = as_object(metadata.get(HOLDER)) if HOLDER in metadata else {}
        if KEY not in holder:
            continue
        at = (*place, HOLDER, KEY)
        rules = _read(holder[KEY])
        if rules is None:
            message = f"{KEY} in the Metadata of {name or 'the template'} must be a list of rule ids such as W301."
            problems.append(Finding("E001", name, at, message))
            continue
        problems.extend(_not_ignorable(rule, ignorable, name, at) for rule in sorted(rules - {*ignorable}))
        if name:
            by_resource[name] = rules
        else:
            everywhere |= rules
    return Suppressions(frozenset(everywhere), by_resource, tuple(problems))


def _read(value: Json) -> frozenset[str] | None:
    try:
        return read_ignore(value)
    except ValueError:
        return None


def _not_ignorable(rule: str, ignorable: Collection[str], resource: str, place: Place) -> Finding:
    return Finding("E001", resource, place, f"Ignore may name {', '.join(sorted(ignorable))}, and not {rule}.")


def _functions(place: Place, plan: Plan) -> Iterator[str]:
    for route in plan.table.routes:
        if place[: len(route.place)] == route.place:
            yield from route.functions

"""Taking tags out again."""

from collections.abc import Iterator

from samstream.edits import ABSENT, value_at
from samstream.events import TAG
from samstream.tags import METADATA_KEY, TAGGABLE
from samstream.template import APIS, OPERATION_TAG, SAM_FUNCTION, SAM_STATE_MACHINE, Template
from samstream.types import Json, JsonObject, Place
from samstream_cli.add_changes import Remove
from samstream_cli.add_tags import Tagging, function_tag, is_of, own_tag, routes_named
from samstream_cli.add_targets import Target, Targets
from samstream_cli.editing import is_padded
from samstream_cli.positions import Source


def untag(source: Source, template: JsonObject, targets: Targets) -> Tagging:
    """The tags of these routes and functions go."""
    places: dict[Place, None] = {}
    notes = []
    for target in (*(route for whole in targets.functions for route in whole.routes), *targets.routes):
        found = list(_tags_of(template, target))
        places.update(dict.fromkeys(found))
        if target in targets.routes and not found:
            notes.append(_untagged(template, target))
    for whole in targets.functions:
        place = (*whole.function.place, "Metadata", METADATA_KEY)
        if value_at(template, place) is not ABSENT:
            places = {other: None for other in places if other[: len(place)] != place} | {place: None}
    if targets.functions and not places:
        notes.extend(f"{whole.function.id} isn't tagged." for whole in targets.functions)
    return Tagging(_removals(source, template, places), tuple(notes))


def untag_all(source: Source, template: Template) -> Tagging:
    """Every tag goes."""
    return Tagging(_removals(source, template.body, dict.fromkeys(_all_tags(template))))


def _tags_of(template: JsonObject, target: Target) -> Iterator[Place]:
    for route in target.places:
        for place in (own_tag(route), *([(*route.place, TAG)] if route.kind == "event" else [])):
            if value_at(template, place) is not ABSENT:
                yield place
        tag = function_tag(route)
        value = ABSENT if tag is None else value_at(template, tag)
        if tag is not None and value is not ABSENT:
            names = routes_named(value) or []
            own = [number for number, name in enumerate(names) if is_of(target, name)]
            if own and (len(own) == len(names)):
                yield tag
            elif own:
                holder = (*tag, "Routes") if isinstance(value, dict) else tag
                yield from ((*holder, number) for number in own)


def _untagged(template: JsonObject, target: Target) -> str:
    for route in target.places:
        tag = function_tag(route)
        value = ABSENT if tag is None else value_at(template, tag)
        if value is not ABSENT and routes_named(value) is None:
            name = route.function
            return f"{target.label} streams by the tag of {name}; samstream add --remove --all {name} takes that out."
    return f"{target.label} isn't tagged."


def _all_tags(template: Template) -> Iterator[Place]:
    for section in ("Function", "Api"):
        if value_at(template.body, ("Globals", section, TAG)) is not ABSENT:
            yield ("Globals", section, TAG)
    for function in template.of_type(SAM_FUNCTION, SAM_STATE_MACHINE, looped=True):
        yield from _keys(function.properties.get("Events"), (*function.place, "Properties", "Events"), TAG)
    for resource in template.with_metadata:
        if METADATA_KEY in resource.metadata and resource.type in TAGGABLE:
            yield (*resource.place, "Metadata", METADATA_KEY)
    for api in template.of_type(*APIS, looped=True):
        yield from _keys(api.properties, (*api.place, "Properties"), OPERATION_TAG)


def _keys(value: Json, place: Place, wanted: str) -> Iterator[Place]:
    """The places of this key within a value."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if key == wanted:
            yield (*place, key)
        else:
            yield from _keys(item, (*place, key), wanted)


def _removals(source: Source, template: JsonObject, places: dict[Place, None]) -> tuple[Remove, ...]:
    """With what would be left empty. A map that was empty before its tag came stays."""
    held: dict[Place, dict[Place, None]] = {}
    for place in places:
        held.setdefault(place[:-1], {})[place] = None
    pending = list(held)
    while pending:
        holder = pending.pop()
        value = value_at(template, holder)
        is_kept = not holder or (isinstance(value, dict) and is_padded(source, holder))
        if not is_kept and len(held.get(holder, ())) == len(value):
            del held[holder]
            held.setdefault(holder[:-1], {})[holder] = None
            pending.append(holder[:-1])
    return tuple(Remove(place) for own in held.values() for place in own)

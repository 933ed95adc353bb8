"""Putting tags in: which changes of a template make these routes stream."""

from typing import NamedTuple

from samstream.edits import ABSENT, value_at
from samstream.events import SAM_STREAMING, TAG, TRANSFER_MODE, take_off
from samstream.intrinsics import is_intrinsic
from samstream.options import RouteName, read_flag
from samstream.tags import METADATA_KEY, TAGGABLE
from samstream.template import OPERATION_TAG, Stack, Template
from samstream.types import Json, JsonObject, Place
from samstream_cli.add_changes import Change, EditError, Insert, Replace, own_start
from samstream_cli.add_listing import Needs
from samstream_cli.add_targets import Target, Targets, Whole
from samstream_cli.positions import Source
from samstream_cli.source_routes import SourceRoute, events_in


class Tagging(NamedTuple):
    """Changes, what is to be told beside them, and whether some tag needs the macro before SAM."""

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    before_sam: bool = False


def own_tag(route: SourceRoute) -> Place:
    """Where the tag of this one route goes."""
    if route.kind == "event":
        return (*route.place, "Properties", TAG)
    return (*route.place, OPERATION_TAG) if route.kind == "operation" else (*route.place, "Metadata", METADATA_KEY)


def function_tag(route: SourceRoute) -> Place | None:
    """Where the tag of the route's function stands."""
    if route.function is None:
        return None
    function = route.place[:-3] if route.kind == "event" else ("Resources", route.function)
    return (*function, "Metadata", METADATA_KEY)


def routes_named(value: Json) -> list[RouteName | None] | None:
    """The routes that a tag names, None for what is no route; None altogether if it means all."""
    if isinstance(value, dict) and not is_intrinsic(value):
        value = value.get("Routes", True)
    if _flag(value) is not None:
        return None
    return [_parsed(item) for item in (value if isinstance(value, list) else [value])]


def is_of(target: Target, name: RouteName | None) -> bool:
    """A name that a tag gives means this route."""
    return name is not None and name.api in (None, target.name.api) and name[:2] == target.name[:2]


def needs_of(template: JsonObject, stack: Stack) -> Needs:
    """Where the macro has to be listed for the tags that a template has."""
    read = Template(template, stack)
    found = take_off(read)
    of_events = (*found.tags, *found.looped)
    before = bool(found.stuck or found.unused) or not all(tag.is_transfer_mode for tag in of_events)
    in_metadata = any(METADATA_KEY in item.metadata and item.type in TAGGABLE for item in read.with_metadata)
    return Needs(before, before or in_metadata or read.has_operation_tag, by_mode=bool(of_events))


class Tagger:
    """Puts tags into one template. Raises `EditError` where something else than a tag stands in a tag's place."""

    def __init__(self, source: Source, template: JsonObject, *, in_metadata: bool) -> None:
        self._source = source
        self._template = template
        self._in_metadata = in_metadata
        self._changes: dict[Place, list[Change]] = {}
        self._notes: dict[str, None] = {}
        self._before_sam = False

    def tag(self, targets: Targets) -> Tagging:
        for whole in targets.functions:
            self._tag_function(whole)
        listed: dict[Place, list[str]] = {}
        for target in targets.routes:
            for function in self._tag_route(target):
                listed.setdefault(function, []).append(target.label)
        for place, labels in listed.items():
            if place not in self._changes:
                self._list_routes(place, labels)
        changes = tuple(change for several in self._changes.values() for change in several)
        return Tagging(changes, tuple(self._notes), self._before_sam)

    def _tag_function(self, whole: Whole) -> None:
        if not whole.routes:
            remedy = "Name a function with events of Type Api, or with operations or Methods that invoke it."
            raise EditError(f"{whole.function.id} has no route of a REST API", remedy)
        place = (*whole.function.place, "Metadata", METADATA_KEY)
        if self._in_metadata:
            self._put(place, whole.function.id)
            return
        for target in whole.routes:
            self._tag_route(target)

    def _tag_route(self, target: Target) -> list[Place]:
        """The result are the functions whose Metadata has to name the route."""
        functions = []
        for route in target.places:
            own, of_function = own_tag(route), function_tag(route)
            if route.kind == "event" and not self._is_absent((*route.place, TAG)):  # beside its Properties
                own = (*route.place, TAG)
            if of_function is not None and self._covers(of_function, target):
                self._notes[f"{target.label} is tagged already."] = None
            elif of_function and route.kind == "event" and self._in_metadata and self._is_absent(own):
                if not target.is_named:
                    remedy = f"Use --all {route.function} --metadata, or tag the event itself, without --metadata."
                    raise EditError(f"{target.label} has no route's name that Metadata could list", remedy)
                functions.append(of_function)
            else:
                self._put(own, target.label)
                self._before_sam = self._before_sam or route.kind == "event"
        return list(dict.fromkeys(functions))

    def _covers(self, place: Place, target: Target) -> bool:
        value = value_at(self._template, place)
        names = None if value is ABSENT else routes_named(value)
        return self._is_on(place) if names is None else any(is_of(target, name) for name in names)

    def _is_absent(self, place: Place) -> bool:
        return value_at(self._template, place) is ABSENT

    def _is_on(self, place: Place) -> bool:
        value = value_at(self._template, place)
        if isinstance(value, dict) and not is_intrinsic(value):
            value = value.get("Enabled", True)
        return _flag(value) is True

    def _put(self, place: Place, label: str, value: Json = True) -> None:
        """A tag where there is none, or in the place of `false`."""
        before = value_at(self._template, place)
        *above, key = place
        holder = value_at(self._template, tuple(above))
        if self._is_on(place):
            self._notes[f"{label} is tagged already."] = None
        elif before is not ABSENT:
            if _flag(before) is not False:
                raise self._refusal(place, "something else than true or false stands there")
            self._changes[place] = [Replace(place, value)]
        elif holder is ABSENT:
            self._changes[place] = [Insert(place[:-2], str(place[-2]), {str(key): value}, "Type")]
        elif not isinstance(holder, dict) or is_intrinsic(holder) or "Fn::Transform" in holder:
            raise self._refusal(place[:-1], "it is no plain map")
        else:
            self._changes[place] = [Insert(tuple(above), str(key), value)]

    def _list_routes(self, place: Place, labels: list[str]) -> None:
        """The function's tag names these routes, after those that it names already."""
        value = value_at(self._template, place)
        is_map = isinstance(value, dict) and isinstance(value.get("Routes"), list)
        if is_map and _flag(value.get("Enabled", True)) is False:
            raise self._refusal(place, "its Enabled is false")
        holder = (*place, "Routes") if is_map else place
        if is_map or isinstance(value, list):
            self._changes[place] = [Insert(holder, None, label) for label in labels]
        elif value is not ABSENT and _flag(value) is None:
            raise self._refusal(place, "it is neither true, false nor a list of routes")
        else:
            self._put(place, ", ".join(labels), labels)

    def _refusal(self, place: Place, why: str) -> EditError:
        line, _ = self._source.position(own_start(self._source, place))
        name = "/".join(map(str, place))
        return EditError(f"{self._source.name}:{line}: {name} was left alone: {why}", "Change it by hand.")


def tag_native(template: Template) -> Tagging:
    """Events with SAM's own property get the tag in its place, where SAM would have streamed them."""
    changes: list[Change] = []
    notes = []
    for event in events_in(template):
        mode = event.properties.get(TRANSFER_MODE, event.body.get(TRANSFER_MODE))
        if mode is None:
            continue
        if event.properties.get(TRANSFER_MODE) == SAM_STREAMING and TAG not in event.properties:
            changes.append(Replace((*event.place, "Properties", TRANSFER_MODE), True, TAG))
        else:
            notes.append(f"{event}: its {TRANSFER_MODE} was left as it is; where SAM ignores it, SamStream reads it.")
    return Tagging(tuple(changes), tuple(notes), before_sam=bool(changes))


def _flag(value: Json) -> bool | None:
    try:
        return read_flag(value)
    except ValueError:
        return None


def _parsed(value: Json) -> RouteName | None:
    try:
        return RouteName.parse(value)
    except ValueError:
        return None

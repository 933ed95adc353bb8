"""Tags on Api events and in Globals: taken off before SAM, which refuses them, and kept for the pass after it.

SAM replaces events and Globals but leaves a function's `Metadata` alone, so that is where the tags travel,
as a list under `SamStreamEvents`. A resource of a type that exists nowhere travels along: SAM passes it through and
CloudFormation refuses it by name, unless the listing after SAM takes it out.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from samstream.edits import ABSENT, Edit
from samstream.options import Options
from samstream.template import LOOP, SAM_API, SAM_FUNCTION, SAM_STATE_MACHINE, Resource, Template
from samstream.types import Json, JsonObject, Place, as_object

RECORD: Final = "SamStreamEvents"
TAG: Final = "Streaming"
TRANSFER_MODE: Final = "ResponseTransferMode"
SAM_STREAMING: Final = "RESPONSE_STREAM"
IMPLICIT_API: Final = "ServerlessRestApi"

TRIPWIRE_TYPE: Final = "SamStream::ListedBeforeSAMOnly::ListItAgainAfterAWSServerless20161031"
_TRIPWIRE_ID: Final = "SamStreamTripwire"


Defaults = list[tuple[str, Json, Place]]
"""What Globals say: scope, value, place."""


class EventTag(NamedTuple):
    """A tag on an event, or the default that Globals give it: what it says, unresolved, and the event's route.

    `scope` is the name of a `tags.Scope`; `api` the event's RestApiId, None for SAM's implicit API; `type` the
    event's type; `place` where the tag stands now.
    """

    function: str
    event: str
    type: Json
    api: Json
    method: Json
    path: Json
    value: Json
    scope: str
    is_transfer_mode: bool
    place: Place
    of_state_machine: bool = False

    @property
    def can_travel(self) -> bool:
        return self.type == "Api" and not self.of_state_machine

    def to_json(self) -> JsonObject:
        record = {"Event": self.event, "RestApiId": self.api, "Method": self.method, "Path": self.path}
        record = {key: value for key, value in record.items() if value is not None}
        return {**record, "Scope": self.scope, TRANSFER_MODE if self.is_transfer_mode else TAG: self.value}


class TakenOff(NamedTuple):
    """What the pass before SAM finds: the tags, `looped` those in a loop over resources, where nothing resolves yet;
    `stuck` those that can't travel (resource, place, reason); `unused` the defaults of Globals that no event takes;
    and the edits that take tags off and keep them."""

    tags: tuple[EventTag, ...] = ()
    looped: tuple[EventTag, ...] = ()
    stuck: tuple[tuple[str, Place, str], ...] = ()
    unused: tuple[tuple[Json, Place], ...] = ()
    edits: tuple[Edit, ...] = ()


def take_off(template: Template, is_tagged: bool = False) -> TakenOff:
    """Reads the tags of events and Globals, in resources and in loops over resources.

    `is_tagged` says that there are tags elsewhere: then an event's plain `ResponseTransferMode: BUFFERED`, which means
    nothing to SAM, is a narrower place's no.
    """
    defaults, edits = _global_tags(template)
    functions = list(template.of_type(SAM_FUNCTION, looped=True))
    is_tagged = is_tagged or bool(defaults) or any(_has_event_tag(function) for function in functions)
    tags: list[EventTag] = []
    looped: list[EventTag] = []
    stuck: list[tuple[str, Place, str]] = []
    for resource in template.of_type(SAM_FUNCTION, SAM_STATE_MACHINE, looped=True):
        found = list(_resource_tags(template, resource, defaults, is_tagged))
        (looped if resource.in_loop else tags).extend(found)
        edits.extend(_removal(tag) for tag in found if not tag.scope.startswith("GLOBAL"))
        edits.extend(_keep(resource, [tag for tag in found if tag.can_travel]))
        edits.extend(_without_ignore(resource) if defaults else ())
        if found and not isinstance(resource.body.get("Metadata", {}), dict):
            stuck.append((resource.id, (*resource.place, "Metadata"), "its Metadata is not a map"))
        stuck.extend(_stuck_in_loops(resource, defaults))
    taken = {tag.place for tag in (*tags, *looped)}
    unused = tuple((value, place) for _, value, place in defaults if place not in taken)
    return TakenOff(tuple(tags), tuple(looped), tuple(stuck), unused, tuple(edits))


def _has_event_tag(function: Resource) -> bool:
    events = as_object(function.properties.get("Events")).values()
    return any(TAG in as_object(event) or TAG in as_object(as_object(event).get("Properties")) for event in events)


def _resource_tags(template: Template, resource: Resource, defaults: Defaults, is_tagged: bool) -> Iterator[EventTag]:
    for name, event in as_object(resource.properties.get("Events")).items():
        if isinstance(event, dict):
            yield from _event_tags(template, resource, name, defaults, is_tagged)


def _stuck_in_loops(resource: Resource, defaults: Defaults) -> Iterator[tuple[str, Place, str]]:
    for name, loop in as_object(resource.properties.get("Events")).items():
        if name.startswith(LOOP) and (_is_tagged(loop) or (defaults and "'Api'" in repr(loop))):
            place = (*resource.place, "Properties", "Events", name)
            yield (
                resource.id,
                place,
                "they stand in a Fn::ForEach over events; list AWS::LanguageExtensions before SamStream",
            )


def kept(template: Template) -> Iterator[EventTag]:
    """The tags that the pass before SAM kept in `Metadata`, of functions that are no longer in loops."""
    for resource in template.with_metadata:
        if resource.in_loop:
            continue
        records = resource.metadata.get(RECORD)
        for record in records if isinstance(records, list) else ():
            if isinstance(record, dict) and isinstance(record.get("Event"), str):
                yield _kept_tag(resource, record)


def _kept_tag(resource: Resource, record: JsonObject) -> EventTag:
    is_transfer_mode = TRANSFER_MODE in record
    scope = record.get("Scope")
    return EventTag(
        function=resource.id,
        event=record["Event"],
        type="Api",
        api=record.get("RestApiId"),
        method=record.get("Method"),
        path=record.get("Path"),
        value=record.get(TRANSFER_MODE if is_transfer_mode else TAG),
        scope=scope if scope in ("GLOBAL_FUNCTION", "GLOBAL_API") else "ROUTE",
        is_transfer_mode=is_transfer_mode,
        place=(*resource.place, "Properties", "Events", record["Event"]),
    )


def tripwire(template: Template, options: Options) -> Edit | None:
    """What makes the stack fail if the listing after SAM is missing; it carries the first listing's Parameters."""
    for wire in template.of_type(TRIPWIRE_TYPE):
        before = wire.properties.get("Parameters")
        after = options.after(Options.load(as_object(before), {})).to_parameters()
        properties = wire.body.get("Properties", ABSENT)
        return Edit((*wire.place, "Properties"), properties, {"Parameters": after}) if after != before else None
    name = next(name for name in _names(_TRIPWIRE_ID) if name not in template.body["Resources"])
    body = {"Type": TRIPWIRE_TYPE, "Properties": {"Parameters": options.to_parameters()}}
    return Edit(("Resources", name), ABSENT, body)


def _names(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}{number}" for number in range(2, 1000))


def _global_tags(template: Template) -> tuple[Defaults, list[Edit]]:
    found: Defaults = []
    edits = []
    sections = as_object(template.body.get("Globals"))
    for section, scope in (("Function", "GLOBAL_FUNCTION"), ("Api", "GLOBAL_API")):
        settings = as_object(sections.get(section))
        if TAG in settings:
            place = ("Globals", section, TAG)
            found.append((scope, settings[TAG], place))
            edits.append(Edit(place, settings[TAG], ABSENT))
    return found, edits


def _event_tags(
    template: Template, function: Resource, name: str, defaults: Defaults, is_tagged: bool
) -> Iterator[EventTag]:
    place = (*function.place, "Properties", "Events", name)
    event = function.properties["Events"][name]
    properties = as_object(event.get("Properties"))

    def tag(value: Json, at: Place, scope: str = "ROUTE", is_transfer_mode: bool = False) -> EventTag:
        route = (properties.get("RestApiId"), properties.get("Method"), properties.get("Path"))
        machine = function.type == SAM_STATE_MACHINE
        return EventTag(function.id, name, event.get("Type"), *route, value, scope, is_transfer_mode, at, machine)

    if TAG in properties:
        yield tag(properties[TAG], (*place, "Properties", TAG))
    if TAG in event:
        yield tag(event[TAG], (*place, TAG))
    if event.get("Type") != "Api" or function.type != SAM_FUNCTION:
        return
    ignored = function.body.get("IgnoreGlobals")
    if ignored == "*" or (isinstance(ignored, list) and TAG in ignored):
        defaults = []
    if TRANSFER_MODE in properties:
        mode = properties[TRANSFER_MODE]
        known = mode == SAM_STREAMING and _sam_streams(template, properties)
        if not known and (mode != "BUFFERED" or is_tagged):
            yield tag(mode, (*place, "Properties", TRANSFER_MODE), is_transfer_mode=True)
    if TRANSFER_MODE in event:  # which SAM drops in silence
        yield tag(event[TRANSFER_MODE], (*place, TRANSFER_MODE), is_transfer_mode=True)
    yield from (tag(value, at, scope) for scope, value, at in defaults)


def _sam_streams(template: Template, event: JsonObject) -> bool:
    """SAM sets the mode only in bodies that it writes itself."""
    api = event.get("RestApiId")
    if api is None:
        return True
    name = api.get("Ref") if isinstance(api, dict) else api
    name = template.resolver.parameter(name) if isinstance(name, str) else None
    resource = template.resources.get(name) if isinstance(name, str) else None
    if resource is None:
        return True  # SAM itself refuses what it can't find
    if resource.type != SAM_API:
        return False
    settings = {**as_object(as_object(template.body.get("Globals")).get("Api")), **resource.properties}
    return not {"DefinitionBody", "DefinitionUri"} & settings.keys()


def _without_ignore(resource: Resource) -> Iterator[Edit]:
    """SAM refuses to ignore a global that is no longer there."""
    before = resource.body.get("IgnoreGlobals")
    if isinstance(before, list) and TAG in before:
        after = [name for name in before if name != TAG]
        yield Edit((*resource.place, "IgnoreGlobals"), before, after or ABSENT)


def _removal(tag: EventTag) -> Edit:
    return Edit(tag.place, tag.value, ABSENT)


def _keep(resource: Resource, tags: list[EventTag]) -> Iterator[Edit]:
    if tags:
        before = resource.metadata.get(RECORD, ABSENT)
        earlier = before if isinstance(before, list) else []
        records = [*earlier, *(tag.to_json() for tag in tags)]
        yield Edit((*resource.place, "Metadata", RECORD), before, records)


def _is_tagged(value: Json) -> bool:
    """Some map within has a tag, or a mode that SAM would ignore."""
    if isinstance(value, list):
        return any(map(_is_tagged, value))
    if not isinstance(value, dict):
        return False
    is_own = TAG in value or value.get(TRANSFER_MODE, SAM_STREAMING) != SAM_STREAMING
    return is_own or any(map(_is_tagged, value.values()))

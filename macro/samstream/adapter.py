"""The Lambda Web Adapter: which functions carry it, and the variable that makes it stream.

`AWS_LWA_INVOKE_MODE` holds for a whole function, and any value that the adapter doesn't know silently means buffered.
Source: https://aws.github.io/aws-lambda-web-adapter/configuration/environment-variables.html
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from samstream.edits import ABSENT, Edit
from samstream.intrinsics import (
    NO_VALUE,
    NO_VALUE_REF,
    Resolver,
    Unresolvable,
    all_branches,
    branches,
    is_intrinsic,
)
from samstream.segments import Literal, segments
from samstream.template import Resource, Template
from samstream.types import Json, JsonObject, Place, as_object

INVOKE_MODE: Final = "AWS_LWA_INVOKE_MODE"
STREAM: Final = "response_stream"
WRAPPER: Final = ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/bootstrap")

_LAYER = re.compile(r":layer:LambdaAdapterLayer", re.IGNORECASE)


class Adapter(NamedTuple):
    """The adapter of one function: the edits that make it stream, or why its own setting can't stay."""

    function: str
    edits: tuple[Edit, ...]
    problem: str | None
    place: Place


def read_adapter(template: Template, function: Resource) -> Adapter | None:
    """None for a function without the adapter, as far as a template shows: a layer by the adapter's name, its exec
    wrapper, or one of its `AWS_LWA_` variables (in an image the adapter itself is out of sight)."""
    place = (*function.place, "Properties", "Environment")
    holders = list(_variables(function.properties.get("Environment"), place))
    live = [value for value, at, _ in holders if not template.is_dead_place(at)]
    if not _has_layer(function, template) and not any(_is_set_up(value, template.resolver) for value in live):
        return None
    edits: list[Edit] = []
    adapter = Adapter(function.id, (), None, place)
    for value, at, wrap in holders:
        if isinstance(value, dict) and not is_intrinsic(value):
            problem, edit = _edit(value, at, template.resolver)
        elif value is None or value == NO_VALUE_REF:
            before = ABSENT if value is None else value
            problem, edit = None, Edit(at, before, _wrapped(wrap))
        else:
            problem, edit = "its Variables is not written as a map", None
        if problem and not template.is_dead_place(at):
            adapter = adapter._replace(problem=problem, place=at)
        edits.extend([edit] if edit else [])
    return adapter._replace(edits=tuple(edits))


def live_variables(template: Template, function: Resource) -> Iterator[tuple[JsonObject, Place]]:
    """The maps of environment variables that these parameter values choose, with their places."""
    place = (*function.place, "Properties", "Environment")
    for value, at, missing in _variables(function.properties.get("Environment"), place):
        if isinstance(value, dict) and not missing and not is_intrinsic(value) and not template.is_dead_place(at):
            yield value, at


def _variables(environment: Json, place: Place) -> Iterator[tuple[Json, Place, tuple[str, ...]]]:
    """The maps of variables between which `Fn::If` chooses, or what stands in a map's place, with its place and
    the keys that are missing above it."""
    for value, at in all_branches(environment, place):
        if not isinstance(value, dict) or is_intrinsic(value):
            yield value, at, ("Variables",)
            continue
        for variables, variables_at in all_branches(value.get("Variables"), (*at, "Variables")):
            yield variables, variables_at, ()


def _wrapped(keys: tuple[str, ...]) -> JsonObject:
    value: JsonObject = {INVOKE_MODE: STREAM}
    for key in keys:
        value = {key: value}
    return value


def _is_set_up(variables: Json, resolver: Resolver) -> bool:
    variables = as_object(variables)
    if any(name.startswith("AWS_LWA_") for name in variables):
        return True
    try:
        return WRAPPER[0] in variables and bool(resolver.resolve(variables[WRAPPER[0]]) == WRAPPER[1])
    except Unresolvable:
        return False


def _has_layer(function: Resource, template: Template) -> bool:
    layers = _layers(function.properties.get("Layers"), (*function.place, "Properties", "Layers"))
    return any(not template.is_dead_place(at) and _names_adapter(layer, at, template.resolver) for layer, at in layers)


def _layers(value: Json, place: Place) -> Iterator[tuple[Json, Place]]:
    for branch, at in branches(value, place):
        if isinstance(branch, list):
            for index, layer in enumerate(branch):
                yield from _layers(layer, (*at, index))
        else:
            yield branch, at


def _names_adapter(layer: Json, place: Place, resolver: Resolver) -> bool:
    if isinstance(layer, str):
        return bool(_LAYER.search(layer))
    try:
        resolved = resolver.resolve(layer)
    except Unresolvable:
        resolved = None
    if isinstance(resolved, list):
        return any(isinstance(item, str) and _LAYER.search(item) for item in resolved)
    pieces = segments(layer, place, resolver)
    return bool(_LAYER.search("".join(piece.text for piece in pieces if isinstance(piece, Literal))))


def _edit(variables: JsonObject, place: Place, resolver: Resolver) -> tuple[str | None, Edit | None]:
    before = variables.get(INVOKE_MODE, ABSENT)
    try:
        mode = ABSENT if before is ABSENT else resolver.resolve(before)
    except Unresolvable as error:
        return f"its {INVOKE_MODE} can't be checked: {error}", None
    if mode is ABSENT or mode is NO_VALUE:
        return None, Edit((*place, INVOKE_MODE), before, STREAM)
    word = mode.lower() if isinstance(mode, str) else ""
    if word == STREAM:
        return None, None
    if word.startswith("{{resolve:"):
        return f"its {INVOKE_MODE} is a dynamic reference, which can't be checked", None
    if word == "buffered":
        return f"its {INVOKE_MODE} is buffered", None
    return f"its {INVOKE_MODE} is misspelt, which the adapter takes for buffered", None

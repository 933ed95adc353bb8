"""New Deployments for APIs that changed, new Versions of functions that did, and every reference to them.

A change of an integration reaches callers only with a new Deployment, and CloudFormation makes one only for a new
logical id. Likewise an alias serves a published version, which keeps the variables it was published with.
Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from samstream.edits import Edit, value_at
from samstream.intrinsics import Unresolvable, is_intrinsic, referenced, sub_arguments, sub_tokens
from samstream.routes import Route, RouteReader
from samstream.template import ALIAS, DEPLOYMENT, VERSION, Resource, Template
from samstream.types import Json, JsonObject, Place, as_object

_SAM_HASH = re.compile(r"[0-9a-f]{10}$")
_MAX_ID = 255


@dataclass(frozen=True, slots=True)
class ApiDeployments:
    """The Deployments of an API that streams; none if they stand in another template."""

    api: str
    deployments: tuple[Resource, ...]

    @property
    def irreplaceable(self) -> tuple[Resource, ...]:
        """CloudFormation refuses to replace a Deployment that describes its stage as well."""
        return tuple(found for found in self.deployments if "StageDescription" in found.properties)


@dataclass(frozen=True, slots=True)
class Versions:
    """The published versions through which streaming routes reach a function whose variables change.

    `unpublished` are routes that name a version or alias this template doesn't publish.
    """

    function: str
    versions: tuple[Resource, ...]
    unpublished: tuple[Route, ...]


def deployments_of(template: Template, reader: RouteReader, apis: set[str]) -> Iterator[ApiDeployments]:
    found: dict[str, list[Resource]] = {api: [] for api in sorted(apis)}
    for deployment in template.of_type(DEPLOYMENT):
        api = reader.api_of(deployment.properties.get("RestApiId"))
        if api in found:
            found[api].append(deployment)
    for api, deployments in found.items():
        yield ApiDeployments(api, tuple(deployments))


def versions_of(template: Template, routes: Sequence[Route], functions: set[str]) -> Iterator[Versions]:
    for function in sorted(functions):
        versions: dict[str, Resource] = {}
        unpublished = []
        for route in routes:
            if function in route.functions and route.integration is not None:
                found = _versions_behind(template, route, function)
                versions.update({version.id: version for version in found or ()})
                unpublished.extend([route] if found is None else [])
        if versions or unpublished:
            yield Versions(function, tuple(versions.values()), tuple(unpublished))


def _versions_behind(template: Template, route: Route, function: str) -> list[Resource] | None:
    """The Version resources a route's URIs lead to; None if they lead to one that stands elsewhere."""
    names: list[str] = []
    for uri in route.integration.uris if route.integration else ():
        names.extend(name for name in uri.resources if name != function)
        if uri.qualifier:
            aliases = [alias for alias in template.of_type(ALIAS) if _is_alias(alias, uri.qualifier, function)]
            if not aliases:
                return None
            names.extend(alias.id for alias in aliases)
    found = []
    for name in names:
        resource = template.resources.get(name)
        if resource is not None and resource.type == ALIAS:
            resource = template.resources.get(next(referenced(resource.properties.get("FunctionVersion")), ""))
            if resource is None:
                return None
        if resource is not None and resource.type == VERSION:
            found.append(resource)
    return found


def _is_alias(alias: Resource, qualifier: str, function: str) -> bool:
    name = alias.properties.get("Name")
    return name == qualifier and function in referenced(alias.properties.get("FunctionName"))


def new_ids(
    template: JsonObject,
    deployments: Sequence[ApiDeployments],
    versions: Sequence[Versions],
    places: Mapping[str, Sequence[Place]],
    earlier: Mapping[str, str],
) -> dict[str, str]:
    """Old logical ids and their new ones, which change if and only if the streaming routes of the API do.

    `template` has the edits made; `places` are by API those of its streaming routes; `earlier` the renames of a
    pass before this one.
    """
    taken = set(template["Resources"])
    renames: dict[str, str] = {}
    for group in deployments:
        content = [[list(map(str, place)), value_at(template, place)] for place in sorted(places[group.api], key=str)]
        for deployment in group.deployments:
            renames[deployment.id] = _new_id(deployment, _digest([content]), taken, earlier)
    for published in versions:
        for version in published.versions:
            renames[version.id] = _new_id(version, _digest("response_stream"), taken, earlier)
    return {old: new for old, new in renames.items() if old != new}


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _new_id(resource: Resource, content: str, taken: set[str], earlier: Mapping[str, str]) -> str:
    original = next((old for old, new in earlier.items() if new == resource.id), resource.id)
    digest = _digest([original, content])
    base = original
    if _has_sam_hash(resource):
        base = _SAM_HASH.sub("", original)
    for length in (10, 20, 40):
        name = base[: _MAX_ID - length] + digest[:length]
        if name not in taken or name == resource.id:
            return name
    raise ValueError(f"no free logical id for {resource.id}")


def _has_sam_hash(resource: Resource) -> bool:
    """SAM ends the id of a Deployment or a Version with a hash of what it holds."""
    if not _SAM_HASH.search(resource.id):
        return False
    return resource.type == VERSION or resource.id[-10:] in str(resource.properties.get("Description"))


def described(template: JsonObject, renames: Mapping[str, str]) -> Iterator[Edit]:
    """The `Description` of renamed Deployments, where SAM wrote the hash into it."""
    for old, new in renames.items():
        before = value_at(template, ("Resources", old, "Properties", "Description"))
        match = re.search(rf"\b{re.escape(old[-10:])}[0-9a-f]{{30}}\b", before) if isinstance(before, str) else None
        if match is not None and _SAM_HASH.search(old):
            digest = new[-10:] + _digest([old, new])[:30]
            after = before[: match.start()] + digest + before[match.end() :]
            yield Edit(("Resources", old, "Properties", "Description"), before, after)


def references(template: JsonObject, renames: Mapping[str, str]) -> Iterator[Edit]:
    """What makes every reference to a renamed resource follow."""
    for section, items in template.items():
        if section in ("Parameters", "Mappings", "Metadata", "Transform") or not isinstance(items, dict):
            continue
        for name, item in items.items():
            # Reading a template is the most costly part of a transform, and most resources mention nothing.
            text = repr(item)
            if any(old in text for old in renames):
                if section == "Resources":
                    yield from _depends_on(as_object(item), (section, name), renames)
                yield from _within(item, (section, name), renames)


def _depends_on(resource: JsonObject, place: Place, renames: Mapping[str, str]) -> Iterator[Edit]:
    before = resource.get("DependsOn")
    if isinstance(before, str) and before in renames:
        yield Edit((*place, "DependsOn"), before, renames[before])
    elif isinstance(before, list):
        for index, name in enumerate(before):
            if isinstance(name, str) and name in renames:
                yield Edit((*place, "DependsOn", index), name, renames[name])


def _within(value: Json, place: Place, renames: Mapping[str, str]) -> Iterator[Edit]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _within(item, (*place, index), renames)
    elif isinstance(value, dict):
        if is_intrinsic(value):
            yield from _reference(value, place, renames)
        for key, item in value.items():
            yield from _within(item, (*place, key), renames)


def _reference(value: JsonObject, place: Place, renames: Mapping[str, str]) -> Iterator[Edit]:
    ((function, argument),) = value.items()
    at = (*place, function)
    if function == "Ref" and isinstance(argument, str) and argument in renames:
        yield Edit(at, argument, renames[argument])
    elif function == "Fn::GetAtt" and isinstance(argument, str):
        name, dot, attribute = argument.partition(".")
        if name in renames:
            yield Edit(at, argument, renames[name] + dot + attribute)
    elif function == "Fn::GetAtt" and isinstance(argument, list) and argument:
        if isinstance(argument[0], str) and argument[0] in renames:
            yield Edit((*at, 0), argument[0], renames[argument[0]])
    elif function == "Fn::Sub":
        yield from _substitution(argument, at, renames)


def _substitution(argument: Json, place: Place, renames: Mapping[str, str]) -> Iterator[Edit]:
    try:
        pattern, variables = sub_arguments(argument)
    except Unresolvable:
        return
    after = pattern
    for token in reversed(list(sub_tokens(pattern))):
        name = token[2].partition(".")[0]
        if not token[1] and token[2] not in variables and name in renames:
            start = token.start(2)
            after = after[:start] + renames[name] + after[start + len(name) :]
    if after != pattern:
        yield Edit(place if isinstance(argument, str) else (*place, 0), pattern, after)

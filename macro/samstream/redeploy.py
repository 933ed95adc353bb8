"""New Deployments for APIs that changed, new Versions of functions that did, and every reference to them.

A change of an integration reaches callers only with a new Deployment, and CloudFormation makes one only for a new
logical id. Likewise an alias serves a published version, which keeps the variables it was published with.
Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from samstream.edits import Edit, value_at
from samstream.intrinsics import (
    NO_VALUE_REF,
    Unresolvable,
    chosen,
    is_intrinsic,
    referenced,
    sub_arguments,
    sub_tokens,
)
from samstream.routes import Route, RouteReader, RouteTable
from samstream.segments import segments, spelt
from samstream.template import ALIAS, DEPLOYMENT, VERSION, Resource, Template, resources_in
from samstream.types import Json, JsonObject, Place, digest, mentions

_SAM_HASH = re.compile(r"[0-9a-f]{10}$")
_MAX_ID = 255
LATEST: Final = "$LATEST"
_STEMS = ("Deployment", "Version")
"""What most ids of what gets a new one contain: one search for all of them."""


Aliases = dict[tuple[str, str], list[str]]
"""The logical ids of aliases by their function and name."""


class ApiDeployments(NamedTuple):
    """The Deployments of an API that streams; none if they stand in another template. Those that are `irreplaceable`
    describe their stage as well, and CloudFormation refuses to replace them."""

    api: str
    deployments: tuple[Resource, ...]
    irreplaceable: tuple[Resource, ...] = ()


class Versions(NamedTuple):
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
        described = (at for at in deployments if _describes_stage(at, template))
        yield ApiDeployments(api, tuple(deployments), tuple(described))


def _describes_stage(deployment: Resource, template: Template) -> bool:
    return chosen(deployment.properties.get("StageDescription"), template.resolver) not in (None, NO_VALUE_REF)


def versions_of(template: Template, table: RouteTable, functions: set[str]) -> Iterator[Versions]:
    """For each of these functions, all of whose routes stream."""
    aliases: Aliases = {}
    for alias in template.of_type(ALIAS) if functions else ():
        name = spelt(segments(alias.properties.get("Name"), (), template.resolver))
        for function in referenced(alias.properties.get("FunctionName")):
            aliases.setdefault((function, name), []).append(alias.id)
    for function in sorted(functions):
        versions: dict[str, Resource] = {}
        unpublished = []
        for route in (table.routes[number] for number in table.by_function[function]):
            found = _versions_behind(template, route, function, aliases)
            versions.update({version.id: version for version in found or ()})
            unpublished.extend([route] if found is None else [])
        if versions or unpublished:
            yield Versions(function, tuple(versions.values()), tuple(unpublished))


def _versions_behind(template: Template, route: Route, function: str, aliases: Aliases) -> list[Resource] | None:
    """The Version resources a route's URIs lead to; None if they lead to one that stands elsewhere."""
    names: list[str] = []
    for uri in route.integration.uris if route.integration else ():
        names.extend(uri.resources)
        if uri.qualifier:
            called = aliases.get((function, uri.qualifier), [])
            if not called and uri.qualifier != LATEST:
                return None
            names.extend(called)
    found: list[Resource] = []
    for name in names:
        resource = template.resources.get(name)
        if resource is not None and resource.type == ALIAS:
            published = [at for at in map(template.resources.get, referenced(resource.properties)) if _is_version(at)]
            if not published and resource.properties.get("FunctionVersion") != LATEST:
                return None
            found.extend(at for at in published if at is not None)
        elif resource is not None and _is_version(resource):
            found.append(resource)
    return found


def _is_version(resource: Resource | None) -> bool:
    return resource is not None and resource.type == VERSION


def new_ids(
    template: JsonObject,
    deployments: Sequence[ApiDeployments],
    versions: Sequence[Versions],
    contents: Mapping[str, Json],
    earlier: Mapping[str, str],
) -> dict[str, str]:
    """Old logical ids and their new ones, which change if and only if the streaming routes of the API do.

    `template` has the edits made; `contents` are by API what its streaming routes are and depend on; `earlier` the
    renames of a pass before this one.
    """
    taken = set(template["Resources"])
    renames: dict[str, str] = {}
    for group in deployments:
        content = digest(contents[group.api])
        for deployment in group.deployments:
            renames[deployment.id] = _new_id(deployment, content, taken, earlier)
    for published in versions:
        for version in published.versions:
            renames[version.id] = _new_id(version, digest("response_stream"), taken, earlier)
    return {old: new for old, new in renames.items() if old != new}


def _new_id(resource: Resource, content: str, taken: set[str], earlier: Mapping[str, str]) -> str:
    original = next((old for old, new in earlier.items() if new == resource.id), resource.id)
    ending = digest([original, content])
    base = original
    if _has_sam_hash(resource):
        base = _SAM_HASH.sub("", original)
    name = base[: _MAX_ID - 10] + ending[:10]
    is_free = name not in taken or name == resource.id
    return name if is_free else base[: _MAX_ID - 40] + ending[:40]


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
            hash_of_new = new[-10:] + digest([old, new])[:30]
            after = before[: match.start()] + hash_of_new + before[match.end() :]
            yield Edit(("Resources", old, "Properties", "Description"), before, after)


def references(template: JsonObject, renames: Mapping[str, str], apis: Set[str]) -> Iterator[Edit]:
    """What makes every reference to a renamed resource follow.

    `apis` are those whose Deployments are renamed. Where it is one, it need not be searched: Deployments come after
    their API, so a reference back would be a cycle.
    """
    apart = (
        apis
        if len(apis) == 1 and all(template["Resources"][name].get("Type") == DEPLOYMENT for name in renames)
        else ()
    )
    stems = {next((stem for stem in _STEMS if stem in name), name).encode(errors="surrogatepass") for name in renames}
    for section, items in template.items() if stems else ():
        if section in ("Parameters", "Mappings", "Metadata", "Transform") or not isinstance(items, dict):
            continue
        for name, item in items.items():
            if name not in apart and mentions(item, stems):
                if section == "Resources":
                    for resource in resources_in({name: item}, (section,)):
                        yield from _depends_on(resource, renames)
                yield from _within(item, (section, name), renames)


def _depends_on(resource: Resource, renames: Mapping[str, str]) -> Iterator[Edit]:
    before, place = resource.body.get("DependsOn"), resource.place
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
        name = token[2].strip().partition(".")[0]
        if not token[1] and token[2].strip() not in variables and name in renames:
            start = pattern.index(name, token.start(2))
            after = after[:start] + renames[name] + after[start + len(name) :]
    if after != pattern:
        yield Edit(place if isinstance(argument, str) else (*place, 0), pattern, after)

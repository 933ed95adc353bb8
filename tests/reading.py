"""Reads processed templates for the tests, on its own: nothing here is the macro's."""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

Template = dict[str, Any]

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", ANY}


def integrations(template: Template) -> Iterator[tuple[str, Template]]:
    """Each route's name, "Api POST /chat", with each of its integrations, an OpenAPI key or a Method's."""
    for route, operation in operations(template):
        for integration in either(operation.get(INTEGRATION, operation.get("Integration"))):
            yield route, integration


def operations(template: Template) -> Iterator[tuple[str, Template]]:
    """Each route's name with each branch of its operation in a Body, or with its Method's Properties."""
    resources = template.get("Resources", {})
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::ApiGateway::RestApi":
            yield from _of_body(name, properties.get("Body"))
        elif resource.get("Type") == "AWS::ApiGateway::Method":
            yield (
                f"{properties['RestApiId']['Ref']} {properties['HttpMethod']} {_path(resources, properties)}",
                properties,
            )


def either(value: Any) -> Iterator[Any]:
    """All branches of the Fn::Ifs around a value, without AWS::NoValue."""
    if isinstance(value, dict) and list(value) == ["Fn::If"]:
        for branch in value["Fn::If"][1:]:
            yield from either(branch)
    elif value is not None and value != {"Ref": "AWS::NoValue"}:
        yield value


def _of_body(api: str, value: Any) -> Iterator[tuple[str, Template]]:
    for body in either(value):
        for paths in either(body.get("paths")):
            for path, item in paths.items():
                for methods in either(item):
                    for method in METHODS & methods.keys():
                        verb = "ANY" if method == ANY else method.upper()
                        for operation in either(methods[method]):
                            yield f"{api} {verb} {path}", operation


def _path(resources: Template, properties: Template) -> str:
    parent: Template = properties["ResourceId" if "ResourceId" in properties else "ParentId"]
    ahead = ""
    if "Ref" in parent:
        above = resources[parent["Ref"]]["Properties"]
        ahead = _path(resources, above).rstrip("/")
    return f"{ahead}/{properties.get('PathPart', '')}".rstrip("/") or "/" if "PathPart" in properties else ahead or "/"


def mode(integration: Template) -> str:
    """ "streaming", "buffered" or "broken": the mode and the URI that API Gateway would refuse together."""
    streams = integration.get("responseTransferMode", integration.get("ResponseTransferMode")) == "STREAM"
    kind = str(integration.get("type", integration.get("Type"))).upper()
    if kind != "AWS_PROXY":
        return "streaming" if streams else "buffered"
    uris = [json.dumps(uri) for uri in either(integration.get("uri", integration.get("Uri")))]
    new = ["2021-11-15" in uri and "response-streaming-invocations" in uri for uri in uris]
    old = ["2015-03-31" in uri or re.search(r"(?<!streaming-)invocations", uri) is not None for uri in uris]
    if streams and all(new) and not any(old):
        return "streaming"
    return "broken" if streams or any(new) else "buffered"


def routes(template: Template, wanted: str) -> set[str]:
    """The routes of which every integration, or none for "buffered", is in this mode."""
    modes: dict[str, set[str]] = {}
    for route, integration in integrations(template):
        modes.setdefault(route, set()).add(mode(integration))
    return {route for route, found in modes.items() if found == {wanted}}


def adapter_modes(template: Template) -> dict[str, set[Any]]:
    """By function: what AWS_LWA_INVOKE_MODE says in each branch of its Environment, None where nothing."""
    found = {}
    for name, resource in template["Resources"].items():
        if resource.get("Type") == "AWS::Lambda::Function":
            environments = list(either(resource["Properties"].get("Environment")))
            variables = [item for environment in environments for item in either(environment.get("Variables"))]
            found[name] = {json.dumps(item.get("AWS_LWA_INVOKE_MODE")) for item in variables} or {"null"}
    return {name: {json.loads(text) for text in texts} for name, texts in found.items()}


def untagged(template: Template) -> Template:
    """The template with every tag taken off by hand."""
    made = copy.deepcopy(template)
    made.pop("Transform", None)
    for section in made.get("Globals", {}).values():
        section.pop("Streaming", None)
    for resource in list(_resources(made)):
        if (
            "Metadata" in resource
            and resource["Metadata"].pop("Streaming", None) is not None
            and not resource["Metadata"]
        ):
            del resource["Metadata"]
        properties = resource.get("Properties", {})
        for event in properties.get("Events", {}).values():
            event.pop("Streaming", None)
            event.get("Properties", {}).pop("Streaming", None)
            event.get("Properties", {}).pop("ResponseTransferMode", None)
    _drop_key(made, "x-samstream-streaming")
    return made


def _resources(template: Template) -> Iterator[Template]:
    for name, resource in template.get("Resources", {}).items():
        if name.startswith("Fn::ForEach::"):
            yield from resource[2].values()
        else:
            yield resource


def _drop_key(value: Any, key: str) -> None:
    if isinstance(value, dict):
        value.pop(key, None)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _drop_key(item, key)


def without_streaming(template: Template, streamed: Iterable[str], adapters: Iterable[str] = ()) -> Template:
    """The template less what streaming changes: in these routes the mode, the URI and the timeout, in these
    functions the adapter's mode, everywhere the ids of Deployments and Versions, and the report."""
    made = copy.deepcopy(template)
    if made.get("Metadata", {}).pop("SamStream", None) is not None and not made["Metadata"]:
        del made["Metadata"]
    wanted = set(streamed)
    for route, integration in list(integrations(made)):
        if route in wanted:
            for key in ("responseTransferMode", "uri", "timeoutInMillis"):
                integration.pop(key, None)
                integration.pop(key[0].upper() + key[1:], None)
    for name in adapters:
        _drop_adapter(made["Resources"][name]["Properties"])
    return same_ids(made)


def without_timeouts(template: Template, streamed: Iterable[str], adapters: Iterable[str] = ()) -> Template:
    """The template less what streaming with SAM's own property leaves out: timeouts, adapters and the report."""
    made = copy.deepcopy(template)
    made.get("Metadata", {}).pop("SamStream", None)
    if made.get("Metadata") == {}:
        del made["Metadata"]
    wanted = set(streamed)
    for route, integration in list(integrations(made)):
        if route in wanted:
            integration.pop("timeoutInMillis", None)
    for name in adapters:
        _drop_adapter(made["Resources"][name]["Properties"])
    return same_ids(made)


def _drop_adapter(properties: Template) -> None:
    for environment in either(properties.get("Environment")):
        for variables in either(environment.get("Variables")):
            variables.pop("AWS_LWA_INVOKE_MODE", None)
    if properties.get("Environment") in ({}, {"Variables": {}}):
        del properties["Environment"]


def same_ids(template: Template) -> Template:
    """The template with ids of Deployments and Versions that say only whose they are, in all their references."""
    names: dict[str, str] = {}
    for name, resource in template["Resources"].items():
        kind = str(resource.get("Type"))
        if kind in ("AWS::ApiGateway::Deployment", "AWS::Lambda::Version"):
            properties = resource.get("Properties", {})
            owner = json.dumps(properties.get("RestApiId", properties.get("FunctionName")))
            base = f"{kind.rsplit('::', maxsplit=1)[-1]}Of{re.sub('[^A-Za-z0-9]', '', owner)}"
            same = sum(made.rstrip("0123456789") == base for made in names.values())
            names[name] = f"{base}{same}"
    made: Template = _renamed(template, names)
    made["Resources"] = {names.get(name, name): resource for name, resource in made["Resources"].items()}
    for resource in made["Resources"].values():
        description = resource.get("Properties", {}).get("Description")
        if isinstance(description, str) and description.startswith("RestApi deployment id: "):
            del resource["Properties"]["Description"]
    return made


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """A copy in which every reference to these resources follows."""
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _renamed(item, names) for key, item in value.items()}
    match list(value.items()):
        case [("Ref", str(name))]:
            made["Ref"] = names.get(name, name)
        case [("Fn::GetAtt", str(path))]:
            name, _, attribute = path.partition(".")
            made["Fn::GetAtt"] = [names.get(name, name), attribute]
        case [("Fn::GetAtt", [name, attribute])]:
            made["Fn::GetAtt"] = [names.get(name, name), attribute]
        case [("Fn::Sub", str(text))]:
            made["Fn::Sub"] = _renamed_tokens(text, names)
        case [("Fn::Sub", [str(text), dict(own)])]:
            made["Fn::Sub"][0] = _renamed_tokens(text, {name: new for name, new in names.items() if name not in own})
        case _ if isinstance(value.get("DependsOn"), str | list):
            wanted = value["DependsOn"]
            made["DependsOn"] = [names.get(name, name) for name in (wanted if isinstance(wanted, list) else [wanted])]
    return made


def _renamed_tokens(text: str, names: dict[str, str]) -> str:
    return re.sub(r"(?<=\$\{)\w+", lambda name: names.get(name[0], name[0]), text)


def dangling(template: Template) -> set[str]:
    """Names that are referred to and are neither a resource nor a parameter."""
    known = {*template.get("Resources", {}), *template.get("Parameters", {})}
    return {name for name in _references(template) if name not in known and not name.startswith("AWS::")}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref" and isinstance(item, str):
                yield item
            elif key == "Fn::GetAtt":
                yield str(item).split(".", maxsplit=1)[0] if isinstance(item, str) else str(item[0])
            elif key == "DependsOn":
                yield from [item] if isinstance(item, str) else item
            elif key == "Fn::Sub":
                text, own = (item, {}) if isinstance(item, str) else item
                names = re.findall(r"\$\{([^!][^}]*)\}", text)
                yield from (name.split(".")[0] for name in names if name not in own)
            yield from _references(item)


def ids(template: Template, kind: str) -> set[str]:
    return {name for name, resource in template["Resources"].items() if resource.get("Type") == kind}

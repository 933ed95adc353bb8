"""The third stage: paths that API Gateway takes.

The app chooses its route itself, by the path of the request, so a path may become wider here and stay right: what
can't be written as API Gateway wants it becomes a variable, and what can't stand beside its neighbours is folded into
one of them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Final

from samstream_cli.openapi.changes import Changes
from samstream_cli.openapi.endpoints import Endpoint

NOTES: Final = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"
    "#api-gateway-known-issues-rest-apis"
)

STATIC: Final = re.compile(r"[A-Za-z0-9_\-.,:]+")
"""What a segment may be made of, and that a parameter is a segment of its own: see NOTES."""

VARIABLE: Final = re.compile(r"\{([A-Za-z0-9._\-]+)(\+?)\}")
"""As CreateResource refuses others: "Resource's path part only allow a-zA-Z0-9._-: and curly braces at the beginning
and the end", https://github.com/aws/aws-cdk/issues/22477"""

_ANY_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._\-]+")


@dataclass(frozen=True)
class _Fitting:
    """An endpoint on its way: its segments so far, and the app's name of each of their variables."""

    endpoint: Endpoint
    segments: tuple[str, ...]
    originals: tuple[str, ...]


def fit(endpoints: Iterable[Endpoint], changes: Changes) -> list[Endpoint]:
    """The endpoints with paths that can be imported together; those of one method and path become one."""
    fitted = [_fitting(endpoint) for endpoint in endpoints]
    placed = _unified(fitted, 0)
    order = {id(item.endpoint): number for number, item in enumerate(fitted)}
    merged: dict[tuple[str, str], Endpoint] = {}
    for item in sorted(placed, key=lambda found: order[id(found.endpoint)]):
        endpoint = _renamed(item)
        if _spelt(item.endpoint.path) != endpoint.path:
            changes.add(str(item.endpoint), f"the path, now {endpoint.path}", _reason(item.endpoint.path))
        first = merged.get((endpoint.method, endpoint.path))
        merged[endpoint.method, endpoint.path] = _merged(first, endpoint) if first else endpoint
    return list(merged.values())


def _fitting(endpoint: Endpoint) -> _Fitting:
    """Each segment on its own: one that isn't allowed becomes a variable, and a greedy one the last."""
    segments: list[str] = []
    originals: list[str] = []
    for part in filter(None, endpoint.path.split("/")):
        variables = _ANY_VARIABLE.findall(part)
        if variables or not STATIC.fullmatch(part):
            name = variables[0] if variables else part
            mark = "+" if variables and variables[0].endswith("+") else ""
            clean = _UNFIT.sub("", name.rstrip("+")) or "segment"
            segments.append(f"{{{clean}{mark}}}")
            originals.append(name.rstrip("+") if len(variables) == 1 else "")
            if mark:
                break
        else:
            segments.append(part)
            originals.append("")
    return _Fitting(endpoint, tuple(segments), tuple(originals))


def _unified(items: Sequence[_Fitting], depth: int) -> list[_Fitting]:
    """One variable a level, because "A sibling of this resource already has a variable path part -- only one is
    allowed": https://github.com/amazon-archives/aws-apigateway-importer/issues/202"""
    done = [item for item in items if len(item.segments) <= depth]
    below: dict[str, list[_Fitting]] = {}
    for item in items:
        if len(item.segments) > depth:
            below.setdefault("{}" if _is_variable(item.segments[depth]) else item.segments[depth], []).append(item)
    for segment, group in below.items():
        if segment == "{}":
            name = _shared_name(group, depth)
            group = [_with_variable(item, depth, name) for item in group]  # noqa: PLW2901  # the group from here on
        done.extend(_unified(group, depth + 1))
    return done


def _shared_name(group: Sequence[_Fitting], depth: int) -> str:
    """The first greedy variable's, for it takes what the others take, else the first one's; none twice in a path."""
    names = [item.segments[depth] for item in group]
    chosen = next((name for name in names if name.endswith("+}")), names[0])
    above = {segment.strip("{+}") for segment in group[0].segments[:depth] if _is_variable(segment)}
    plain, mark = chosen.strip("{+}"), "+" if chosen.endswith("+}") else ""
    numbered = (f"{plain}{number}" for number in count(2))
    free = next(name for name in chain([plain], numbered) if name not in above)
    return f"{{{free}{mark}}}"


def _with_variable(item: _Fitting, depth: int, name: str) -> _Fitting:
    end = depth + 1 if name.endswith("+}") else len(item.segments)
    segments = (*item.segments[:depth], name, *item.segments[depth + 1 : end])
    originals = item.originals[:end]
    if name.endswith("+}") and len(item.segments) > end:
        originals = (*item.originals[:depth], "")
    return _Fitting(item.endpoint, segments, originals)


def _renamed(item: _Fitting) -> Endpoint:
    """The endpoint at its new path, with a parameter for each of the path's variables."""
    written = item.endpoint.operation.get("parameters", [])
    by_name = {parameter.get("name"): parameter for parameter in written if parameter.get("in") == "path"}
    own = [
        {**by_name.get(original, {}), "name": segment.strip("{+}"), "in": "path", "required": True}
        for segment, original in zip(item.segments, item.originals, strict=True)
        if _is_variable(segment)
    ]
    others = [parameter for parameter in written if parameter.get("in") != "path"]
    operation = {**item.endpoint.operation, "parameters": [*own, *others]}
    return replace(item.endpoint, path="/" + "/".join(item.segments), operation=operation)


def _merged(first: Endpoint, second: Endpoint) -> Endpoint:
    """Two endpoints that API Gateway can't tell apart; the app still can. What either streams or takes, both do."""
    told = max(first, second, key=lambda endpoint: (endpoint.streams is not None, endpoint.tag is not None))
    bodies = [endpoint.operation.get("requestBody", {}).get("content", {}) for endpoint in (second, first)]
    content = {kind: media for body in bodies for kind, media in body.items()}
    operation = {**first.operation, **({"requestBody": {"content": content}} if content else {})}
    return replace(first, names=(*first.names, *second.names), operation=operation, streams=told.streams, tag=told.tag)


def _reason(path: str) -> str:
    parts = list(filter(None, path.split("/")))
    if any(not STATIC.fullmatch(part) and not VARIABLE.fullmatch(part) for part in parts):
        return "API Gateway takes letters, digits and _-.,: in a segment, and a parameter only as a whole one"
    if any(part.endswith("+}") for part in parts[:-1]):
        return "a parameter that takes several segments is the last one"
    return "API Gateway has one variable a level, and so one name for it"


def _spelt(path: str) -> str:
    """Without the slashes that make no difference: API Gateway ignores one at the end of a request's path."""
    return "/" + "/".join(filter(None, path.split("/")))


def _is_variable(segment: str) -> bool:
    return segment.startswith("{")

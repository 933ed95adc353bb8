"""`requestParameters` of an HTTP_PROXY: what of a request goes where in the one that is passed on.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qs

from samstream_cli.local.exchange import Request
from samstream_cli.local.routing import Match

Kind = Literal["path", "querystring", "header"]

_PLACE: Final = re.compile(r"integration\.request\.(path|querystring|header)\.(.+)")
_SOURCE: Final = re.compile(
    r"'(?P<static>.*)'"
    r"|method\.request\.(?P<part>path|querystring|multivaluequerystring|header|multivalueheader)\.(?P<name>.+)"
    r"|stageVariables\.(?P<variable>\w+)"
    r"|context\.(?P<context>requestId|httpMethod|stage|apiId|resourcePath|path|identity\.sourceIp|identity\.userAgent)",
    re.DOTALL,
)


class Mapped(NamedTuple):
    """A parameter of the request to be passed on, and its values; none where the client sent none."""

    kind: Kind
    name: str
    values: list[str]


def unmapped(mappings: Mapping[str, str]) -> Iterator[str]:
    """Those that don't run here: of bodies, and of what only AWS knows."""
    for place, source in mappings.items():
        if not (_PLACE.fullmatch(place) and _SOURCE.fullmatch(source)):
            yield f"{place}: {source}"


def mapped(request: Request, match: Match) -> list[Mapped]:
    """What the mappings of a route make of a request."""
    found = []
    for place, source in match.route.request_parameters.items():
        to, of = _PLACE.fullmatch(place), _SOURCE.fullmatch(source)
        if to and of:
            kind: Kind = "path" if to[1] == "path" else "header" if to[1] == "header" else "querystring"
            found.append(Mapped(kind, to[2], list(_values(of, request, match))))
    return found


def _values(of: re.Match[str], request: Request, match: Match) -> Sequence[str]:
    if of["static"] is not None:
        return [of["static"]]
    if of["variable"]:
        variables = match.api.stage_variables.get(match.stage, {})
        return [variables[of["variable"]]] if of["variable"] in variables else []
    if of["context"]:
        return [_context(of["context"], request, match)]
    name = of["name"]
    if of["part"] == "path":
        return [match.parameters[name]] if name in match.parameters else []
    if of["part"].endswith("querystring"):
        values = parse_qs(request.query, keep_blank_values=True, errors="replace").get(name, [])
    else:
        values = [value for known, value in request.headers if known == name.lower()]
    return values if of["part"].startswith("multivalue") else values[-1:]


def _context(name: str, request: Request, match: Match) -> str:
    known = {
        "requestId": request.id,
        "httpMethod": request.method,
        "stage": match.stage,
        "apiId": match.api.id,
        "resourcePath": match.route.path,
        "path": f"/{match.stage}{match.path}",
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.header("user-agent") or "",
    }
    return known[name]

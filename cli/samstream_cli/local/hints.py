"""The way out of what went wrong with a request, where its cause stands in the template: the rule that tells of it."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Final

from samstream_cli.local.access_log import Access
from samstream_cli.local.routing import Api, Route

_UNFINISHED: Final = "it ends before the 8 NUL bytes"


def with_hint(done: Access, apis: Sequence[Api], nodejs: Container[str] = ()) -> Access:
    """The same request, with what its user can do added to its note; `nodejs` are the functions of that runtime."""
    if not done.api and len(apis) > 1:
        paths = " or ".join(f"/{api.id}" for api in apis)
        return replace(done, note=f"{done.note}; several APIs are served, so a path begins with {paths}")
    hints = [
        hint
        for api in apis
        for route in api.routes
        if (api.id, str(route)) == (done.api, done.route)
        for hint in _hints(done, api, route, nodejs)
    ]
    return replace(done, note="; ".join(filter(None, (done.note, *hints))))


def _hints(done: Access, api: Api, route: Route, nodejs: Container[str]) -> Iterator[str]:
    if not route.streaming:
        return
    if done.stage in api.stale_stages:
        yield (
            f"W405: stage {done.stage} keeps a Deployment that isn't in this template, where this route is buffered. "
            "Let the stage's DeploymentId be a Ref to a Deployment of this template"
        )
    elif "Sandbox.Timedout" in done.note:
        yield f"W204: raise the Timeout of {route.function}, up to 900 s, or let it end sooner"
    elif "was quiet for" in done.note and api.endpoint == "EDGE":
        yield f"W402: set the EndpointConfiguration of {api.id} to REGIONAL, or write something more often"
    elif "timeoutInMillis" in done.note and route.timeout_in_millis is None:
        yield "W203: this route sets no timeout, so it has 29 s. Set one, up to 900000 milliseconds"
    elif route.function in nodejs and not route.adapter and ("it is empty" in done.note or _UNFINISHED in done.note):
        yield 'Node.js sends the metadata with the first write(): call write("") before end()'

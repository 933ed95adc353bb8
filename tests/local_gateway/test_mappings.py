"""`requestParameters` of HTTP_PROXY integrations."""

import pytest

from local_gateway.serving import api
from samstream_cli.local.exchange import Request
from samstream_cli.local.http_proxy import target
from samstream_cli.local.mappings import Mapped, mapped, unmapped
from samstream_cli.local.routing import Match, Route

REQUEST = Request(
    "GET", "/Prod/things/a%2Fb", "q=1&q=2", [("x-a", "1"), ("x-a", "2"), ("user-agent", "curl")], id="abc"
)


def match(**mappings: str) -> Match:
    parameters = {f"integration.request.{place.replace('__', '.')}": source for place, source in mappings.items()}
    route = Route("GET", "/things/{id}", kind="http", uri="http://h/{op}/{id}", request_parameters=parameters)
    return Match(api(stage_variables={"Prod": {"colour": "blue"}}), "Prod", "/things/a%2Fb", route, {"id": "a%2Fb"})


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("'it''s'", ["it''s"]),
        ("method.request.path.id", ["a%2Fb"]),
        ("method.request.path.no", []),
        ("method.request.querystring.q", ["2"]),
        ("method.request.multivaluequerystring.q", ["1", "2"]),
        ("method.request.header.X-A", ["2"]),
        ("method.request.multivalueheader.X-A", ["1", "2"]),
        ("method.request.header.no", []),
        ("stageVariables.colour", ["blue"]),
        ("stageVariables.no", []),
        ("context.requestId", ["abc"]),
        ("context.identity.userAgent", ["curl"]),
    ],
)
def test_a_parameter_takes_what_its_source_has(source: str, values: list[str]) -> None:
    assert mapped(REQUEST, match(header__y=source)) == [Mapped("header", "y", values)]


def test_mapped_parameters_stand_in_the_uri_and_replace_those_of_the_client() -> None:
    found = match(path__op="'put'", querystring__q="'3'", querystring__id="method.request.path.id")
    assert target(found, "q=1&r=4", mapped(REQUEST, found)) == "http://h/put/a%2Fb?r=4&q=3&id=a%252Fb"


def test_what_does_not_run_here_is_listed() -> None:
    known = {"integration.request.path.id": "method.request.path.id"}
    unknown = {
        "integration.request.header.x": "method.request.body.name",
        "integration.request.body.x": "'y'",
        "integration.request.header.y": "context.authorizer.principalId",
    }
    assert list(unmapped({**known, **unknown})) == [f"{place}: {source}" for place, source in unknown.items()]

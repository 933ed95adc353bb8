"""The way out of what went wrong with a request."""

from dataclasses import replace

import pytest

from samstream_cli.local.access_log import Access
from samstream_cli.local.hints import with_hint
from samstream_cli.local.routing import Api, Route

TALK = Route("GET", "/talk", streaming=True, function="Talk")
EDGE = Api("Api", ("live", "old"), "EDGE", routes=(TALK, Route("GET", "/still", function="Still")))
REGIONAL = Api("Api", ("live",), "REGIONAL", routes=(TALK,))


def done(note: str, stage: str = "live", route: str = "GET /talk") -> Access:
    return Access(0, "Api", stage, "GET", "/talk", route, "stream", 200, 0.1, 0.2, 1, 3, note)


@pytest.mark.parametrize(
    ("api", "note", "hint"),
    [
        (EDGE, "", ""),
        (EDGE, "Sandbox.Timedout: x", "W204: raise the Timeout of Talk, up to 900 s, or let it end sooner"),
        (
            EDGE,
            "the stream was quiet for 30 s",
            "W402: set the EndpointConfiguration of Api to REGIONAL, or write something more often",
        ),
        (REGIONAL, "the stream was quiet for 300 s", ""),
        (
            REGIONAL,
            "(timeoutInMillis)",
            "W203: this route sets no timeout, so it has 29 s. Set one, up to 900000 milliseconds",
        ),
    ],
)
def test_a_stream_that_was_cut_names_its_rule(api: Api, note: str, hint: str) -> None:
    assert with_hint(done(note), [api]) == done("; ".join(filter(None, (note, hint))))


@pytest.mark.parametrize(
    "problem", ["it is empty; a body-less answer needs", "it ends before the 8 NUL bytes that end"]
)
def test_a_stream_of_nodejs_without_its_metadata_says_what_sends_them(problem: str) -> None:
    hint = 'Node.js sends the metadata with the first write(): call write("") before end()'
    assert with_hint(done(problem), [EDGE], {"Talk"}).note == f"{problem}; {hint}"
    assert with_hint(done(problem), [EDGE], {"Still"}).note == problem


def test_a_buffered_route_has_no_hint() -> None:
    assert with_hint(done("Sandbox.Timedout", route="GET /still"), [EDGE]).note == "Sandbox.Timedout"


def test_a_path_without_an_api_says_what_it_lacks() -> None:
    lost = replace(done("no route"), api="", route=None)
    assert with_hint(lost, [EDGE]).note == "no route"
    told = "no route; several APIs are served, so a path begins with /Api or /Other"
    assert with_hint(lost, [EDGE, replace(EDGE, id="Other")]).note == told


def test_a_stale_stage_is_named_whatever_it_answers() -> None:
    stale = Api("Api", ("live", "old"), routes=(TALK,), stale_stages=frozenset({"old"}))
    assert with_hint(done("", "live"), [stale]).note == ""
    assert with_hint(done("", "old"), [stale]).note.startswith("W405: stage old keeps a Deployment")

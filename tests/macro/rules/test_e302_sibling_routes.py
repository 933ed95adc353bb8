"""E302: a function with the adapter streams as a whole; what stands against that is told."""

from macro.samples import app, findings, function, operation, run, streamed, streams, web_app
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/about", "get", "x-amazon-apigateway-integration")
PATHS = {"/chat": {"post": operation(**{"x-samstream-streaming": True})}, "/about": {"get": operation()}}


def test_a_sibling_is_refused_where_siblings_are_errors() -> None:
    message = (
        "Api GET /about: Chat has the Lambda Web Adapter and streams as a whole, but this route isn't tagged and "
        "SiblingRoutes is error. Tag it, or move it to another function."
    )
    expected = [Finding("E302", "Api", PLACE, message)]
    assert findings(app(PATHS, Chat=web_app()), {"SiblingRoutes": "error"}) == expected
    environment = {"SAMSTREAM_SIBLING_ROUTES": "error"}
    assert findings(app(PATHS, Chat=web_app()), environment=environment) == expected


def test_a_sibling_whose_tag_says_no_is_told_in_any_case() -> None:
    paths = {**PATHS, "/about": {"get": operation(**{"x-samstream-streaming": "false"})}}
    message = (
        "Api GET /about: Api GET /about says no, but Chat has the Lambda Web Adapter and streams as a whole. "
        "Tag all of its routes, or move this one to another function."
    )
    for setting in ("stream", "error"):
        assert findings(app(paths, Chat=web_app()), {"SiblingRoutes": setting}) == [
            Finding("E302", "Api", (*PLACE[:-1], "x-samstream-streaming"), message)
        ]


def test_a_wider_tag_that_says_no_is_told_even_of_a_route_that_streams_by_itself() -> None:
    paths = {**PATHS, "/about": {"get": operation(streamed())}}
    message = (
        "Api GET /about: Metadata of Chat says no, but Chat has the Lambda Web Adapter and streams as a whole. "
        "Tag all of its routes, or move this one to another function."
    )
    fragment = app(paths, Chat=web_app({"Metadata": {"Streaming": False}}))
    place = ("Resources", "Chat", "Metadata", "Streaming")
    assert findings(fragment) == [Finding("E302", "Chat", place, message)]


def test_siblings_stream_along() -> None:
    result = run(app(PATHS, Chat=web_app()))
    assert result.findings == ()
    assert streams(result) == ["Api POST /chat", "Api GET /about"]


def test_routes_that_are_all_tagged_have_no_siblings() -> None:
    fragment = app(PATHS, Chat=web_app({"Metadata": {"Streaming": True}}))
    assert streams(run(fragment, {"SiblingRoutes": "error"})) == ["Api POST /chat", "Api GET /about"]


def test_a_function_without_the_adapter_has_no_siblings() -> None:
    result = run(app(PATHS, Chat=function()), {"SiblingRoutes": "error"})
    assert streams(result) == ["Api POST /chat"]

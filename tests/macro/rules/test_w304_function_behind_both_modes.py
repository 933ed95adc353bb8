"""W304: a function behind routes of both modes has to tell them apart."""

from macro.samples import app, findings, function, look, operation, proxy, streamed, web_app
from samstream.findings import Finding

ROUTES = {"Routes": "POST /chat"}
PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "get", "x-amazon-apigateway-integration")
MESSAGE = (
    "Api GET /chat: it stays buffered, while Chat streams on other routes. Unless its code tells them apart, one of "
    "the two answers an error; make all its routes stream, or use two functions."
)


def test_the_routes_that_stay_buffered_are_told() -> None:
    fragment = app({"/chat": {"post": operation(), "get": operation()}})
    assert findings(fragment, ROUTES) == [Finding("W304", "Api", PLACE, MESSAGE)]


def test_routes_that_stream_by_themselves_are_not() -> None:
    fragment = app({"/chat": {"post": operation(), "get": operation(streamed())}})
    assert findings(fragment, ROUTES) == []


def test_routes_of_another_function_are_not() -> None:
    paths = {"/chat": {"post": operation(), "get": operation(proxy("${Other.Arn}"))}}
    assert findings(app(paths, Other=function()), ROUTES) == []


def test_routes_that_stream_with_the_adapter_are_not() -> None:
    paths = {"/chat": {"post": operation(), "get": operation()}}
    assert findings(app(paths, Chat=web_app()), ROUTES) == []


def test_a_template_in_which_nothing_streams_has_nothing_to_tell() -> None:
    fragment = app({"/chat": {"post": operation(**{"x-samstream-streaming": False}), "get": operation()}})
    assert findings(fragment) == []


def test_beside_routes_that_stream_by_themselves_the_buffered_ones_are_told() -> None:
    paths = {"/chat": {"post": operation(streamed()), "get": operation()}}
    assert look(app(paths)) == [Finding("W304", "Api", PLACE, MESSAGE)]
    assert look(app({"/chat": {"get": operation()}})) == []


def test_with_the_adapter_another_rule_tells() -> None:
    paths = {"/chat": {"post": operation(streamed()), "get": operation()}}
    chat = web_app(AWS_LWA_INVOKE_MODE="response_stream")
    assert [found.rule for found in look(app(paths, Chat=chat))] == ["E303"]

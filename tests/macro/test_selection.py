"""The narrowest place that says something about a route decides."""

from itertools import combinations
from typing import Any

import pytest

from macro.samples import api, app, findings, function, method, operation, proxy, run, streams

Json = dict[str, Any]

EVENT = {"Event": "Ask", "RestApiId": {"Ref": "Api"}, "Method": "post", "Path": "/chat"}


def place(name: str, value: Any) -> tuple[Json, Json, dict[str, str]]:
    """A template of POST /chat with a tag in this place, the settings and the environment of the macro."""
    fragment = app()
    resources = fragment["Resources"]
    settings: Json = {}
    environment: dict[str, str] = {}
    if name == "operation":
        resources["Api"] = api({"/chat": {"post": operation(**{"x-samstream-streaming": value})}})
    elif name == "event":
        resources["Chat"]["Metadata"] = {"SamStreamEvents": [{**EVENT, "Streaming": value}]}
    elif name in ("function", "API"):
        resources["Chat" if name == "function" else "Api"]["Metadata"] = {"Streaming": value}
    elif name in ("GLOBAL_FUNCTION", "GLOBAL_API"):
        resources["Chat"]["Metadata"] = {"SamStreamEvents": [{**EVENT, "Scope": name, "Streaming": value}]}
    elif name == "Parameters":
        settings = {"Routes": "POST /chat"}
    else:
        environment = {"SAMSTREAM_ROUTES": "POST /chat"}
    return fragment, settings, environment


def merged(one: Any, other: Any) -> Any:
    """Two templates in one: maps merged, lists joined, else the one that isn't the other's."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: merged(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    return one if one == other else [*one, *other]


NARROWEST_FIRST = ["event", "function", "API", "GLOBAL_FUNCTION", "GLOBAL_API", "Parameters", "environment"]
ALWAYS_ON = ("Parameters", "environment")


@pytest.mark.parametrize("name", [*NARROWEST_FIRST, "operation"])
def test_a_tag_of_any_place_alone_decides(name: str) -> None:
    fragment, settings, environment = place(name, value=True)
    assert streams(run(fragment, settings, environment=environment)) == ["Api POST /chat"]
    if name not in ALWAYS_ON:
        fragment, _, _ = place(name, value=False)
        result = run(fragment)
        assert (streams(result), result.template) == ([], app())


@pytest.mark.parametrize(
    ("narrow", "wide"), [pair for pair in combinations(NARROWEST_FIRST, 2) if pair[0] not in ALWAYS_ON]
)
@pytest.mark.parametrize("says", [True, False])
def test_the_narrower_place_wins_false_included(narrow: str, wide: str, says: bool) -> None:
    one, of_one, in_one = place(narrow, says)
    other, of_other, in_other = place(wide, not says)
    result = run(merged(one, other), {**of_one, **of_other}, environment={**in_one, **in_other})
    assert streams(result) == (["Api POST /chat"] if says else [])


def test_the_timeout_is_that_of_the_place_that_decides() -> None:
    fragment = app({"/chat": {"post": operation(**{"x-samstream-streaming": {"TimeoutInMillis": 60_000}})}})
    fragment["Resources"]["Chat"]["Metadata"] = {"Streaming": {"TimeoutInMillis": 90_000}}
    assert [route.timeout_in_millis for route in run(fragment).routes] == [60_000]


@pytest.mark.parametrize("timeouts", [(60_000, None), (None, 60_000)])
def test_places_of_the_same_width_may_complete_each_other(timeouts: tuple[int | None, int | None]) -> None:
    of_operation, of_event = ({"TimeoutInMillis": timeout} if timeout else True for timeout in timeouts)
    fragment = app(
        {"/chat": {"post": operation(**{"x-samstream-streaming": of_operation})}},
        Chat=function({"Metadata": {"SamStreamEvents": [{**EVENT, "Streaming": of_event}]}}),
    )
    assert [route.timeout_in_millis for route in run(fragment).routes] == [60_000]


PATHS = {
    "/chat": {"post": operation(), "get": operation(proxy("${Talk.Arn}"))},
    "/site": {"get": operation({"type": "http_proxy", "uri": "https://example.com"})},
    "/": {"options": operation({"type": "mock"})},
}
BOTH = ["Api POST /chat", "Second POST /chat"]

# Where the tag stands, its value, and what it selects.
SELECTED: dict[str, tuple[str, Any, list[str]]] = {
    "a function's routes": ("Chat", True, BOTH),
    "those of another": ("Talk", True, ["Api GET /chat"]),
    "a route of a function, in both APIs": ("Chat", "POST /chat", BOTH),
    "a route of one of them": ("Chat", "Second POST /chat", ["Second POST /chat"]),
    "an API's proxy routes": ("Api", True, ["Api POST /chat", "Api GET /chat", "Api GET /site"]),
    "a route of an API": ("Api", ["GET /site"], ["Api GET /site"]),
    "routes of an API in a map": (
        "Api",
        {"Routes": ["GET /site", "GET /chat", "GET /site"]},
        ["Api GET /chat", "Api GET /site"],
    ),
}


@pytest.mark.parametrize("name", SELECTED)
def test_a_tag_selects_all_its_place_holds_or_those_it_names(name: str) -> None:
    resource, value, expected = SELECTED[name]
    fragment = app(PATHS, Talk=function(), Second=api({"/chat": {"post": operation()}}))
    fragment["Resources"][resource]["Metadata"] = {"Streaming": value}
    assert streams(run(fragment)) == expected


def test_routes_of_the_transform_entry_select_in_every_api() -> None:
    fragment = app(PATHS, Talk=function(), Second=api({"/chat": {"post": operation()}}))
    assert streams(run(fragment, {"Routes": "POST /chat"})) == BOTH
    assert streams(run(fragment, {"Routes": ["Second POST /chat"]})) == BOTH[1:]


def test_a_false_tag_that_names_routes_leaves_the_others() -> None:
    fragment = app({"/chat": {"post": operation(), "get": operation()}})
    fragment["Resources"]["Api"]["Metadata"] = {"Streaming": True}
    fragment["Resources"]["Chat"]["Metadata"] = {"Streaming": {"Enabled": False, "Routes": "GET /chat"}}
    assert streams(run(fragment)) == ["Api POST /chat"]


def test_an_event_selects_its_own_functions_route_where_ifs_choose() -> None:
    either = {"Fn::If": ["A", operation(), operation(proxy("${Talk.Arn}"))]}
    fragment = app({"/chat": {"post": either}}, Talk=function())
    fragment["Resources"]["Chat"]["Metadata"] = {"SamStreamEvents": [{**EVENT, "Streaming": True}]}
    result = run(fragment)
    assert [(route.function, route.after) for route in result.routes] == [("Chat", "STREAM"), ("Talk", "BUFFERED")]


def test_an_event_selects_a_route_whose_function_is_out_of_sight() -> None:
    fragment = app({"/chat": {"post": operation(proxy("${Live}"))}})
    fragment["Resources"]["Chat"]["Metadata"] = {"SamStreamEvents": [{**EVENT, "Streaming": True}]}
    assert streams(run(fragment)) == ["Api POST /chat"]


@pytest.mark.parametrize(
    "record",
    [
        {"Path": {"Fn::Sub": "/${Name}"}},
        {"Path": {"Ref": "Path"}, "Method": {"Fn::If": ["Never", "get", "POST"]}},
        {"RestApiId": {"Ref": "ApiName"}},
        {"RestApiId": "Api"},
    ],
)
def test_an_events_route_may_be_built_of_parameters(record: Json) -> None:
    fragment = app(Chat=function({"Metadata": {"SamStreamEvents": [{**EVENT, "Streaming": True, **record}]}}))
    fragment["Conditions"] = {"Never": {"Fn::Equals": [1, 2]}}
    parameters = {"Name": "chat", "Path": "/chat", "ApiName": "Api"}
    assert streams(run(fragment, parameters=parameters)) == ["Api POST /chat"]


def test_an_event_may_name_its_own_route() -> None:
    fragment = app(Chat=function({"Metadata": {"SamStreamEvents": [{**EVENT, "Streaming": ["POST /chat"]}]}}))
    assert streams(run(fragment)) == ["Api POST /chat"]


def test_a_default_may_name_routes_of_some_events_only() -> None:
    defaults = [
        {**EVENT, "Scope": "GLOBAL_API", "Streaming": "POST /chat"},
        {**EVENT, "Method": "get", "Scope": "GLOBAL_API", "Streaming": "POST /chat"},
    ]
    paths = {"/chat": {"post": operation(), "get": operation()}}
    fragment = app(paths, Chat=function({"Metadata": {"SamStreamEvents": defaults}}))
    assert streams(run(fragment)) == ["Api POST /chat"]
    for default in defaults:
        default["Streaming"] = "PUT /chat"
    (finding,) = findings(fragment)
    assert (finding.rule, "there is no route PUT /chat" in finding.message) == ("E201", True)


def test_a_tag_on_a_method_selects_that_method_alone() -> None:
    fragment = app({}, Get=method(Metadata={"Streaming": True}), Other=method())
    fragment["Resources"]["Other"]["Properties"]["HttpMethod"] = "POST"
    assert streams(run(fragment)) == ["Api GET /"]


def test_a_tag_on_a_methods_integration_of_two_branches_selects_both() -> None:
    lambda_proxy = method()["Properties"]["Integration"]
    site = {"Type": "HTTP_PROXY", "Uri": "https://example.com"}
    fragment = app({}, Get=method({"Fn::If": ["A", lambda_proxy, site]}, Metadata={"Streaming": True}))
    result = run(fragment)
    assert [(route.function, route.after) for route in result.routes] == [("Chat", "STREAM"), (None, "STREAM")]


def test_a_tag_that_can_not_be_read_selects_nothing() -> None:
    fragment = app({"/chat": {"post": operation(**{"x-samstream-streaming": 5})}})
    assert [found.rule for found in findings(fragment)] == ["E101"]

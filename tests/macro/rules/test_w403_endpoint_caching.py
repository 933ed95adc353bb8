"""W403: a stage that caches can't cache a stream."""

from typing import Any

import pytest

from macro.samples import app, deployment, findings, look, method, operation, stage, streamed, streaming
from samstream.findings import Finding

PATHS = {"/chat": {"get": operation(streamed()), "post": operation(streamed())}}
LIVE = ("Resources", "Stage", "Properties")


def told(
    index: int, route: str = "Api GET /chat", place: tuple[Any, ...] = LIVE, name: str = "stage live"
) -> list[Finding]:
    message = (
        f"{route}: {name} caches it, which API Gateway doesn't support with streaming. Set CachingEnabled to false for "
        f"{route.rpartition(' ')[2]} in its MethodSettings."
    )
    return [Finding("W403", str(place[1]), (*place, "MethodSettings", index, "CachingEnabled"), message)]


def setting(path: Any, method: Any = "*", on: Any = True) -> dict[str, Any]:
    return {"ResourcePath": path, "HttpMethod": method, "CachingEnabled": on}


def check(*settings: Any, on: Any = True, paths: Any = None, **more: Any) -> list[Finding]:
    made = stage(CacheClusterEnabled=on, MethodSettings=list(settings))
    return look(app(PATHS if paths is None else paths, Stage=made, **more), parameters={"On": "true", "Off": "false"})


@pytest.mark.parametrize("path", ["/*", "*", "/chat", "chat", "/~1chat", "~1chat"])
@pytest.mark.parametrize("method", ["*", "GET", "get"])
def test_a_route_that_is_cached_is_told(path: str, method: str) -> None:
    assert check(setting(path, method)) == told(0)


@pytest.mark.parametrize("on", [True, "true", "True", {"Ref": "On"}])
def test_a_cache_is_on_in_any_spelling(on: Any) -> None:
    assert check(setting("/*"), on=on) == told(0)
    assert check(setting("/*", on=on)) == told(0)


@pytest.mark.parametrize("off", [False, "false", {"Ref": "Off"}, {"Ref": "Unknown"}, None, 5, ["true"]])
def test_a_cache_that_is_off_or_that_nobody_knows_is_not_told(off: Any) -> None:
    assert check(setting("/*"), on=off) == []
    assert check(setting("/*", on=off)) == []


def test_all_methods_means_caching_of_get_alone_and_a_name_means_that_method() -> None:
    assert check(setting("/chat", "POST")) == told(0, "Api POST /chat")
    assert check(setting("/chat", "POST"), setting("/chat")) == [*told(1), *told(0, "Api POST /chat")]


def test_any_is_a_get_too() -> None:
    paths = {"/chat": {"x-amazon-apigateway-any-method": operation(streamed())}}
    assert check(setting("/*"), paths=paths) == told(0, "Api ANY /chat")


@pytest.mark.parametrize("path", ["/", "/~1"])
def test_the_root_is_a_path_like_any_other(path: str) -> None:
    assert check(setting(path), paths={"/": {"get": operation(streamed())}}) == told(0, "Api GET /")


NARROWER = [
    (setting("/*"), setting("/chat", "GET", on=False)),
    (setting("/*"), setting("/chat", "*", on=False)),
    (setting("/*"), setting("/*", "GET", on=False)),
    (setting("/*", "GET"), setting("/chat", "*", on=False)),
    (setting("/chat", "*"), setting("/chat", "GET", on=False)),
]


@pytest.mark.parametrize(("wide", "narrow"), NARROWER)
def test_what_names_the_route_more_closely_wins_in_any_order(wide: Any, narrow: Any) -> None:
    assert check(wide, narrow) == check(narrow, wide) == []
    on, off = {**narrow, "CachingEnabled": True}, {**wide, "CachingEnabled": False}
    assert (check(off, on), check(on, off)) == (told(1), told(0))


def test_settings_of_something_else_say_nothing_of_caching() -> None:
    other = {"ResourcePath": "/chat", "HttpMethod": "GET", "ThrottlingRateLimit": 5}
    assert check(other, setting("/*")) == told(1)
    assert check(other) == []


@pytest.mark.parametrize(
    "settings",
    [
        (setting("/talk"),),
        (setting("/chat/{id}"),),
        (setting("/chat", "DELETE"),),
        (setting({"Ref": "Path"}),),
        (setting("/chat", None),),
        ({"CachingEnabled": True},),
        (None, 5, "x", ["ResourcePath"], {}),
    ],
)
def test_settings_of_other_routes_and_junk_are_not_told(settings: Any) -> None:
    assert check(*settings) == []


@pytest.mark.parametrize("settings", [None, {}, "x", {"Fn::If": ["A", [setting("/*")], []]}])
def test_settings_that_are_no_list_are_not_told(settings: Any) -> None:
    assert look(app(PATHS, Stage=stage(CacheClusterEnabled=True, MethodSettings=settings))) == []


def test_a_deployment_may_describe_the_stage() -> None:
    description = {"CacheClusterEnabled": True, "MethodSettings": [setting("/*")]}
    made = deployment(StageName="live", StageDescription=description)
    place = ("Resources", "Deployment", "Properties", "StageDescription")
    assert look(app(PATHS, Deployment=made)) == told(0, place=place)


def test_the_stage_of_another_api_is_its_own() -> None:
    other = stage("Other", CacheClusterEnabled=True, MethodSettings=[setting("/*")])
    assert look(app(PATHS, Stage=other)) == []


def test_a_method_is_told() -> None:
    integration = {"Type": "AWS_PROXY", "Uri": {"Fn::Sub": streaming()}, "ResponseTransferMode": "STREAM"}
    assert check(setting("/*"), paths={}, Get=method(integration)) == told(0, "Api GET /")


def test_only_the_routes_of_the_stages_api_are_told() -> None:
    second = app(PATHS)["Resources"]["Api"]
    assert check(setting("/*"), Second=second, SecondDeployment=deployment("Second")) == told(0)


def test_a_tagged_route_is_told_and_a_buffered_one_is_not() -> None:
    cached = stage(CacheClusterEnabled=True, MethodSettings=[setting("/*")])
    fragment = app({"/chat": {"get": operation()}}, Stage=cached)
    assert findings(fragment, {"Routes": "GET /chat"}) == told(0)
    assert look(fragment) == []

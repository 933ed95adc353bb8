"""The settings: where each comes from, and how each can be wrong."""

from typing import Any

import pytest

from samstream.findings import Finding
from samstream.options import Options, OptionsError, RouteName, read_flag, read_routes, read_timeout

CHAT = RouteName("POST", "/chat")

ROUTES: dict[str, RouteName] = {
    "POST /chat": CHAT,
    " post  /chat ": CHAT,
    "Any /files/{proxy+}": RouteName("ANY", "/files/{proxy+}"),
    "GET /": RouteName("GET", "/"),
    "MyApi HEAD /chat": RouteName("HEAD", "/chat", "MyApi"),
}


@pytest.mark.parametrize("text", ROUTES)
def test_a_route_is_a_method_and_a_path_and_may_name_its_api(text: str) -> None:
    assert RouteName.parse(text) == ROUTES[text]


@pytest.mark.parametrize(
    "text", ["", "POST", "/chat", "POST chat", "FETCH /chat", "POST /a b", "A B POST /", 5, None, ["GET /"]]
)
def test_what_is_no_route_is_refused_with_what_one_looks_like(text: Any) -> None:
    with pytest.raises(ValueError, match=r'^a method and a path such as "POST /chat" or "ANY /files/\{proxy\+\}"$'):
        RouteName.parse(text)


@pytest.mark.parametrize("text", ["POST /chat", "MyApi GET /"])
def test_a_route_reads_as_it_is_written(text: str) -> None:
    assert str(RouteName.parse(text)) == text


@pytest.mark.parametrize("value", [50, 900_000, "50", 60_000.0])
def test_a_timeout_is_a_whole_number_within_the_services_bounds(value: Any) -> None:
    assert read_timeout(value) == int(value)


@pytest.mark.parametrize("value", [49, 900_001, 50.5, "1e3", "", None, True, [50]])
def test_what_is_no_timeout_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^a whole number of milliseconds from 50 to 900000$"):
        read_timeout(value)


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("TRUE ", True), (False, False), ("false", False)])
def test_a_flag_is_true_or_false_or_the_word(value: Any, flag: bool) -> None:
    assert read_flag(value) is flag


@pytest.mark.parametrize("value", [1, 0, 1.0, "yes", "", None, [], {}])
def test_what_is_no_flag_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^true or false$"):
        read_flag(value)


def test_routes_are_one_or_a_list() -> None:
    assert read_routes("POST /chat") == (CHAT,)
    assert read_routes(["POST /chat", "GET /"]) == (CHAT, RouteName("GET", "/"))
    assert read_routes([]) == ()


def test_without_settings_there_are_defaults() -> None:
    assert Options.load({}, {"PATH": "/bin", "SAMSTREAM_STRICT": " "}) == Options()


def test_parameters_are_read() -> None:
    parameters = {
        "Routes": ["POST /chat"],
        "TimeoutInMillis": "60000",
        "Strict": "true",
        "SiblingRoutes": "error",
        "Ignore": "W301",
    }
    assert Options.load(parameters, {}) == Options(
        routes=(CHAT,),
        timeout_in_millis=60_000,
        strict=True,
        sibling_routes="error",
        ignore=frozenset({"W301"}),
        given=frozenset({"routes", "timeout_in_millis", "strict", "sibling_routes", "ignore"}),
    )


def test_the_environment_has_the_organisations_defaults() -> None:
    environment = {
        "SAMSTREAM_ROUTES": "POST /chat, GET /",
        "SAMSTREAM_TIMEOUT_IN_MILLIS": "60000",
        "SAMSTREAM_STRICT": "true",
        "SAMSTREAM_SIBLING_ROUTES": " error ",
        "SAMSTREAM_IGNORE": "W301,W304,",
    }
    assert Options.load({}, environment) == Options(
        default_routes=(CHAT, RouteName("GET", "/")),
        timeout_in_millis=60_000,
        strict=True,
        sibling_routes="error",
        ignore=frozenset({"W301", "W304"}),
    )


def test_parameters_win_over_the_environment() -> None:
    environment = {"SAMSTREAM_STRICT": "true", "SAMSTREAM_TIMEOUT_IN_MILLIS": "60000", "SAMSTREAM_ROUTES": "GET /"}
    options = Options.load({"Strict": False, "Routes": "POST /chat"}, environment)
    assert (options.strict, options.timeout_in_millis) == (False, 60_000)
    assert (options.routes, options.default_routes) == ((CHAT,), (RouteName("GET", "/"),))


ALLOWED = "Allowed: Routes, TimeoutInMillis, Strict, SiblingRoutes, Ignore."

WRONG: dict[str, tuple[Any, str]] = {
    "a misspelt name": ({"Strikt": True}, f"Parameters has no setting 'Strikt'. Did you mean Strict? {ALLOWED}"),
    "an unknown name": ({"Colour": "red"}, f"Parameters has no setting 'Colour'. {ALLOWED}"),
    "no map": (["Strict"], f"Parameters must be a map. {ALLOWED}"),
    "a wrong flag": ({"Strict": "yes"}, "Strict in Parameters must be true or false."),
    "a wrong timeout": (
        {"TimeoutInMillis": 5},
        "TimeoutInMillis in Parameters must be a whole number of milliseconds from 50 to 900000.",
    ),
    "a wrong word": ({"SiblingRoutes": "ignore"}, 'SiblingRoutes in Parameters must be "stream" or "error".'),
    "a list for a word": ({"SiblingRoutes": ["stream"]}, 'SiblingRoutes in Parameters must be "stream" or "error".'),
    "a wrong rule": ({"Ignore": ["W301", "all"]}, "Ignore in Parameters must be a list of rule ids such as W301."),
    "a number for a rule": ({"Ignore": 301}, "Ignore in Parameters must be a list of rule ids such as W301."),
    "a wrong route": (
        {"Routes": ["chat"]},
        'Routes in Parameters must be a method and a path such as "POST /chat" or "ANY /files/{proxy+}".',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_setting_that_can_not_be_used_is_told(name: str) -> None:
    parameters, message = WRONG[name]
    with pytest.raises(OptionsError) as caught:
        Options.load(parameters, {})
    place = ("Transform", "Parameters", *(parameters if isinstance(parameters, dict) else ()))
    assert caught.value.findings == (Finding("E001", "", place, message),)
    assert str(caught.value) == f"{message} [E001]"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(OptionsError) as caught:
        Options.load({"Strict": 1, "Routs": "GET /"}, {"SAMSTREAM_STRICT": "on", "SAMSTREAM_ROUTE": "GET /"})
    where = "the macro function's environment"
    names = [f"SAMSTREAM_{name}" for name in ("ROUTES", "TIMEOUT_IN_MILLIS", "STRICT", "SIBLING_ROUTES", "IGNORE")]
    assert [finding.message for finding in caught.value.findings] == [
        "Strict in Parameters must be true or false.",
        f"Parameters has no setting 'Routs'. Did you mean Routes? {ALLOWED}",
        f"SAMSTREAM_STRICT in {where} must be true or false.",
        f"{where} has no setting 'SAMSTREAM_ROUTE'. Did you mean SAMSTREAM_ROUTES? Allowed: {', '.join(names)}.",
    ]


def test_a_very_long_name_is_cut() -> None:
    with pytest.raises(OptionsError) as caught:
        Options.load({"x" * 10_000: 1}, {})
    assert str(caught.value) == f"Parameters has no setting {'x' * 60!r}. {ALLOWED} [E001]"


def test_a_listing_says_what_it_was_given_and_no_more() -> None:
    parameters = {"Routes": ["POST /chat"], "Strict": True, "Ignore": ["W304", "W301"], "SiblingRoutes": "error"}
    assert Options.load(parameters, {"SAMSTREAM_TIMEOUT_IN_MILLIS": "60000"}).to_parameters() == {
        **parameters,
        "Ignore": ["W301", "W304"],
    }
    assert Options.load({"TimeoutInMillis": "60000"}, {}).to_parameters() == {"TimeoutInMillis": 60_000}
    assert Options.load({}, {}).to_parameters() == {}


def test_the_listing_after_sam_takes_what_only_the_one_before_was_given() -> None:
    before = Options.load({"Routes": "POST /chat", "Strict": True, "TimeoutInMillis": 60_000}, {})
    after = Options.load({"Routes": ["GET /", "POST /chat"], "Strict": False}, {"SAMSTREAM_TIMEOUT_IN_MILLIS": "70000"})
    both = after.after(before)
    assert (both.strict, both.timeout_in_millis) == (False, 60_000)
    assert both.routes == (CHAT, RouteName("GET", "/"))
    assert both.given == frozenset({"routes", "strict", "timeout_in_millis"})

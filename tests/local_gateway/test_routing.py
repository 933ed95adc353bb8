"""Routes, matched as API Gateway does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samstream_cli.local.routing import Api, Match, Route, Router, Unmatched

ROUTES = tuple(
    Route(name.split(" ")[0], name.split(" ")[1])
    for name in (
        "GET /", "GET /chat", "POST /chat", "ANY /chat/any", "GET /chat/{id}", "GET /chat/{id}/parts", "GET /chat/new",
        "ANY /files/{proxy+}", "GET /files/top", "OPTIONS /{proxy+}", "GET /{tenant}/users/{user}", "GET /caf\u00e9",
        "ANY /both", "GET /both",
    )
)  # fmt: skip


def api(name: str = "One", *stages: str) -> Api:
    return Api(name, stages or ("Prod",), routes=ROUTES)


def found(router: Router, request: str) -> tuple[str, str, str, str, dict[str, str]] | Unmatched:
    match = router.match(*request.split(" "))
    if isinstance(match, Unmatched):
        return match
    return match.api.id, match.stage, match.path, str(match.route), match.parameters


TABLE: list[tuple[str, str | None, dict[str, str]]] = [
    ("GET /", "GET /", {}),
    ("GET /chat", "GET /chat", {}),
    ("GET /chat/", "GET /chat", {}),
    ("GET //chat", "GET /chat", {}),
    ("POST /chat", "POST /chat", {}),
    ("GET /both", "GET /both", {}),
    ("PUT /both", "ANY /both", {}),
    ("GET /ch%61t", "GET /chat", {}),
    ("GET /caf%C3%A9", "GET /caf\u00e9", {}),
    ("DELETE /chat", None, {}),
    ("get /chat", None, {}),
    ("GET /chat/new", "GET /chat/new", {}),
    ("GET /chat/7", "GET /chat/{id}", {"id": "7"}),
    ("GET /chat/7%2F8%20", "GET /chat/{id}", {"id": "7%2F8%20"}),
    ("GET /chat/any", "ANY /chat/any", {}),
    ("OPTIONS /chat/any", "ANY /chat/any", {}),
    ("OPTIONS /chat", "OPTIONS /{proxy+}", {"proxy": "chat"}),
    ("GET /chat/7/parts", "GET /chat/{id}/parts", {"id": "7"}),
    ("GET /chat/new/parts", "GET /chat/{id}/parts", {"id": "new"}),
    ("GET /chat/7/8", None, {}),
    ("GET /files/top", "GET /files/top", {}),
    ("PUT /files/top", "ANY /files/{proxy+}", {"proxy": "top"}),
    ("GET /files/a/b%2Fc/", "ANY /files/{proxy+}", {"proxy": "a/b%2Fc"}),
    ("GET /files/a//b", "ANY /files/{proxy+}", {"proxy": "a//b"}),
    ("GET /files", None, {}),
    ("GET /chat/users/3", "GET /{tenant}/users/{user}", {"tenant": "chat", "user": "3"}),
    ("GET //users/3", None, {}),
    ("OPTIONS /", None, {}),
]


@pytest.mark.parametrize(("request_", "route", "parameters"), TABLE, ids=[row[0] for row in TABLE])
def test_a_route_is_chosen_by_segments_then_by_method(
    request_: str, route: str | None, parameters: dict[str, str]
) -> None:
    method, path = request_.split(" ")
    expected = Unmatched("One", "Prod") if route is None else ("One", "Prod", path, route, parameters)
    if route is not None and path.startswith("//"):
        expected = ("One", "Prod", path[1:], route, parameters)
    assert found(Router([api()]), request_) == expected
    staged = found(Router([api()]), f"{method} /Prod/{path.lstrip('/')}")
    assert staged == expected


def test_one_api_answers_below_its_stages_and_at_the_root_for_the_first() -> None:
    one, two = Router([api()]), Router([api("One", "v1", "v2")])
    assert found(one, "GET /Prod") == ("One", "Prod", "/", "GET /", {})
    assert found(one, "GET /chat") == ("One", "Prod", "/chat", "GET /chat", {})
    assert found(two, "GET /v2/chat") == ("One", "v2", "/chat", "GET /chat", {})
    assert found(two, "GET /chat") == ("One", "v1", "/chat", "GET /chat", {})


def test_several_apis_answer_below_their_names() -> None:
    router = Router([api("A"), api("B", "v1", "v2")])
    assert found(router, "GET /A/Prod/chat") == ("A", "Prod", "/chat", "GET /chat", {})
    assert found(router, "GET /A/chat") == ("A", "Prod", "/chat", "GET /chat", {})
    assert found(router, "GET /B/v2/chat") == ("B", "v2", "/chat", "GET /chat", {})
    assert found(router, "GET /B/chat") == ("B", "v1", "/chat", "GET /chat", {})
    assert found(router, "GET /chat") == Unmatched()
    assert found(Router([]), "GET /") == Unmatched()


@given(st.sampled_from(["GET", "POST", "OPTIONS"]), st.text("/ab%2F{}+.\u00e9", max_size=12))
def test_any_path_finds_a_route_that_spells_it_or_none(method: str, path: str) -> None:
    match = Router([api()]).match(method, path)
    assert isinstance(match, Match | Unmatched)
    if isinstance(match, Match):
        spelt = match.route.path
        for name, value in match.parameters.items():
            spelt = spelt.replace(f"{{{name}+}}", value).replace(f"{{{name}}}", value)
        assert spelt.strip("/") == match.path.strip("/")

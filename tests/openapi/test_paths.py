"""Paths that API Gateway refuses, alone or together, and what becomes of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from openapi.converting import of_document, operation, routes, told

BY_PATHS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("/",), ("/",)),
    (("/a/", "/a"), ("/a",)),
    (("//a//b",), ("/a/b",)),
    (("/{a}", "/{b}/c"), ("/{a}", "/{a}/c")),
    (("/{a}/{b}", "/{b}/{a}"), ("/{a}/{b}",)),
    (("/{a}/{b}", "/{b}/x/{a}"), ("/{a}/{b}", "/{a}/x/{a2}")),
    (("/{id}/a/{x}", "/other/{id}"), ("/{id}/a/{x}", "/other/{id}")),
    (("/{a}", "/{all+}"), ("/{all+}",)),
    (("/f/{name}/raw", "/f/{path+}", "/f/list"), ("/f/{path+}", "/f/list")),
    (("/{path+}/tail",), ("/{path+}",)),
    (("/x/{name}.png", "/x/{id}"), ("/x/{name}",)),
    (("/from-{a}-to-{b}",), ("/{a}",)),
    (("/@me",), ("/{me}",)),
    (("/日本",), ("/{segment}",)),
    (("/{größe}",), ("/{gre}",)),
    (("/a:b,c.d_e-f",), ("/a:b,c.d_e-f",)),
)


def test_paths_become_those_that_can_be_imported_together() -> None:
    for paths, fitted in BY_PATHS:
        conversion = of_document({path: {"get": {}} for path in paths})
        assert (paths, tuple(conversion.definition["paths"])) == (paths, fitted)
        assert (paths, conversion.problems) == (paths, ())


def test_a_parameter_keeps_what_is_said_of_it_under_its_new_name() -> None:
    parameter = {"name": "b", "in": "path", "description": "The thing", "schema": {"type": "integer"}}
    conversion = of_document({"/{a}": {"get": {}}, "/{b}/c": {"get": {"parameters": [parameter]}}})
    assert operation(conversion, "get", "/{a}/c")["parameters"] == [
        {"name": "a", "in": "path", "required": True, "description": "The thing", "schema": {"type": "integer"}}
    ]
    assert told(conversion) == {("GET /{b}/c", "the path, now /{a}/c")}


def test_merged_routes_stream_if_one_of_them_does_and_are_known_by_all_names() -> None:
    paths: dict[str, Any] = {"/f/{name}": {"get": {}}, "/f/{path+}": {"get": {}}}
    for name in ("GET /f/{name}", "GET /f/{path+}"):
        assert routes(of_document(paths, name)) == {"GET /f/{path+}": True}


def test_merged_routes_take_what_each_of_them_takes() -> None:
    picture: dict[str, Any] = {"post": {"requestBody": {"content": {"image/png": {}}}}}
    conversion = of_document({"/f/{name}": {"post": {}}, "/f/{path+}": picture})
    assert conversion.definition["x-amazon-apigateway-binary-media-types"] == ["image/png"]


def test_of_merged_routes_the_tag_of_one_that_streams_stays() -> None:
    tags = ({"x-samstream-streaming": False}, {"x-samstream-streaming": {"TimeoutInMillis": 60000}})
    for first, second in (tags, tags[::-1]):
        conversion = of_document({"/f/{name}": {"get": first}, "/f/{path+}": {"get": second}})
        assert routes(conversion) == {"GET /f/{path+}": True}
        tag = operation(conversion, "get", "/f/{path+}")["x-samstream-streaming"]
        assert tag == {"TimeoutInMillis": 60000}


@given(
    st.lists(
        st.lists(
            st.sampled_from(("", "a", "b", "{x}", "{y}", "{z+}", "{x}.png", "@", "{}", "{x}{y}", "{+}", "..", "{x+}+")),
            max_size=4,
        ).map(lambda parts: "/" + "/".join(parts)),
        min_size=1,
        max_size=8,
    )
)
def test_any_paths_become_paths_that_can_be_imported_and_no_route_is_lost(paths: list[str]) -> None:
    conversion = of_document({path: {"get": {}} for path in paths})
    assert conversion.problems == ()
    names = [name for endpoint in conversion.endpoints for name in endpoint.names]
    assert sorted(names) == sorted({f"GET {path}" for path in paths})

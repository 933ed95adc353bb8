"""Apps of many kinds: what API Gateway gets of each, and what is told to be missing."""

import pytest

from openapi.converting import EVERY_APP, FASTAPI_APPS, converted, invalid, keys, models, operation, read, routes, told
from samstream_cli.openapi.changes import Changes
from samstream_cli.openapi.conversion import convert
from samstream_cli.openapi.integrations import Wiring
from samstream_cli.openapi.lowering import lower
from samstream_cli.writing import to_yaml


@pytest.mark.parametrize("name", EVERY_APP)
def test_every_app_becomes_a_definition_that_is_openapi_3_0_and_can_be_imported(name: str) -> None:
    for conversion in (
        converted(name),
        converted(name, with_models=False),
        converted(name, hidden=True),
        converted(name, Wiring("App", resolved=True, cors="https://example.com")),
    ):
        refused = [problem for problem in conversion.problems if not problem.rule.is_quota]
        assert (invalid(conversion.definition), refused) == ([], [])


@pytest.mark.parametrize("name", EVERY_APP)
def test_every_app_gives_the_same_bytes_each_time(name: str) -> None:
    again = convert(read(name), Wiring("App"))
    assert to_yaml(again.definition) == to_yaml(converted(name).definition)


@pytest.mark.parametrize("name", FASTAPI_APPS)
def test_the_schemas_of_the_first_stage_are_openapi_3_0_too(name: str) -> None:
    lowered = lower(read(name).document, Changes(), Changes())
    schemas = {"schemas": lowered["components"]["schemas"]}
    assert invalid({"openapi": "3.0.1", "info": lowered["info"], "paths": {}, "components": schemas}) == []


def test_forms_and_files_keep_their_models_and_arrive_whole() -> None:
    conversion = converted("forms")
    assert operation(conversion, "post", "/login")["requestBody"] == {
        "content": {
            "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/BodyLoginLoginPost"}}
        },
        "required": True,
    }
    assert models(conversion)["BodyUploadUploadPost"]["properties"] == {
        "file": {"format": "binary", "type": "string", "title": "File"},
        "note": {"type": "string", "title": "Note"},
    }
    assert conversion.definition["x-amazon-apigateway-binary-media-types"] == ["multipart/form-data"]


def test_unions_lose_what_models_can_not_say_and_it_is_told() -> None:
    conversion = converted("unions")
    assert models(conversion)["Owner"]["properties"] == {
        "pet": {"title": "Pet"},
        "first": {"$ref": "#/components/schemas/Cat"},
        "size": {"anyOf": [{"type": "integer"}, {"type": "string"}], "title": "Size"},
        "place": {"type": "array", "items": {"type": "number"}, "maxItems": 2, "minItems": 2, "title": "Place"},
    }
    assert models(conversion)["Cat"]["properties"] == {
        "kind": {"type": "string", "title": "Kind", "enum": ["cat"]},
        "lives": {"type": "integer", "title": "Lives", "minimum": 0, "maximum": 10},
    }
    assert told(conversion) >= {
        ("Owner.pet", "discriminator"),
        ("Owner.pet", "oneOf"),
        ("Owner.place", "the order in prefixItems"),
        ("Cat.lives", "exclusiveMinimum"),
        ("Cat.lives", "exclusiveMaximum"),
        ("Cat.lives", "default"),
        ("Owner.first", "nullable"),
    }


def test_without_models_nothing_is_told_of_schemas_and_none_is_left() -> None:
    conversion = converted("unions", with_models=False)
    assert {place for place, _ in told(conversion)} == {"/docs", "/docs/oauth2-redirect", "/openapi.json", "/redoc"}
    assert {"components", "content", "$ref"}.isdisjoint(keys(conversion.definition))


def test_enumerations_stay() -> None:
    conversion = converted("enums")
    assert models(conversion)["Colour"] == {"type": "string", "enum": ["red", "blue"], "title": "Colour"}
    assert models(conversion)["Paint"]["properties"] == {
        "colour": {"$ref": "#/components/schemas/Colour"},
        "level": {"$ref": "#/components/schemas/Level"},
    }
    assert operation(conversion, "post", "/paint/{colour}")["parameters"] == [
        {"name": "colour", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "level", "in": "query", "schema": {"type": "string"}},
    ]


def test_nested_models_are_named_by_letters_and_digits_and_lead_in_no_circle() -> None:
    conversion = converted("nested")
    assert set(models(conversion)) == {
        "HTTPValidationError",
        "ItemInput",
        "ItemOutput",
        "PageItem",
        "ResponsePlantTreesPost",
        "TreeInput",
        "TreeOutput",
        "ValidationError",
    }
    assert models(conversion)["PageItem"]["properties"]["items"] == {
        "items": {"$ref": "#/components/schemas/ItemOutput"},
        "type": "array",
        "title": "Items",
    }
    assert models(conversion)["TreeInput"]["properties"]["children"] == {
        "items": {"type": "object"},
        "type": "array",
        "title": "Children",
    }
    assert ("TreeInput", "$ref to TreeInput") in told(conversion)


def test_websockets_are_left_out_with_a_word() -> None:
    conversion = converted("websockets")
    assert (routes(conversion), told(conversion)) == ({"GET /rooms": False}, {("/talk/{room}", "the WebSocket")})


def test_mounted_apps_and_files_are_behind_a_proxy_route() -> None:
    conversion = converted("mounted")
    assert routes(conversion) == {
        "GET /api/v1/items/{item_id}": False,
        "ANY /inner": True,
        "ANY /inner/{proxy+}": True,
        "ANY /files": False,
        "ANY /files/{proxy+}": False,
    }
    assert conversion.endpoints[1].streams == "GET /words below it streams"


def test_parameters_say_what_api_gateway_reads_of_them() -> None:
    conversion = converted("dependencies")
    assert operation(conversion, "get", "/search")["parameters"] == [
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        {"name": "words", "in": "query", "schema": {"type": "string"}},
        {"name": "user-agent", "in": "header", "schema": {"type": "string"}},
    ]
    assert told(conversion) >= {
        ("GET /search", "the cookie parameter session_id"),
        ("GET /search", "the parameter sort[by]"),
    }


def test_what_is_deprecated_or_of_no_use_to_api_gateway_is_listed() -> None:
    conversion = converted("deprecated")
    assert told(conversion) >= {
        ("GET /old", "deprecated"),
        ("GET /old", "tags"),
        ("POST /events", "callbacks"),
        ("POST /both", "operationId both"),
        ("the document", "servers"),
        ("the document", "tags"),
        ("the document", "webhooks"),
        ("info", "summary"),
        ("info.license", "identifier"),
    }
    assert conversion.definition["info"] == {"title": "Deprecated", "version": "0.1.0"}
    assert set(routes(conversion)) == {"GET /old", "GET /both", "POST /both", "POST /events"}


def test_responses_have_numbers_and_models_and_every_method_but_trace_stays() -> None:
    conversion = converted("responses")
    assert operation(conversion, "get", "/thing")["responses"] == {
        "200": {"description": "Successful Response"},
        "404": {
            "description": "None",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    }
    assert operation(conversion, "delete", "/thing")["responses"] == {"204": {"description": "Successful Response"}}
    assert set(conversion.definition["paths"]["/thing"]) == {"get", "delete", "head", "options"}
    assert told(conversion) >= {
        ("GET /thing", "the response 4XX"),
        ("GET /thing", "the response default"),
        ("TRACE /thing", "the operation"),
        ("/docs", "the route"),
    }


def test_routes_that_stream_are_found_and_say_why() -> None:
    conversion = converted("streaming")
    assert {endpoint.path: endpoint.streams for endpoint in conversion.endpoints} == {
        "/class": "its response class is StreamingResponse",
        "/events": "its response class is EventSourceResponse",
        "/annotated": "it returns StreamingResponse",
        "/unannotated": "its code makes a StreamingResponse",
        "/aliased": "its code makes a Stream",
        "/other": "its code makes a OtherEventSourceResponse",
        "/lines": "it yields its answer",
        "/marked": "its operation says x-samstream-streaming",
        "/unmarked": None,
        "/plain": None,
    }
    tags = {path: item["get"].get("x-samstream-streaming") for path, item in conversion.definition["paths"].items()}
    assert (tags["/class"], tags["/marked"], tags["/unmarked"], tags["/plain"]) == (
        True,
        {"TimeoutInMillis": 60_000},
        False,
        None,
    )


def test_paths_are_fitted_together_and_merged() -> None:
    assert set(routes(converted("paths"))) == {
        "GET /",
        "GET /ping",
        "GET /items",
        "GET /items/{item_id}",
        "GET /items/{item_id}/parts/{part}",
        "GET /files/{path+}",
        "GET /raw/{path+}",
        "GET /images/{name}",
        "GET /users/{me}",
        "GET /{a}/and/{b}",
        "GET /{a}/{gre}",
        "GET /actions/{id}",
        "GET /v1.0/a-b_c,d:e",
    }


def test_security_is_the_apps_own() -> None:
    conversion = converted("security")
    assert told(conversion) == {
        ("the document", "securitySchemes"),
        ("GET /me", "security"),
        ("GET /key", "security"),
    }


def test_an_app_of_200_routes_is_converted_whole() -> None:
    conversion = converted("large")
    assert len(conversion.definition["paths"]) == 200
    assert len(models(conversion)) == 202
    assert [problem.rule.name for problem in conversion.problems] == ["resources"]
    assert all(routes(conversion).values())


def test_a_starlette_app_without_a_document_has_its_routes() -> None:
    conversion = converted("plain")
    assert routes(conversion) == {
        "GET /stream": True,
        "HEAD /stream": True,
        "ANY /thing/{path+}": False,
        "ANY /below": True,
        "ANY /below/{proxy+}": True,
    }
    assert told(conversion) == {("the app", "a Host route")}


def test_a_route_of_the_document_is_not_taken_for_another_one_of_the_app() -> None:
    names = [name for endpoint in converted("paths").endpoints for name in endpoint.names]
    assert len(names) == len(set(names)) == 16


def test_hidden_routes_come_in_if_asked_for() -> None:
    added = routes(converted("responses", hidden=True)).keys() - routes(converted("responses")).keys()
    assert added == {
        f"{method} {path}"
        for method in ("GET", "HEAD")
        for path in ("/docs", "/docs/oauth2-redirect", "/openapi.json", "/redoc")
    }

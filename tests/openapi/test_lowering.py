"""Documents of OpenAPI 3.1 whose operations stand for themselves."""

from typing import Any

import pytest

from openapi.converting import of_document, operation, routes, told


def test_references_to_anything_but_schemas_are_written_out() -> None:
    conversion = of_document(
        {
            "/things/{id}": {
                "parameters": [{"$ref": "#/components/parameters/Id"}, {"name": "q", "in": "query", "schema": 1}],
                "post": {
                    "parameters": [{"name": "q", "in": "query", "description": "own"}],
                    "requestBody": {"$ref": "#/components/requestBodies/Thing"},
                    "responses": {"200": {"$ref": "#/components/responses/Thing"}},
                },
            },
            "/other": {"$ref": "#/components/pathItems/Other"},
        },
        components={
            "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}},
            "requestBodies": {"Thing": {"content": {"text/plain; charset=utf-8": {"schema": {"type": "string"}}}}},
            "responses": {"Thing": {"description": "A thing"}},
            "pathItems": {"Other": {"get": {"responses": {"200": {"description": "Other"}}}}},
        },
    )  # fmt: skip
    assert operation(conversion, "post", "/things/{id}") == {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
            {"name": "q", "in": "query", "description": "own", "schema": {"type": "string"}},
        ],
        "requestBody": {"content": {"text/plain": {"schema": {"$ref": "#/components/schemas/POSTThingsIdRequest"}}}},
        "responses": {"200": {"description": "A thing"}},
    }
    assert routes(conversion) == {"POST /things/{id}": False, "GET /other": False}


def test_a_reference_that_leads_nowhere_or_in_a_circle_is_told() -> None:
    circle = {"$ref": "#/components/responses/A"}
    conversion = of_document(
        {"/": {"get": {"responses": {"200": circle, "404": {"$ref": "other.yaml#/Gone"}, "500": {"$ref": "#/gone"}}}}},
        components={"responses": {"A": circle}},
    )
    assert told(conversion) == {
        ("GET /", "$ref #/components/responses/A"),
        ("GET /", "$ref other.yaml#/Gone"),
        ("GET /", "$ref #/gone"),
    }


def test_media_types_that_are_written_bit_by_bit_show_that_a_route_streams() -> None:
    answer = {"description": "", "content": {"Text/Event-Stream; charset=utf-8": {}}}
    conversion = of_document({"/events": {"get": {"responses": {"200": answer}}}, "/": {"get": {}}})
    assert routes(conversion) == {"GET /events": True, "GET /": False}


def test_a_document_of_nonsense_gets_an_answer() -> None:
    nonsense: tuple[Any, ...] = (None, 1, "text", [], {}, True)
    for value in nonsense:
        for paths in (value, {"/a": value}, {"/a": {"get": value}}, {"a": value, "x-b": value}):
            of_document(paths)
        for key in ("parameters", "requestBody", "responses", "tags", "summary", "operationId", "security"):
            of_document({"/a": {"get": {key: value}}})
        for schema in (
            value,
            {"properties": value},
            {"allOf": value},
            {"anyOf": [value]},
            {"type": value},
            {"$ref": value},
        ):
            body = {"content": {"application/json": {"schema": schema}}}
            of_document({"/a": {"post": {"requestBody": body}}}, components={"schemas": {"A": schema}})
        of_document({}, components=value, servers=value, info=value)
        of_document({"/a": {"get": {"parameters": [value], "responses": {"200": value}}}})


def test_a_parameter_that_stands_twice_is_one_and_odd_ones_are_no_harm() -> None:
    twice = [{"name": "q", "in": "query", "description": text} for text in ("first", "last")]
    odd = [{"name": ["q"], "in": "query"}, {"name": "z", "in": ["query"]}, None, 1]
    conversion = of_document({"/": {"get": {"parameters": [*twice, *odd]}}})
    assert operation(conversion, "get", "/")["parameters"] == [
        {"name": "q", "in": "query", "description": "last", "schema": {"type": "string"}}
    ]


def test_what_a_document_says_to_api_gateway_itself_is_told_when_it_goes() -> None:
    own: dict[str, Any] = {"x-amazon-apigateway-policy": {"Statement": []}}
    operations = {"get": {"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-other": 1}}
    assert told(of_document({"/": operations}, **own)) == {
        ("the document", "x-amazon-apigateway-policy"),
        ("GET /", "x-amazon-apigateway-auth"),
    }


@pytest.mark.parametrize(
    ("tag", "streams"),
    [(False, False), ("false", False), ({"Enabled": False}, False), ({"Enabled": "true"}, True), ({}, False),
     (None, False), ({"TimeoutInMillis": 1000}, True), ({"Enabled": {"Ref": "Stage"}}, True)],
)  # fmt: skip
def test_a_tag_streams_unless_it_says_no(tag: Any, streams: bool) -> None:
    assert routes(of_document({"/": {"get": {"x-samstream-streaming": tag}}})) == {"GET /": streams}

"""Models that API Gateway takes."""

from typing import Any

from openapi.converting import invalid, models, of_document, told
from samstream_cli.openapi.conversion import Conversion


def with_models(schema: Any, **schemas: Any) -> Conversion:
    body = {"content": {"application/json": {"schema": schema}}}
    return of_document({"/": {"post": {"requestBody": body}}}, components={"schemas": schemas})


def test_only_models_that_are_asked_for_stay() -> None:
    conversion = with_models({"$ref": "#/components/schemas/A"}, A={"type": "object"}, B={"type": "object"})
    assert models(conversion) == {"A": {"type": "object"}}


def test_names_of_letters_and_digits_never_collide() -> None:
    names = ("Page[Item]", "Page-Item", "PageItem", "Body_post", "größe", "日本")
    schemas = {name: {"title": name} for name in names}
    properties = {str(number): {"$ref": f"#/components/schemas/{name}"} for number, name in enumerate(names)}
    conversion = with_models({"title": "All", "properties": properties}, **schemas)
    assert [(name, model["title"]) for name, model in models(conversion).items()] == [
        ("All", "All"),
        ("BodyPost", "Body_post"),
        ("GrE", "größe"),
        ("Model", "日本"),
        ("PageItem", "Page[Item]"),
        ("PageItem2", "Page-Item"),
        ("PageItem3", "PageItem"),
    ]


def test_a_reference_is_read_with_its_escapes_and_one_that_leads_nowhere_is_told() -> None:
    conversion = with_models(
        {"properties": {"a": {"$ref": "#/components/schemas/A~1B%5BC%5D"}, "b": {"$ref": "#/components/schemas/Gone"}}},
        **{"A/B[C]": {"type": "string"}},
    )
    assert models(conversion) == {
        "ABC": {"type": "string"},
        "POSTRequest": {"properties": {"a": {"$ref": "#/components/schemas/ABC"}, "b": {}}},
    }
    assert told(conversion) == {("POST / request.b", "$ref #/components/schemas/Gone")}


def test_circles_are_cut_however_long_they_are() -> None:
    end = {"$ref": "#/components/schemas/D"}
    chain = {
        name: {"properties": {"next": {"$ref": f"#/components/schemas/{after}"}, "end": end}}
        for name, after in zip("ABC", "BCA", strict=True)
    }
    conversion = with_models({"$ref": "#/components/schemas/A"}, **chain, D={"type": "string"})
    model = {"properties": {"next": {"type": "object"}, "end": end}}
    assert models(conversion)["A"] == model
    assert conversion.problems == ()


def test_what_cloudformation_would_take_for_its_own_is_left_out() -> None:
    conversion = of_document(
        {"/": {"get": {"summary": "{{resolve:ssm:a}}", "description": "fine"}}},
        info={"title": "{{resolve:ssm:b}}", "version": "1"},
    )
    assert conversion.definition["info"] == {"title": "API", "version": "1"}
    assert told(conversion) == {("GET /", "summary"), ("info", "title")}
    conversion = with_models(
        {"properties": {"Ref": {}, "Fn::Sub": {}, "x": {"enum": ["{{resolve:ssm:c}}"], "type": "string"}}}
    )
    assert models(conversion) == {"POSTRequest": {"properties": {"x": {"type": "string"}}}}
    assert told(conversion) == {
        ("POST / request.Ref", "the property"),
        ("POST / request.Fn::Sub", "the property"),
        ("POST / request.x", "enum"),
    }


def test_draft_4_has_no_empty_lists() -> None:
    conversion = with_models({"type": "object", "required": [], "enum": [], "allOf": [], "anyOf": []})
    assert (models(conversion), invalid(conversion.definition)) == ({"POSTRequest": {"type": "object"}}, [])


def test_what_stands_beside_a_reference_is_told() -> None:
    schema = {"allOf": [{"$ref": "#/components/schemas/A"}], "description": "mine", "nullable": True}
    conversion = with_models({"type": "array", "items": schema}, A={"type": "string"})
    assert models(conversion)["POSTRequest"] == {"type": "array", "items": {"$ref": "#/components/schemas/A"}}
    assert told(conversion) == {("POST / request[]", "description"), ("POST / request[]", "nullable")}


def test_no_model_refuses_more_than_its_schema_because_of_what_it_lost() -> None:
    text = {"type": "string"}
    kept = {"not": text, "oneOf": [text, {"type": "integer"}]}
    above, below = {"minimum": 0, "exclusiveMinimum": True}, {"maximum": 0}
    conversion = with_models(
        {"properties": {"a": kept, "b": {"not": above}, "c": {"oneOf": [above, below]}, "d": {"not": {"$ref": "#"}}}}
    )
    assert models(conversion)["POSTRequest"] == {"properties": {"a": kept, "b": {}, "c": {}, "d": {}}}
    assert {("POST / request.b", "not"), ("POST / request.c", "oneOf"), ("POST / request.d", "not")} <= told(conversion)


def test_no_value_and_no_name_is_taken_for_cloudformations() -> None:
    conversion = with_models(
        {"enum": [{"a": {"Ref": "b"}}], "title": "M", "properties": {"{{resolve:ssm:x}}": {}, "a": {}}}
    )
    assert (models(conversion), conversion.problems) == ({"M": {"title": "M", "properties": {"a": {}}}}, ())


def test_a_version_that_cloudformation_would_replace_leaves_a_valid_document() -> None:
    conversion = of_document({"/": {"get": {}}}, info={"title": "{{resolve:ssm:a}}", "version": "{{resolve:ssm:b}}"})
    assert conversion.definition["info"] == {"title": "API", "version": "0"}

"""The rules of an import: each finds what it is for, and has a source."""

import copy
from typing import Any

import pytest

from samstream_cli.openapi.importing import IMPORT_RULES, check_import

GOOD: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "Good", "version": "1"},
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "get",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    }
                },
                "x-amazon-apigateway-integration": {"type": "aws_proxy"},
            }
        }
    },
    "components": {"schemas": {"Thing": {"type": "object", "properties": {"name": {"type": "string"}}}}},
}
OPERATION: dict[str, Any] = {"responses": {}, "x-amazon-apigateway-integration": {}}

THING = ("components", "schemas", "Thing")
GET = ("paths", "/things/{id}", "get")

BAD: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    ("version", ("openapi",), "3.1.0"),
    ("segments", ("paths", "/@me"), {"get": OPERATION}),
    ("segments", ("paths", "/a/b c"), {"get": OPERATION}),
    ("empty segments", ("paths", "/a/"), {"get": OPERATION}),
    ("empty segments", ("paths", "/a//b"), {"get": OPERATION}),
    ("methods", ("paths", "/a"), {"trace": OPERATION}),
    ("no routes", ("paths",), {"/a": {}}),
    ("integrations", ("paths", "/a"), {"get": {"responses": {}}}),
    ("model names", ("components", "schemas", "Thing-Input"), {"type": "object"}),
    ("keywords", (*THING, "nullable"), True),
    ("keywords", (*THING, "properties", "name", "default"), "x"),
    ("keywords", (*THING, "properties", "name", "format"), "int32"),
    ("combined references", (*THING, "anyOf"), [{"items": {"$ref": "#/components/schemas/Other"}}]),
    ("references", (*THING, "items"), {"$ref": "other.yaml#/Thing"}),
    ("circles", (*THING, "items"), {"$ref": "#/components/schemas/Thing"}),
    ("parameters", (*GET, "parameters", "0", "schema"), {"type": "string", "maxLength": 3}),
    ("parameters", (*GET, "parameters", "0", "example"), "x"),
    ("path parameters", (*GET, "parameters", "0", "name"), "other"),
    ("statuses", (*GET, "responses", "default"), {"description": ""}),
    ("statuses", (*GET, "responses", "4XX"), {"description": ""}),
    ("contents", (*GET, "responses", "404"), {"$ref": "#/components/responses/Gone"}),
    ("contents", (*GET, "requestBody"), {"content": {"text/plain": {"schema": {"type": "string"}}}}),
    ("operation ids", ("paths", "/a"), {"get": {**OPERATION, "operationId": "get"}}),
    ("foreign keys", ("servers",), [{"url": "/"}]),
    ("foreign keys", ("components", "securitySchemes"), {}),
    ("foreign keys", (*GET, "security"), []),
    ("functions", (*THING, "properties", "Ref"), {"type": "string"}),
    ("dynamic references", (*GET, "summary"), "{{resolve:ssm:secret}}"),
    ("resources", ("paths",), {f"/a{number}": {"get": OPERATION} for number in range(300)}),
    ("size", ("info", "description"), "x" * 1_000_000),
    ("health checks", ("paths", "/ping"), {"get": OPERATION}),
)

VARIABLES = {
    "greedy parameters": ("/{all+}/more", "/other"),
    "siblings": ("/{one}/a", "/{two}/b"),
}


def with_value(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    definition = copy.deepcopy(GOOD)
    node: Any = definition
    for key in place[:-1]:
        node = node[int(key)] if isinstance(node, list) else node[key]
    node[place[-1]] = value
    return definition


def found(definition: dict[str, Any]) -> set[str]:
    return {problem.rule.name for problem in check_import(definition)}


def test_nothing_is_wrong_with_a_good_definition() -> None:
    assert check_import(GOOD) == []


@pytest.mark.parametrize(("rule", "place", "value"), BAD)
def test_a_rule_finds_what_it_is_for(rule: str, place: tuple[str, ...], value: Any) -> None:
    assert rule in found(with_value(place, value))


@pytest.mark.parametrize(("rule", "paths"), VARIABLES.items())
def test_a_rule_finds_variables_that_can_not_be(rule: str, paths: tuple[str, str]) -> None:
    assert rule in found({**GOOD, "paths": {path: {"get": OPERATION} for path in paths}})


def test_300_resources_with_the_root_are_no_problem() -> None:
    assert found({**GOOD, "paths": {f"/a{number}": {"get": OPERATION} for number in range(299)}}) == set()


def test_every_rule_has_a_test_a_name_of_its_own_and_a_source() -> None:
    names = [rule.name for rule in IMPORT_RULES]
    assert set(names) == {rule for rule, _, _ in BAD} | VARIABLES.keys()
    assert len(set(names)) == len(names)
    assert all(rule.source.startswith("https://") for rule in IMPORT_RULES)

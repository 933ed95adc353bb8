"""W404: API Gateway doesn't compress streams."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, findings, look, operation, streamed
from samstream.findings import Finding

STREAMED = {"/chat": {"post": operation(streamed())}}
PLACE = ("Resources", "Api", "Properties")
SIZE, EXTENSION = "MinimumCompressionSize", "x-amazon-apigateway-minimum-compression-size"


def told(name: str, *place: str | int) -> Finding:
    message = (
        f"Api: API Gateway doesn't compress streams. Remove {name}, or give the routes that stream an API of their own."
    )
    return Finding("W404", "Api", (*PLACE, *place), message)


def fragment(paths: Any = None, size: Any = None, extension: Any = None) -> dict[str, Any]:
    made = app(STREAMED if paths is None else paths)
    properties = made["Resources"]["Api"]["Properties"]
    if size is not None:
        properties[SIZE] = size
    if extension is not None:
        properties["Body"][EXTENSION] = extension
    return {**made, "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}}


def check(stage: str = "prod", **settings: Any) -> list[Finding]:
    return look(fragment(**settings), parameters={"Stage": stage})


@pytest.mark.parametrize("size", [0, 1024, "0", {"Ref": "Size"}])
def test_a_size_is_told_wherever_it_is_written(size: Any) -> None:
    assert check(size=size) == [told(SIZE, SIZE)]
    assert check(extension=size) == [told(EXTENSION, "Body", EXTENSION)]
    assert check(size=size, extension=size) == [told(SIZE, SIZE), told(EXTENSION, "Body", EXTENSION)]


def test_no_value_is_no_size() -> None:
    assert check(size=NO_VALUE, extension=NO_VALUE) == []


def test_a_size_by_a_condition_is_told_where_it_is_taken() -> None:
    choice = {"Fn::If": ["Prod", 1024, NO_VALUE]}
    assert check(size=choice) == [told(SIZE, SIZE, "Fn::If", 1)]
    assert check("test", size=choice) == []


def test_a_body_by_a_condition_is_told_where_it_is_taken() -> None:
    made = fragment(extension=0)
    properties = made["Resources"]["Api"]["Properties"]
    plain = {key: value for key, value in properties["Body"].items() if key != EXTENSION}
    properties["Body"] = {"Fn::If": ["Prod", properties["Body"], plain]}
    expected = told(EXTENSION, "Body", "Fn::If", 1, EXTENSION)
    assert look(made, parameters={"Stage": "prod"}) == [expected]
    assert look(made, parameters={"Stage": "test"}) == []


def test_a_tagged_api_is_told_and_a_buffered_one_is_not() -> None:
    made = fragment({"/chat": {"post": operation()}}, size=0)
    assert findings(made, {"Routes": "POST /chat"}) == [told(SIZE, SIZE)]
    assert look(made) == []

"""Local paths become addresses that SAM takes, and what is none stays."""

import copy
from typing import Any

import pytest

from samstream_cli.placeholders import replace_local_paths


def replaced(template: dict[str, Any]) -> dict[str, Any]:
    own = copy.deepcopy(template)
    replace_local_paths(own)
    return own


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"R": {"Type": f"AWS::Serverless::{kind}", "Properties": properties}}}


LOCAL = {
    "src/": "s3://not-uploaded-yet/src",
    "./src": "s3://not-uploaded-yet/./src",
    "../a b": "s3://not-uploaded-yet/../a%20b",
    ".": "s3://not-uploaded-yet/.",
    "": "s3://not-uploaded-yet/.",
}


@pytest.mark.parametrize("path", LOCAL)
def test_a_local_path_becomes_an_address(path: str) -> None:
    assert replaced(resource("Function", CodeUri=path)) == resource("Function", CodeUri=LOCAL[path])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("Api", "DefinitionUri"), ("HttpApi", "DefinitionUri"), ("StateMachine", "DefinitionUri")),
        *(("LayerVersion", "ContentUri"), ("Function", "CodeUri"), ("WebFunction", "CodeUri")),
    ],
)
def test_every_resource_with_uploads_is_known(kind: str, name: str) -> None:
    assert replaced(resource(kind, **{name: "x"})) == resource(kind, **{name: "s3://not-uploaded-yet/x"})


@pytest.mark.parametrize("uri", ["s3://bucket/key", {"Bucket": "b", "Key": "k"}, {"Ref": "Uri"}, "https://b/k"])
def test_what_is_no_path_stays(uri: Any) -> None:
    assert replaced(resource("Function", CodeUri=uri)) == resource("Function", CodeUri=uri)


def test_the_default_of_all_functions_is_replaced_too() -> None:
    template = {"Globals": {"Function": {"CodeUri": "src"}}, **resource("Function", Handler="a.b")}
    assert replaced(template) == {**template, "Globals": {"Function": {"CodeUri": "s3://not-uploaded-yet/src"}}}


def test_a_function_without_code_gets_what_sam_package_uploads() -> None:
    assert replaced(resource("Function")) == resource("Function", CodeUri="s3://not-uploaded-yet/.")
    inline = resource("Function", InlineCode="x")
    assert replaced(inline) == inline


def test_an_image_that_sam_build_makes_gets_an_address() -> None:
    template = resource("Function", PackageType="Image")
    assert replaced(template) == template
    template["Resources"]["R"]["Metadata"] = {"Dockerfile": "Dockerfile"}
    image = replaced(template)["Resources"]["R"]["Properties"]["ImageUri"]
    assert image == "123456789012.dkr.ecr.us-east-1.amazonaws.com/not-uploaded-yet:latest"


def test_an_application_of_the_repository_is_not_asked_for() -> None:
    template = resource("Application", Location={"ApplicationId": "arn:x", "SemanticVersion": "1.0.0"})
    expected = resource("Application", Location="https://not-uploaded-yet.s3.amazonaws.com/application.yaml")
    assert replaced(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"R": None}},
        {"Resources": {"R": {"Type": ["AWS::Serverless::Function"]}}},
        {"Resources": {"Fn::ForEach::L": ["X", ["A"], {}]}},
        {"Resources": {"R": {"Type": "AWS::Serverless::Function", "Properties": "x"}}},
        {"Resources": [], "Globals": []},
        {"Globals": {"Function": None}},
    ],
)
def test_what_is_malformed_is_left_to_sam(template: dict[str, Any]) -> None:
    assert replaced(template) == template

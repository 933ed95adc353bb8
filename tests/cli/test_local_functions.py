"""The functions behind routes, as this machine starts them."""

from pathlib import Path
from typing import Any

import pytest

from macro.samples import app, stack
from samstream.options import Options
from samstream.transform import inspect
from samstream_cli.local.functions import Specs, specs_of
from samstream_cli.local.launch import FunctionSpec

LAYER = "arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerArm64:30"


def specs(tmp_path: Path, source: Any = None, /, **properties: Any) -> Specs:
    """Of the one function Chat; `source` is what the template said of it before SAM, if that differs."""
    template = app()
    chat = template["Resources"]["Chat"]
    chat["Properties"] |= {"Handler": "index.handler", "Code": "src", **properties}
    chat["Properties"] = {name: value for name, value in chat["Properties"].items() if value is not None}
    written = template if source is None else {**source, "Resources": {**template["Resources"], **source["Resources"]}}
    plan, _ = inspect(template, Options(), stack({"Stage": "prod"}))
    return specs_of(plan, written, tmp_path, "eu-west-1", tmp_path / "scratch")


def spec(tmp_path: Path, source: Any = None, /, **properties: Any) -> FunctionSpec:
    (found,) = specs(tmp_path, source, **properties).functions
    return found


def test_a_function_has_what_its_template_says(tmp_path: Path) -> None:
    found = spec(tmp_path, Timeout=120, MemorySize="512", Layers=[LAYER, {"Ref": "Own"}], Runtime="python3.13")
    assert found == FunctionSpec(
        name="Chat",
        folder=tmp_path / "src",
        handler="index.handler",
        runtime="python3.13",
        timeout=120.0,
        memory=512,
        variables={},
        layers=[LAYER, "Own"],
        package="Zip",
        arn="arn:aws:lambda:eu-west-1:123456789012:function:Chat",
    )


def test_what_it_leaves_out_is_lambdas_default(tmp_path: Path) -> None:
    found = spec(tmp_path, Timeout=None, Handler=None, Runtime=None, PackageType="Image")
    assert (found.timeout, found.memory, found.handler, found.runtime, found.package) == (3.0, 128, "", "", "Image")


@pytest.mark.parametrize(
    ("globals_", "properties", "folder"),
    [
        ({}, {"CodeUri": "api/"}, "api"),
        ({}, {}, "."),
        ({"CodeUri": "shared"}, {}, "shared"),
        ({"CodeUri": "shared"}, {"CodeUri": "own"}, "own"),
    ],
)
def test_sam_code_is_where_the_source_says(tmp_path: Path, globals_: Any, properties: Any, folder: str) -> None:
    chat = {"Type": "AWS::Serverless::Function", "Properties": properties}
    source = {"Globals": {"Function": globals_}, "Resources": {"Chat": chat}}
    assert spec(tmp_path, source, Code={"S3Bucket": "b", "S3Key": "k"}).folder == tmp_path / folder


def test_the_code_of_a_loop_is_where_its_body_says(tmp_path: Path) -> None:
    body = {"Ch${Name}": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "looped"}}}
    source: Any = {"Resources": {"Fn::ForEach::Each": ["Name", ["at"], body]}}
    template = app()
    plan, _ = inspect(template, Options(), stack())
    assert [found.folder for found in specs_of(plan, source, tmp_path, "eu-west-1", tmp_path).functions] == [
        tmp_path / "looped"
    ]


def test_an_asset_of_cdk_is_a_folder_beside_the_template(tmp_path: Path) -> None:
    template = app()
    template["Resources"]["Chat"] |= {"Metadata": {"aws:asset:path": "asset.1"}}
    template["Resources"]["Chat"]["Properties"]["Code"] = {"S3Bucket": "b", "S3Key": "k"}
    plan, _ = inspect(template, Options(), stack())
    assert specs_of(plan, template, tmp_path, "eu-west-1", tmp_path).functions[0].folder == tmp_path / "asset.1"


@pytest.mark.parametrize(("runtime", "name"), [("nodejs22.x", "index.js"), ("python3.13", "index.py")])
def test_code_that_stands_in_the_template_is_written_out(tmp_path: Path, runtime: str, name: str) -> None:
    found = spec(tmp_path, Code={"ZipFile": "the code"}, Runtime=runtime)
    assert {path.name: path.read_text() for path in found.folder.iterdir()} == {name: "the code"}
    assert found.folder.is_relative_to(tmp_path / "scratch")


@pytest.mark.parametrize("code", [{"S3Bucket": "b", "S3Key": "k"}, "s3://bucket/key", None])
def test_code_of_elsewhere_is_told(tmp_path: Path, code: Any) -> None:
    missing = {"Chat": "the code of Chat is not on this machine. Point its CodeUri at a folder."}
    assert specs(tmp_path, Code=code) == Specs((), (), missing)


def test_a_variable_that_lambda_refuses_keeps_lambdas_own_value_and_is_told(tmp_path: Path) -> None:
    found = specs(tmp_path, Environment={"Variables": {"AWS_REGION": "x", "_HANDLER": "y", "OWN": "z"}})
    (note,) = found.notes
    assert found.functions[0].variables == {"OWN": "z"}
    assert note == (
        "Chat: Lambda sets AWS_REGION, _HANDLER itself, and a deployment with it among the Environment.Variables "
        "fails. Take it away; the function has Lambda's own here."
    )


def test_variables_are_resolved_and_what_only_a_deployment_knows_has_its_logical_id(tmp_path: Path) -> None:
    variables = {
        "STAGE": {"Ref": "Stage"},
        "ON": True,
        "COUNT": 3,
        "NONE": {"Ref": "AWS::NoValue"},
        "TABLE": {"Ref": "Table"},
        "QUEUE": {"Fn::GetAtt": ["Queue", "Arn"]},
        "URL": {"Fn::Sub": "https://${Api}.${AWS::Region}"},
    }
    found = specs(tmp_path, Environment={"Variables": variables})
    assert found.functions[0].variables == {
        "STAGE": "prod",
        "ON": "true",
        "COUNT": "3",
        "TABLE": "Table",
        "QUEUE": "Queue",
        "URL": "https://Api.eu-west-1",
    }
    (note,) = found.notes
    assert note == (
        "Chat: only a deployment knows what TABLE, QUEUE, URL hold; they name resources by their logical ids here. "
        "--env TABLE=VALUE sets one."
    )

"""SAM templates around definitions, through the macro, SAM's own translator and cfn-lint, and served locally."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.samples import call
from openapi.converting import APPS, EVERY_APP
from sam import deploy
from samstream_cli.yaml_loader import load_yaml
from tools import BIN, run


def made(capsys: Any, folder: Path, name: str, *options: str) -> Path:
    """The path of a template around an app of the folder of apps."""
    template = folder / "template.yaml"
    source = "plain:create" if name == "plain" else f"{name}:app"
    factory = ("--factory",) if name == "plain" else ()
    words = ("--function", "App", "--app-dir", str(APPS), "--template", str(template), *factory, *options)
    ran = call(capsys, "openapi", source, *words)
    assert ran.code == 0, ran.err
    return template


def deployed(template: Path) -> dict[str, Any]:
    """The resources of the template once its code is uploaded."""
    written = load_yaml(template.read_text())
    written["Resources"]["App"]["Properties"]["CodeUri"] = "s3://bucket/app.zip"
    resources: dict[str, Any] = deploy(written, {}).template["Resources"]
    return resources


@pytest.mark.parametrize("name", [name for name in EVERY_APP if name != "streaming"])
def test_a_template_around_any_app_is_clean(capsys: Any, tmp_path: Path, name: str) -> None:
    template = made(capsys, tmp_path, name, "--output", str(tmp_path / "openapi.yaml"), "--cors", "*")
    ran = call(capsys, "check", str(template), "--fail-on", "warning")
    assert (ran.code, ran.out) == (0, "No findings in 1 template.\n")


def test_a_route_whose_app_says_that_it_does_not_stream_is_told_by_check(capsys: Any, tmp_path: Path) -> None:
    ran = call(capsys, "check", str(made(capsys, tmp_path, "streaming")), "--format", "json")
    (checked,) = json.loads(ran.out)["templates"]
    assert [(finding["rule"], finding["resource"]) for finding in checked["findings"]] == [("E302", "Api")]


def test_every_route_of_a_template_is_permitted_and_streams_as_a_whole(capsys: Any, tmp_path: Path) -> None:
    resources = deployed(made(capsys, tmp_path, "mounted"))
    assert resources["AppPermission"]["Properties"] == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": "App"},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"},
    }
    assert resources["App"]["Properties"]["Environment"]["Variables"] == {
        "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
        "AWS_LWA_INVOKE_MODE": "response_stream",
    }
    modes = {
        (path, operation["x-amazon-apigateway-integration"].get("responseTransferMode"))
        for path, operations in resources["Api"]["Properties"]["Body"]["paths"].items()
        for operation in operations.values()
    }
    assert modes == {
        (path, "STREAM")
        for path in ("/api/v1/items/{item_id}", "/inner", "/inner/{proxy+}", "/files", "/files/{proxy+}")
    }


def test_without_the_macro_a_resolved_template_deploys_the_same(capsys: Any, tmp_path: Path) -> None:
    tagged = deployed(made(capsys, tmp_path, "mounted"))
    template = made(capsys, tmp_path, "mounted", "--resolved", "--force")
    resolved = deployed(template)
    assert load_yaml(template.read_text())["Transform"] == "AWS::Serverless-2016-10-31"
    assert (resolved["App"], resolved["Api"]) == (tagged["App"], tagged["Api"])


@pytest.mark.parametrize("options", [(), ("--resolved",), ("--cors", "*"), ("--no-models",)])
def test_cfn_lint_finds_nothing(capsys: Any, tmp_path: Path, options: tuple[str, ...]) -> None:
    template = made(capsys, tmp_path, "unions", *options)
    lint = run(BIN / "cfn-lint", "--template", template)
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_a_makefile_with_the_functions_target_builds_it(capsys: Any, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps({"openapi": "3.0.3", "paths": {"/": {"get": {}}}}))
    words = ("openapi", str(tmp_path / "openapi.json"), "--app-dir", str(tmp_path), "--template", "-", "--function")
    assert "note: the function starts" in call(capsys, *words, "App").err
    (tmp_path / "run.sh").touch()
    assert "note: the function starts" not in call(capsys, *words, "App").err
    (tmp_path / "Makefile").write_text("all:\nbuild-App:\n\ttrue\n")
    resources = [load_yaml(call(capsys, *words, name).out)["Resources"] for name in ("App", "Api")]
    assert [resource.get("Metadata") for resource in (resources[0]["App"], resources[1]["Api"])] == [
        {"BuildMethod": "makefile"},
        None,
    ]
    assert set(resources[1]) == {"Api", "ApiGateway", "ApiPermission"}

"""The verbs as users call them, against moto: the packaged template, the options, and what is refused."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
from moto import mock_aws

from samstream_cli.errors import ParameterError, SamstreamError, TemplateError, UsageError
from samstream_cli.install import install
from samstream_cli.status import status
from samstream_cli.uninstall import uninstall

from aws.running import TEXT  # isort: skip

HERE = ("--region", "eu-west-1")


@pytest.fixture
def moto() -> Iterator[None]:
    """An account of moto's, which skips the macro itself and says so."""
    with mock_aws(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tried to parse AWS::CloudFormation::Macro", UserWarning)
        yield


def verb(command: click.Command, *arguments: str) -> Any:
    return command.main([*arguments], standalone_mode=False)


@pytest.mark.usefixtures("moto")
def test_the_packaged_template_is_installed_found_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(install, *HERE, "--yes", "--tag", "team=chat") == 0
    assert "SamStream is installed in eu-west-1" in capsys.readouterr().out
    (function,) = boto3.client("lambda", "eu-west-1").list_functions()["Functions"]
    (group,) = boto3.client("logs", "eu-west-1").describe_log_groups()["logGroups"]
    (role,) = boto3.client("iam").list_roles()["Roles"]
    assert (function["Runtime"], function["Role"]) == ("python3.13", role["Arn"])
    assert group["logGroupName"] == "/samstream/SamStream"

    assert verb(install, *HERE, "--yes") == 0
    assert "Nothing to change: SamStream is in eu-west-1" in capsys.readouterr().out

    assert verb(status, *HERE, "--json") == 0
    (stack,) = json.loads(capsys.readouterr().out)["stacks"]
    assert (stack["stack"], stack["status"]) == ("samstream", "CREATE_COMPLETE")

    assert verb(uninstall, *HERE, "--yes") == 0
    assert capsys.readouterr().out.endswith("samstream is removed in eu-west-1.\n")
    assert boto3.client("lambda", "eu-west-1").list_functions()["Functions"] == []


@pytest.mark.usefixtures("moto")
def test_a_dry_run_against_moto_leaves_no_stack(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(install, *HERE, "--region", "us-east-1", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("Account 123456789012, as ")
    for region in ("eu-west-1", "us-east-1"):
        assert boto3.client("cloudformation", region).describe_stacks()["Stacks"] == []


@pytest.mark.usefixtures("moto")
def test_nothing_is_changed_where_nobody_can_be_asked() -> None:
    for command in (install, uninstall):
        with pytest.raises(UsageError, match="this isn't a terminal"):
            verb(command, *HERE)


def test_a_policy_is_printed_without_aws(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(install, *HERE, "--print-policy", "deployer", "--name", "SamStream-v2") == 0
    ran = capsys.readouterr()
    resource = "arn:aws:lambda:eu-west-1:ACCOUNT_ID:function:samstream-v2-MacroFunction-*"
    assert json.loads(ran.out)["Statement"][0]["Resource"] == [resource]
    assert ran.err == "Replace ACCOUNT_ID by the account's number.\n"


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (["--parameter", "LogLvel=INFO"], ParameterError, "the macro's template has no parameter LogLvel"),
        (["--parameter", "MacroName=Own"], UsageError, "--parameter MacroName is an option of its own"),
        (["--parameter", "Strict=maybe"], ParameterError, "parameter Strict: 'maybe' is not among the AllowedValues"),
        (["--name", "2nd"], ParameterError, "parameter MacroName: '2nd' doesn't match the AllowedPattern"),
        (["--tag", "team"], ParameterError, "--tag takes NAME=VALUE"),
        (["--template", "nowhere.yaml"], TemplateError, "nowhere.yaml: there is no such file"),
        (["--region", "Ireland"], UsageError, "'Ireland' from --region is no Region"),
    ],
)
def test_what_cant_be_installed_is_refused_before_anything_is_asked_of_aws(
    options: list[str], kind: type[SamstreamError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        verb(install, *HERE, "--yes", *options)
    assert caught.value.message.startswith(message)


def test_a_misspelt_parameter_gets_a_suggestion() -> None:
    with pytest.raises(ParameterError) as caught:
        verb(install, *HERE, "--yes", "--parameter", "LogLvel=INFO")
    assert caught.value.remedy.startswith("Did you mean LogLevel? It has ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Resources: {A: {Type: AWS::SNS::Topic}}",
            "own.yaml doesn't install samstream: it has no parameter MacroName",
        ),
        (TEXT + "#" * 51_200, "own.yaml has 51,"),
        ("[", "own.yaml:1:"),
    ],
)
def test_a_template_that_isnt_the_macros_is_refused(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text(text)
    with pytest.raises(TemplateError) as caught:
        verb(install, *HERE, "--yes", "--template", "own.yaml")
    assert caught.value.message.startswith(message)


@pytest.mark.usefixtures("moto")
def test_a_template_of_ones_own_is_installed(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("\n".join(line for line in TEXT.splitlines() if "MacroFunction:" not in line))
    assert verb(install, *HERE, "--yes", "--name", "Own", "--template", str(tmp_path / "own.yaml")) == 0
    (stack,) = boto3.client("cloudformation", "eu-west-1").describe_stacks()["Stacks"]
    assert stack["StackName"] == "own"

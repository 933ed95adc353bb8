import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from samstream_cli.errors import UsageError
from samstream_cli.repair import record
from samstream_cli.repair.command import repair
from samstream_cli.repair.plan import Place
from samstream_cli.repair.record import Record

PLACE = ("--api", "abc123", "--stage", "prod")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--api, --stage or the routes are missing"),
        (("GET /",), "--api, --stage or the routes are missing"),
        (PLACE, "--api, --stage or the routes are missing"),
        ((*PLACE, "GET /", "--force"), "--force is for --undo"),
        ((*PLACE, "chat"), "'chat' is no route"),
        ((*PLACE, "Api GET /"), "'Api GET /' names an API"),
        ((*PLACE, "GET /"), "this isn't a terminal, so nobody can be asked"),
        (("--undo", "x.json"), "this isn't a terminal, so nobody can be asked"),
        (("--undo", "x.json", "--yes"), "x.json can't be read: No such file or directory"),
        (("--undo", "x.json", *PLACE), "--undo takes everything from its file"),
        (("--undo", "x.json", "--siblings"), "--undo takes everything from its file"),
        ((*PLACE, "GET /", "--yes", "--record", "."), ". exists already"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_call(arguments: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(repair, list(arguments))
    assert isinstance(result.exception, UsageError)
    assert result.exception.message == message


@pytest.mark.parametrize("timeout", ["49", "900001", "x"])
def test_a_timeout_out_of_range_is_refused(timeout: str) -> None:
    result = CliRunner().invoke(repair, [*PLACE, "GET /", "--timeout-in-millis", timeout])
    assert (result.exit_code, "Invalid value for '--timeout-in-millis'" in result.output) == (2, True)


def test_the_help_lists_the_exit_codes() -> None:
    output = CliRunner().invoke(repair, ["--help"]).output
    assert all(code in output for code in ("0    done", "1    stopped", "2    refused", "130  interrupted"))


def test_nothing_is_written_where_nothing_is_done(tmp_path: Path) -> None:
    target = tmp_path / "undo.json"
    CliRunner().invoke(repair, [*PLACE, "GET /", "--record", str(target)])
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def api() -> Iterator[str]:
    """One of moto's, which knows no transfer modes and exports no integrations; so nothing is changed there."""
    with mock_aws():
        client = boto3.client("apigateway", "eu-west-1")
        api = client.create_rest_api(name="chat")["id"]
        root = client.get_resources(restApiId=api)["items"][0]["id"]
        client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
        client.put_integration(
            restApiId=api,
            resourceId=root,
            httpMethod="GET",
            type="HTTP_PROXY",
            integrationHttpMethod="GET",
            uri="https://x.org",
        )
        client.create_deployment(restApiId=api, stageName="prod")
        yield api


def verb(*arguments: str) -> Any:
    return repair.main([*arguments, "--region", "eu-west-1"], standalone_mode=False)


def test_a_dry_run_of_the_whole_verb_prints_the_plan(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb("--api", api, "--stage", "prod", "get /", "--dry-run", "--also-publish") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[:3] == [
        f"API {api}, stage prod, eu-west-1",
        "Route   Transfer mode        Timeout   Function",
        "GET /   BUFFERED -> STREAM   29 s      -",
    ]
    assert err == "Account 123456789012, as arn:aws:sts::123456789012:user/moto\n"


def test_json_of_the_whole_verb_is_all_of_standard_output(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb("--api", api, "--stage", "prod", "GET /", "--dry-run", "--json", "--also-publish") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["plan"]["place"]["account"], document["result"]["outcome"]) == ("123456789012", "planned")


def test_an_api_that_is_not_there_is_told(api: str) -> None:
    with pytest.raises(UsageError, match="there is no REST API none in eu-west-1"):
        verb("--api", "none", "--stage", "prod", "GET /", "--dry-run")
    with pytest.raises(UsageError, match=f"the API {api} has no stage dev"):
        verb("--api", api, "--stage", "dev", "GET /", "--dry-run")


def test_an_undo_file_of_the_whole_verb_is_read_and_compared(
    api: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = boto3.client("apigateway", "eu-west-1")
    served = client.get_stage(restApiId=api, stageName="prod")["deploymentId"]
    path = tmp_path / "undo.json"
    record.create(path, Record(Place("123456789012", "eu-west-1", api, "prod"), served, (), ()))
    assert repair.main(["--undo", str(path), "--yes"], standalone_mode=False) == 0
    assert "Nothing to do: what the repair changed is as it was before." in capsys.readouterr().out

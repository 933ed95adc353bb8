"""The options of an organization: what goes together, and what is refused before AWS is asked for anything."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
from moto import mock_aws

from aws.organization_cloud import Organization
from aws.running import TEXT
from samstream_cli.aws.clients import Clients, connect
from samstream_cli.aws.organization import Context, members_of
from samstream_cli.aws.organization_options import Choice
from samstream_cli.aws.policies import Scope, policy_text
from samstream_cli.aws.stacksets import Home
from samstream_cli.errors import UsageError
from samstream_cli.install import install
from samstream_cli.status import status
from samstream_cli.uninstall import uninstall

HERE = ("--region", "eu-west-1")
SELF_MANAGED = ("--organization", "--self-managed", "--home-region", "us-east-1")
ACCOUNT = ("--account", "123456789012")


@pytest.fixture
def moto() -> Iterator[None]:
    """An organization of moto's, which skips the macro itself and says so."""
    with mock_aws(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tried to parse AWS::CloudFormation::Macro", UserWarning)
        yield


def verb(command: click.Command, *arguments: str) -> Any:
    return command.main([*arguments], standalone_mode=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ou", "ou-abcd-12345678"], "--ou needs --organization"),
        (["--self-managed"], "--self-managed needs --organization"),
        (["--no-retain"], "--retain needs --organization"),
        (["--organization", "--ou", "sales"], "'sales' from --ou is no organizational unit"),
        (["--organization", "--account", "123"], "'123' is no account"),
        (
            ["--organization", "--account", "123456789012", "--exclude-account", "123456789012"],
            "--account and --exclude-account can't be given together",
        ),
        (
            ["--organization", "--self-managed", "--ou", "ou-abcd-12345678"],
            "a self-managed StackSet knows accounts only, no organizational units",
        ),
        (
            ["--organization", "--self-managed", "--call-as", "DELEGATED_ADMIN"],
            "a self-managed StackSet knows no delegated administrator",
        ),
        (["--organization", "--self-managed", "--retain"], "--retain is of service-managed StackSets"),
        (
            ["--organization", "--execution-role", "Mine"],
            "--admin-role and --execution-role are of self-managed StackSets",
        ),
        (["--organization", "--max-concurrent", "0"], "'0' from --max-concurrent is no number of accounts"),
        (["--organization", "--failure-tolerance", "101%"], "'101%' from --failure-tolerance is no number of accounts"),
        (["--organization", "--role-arn", "arn:x"], "--role-arn is of a single account's stack"),
        (["--organization", "--region", "Ireland"], "'Ireland' from --region is no Region"),
    ],
)
def test_what_doesnt_go_together_is_refused(options: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        verb(install, *options)
    assert (caught.value.message, caught.value.remedy != "") == (message, True)


@pytest.mark.usefixtures("moto")
def test_the_packaged_template_goes_where_a_stack_set_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(install, *SELF_MANAGED, *ACCOUNT, *HERE, "--yes", "--tag", "team=chat") == 0
    assert "is done in 1 of 1 stack." in capsys.readouterr().out
    (function,) = boto3.client("lambda", "eu-west-1").list_functions()["Functions"]
    assert function["Runtime"] == "python3.13"


@pytest.mark.usefixtures("moto")
def test_the_verbs_go_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a function, which moto can't delete again under the name that it gives a StackSet's stack."""
    file = tmp_path / "own.yaml"
    file.write_text("\n".join(line for line in TEXT.splitlines() if "MacroFunction:" not in line))
    there = (*SELF_MANAGED, *ACCOUNT, *HERE, "--region", "eu-central-1", "--template", str(file), "--yes")
    assert verb(install, *there) == 0
    assert "SamStream (VERSION) is done in 2 of 2 stacks." in capsys.readouterr().out
    assert verb(install, *there) == 0
    assert "Nothing to change: SamStream is in 2 stacks (VERSION)." in capsys.readouterr().out

    assert verb(status, *SELF_MANAGED) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[2:]] == [
        ["123456789012", "eu-central-1"],
        ["123456789012", "eu-west-1"],
    ]
    assert verb(status, *SELF_MANAGED, *HERE, "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)["stack_set"]["instances"]
    assert (told["region"], told["version"]) == ("eu-west-1", "VERSION")

    assert verb(uninstall, *SELF_MANAGED, *HERE, "--yes") == 0
    assert "1 stack is removed." in capsys.readouterr().out
    assert verb(uninstall, *SELF_MANAGED, "--yes") == 0
    assert capsys.readouterr().out.endswith("The StackSet is removed.\n\n")
    assert boto3.client("logs", "eu-central-1").describe_log_groups()["logGroups"] == []


@pytest.mark.usefixtures("moto")
def test_what_moto_knows_of_an_organization_is_found() -> None:
    client = boto3.client("organizations", "us-east-1")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    unit = client.create_organizational_unit(ParentId=root, Name="sales")["OrganizationalUnit"]["Id"]
    account = client.create_account(Email="a@b.example", AccountName="a")["CreateAccountStatus"]["AccountId"]
    client.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    clients = connect(None)
    home = Home(clients.of("cloudformation", "us-east-1"), "us-east-1", "samstream")
    there = Context(clients, home, "123456789012", "123456789012")
    assert members_of(there, (root, unit)) == {root: {account}, unit: {account}}


def test_a_deployers_policy_knows_how_a_stack_sets_functions_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(install, "--organization", *HERE, "--print-policy", "deployer") == 0
    resource = "arn:aws:lambda:eu-west-1:ACCOUNT_ID:function:StackSet-samstream-*-MacroFunction-*"
    assert json.loads(capsys.readouterr().out)["Statement"][0]["Resource"] == [resource]


def test_the_organizations_policy_reaches_its_own_stack_set_only() -> None:
    found = json.loads(policy_text("organization", Scope("samstream", "SamStream")))["Statement"]
    assert found[0]["Resource"] == [
        "arn:aws:cloudformation:*:ACCOUNT_ID:stackset/samstream:*",
        "arn:aws:cloudformation:*:ACCOUNT_ID:stackset-target/samstream:*",
        "arn:aws:cloudformation:*::type/resource/*",
    ]
    assert {action.split(":")[0] for one in found for action in one["Action"]} == {"cloudformation", "organizations"}


def test_the_stack_set_lives_where_the_settings_say_else_in_the_first_region(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = Choice(
        organization=True,
        units=(),
        accounts=(),
        excluded=(),
        self_managed=True,
        call_as=None,
        home_region=None,
    )
    there = ("us-east-1", "us-west-2")
    assert choice.home(Organization().clients(), there) == "eu-west-1"
    assert replace(choice, home_region="eu-north-1").home(Organization().clients(), there) == "eu-north-1"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    nowhere = Clients(boto3.Session("AKIDEXAMPLE", "not-a-secret"), {})
    assert choice.home(nowhere, there) == "us-east-1"
    with pytest.raises(UsageError, match="no Region is set"):
        choice.home(nowhere, ())

"""The calls to AWS against moto's CloudFormation, which makes the roles and functions of a stack and deletes them."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from scripts.live.account import Account
from scripts.live.experiments.python_bz2 import EXPERIMENT
from scripts.live.lab import Names
from scripts.live.ledger import Ledger

from samstream_cli.aws.clients import Clients

NAME = "samstream-live-1234abcd"


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        yield boto3.Session("AKIDEXAMPLE", "not-a-secret", region_name="eu-west-1")


def test_a_stack_is_made_and_removed(session: boto3.Session, tmp_path: Path) -> None:
    account = Account(
        Clients(session, {}), "eu-west-1", "123456789012", Ledger(tmp_path / "live.jsonl"), lambda _: None
    )
    template = EXPERIMENT.templates(Names(NAME))["arm64"]
    functions = session.client("lambda")

    stack = account.deploy(NAME, template)
    assert (stack.status, len(functions.list_functions()["Functions"])) == ("CREATE_COMPLETE", 1)
    account.remove(account.ledger.left()[0])
    assert (functions.list_functions()["Functions"], account.ledger.left()) == ([], [])

"""The account in memory with what experiments ask of it besides: macros that refuse, stack sets, functions."""

# ruff: noqa: N802, N803  # operations and their members have AWS's names

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws
from rich.console import Console
from scripts.live.account import Account
from scripts.live.ledger import Ledger
from scripts.live.running import Manner
from scripts.live.sending import Reply

from aws.cloud import ACCOUNT, Cloud, Refusal
from samstream_cli.tables import report_console

REGION = "eu-west-1"


class LiveCloud(Cloud):
    """`refused` says why a macro refuses, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[str, str] = {}
        self.stack_sets: list[str] = []
        self.stack_set_refusal = ""

    def CreateChangeSet(self, region: str, **request: Any) -> dict[str, Any]:
        template = {"Parameters": {}, **json.loads(_to_json(request["TemplateBody"]))}
        return super().CreateChangeSet(region, **request | {"TemplateBody": json.dumps(template)})

    def DescribeChangeSet(
        self, region: str, ChangeSetName: str, StackName: str, NextToken: str = "0"
    ) -> dict[str, Any]:
        made = self._find(region, StackName).change_sets[ChangeSetName]
        transform = json.loads(made["TemplateBody"]).get("Transform", [])
        for entry in transform:
            name = entry["Name"] if isinstance(entry, dict) else entry
            if name in self.refused:
                return {"Status": "FAILED", "StatusReason": f"Transform {ACCOUNT}::{name} {self.refused[name]}"}
        return super().DescribeChangeSet(region, ChangeSetName, StackName, NextToken)

    def DescribeStackResources(
        self, region: str, PhysicalResourceId: str | None = None, StackName: str | None = None
    ) -> dict[str, Any]:
        for (where, name), stack in self.stacks.items():
            for logical, body in stack.template.get("Resources", {}).items():
                physical = body.get("Properties", {}).get("Name", "other")
                if where == region and (name == StackName or physical == PhysicalResourceId):
                    found = {"StackName": name, "LogicalResourceId": "Macro", "PhysicalResourceId": physical}
                    if logical == "Macro":
                        more = {"ResourceType": body["Type"], "ResourceStatus": "CREATE_COMPLETE", "Timestamp": 0}
                        return {"StackResources": [found | more]}
        raise Refusal("ValidationError", f"Stack for {PhysicalResourceId} does not exist")

    def CreateStackSet(self, _region: str, StackSetName: str, **_: Any) -> dict[str, Any]:
        if self.stack_set_refusal:
            raise Refusal("ValidationError", self.stack_set_refusal)
        self.stack_sets.append(StackSetName)
        return {"StackSetId": StackSetName}

    def DeleteStackSet(self, _region: str, StackSetName: str) -> dict[str, Any]:
        if StackSetName not in self.stack_sets:
            raise Refusal("StackSetNotFoundException", "not found")
        self.stack_sets.remove(StackSetName)
        return {}

    def Invoke(self, _region: str, FunctionName: str) -> dict[str, Any]:  # noqa: ARG002
        payload = {"python": "3.13.1", "bz2": "there", "lzma": "there", "zlib": "there"}
        return {"Payload": io.BytesIO(json.dumps(payload).encode())}


class Gateway:
    """Answers 200 to every request, and keeps what it was sent; a reply of its own may be set."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply or Reply(200, body="payload")
        self.sent: list[tuple[str, str, str]] = []

    def send(self, method: str, url: str, body: str) -> Reply:
        self.sent.append((method, url, body))
        return self.reply


def account(cloud: Cloud, folder: Path, objects: Any = None) -> Account:
    ledger = Ledger(folder / "live.jsonl")
    return Account(cloud.clients(), REGION, ACCOUNT, ledger, lambda _: None, objects)


@contextmanager
def bucket_service() -> Iterator[Any]:
    with mock_aws():
        yield boto3.Session("AKIDEXAMPLE", "not-a-secret", region_name=REGION).client("s3")


def console() -> Console:
    return report_console(io.StringIO())


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def manner(**values: Any) -> Manner:
    return Manner(console(), console(), **{"is_agreed": True} | values)


def _to_json(text: str) -> str:
    import cfn_flip  # noqa: PLC0415

    return str(cfn_flip.to_json(text))

"""Runs the verbs' work against an account in memory, and keeps what they print."""

import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.console import Console

from aws.cloud import Cloud
from samstream_cli.aws import installing, removing
from samstream_cli.aws.installation import Order
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.macro_template import MacroTemplate
from samstream_cli.aws.removing import Target
from samstream_cli.tables import report_console

TEXT = """
Description: samstream
Parameters:
  MacroName: {Type: String, Default: SamStream, AllowedPattern: "^[A-Za-z][A-Za-z0-9-]{0,63}$"}
  Strict: {Type: String, Default: "", AllowedValues: ["", "true", "false"]}
  LogLevel: {Type: String, Default: INFO}
Resources:
  Macro: {Type: AWS::CloudFormation::Macro, Properties: {Name: !Ref MacroName, FunctionName: f}}
  MacroFunction: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: one}}}
  MacroLogs: {Type: AWS::Logs::LogGroup}
Outputs:
  Version: {Value: VERSION}
  MacroName: {Value: !Ref MacroName}
  TransformToAdd: {Value: x}
  SourceHash: {Value: hash-of-VERSION}
"""
PARAMETERS = {
    "MacroName": {"Type": "String", "Default": "SamStream"},
    "Strict": {"Type": "String", "Default": "", "AllowedValues": ["", "true", "false"]},
    "LogLevel": {"Type": "String", "Default": "INFO"},
}


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def template(version: str = "2.0") -> MacroTemplate:
    return MacroTemplate(TEXT.replace("VERSION", version), PARAMETERS, version, f"hash-of-{version}")


class Answers:
    """Says the same to each question, and remembers them."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.questions: list[str] = []

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer


def no_sleep(_seconds: float) -> None:
    """Time doesn't matter to an account in memory."""


def running(work: Callable[[Manner], int], *, dry_run: bool = False, ask: Answers | None = None) -> Ran:
    out, err = report(), report()
    manner = Manner(out, err, is_dry_run=dry_run, is_agreed=ask is None, ask=ask or Answers(), sleep=no_sleep)
    return Ran(work(manner), text(out), text(err))


def install(
    cloud: Cloud,
    regions: Sequence[str] = ("eu-west-1",),
    order: Order | None = None,
    *,
    dry_run: bool = False,
    ask: Answers | None = None,
) -> Ran:
    chosen = order or Order(template(), "samstream")
    return running(lambda manner: installing.run(cloud.clients(), regions, chosen, manner), dry_run=dry_run, ask=ask)


def uninstall(
    cloud: Cloud,
    regions: Sequence[str] = ("eu-west-1",),
    target: Target | None = None,
    ask: Answers | None = None,
) -> Ran:
    chosen = target or Target("samstream")
    return running(lambda manner: removing.run(cloud.clients(), regions, chosen, manner), ask=ask)


def report() -> Console:
    return report_console(io.StringIO())


def text(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()

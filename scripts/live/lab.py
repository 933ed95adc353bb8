"""What an experiment is, and what it may do: deploy its templates, send requests, and read what AWS says."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar

from samstream.types import JsonObject
from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.errors import AwsError, aws_errors, parse_denial
from scripts.live.account import Account
from scripts.live.sending import Reply, Send, send

Seen = TypeVar("Seen")
Step = Sequence[object]
Script = Sequence[Step]
DELIMITER: Final = "\0" * 8
_ATTEMPTS: Final = 20


@dataclass(frozen=True, slots=True)
class Names:
    """What templates are made of: a prefix that nothing else has, and a function of another account if there is one."""

    prefix: str
    other_function: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_settled` is false where this account or this run can't tell."""

    text: str
    evidence: str = ""
    is_settled: bool = True


@dataclass(frozen=True, slots=True)
class Lab:
    """An experiment's hands: `templates` are its own, by the suffix of their stacks' names."""

    account: Account
    names: Names
    templates: Mapping[str, JsonObject]
    send: Send = send
    sleep: Sleep = field(default=time.sleep)
    clock: Callable[[], float] = field(default=time.monotonic)

    def name(self, key: str) -> str:
        return f"{self.names.prefix}-{key}"

    def deploy(self, key: str) -> dict[str, str]:
        """The stack's outputs. Raises `AwsError`."""
        return self.account.deploy(self.name(key), self.templates[key]).outputs

    def failure(self, key: str, resource_type: str) -> str:
        """Why AWS doesn't take a resource of this type; empty once the stack stands. Raises `AwsError` for all else."""
        try:
            self.deploy(key)
        except AwsError as error:
            if f"({resource_type})" not in error.message or parse_denial(error.message):
                raise
            return error.message
        return ""

    def refusal(self, key: str, *, is_denial_told: bool = False) -> str:
        """Why CloudFormation would not deploy a template, empty where it would. Raises `AwsError`, also for a
        permission that is lacking, unless that may be the answer."""
        try:
            self.account.plan(self.name(key), self.templates[key])
        except AwsError as error:
            if error.code != "FAILED" or (parse_denial(error.message) and not is_denial_told):
                raise
            return error.message
        return ""

    def open(self, key: str) -> str:
        """The URL of a gateway that is deployed and has begun to answer. Raises `AwsError`."""
        url = self.deploy(key)["Url"]
        for _ in range(_ATTEMPTS):
            if self.ask(f"{url}/stream", [prelude("{}"), ["write", "ready"]]).status == 200:
                return url
            self.sleep(3)
        raise AwsError(
            f"{url}/stream doesn't answer 200 to a plain stream", "Run it again with --keep and look.", "Mute"
        )

    def ask(self, url: str, script: Script) -> Reply:
        """The answer to a script that the function behind the URL carries out."""
        try:
            return self.send("POST", url, json.dumps(script))
        except OSError as error:
            return Reply(0, body=type(error).__name__, ending="cut")

    def invoke(self, function: str) -> Any:
        """A function's result. Raises `AwsError`."""
        with aws_errors(self.account.region, ""):
            answer = self.account.clients.of("lambda", self.account.region).invoke(FunctionName=function)
            return json.loads(answer["Payload"].read())


@dataclass(frozen=True, slots=True)
class Experiment(Generic[Seen]):
    """One question: `observe` asks AWS, `judge` makes the answer of what was seen and of nothing else."""

    id: str
    question: str
    minutes: int
    templates: Callable[[Names], dict[str, JsonObject]]
    observe: Callable[[Lab], Seen]
    judge: Callable[[Seen], Answer]

    def own(self, names: Names) -> Names:
        """Names that no other experiment of the run has."""
        return replace(names, prefix=f"{names.prefix}-{self.id}")

    def settle(self, lab: Lab) -> Answer:
        return self.judge(self.observe(lab))


def prelude(metadata: str) -> Step:
    """The step that writes this metadata and the delimiter."""
    return ["write", metadata + DELIMITER]


def quoted(text: str, length: int = 160) -> str:
    """A text for a cell of a table."""
    one_line = " ".join(text.split()).replace("|", "\\|")
    return one_line if len(one_line) <= length else f"{one_line[:length]}..."

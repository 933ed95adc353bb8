"""Follows an operation of a StackSet by its results, one line an account and Region."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from click import Abort
from rich.console import Console
from rich.text import Text

from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.errors import AwsError, aws_errors, code_of
from samstream_cli.aws.organization import ADVICE
from samstream_cli.aws.stacksets import Home

POLL_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 15.0

_LASTING: Final = ("SUCCEEDED", "FAILED", "STOPPED")
_BUSY: Final = "OperationInProgressException"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an operation in one account and Region."""

    account: str
    region: str
    status: str
    reason: str = ""

    @property
    def is_failure(self) -> bool:
        return self.status in ("FAILED", "CANCELLED")


@dataclass(slots=True)
class Operation:
    """One operation by its id, which is known before AWS is asked for it."""

    home: Home
    what: str
    id: str = field(default_factory=lambda: f"samstream-{uuid.uuid4()}")
    status: str = ""
    reason: str = ""
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    is_asked: bool = False
    """AWS may have begun it."""

    @property
    def is_over(self) -> bool:
        return self.status in _LASTING

    @property
    def failures(self) -> list[Result]:
        return [one for one in self.results.values() if one.is_failure]

    @property
    def look(self) -> str:
        return self.home.command("list-stack-set-operation-results", f" --operation-id {self.id}")

    @property
    def stop(self) -> str:
        return self.home.command("stop-stack-set-operation", f" --operation-id {self.id}")

    def begin(self, ask: Callable[..., Any], request: dict[str, Any], console: Console, sleep: Sleep) -> None:
        """Asks AWS for the operation, and waits while a StackSet that takes one at a time has another."""
        is_told = False
        while not self._is_taken(ask, request):
            if not is_told:
                console.print(f"Another operation of the StackSet {self.home.name} goes on. Waiting for its end.")
                console.print(f"  Look:  {self.home.command('list-stack-set-operations')}", soft_wrap=True)
                is_told = True
            sleep(RETRY_SECONDS)

    def _is_taken(self, ask: Callable[..., Any], request: dict[str, Any]) -> bool:
        self.is_asked = True
        try:
            self.id = ask(**self.home.request, **request, OperationId=self.id)["OperationId"]
        except self.home.client.exceptions.ClientError as error:
            self.is_asked = False  # refused, so nothing has begun; without an answer it may have
            if code_of(error) != _BUSY:
                raise
        return self.is_asked

    def poll(self) -> list[Result]:
        """Results that are new or have another status than the last time."""
        client, request = self.home.client, {**self.home.request, "OperationId": self.id}
        found = client.describe_stack_set_operation(**request)["StackSetOperation"]
        changed = []
        # The results after the status: where it lasts, they are final.
        for page in client.get_paginator("list_stack_set_operation_results").paginate(**request):
            for one in page["Summaries"]:
                result = Result(
                    one.get("Account", ""), one.get("Region", ""), one.get("Status", ""), one.get("StatusReason", "")
                )
                if self.results.get((result.account, result.region)) != result:
                    self.results[result.account, result.region] = result
                    changed.append(result)
        self.status, self.reason = found.get("Status", ""), found.get("StatusReason", "")
        return changed


def follow_operation(console: Console, operation: Operation, sleep: Sleep) -> None:
    """Tells each account and Region as it goes, until all are over."""
    waiting = console.status(f"CloudFormation works at the {operation.what} ...") if console.is_terminal else None
    with waiting or nullcontext():
        while not operation.is_over:
            for result in operation.poll():
                _tell(console, result)
            if not operation.is_over:
                sleep(POLL_SECONDS)


@contextmanager
def telling(console: Console, operation: Operation) -> Iterator[None]:
    """Whatever ends the block early: says what goes on without us, and how to look at it and stop it."""
    try:
        with aws_errors(operation.home.region, ADVICE):
            yield
    except (KeyboardInterrupt, Abort, AwsError):
        if operation.is_asked and not operation.is_over:
            console.print(
                f"The {operation.what} of the StackSet {operation.home.name} goes on in AWS.",
                f"  Look:  {operation.look}",
                f"  Stop:  {operation.stop}",
                sep="\n",
                soft_wrap=True,
            )
        raise


def _tell(console: Console, result: Result) -> None:
    if result.status == "PENDING":
        return
    style = "red" if result.is_failure else "dim"
    line = f"{result.account}  {result.region}  {result.status}  {result.reason}".rstrip()
    console.print(Text(line, style), soft_wrap=True)

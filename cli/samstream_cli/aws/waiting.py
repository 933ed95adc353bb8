"""Follows what CloudFormation does to stacks by their events, several stacks at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.errors import INSTALLER_ADVICE, AwsError, aws_errors, parse_denial
from samstream_cli.aws.stacks import is_missing

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

POLL_SECONDS: Final = 3.0
SUCCESSES: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one resource, or to the stack itself."""

    id: str
    resource: str
    type: str
    status: str
    reason: str
    is_of_stack: bool

    @property
    def is_failure(self) -> bool:
        return self.status.endswith("_FAILED") and "cancelled" not in self.reason.lower()


@dataclass(slots=True)
class Watch:
    """Follows one stack from the moment in which this is made, until a state that lasts."""

    client: "CloudFormationClient" = field(repr=False)
    region: str
    name: str
    stack_id: str
    status: str = ""
    events: list[Event] = field(default_factory=list)
    problem: AwsError | None = None
    """Why the stack can't be followed further."""
    _last: str = ""

    def begin(self) -> None:
        """Remembers what has happened up to now. To be called before the operation starts."""
        for page in self.client.describe_stack_events(StackName=self.stack_id)["StackEvents"][:1]:
            self._last = page["EventId"]

    @property
    def is_over(self) -> bool:
        return self.problem is not None or (self.status != "" and not self.status.endswith("_IN_PROGRESS"))

    @property
    def is_success(self) -> bool:
        return self.problem is None and self.status in SUCCESSES

    def poll(self) -> list[Event]:
        """What happened since the last time, oldest first."""
        try:
            with aws_errors(self.region):
                found = self._since_last()
        except AwsError as error:
            self.problem = error
            return []
        for event in found:
            if event.is_of_stack:
                self.status = event.status
        self.events += found
        self._last = found[-1].id if found else self._last
        return found

    def failure(self) -> AwsError:
        """Why the operation failed, its first reason first, or why that isn't known."""
        where = f"the stack {self.name} in {self.region}"
        if self.problem is not None:
            remedy = f"{self.problem.remedy} The operation goes on in AWS: {look(self.name, self.region)}".lstrip()
            return AwsError(f"{where} can't be followed: {self.problem.message}", remedy, self.problem.code)
        reasons = [f"{event.resource} ({event.type}): {event.reason}" for event in self.events if event.is_failure]
        first = reasons[0].rstrip(".") if reasons else "no event says why"
        is_denied = any(parse_denial(reason) for reason in reasons)
        remedy = INSTALLER_ADVICE if is_denied else f"All events: {look(self.name, self.region)}"
        return AwsError(f"{where} ended as {self.status}: {first}", remedy, self.status)

    def _since_last(self) -> list[Event]:
        found: list[Event] = []
        try:
            for page in self.client.get_paginator("describe_stack_events").paginate(StackName=self.stack_id):
                for event in page["StackEvents"]:  # the newest first
                    if event["EventId"] == self._last:
                        return found[::-1]
                    found.append(_read(event))
        except self.client.exceptions.ClientError as error:
            if not is_missing(error):
                raise
            self.status = "DELETE_COMPLETE"
        return found[::-1]


def follow(watches: Iterable[Watch], tell: Callable[[Watch, Event], None], sleep: Sleep) -> None:
    """Tells every event of every stack as it comes, until all are over; one that fails doesn't stop the others."""
    going = list(watches)
    while going:
        for watch in going:
            for event in watch.poll():
                tell(watch, event)
        going = [watch for watch in going if not watch.is_over]
        if going:
            sleep(POLL_SECONDS)


def look(name: str, region: str) -> str:
    """The command that shows what goes on in AWS."""
    return f"aws cloudformation describe-stack-events --stack-name {name} --region {region}"


def _read(event: "StackEventTypeDef") -> Event:
    return Event(
        id=event["EventId"],
        resource=event.get("LogicalResourceId", ""),
        type=event.get("ResourceType", ""),
        status=event.get("ResourceStatus", ""),
        reason=event.get("ResourceStatusReason", ""),
        is_of_stack=event.get("PhysicalResourceId") == event["StackId"],
    )

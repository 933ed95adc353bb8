"""What a repair or its undoing would do, as data: a dry run prints the very plan that is carried out."""

from dataclasses import dataclass
from typing import Final

from samstream.adapter import INVOKE_MODE
from samstream.plan import DEFAULT_TIMEOUT
from samstream_cli.verify.judging import seconds_of
from samstream_cli.verify.live import LiveIntegration

NEW: Final = ""
"""In place of a deployment's id: one that is still to be made."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stage of an API."""

    account: str
    region: str
    api: str
    stage: str


@dataclass(frozen=True, slots=True)
class State:
    """Of an integration what a repair changes; `uri` is empty where no function is invoked, and so stays."""

    mode: str
    uri: str
    timeout: int


@dataclass(frozen=True, slots=True)
class RouteChange:
    """An integration before and after; `note` says why a route is here that nobody named."""

    route: str
    resource_id: str
    method: str
    before: State
    after: State
    function: str = ""
    note: str = ""

    @property
    def is_needed(self) -> bool:
        return self.before != self.after

    @property
    def mode(self) -> str:
        return arrow(self.before.mode, self.after.mode)

    @property
    def timeout(self) -> str:
        return arrow(seconds_of(self.before.timeout), seconds_of(self.after.timeout))


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """A function's `AWS_LWA_INVOKE_MODE` before and after, None where it isn't set."""

    arn: str
    region: str
    before: str | None
    after: str | None

    @property
    def name(self) -> str:
        return self.arn.rpartition(":function:")[2]

    def __str__(self) -> str:
        return f"{INVOKE_MODE} {arrow(self.before or 'unset', self.after or 'unset')}"


@dataclass(frozen=True, slots=True)
class StageChange:
    """The deployments that a stage points to before and after, `NEW` for one that isn't made yet."""

    before: str
    after: str = NEW


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the plan isn't carried out, and what to do about it."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be done, in the order in which it is. `served` is the stage's deployment beforehand."""

    place: Place
    served: str
    routes: tuple[RouteChange, ...]
    functions: tuple[FunctionChange, ...] = ()
    stage: StageChange | None = None
    notes: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_needed(self) -> bool:
        return bool(self.functions or self.stage) or any(change.is_needed for change in self.routes)


def arrow(before: str, after: str) -> str:
    """One of them where both are the same."""
    return before if before == after else f"{before} -> {after}"


def state_of(integration: LiveIntegration) -> State:
    """What a repair may change of it. What an HTTP_PROXY calls may be a secret, and stays out of everything."""
    uri = integration.uri if integration.type == "AWS_PROXY" else ""
    timeout = DEFAULT_TIMEOUT if integration.timeout is None else integration.timeout
    return State(integration.mode or ("STREAM" if integration.streams else "BUFFERED"), uri, timeout)

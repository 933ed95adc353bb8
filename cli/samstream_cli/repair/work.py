"""Carries out a plan step by step, so that whoever is stopped in the middle is told what was done and what wasn't.

An integration changes in one call, mode and URI together, since API Gateway refuses one without the other; a patch
leaves every other field alone: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
AWS documents the patch of the mode alone; URI and mode in one stand in public templates, all three fields nowhere.
The deployment is made without a stage, and the stage pointed to it afterwards, so its variables, cache and canary
stay as they are: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-deployments.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from samstream.plan import DEFAULT_TIMEOUT
from samstream_cli.aws.changesets import Sleep
from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import AwsError, aws_errors
from samstream_cli.repair.functions import change_mode, wait_until_changed
from samstream_cli.repair.plan import NEW, FunctionChange, Plan, RouteChange, StageChange, State
from samstream_cli.repair.planning import MARK
from samstream_cli.repair.reading import ADVICE
from samstream_cli.verify.live import LiveIntegration, read_snapshot

if TYPE_CHECKING:
    from mypy_boto3_apigateway.type_defs import IntegrationResponseExtraTypeDef, PatchOperationTypeDef

POLL_SECONDS: Final = 2.0
_POLLS: Final = 45
_DESCRIPTION: Final = 1000
"""The longest that is sent: AWS doesn't document its limit."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and how to say it."""

    text: str
    run: Callable[[], None]


@dataclass
class Work:
    """A plan being carried out; `keep` is told the id of a new deployment before the stage points to it."""

    clients: Clients
    plan: Plan
    sleep: Sleep
    keep: Callable[[str], None]
    deployment: str = NEW

    def steps(self) -> Iterator[Step]:
        for route in self.plan.routes:
            if route.is_needed:
                yield Step(f"{route.route}: {route.mode}, {route.timeout}", partial(self._patch, route))
        stage = self.plan.stage
        if stage is not None and stage.after == NEW:
            yield Step("make a deployment", self._deploy)
        for function in self.plan.functions:
            yield Step(f"{function.name}: {function}", partial(self._change_function, function))
        if stage is not None:
            yield Step(f"point the stage {self.plan.place.stage} to the deployment", partial(self._point, stage))
            yield Step("wait until the stage serves it", self._wait)

    def _patch(self, change: RouteChange) -> None:
        place = self.plan.place
        with aws_errors(place.region, ADVICE):
            found = self.clients.of("apigateway", place.region).get_integration(
                restApiId=place.api, resourceId=change.resource_id, httpMethod=change.method
            )
        if _state(found, change) != change.before:
            raise _changed(change.route)
        after = self._update(change, _operations(change.before, change.after))
        if (after.mode, after.uri) == (change.after.mode, change.after.uri) and after.timeout != change.after.timeout:
            # A change of the mode may take the timeout away:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/response-streaming-http.html
            after = self._update(change, [_replace("/timeoutInMillis", str(change.after.timeout))])
        if after != change.after:
            message = f"API Gateway took the change of {change.route}, but answers with another state"
            raise AwsError(message, "Look at the integration in the console.", "Mismatch")

    def _update(self, change: RouteChange, operations: "list[PatchOperationTypeDef]") -> State:
        place = self.plan.place
        with aws_errors(place.region, ADVICE):
            found = self.clients.of("apigateway", place.region).update_integration(
                restApiId=place.api,
                resourceId=change.resource_id,
                httpMethod=change.method,
                patchOperations=operations,
            )
        return _state(found, change)

    def _deploy(self) -> None:
        place = self.plan.place
        with aws_errors(place.region, ADVICE):
            made = self.clients.of("apigateway", place.region).create_deployment(
                restApiId=place.api, description=_description(self.plan)
            )
        self.deployment = made["id"]
        self.keep(self.deployment)

    def _change_function(self, change: FunctionChange) -> None:
        client = self.clients.of("lambda", change.region)
        change_mode(client, change)
        wait_until_changed(client, change, self.sleep)

    def _point(self, stage: StageChange) -> None:
        place = self.plan.place
        self.deployment = stage.after or self.deployment
        client = self.clients.of("apigateway", place.region)
        with aws_errors(place.region, ADVICE):
            if client.get_stage(restApiId=place.api, stageName=place.stage).get("deploymentId") != stage.before:
                raise _changed(f"the deployment of the stage {place.stage}")
            client.update_stage(
                restApiId=place.api,
                stageName=place.stage,
                patchOperations=[_replace("/deploymentId", self.deployment)],
            )

    def _wait(self) -> None:
        for _ in range(_POLLS):
            if self._is_served():
                return
            self.sleep(POLL_SECONDS)
        place = self.plan.place
        message = f"the stage {place.stage} doesn't serve the deployment {self.deployment} yet"
        raise AwsError(message, "Run the same command in some minutes: it says whether there is anything to do.")

    def _is_served(self) -> bool:
        place = self.plan.place
        client = self.clients.of("apigateway", place.region)
        with aws_errors(place.region, ADVICE):
            if client.get_stage(restApiId=place.api, stageName=place.stage).get("deploymentId") != self.deployment:
                return False
            if self.plan.stage and self.plan.stage.after != NEW:  # an old one, which may hold anything
                return True
            served = read_snapshot(client, place.api, place.stage).integrations
        return all(_serves(served.get(change.route), change) for change in self.plan.routes)


def _state(found: "IntegrationResponseExtraTypeDef", change: RouteChange) -> State:
    """As `state_of`, of an answer."""
    return State(
        found.get("responseTransferMode", "BUFFERED"),
        found.get("uri", "") if change.after.uri else "",
        found.get("timeoutInMillis", DEFAULT_TIMEOUT),
    )


def _changed(what: str) -> AwsError:
    message = f"somebody changed {what} since the plan was made"
    return AwsError(message, "Run the command again to see the plan anew.", "Changed")


def _serves(found: LiveIntegration | None, change: RouteChange) -> bool:
    """Whether a snapshot has it, as far as it tells the mode."""
    streams = None if found is None else found.streams
    return streams is None or streams == (change.after.mode == "STREAM")


def _operations(before: State, after: State) -> "list[PatchOperationTypeDef]":
    """Each state on the way is a valid one but between URI and mode, which go in one call: a timeout of over 29 s is
    for streams only, so it comes last on the way there and first on the way back."""
    wanted = (("/uri", before.uri, after.uri), ("/responseTransferMode", before.mode, after.mode))
    operations = [_replace(path, new) for path, old, new in wanted if old != new]
    timeout = _replace("/timeoutInMillis", str(after.timeout))
    if not operations and before.timeout == after.timeout:
        return []
    return [*operations, timeout] if after.mode == "STREAM" else [timeout, *operations]


def _replace(path: str, value: str) -> "PatchOperationTypeDef":
    return {"op": "replace", "path": path, "value": value}


def _description(plan: Plan) -> str:
    names = [change.route for change in plan.routes if change.after.mode == "STREAM"]
    if not names:
        return "samstream repair --undo"
    text = MARK + ", ".join(names)
    return text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION].rpartition(",")[0]

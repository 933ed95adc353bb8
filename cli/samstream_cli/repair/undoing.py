"""Makes the plan that puts back what a repair changed, out of its undo file and what is there now."""

from collections.abc import Iterator
from dataclasses import replace

from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import aws_errors
from samstream_cli.errors import UsageError
from samstream_cli.repair.functions import read_mode
from samstream_cli.repair.plan import NEW, FunctionChange, Plan, Refusal, RouteChange, StageChange, state_of
from samstream_cli.repair.reading import ADVICE, Reading, has_deployment, read_stage
from samstream_cli.repair.record import Record

_FORCE = "Look at it; --force puts it back all the same."


def make_undo_plan(clients: Clients, account: str, record: Record, *, is_forced: bool) -> Plan:
    """What is as it was before isn't touched, so a second run has nothing to do. Raises `UsageError`, `AwsError`."""
    place = record.place
    if account != place.account:
        message = f"the undo file is of the account {place.account}, and these credentials are of {account}"
        raise UsageError(message, "Choose other credentials with --profile.")
    reading = read_stage(clients, place.region, place.api, place.stage)
    refusals: list[Refusal] = []
    routes = tuple(_routes(record, reading, refusals, is_forced=is_forced))
    functions = tuple(_functions(clients, record, refusals, is_forced=is_forced))
    stage = _stage(clients, record, reading, refusals, is_forced=is_forced)
    return Plan(place, reading.stage.deployment_id, routes, functions, stage, (), tuple(refusals))


def _routes(record: Record, reading: Reading, refusals: list[Refusal], *, is_forced: bool) -> Iterator[RouteChange]:
    for change in record.routes:
        route = reading.routes.get(change.route)
        if route is None or route.integration is None or route.resource_id != change.resource_id:
            if not is_forced:
                remedy = "--force puts back the others."
                refusals.append(Refusal(f"{change.route} was deleted or made anew since the repair", remedy))
            continue
        now = state_of(route.integration)
        if now not in (change.before, change.after) and not is_forced:
            refusals.append(Refusal(f"{change.route} was changed since the repair", _FORCE))
        yield replace(change, before=now, after=change.before)


def _functions(
    clients: Clients, record: Record, refusals: list[Refusal], *, is_forced: bool
) -> Iterator[FunctionChange]:
    for change in record.functions:
        with aws_errors(change.region, ADVICE):
            now = read_mode(clients.of("lambda", change.region), change.arn)
        if now == change.before:
            continue
        if now != change.after and not is_forced:
            refusals.append(Refusal(f"the adapter's mode of {change.name} was changed since the repair", _FORCE))
        yield replace(change, before=now, after=change.before)


def _stage(
    clients: Clients, record: Record, reading: Reading, refusals: list[Refusal], *, is_forced: bool
) -> StageChange | None:
    """Back to the deployment of before, unless somebody has deployed since: then a new one keeps what they did."""
    place, now = record.place, reading.stage.deployment_id
    if now == record.served:
        return None
    if now != record.deployment:
        if not is_forced:
            message = f"the stage {place.stage} was deployed since the repair ({now})"
            remedy = (
                "If that was another repair, undo it first. --force makes a new deployment, which publishes the API "
                "as it is after the undoing."
            )
            refusals.append(Refusal(message, remedy))
        return StageChange(now)
    is_there = has_deployment(clients, place.region, place.api, record.served)
    return StageChange(now, record.served if is_there else NEW)

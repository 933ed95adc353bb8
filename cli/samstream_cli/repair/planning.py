"""Makes the plan of a repair: reads what is there, and says everything that speaks against it at once.

Nothing here changes anything. The order of the plan is the order of the work: integrations and a new deployment first,
which callers don't see yet; then the function and the stage, one right after the other.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from samstream.adapter import INVOKE_MODE, STREAM
from samstream.integration import OPENAPI, Integration
from samstream.intrinsics import Resolver
from samstream.options import MAX_TIMEOUT
from samstream.plan import DEFAULT_TIMEOUT
from samstream_cli.aws.clients import Clients
from samstream_cli.aws.errors import AccessDeniedError, aws_errors
from samstream_cli.errors import UsageError
from samstream_cli.repair.differences import differences
from samstream_cli.repair.functions import read_setting
from samstream_cli.repair.notes import function_notes, stage_notes
from samstream_cli.repair.plan import FunctionChange, Place, Plan, Refusal, RouteChange, StageChange, State, state_of
from samstream_cli.repair.reading import ADVICE, Reading, read_stage
from samstream_cli.verify.functions import Adapter, FunctionFacts, read_function
from samstream_cli.verify.live import FunctionRef, LiveIntegration, LiveRoute
from samstream_cli.verify.reads import Reader, Unread

MARK: Final = "samstream repair: "
"""Begins the description of every deployment that a repair makes; the names of its routes follow."""

_RESOLVER: Final = Resolver({}, "us-east-1", "", {})
_NOT_STREAMING: Final = (Adapter.BUFFERS, Adapter.MISSPELT)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be repaired, and what was allowed."""

    api: str
    stage: str
    routes: tuple[str, ...]
    timeout: int | None = None
    function_too: bool = False
    siblings: bool = False
    also_publish: bool = False
    keep_canary: bool = False
    managed: bool = False

    def command(self, region: str) -> str:
        """What to type for it."""
        options = (
            ("--timeout-in-millis", self.timeout),
            ("--function-too", self.function_too),
            ("--siblings", self.siblings),
            ("--also-publish", self.also_publish),
            ("--keep-canary", self.keep_canary),
            ("--managed-by-cloudformation", self.managed),
        )
        words = ["samstream", "repair", "--api", self.api, "--stage", self.stage, "--region", region]
        for option, value in options:
            words += [option] * bool(value) + ([str(value)] if value and value is not True else [])
        return shlex.join([*words, *self.routes])


@dataclass
class _Draft:
    """A plan in the making."""

    reading: Reading
    reader: Reader
    order: Order
    routes: dict[str, RouteChange] = field(default_factory=dict)
    functions: dict[str, FunctionChange] = field(default_factory=dict)
    facts: dict[str, FunctionFacts | Unread] = field(default_factory=dict)
    refs: dict[str, FunctionRef] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, message: str, remedy: str) -> None:
        self.refusals.append(Refusal(message, remedy))

    def ref_of(self, integration: LiveIntegration) -> FunctionRef | None:
        return integration.function(self.reading.stage.variables)


def make_plan(clients: Clients, account: str, region: str, order: Order) -> Plan:
    """Raises `UsageError` for an API, stage or route that isn't there, `AwsError` where they can't be read."""
    reading = read_stage(clients, region, order.api, order.stage)
    draft = _Draft(reading, Reader(clients, region), order)
    for name in order.routes:
        _add_route(draft, _find(reading, name))
    for ref in list(draft.refs.values()):
        _look_at_function(draft, ref)
    for ref in list(draft.refs.values()):
        _look_at_siblings(draft, ref)
        facts, own = draft.facts[ref.arn], [one for one in draft.routes.values() if one.function == str(ref)]
        draft.notes += function_notes(ref, facts, own)
    is_served = all(_is_served(reading, change) for change in draft.routes.values())
    stage = None if is_served else StageChange(reading.stage.deployment_id)
    if stage or draft.functions:
        _look_at_api(draft, publishes=stage is not None)
    return Plan(
        Place(account, region, order.api, order.stage),
        reading.stage.deployment_id,
        tuple(draft.routes.values()),
        tuple(draft.functions.values()),
        stage,
        (*draft.notes, *stage_notes(reading, tuple(draft.routes.values()))),
        tuple(dict.fromkeys(draft.refusals)),
    )


def _find(reading: Reading, name: str) -> LiveRoute:
    if name in reading.routes:
        return reading.routes[name]
    same_path = [route for route in reading.routes if route.partition(" ")[2] == name.partition(" ")[2]]
    near = same_path or get_close_matches(name, reading.routes, 3)
    known = (
        f"Did you mean {' or '.join(map(repr, near))}?" if near else f"It has {', '.join(reading.routes) or 'none'}."
    )
    raise UsageError(f"the API has no route {name!r}", known)


def _add_route(draft: _Draft, route: LiveRoute, note: str = "") -> None:
    """A route that is to stream, or why it can't."""
    live = route.integration
    if live is None:
        draft.refuse(f"{route} has no integration", "Give it one first.")
        return
    body = {"type": live.type, "uri": live.uri, "responseTransferMode": live.mode}
    known = Integration(body, (), OPENAPI, _RESOLVER)
    if known.problem:
        draft.refuse(f"{route} can't stream: {known.problem}", "Leave it out, or give it a proxy integration.")
        return
    ref = draft.ref_of(live)
    if ref is not None and ref.arn not in draft.facts:
        client = draft.reader.clients.of("lambda", ref.region)
        draft.refs[ref.arn] = ref
        draft.facts[ref.arn] = draft.reader.read(lambda: read_function(client, ref), ref.region)
    elif ref is None and live.type == "AWS_PROXY":
        draft.notes.append(f"{route}: which function it invokes can't be told from its URI and the stage's variables")
    before = state_of(live)
    edits = {edit.place[0]: edit.after for edit in known.edits(None)} if live.type == "AWS_PROXY" else {}
    after = State("STREAM", str(edits.get("uri", before.uri)), _timeout(draft, before, ref))
    draft.routes[str(route)] = RouteChange(
        str(route), route.resource_id, route.method, before, after, str(ref or ""), note
    )


def _timeout(draft: _Draft, before: State, ref: FunctionRef | None) -> int:
    """The one asked for, else the route's own, else the function's where that is over the default."""
    if draft.order.timeout is not None:
        return draft.order.timeout
    facts = draft.facts.get(ref.arn) if ref else None
    if before.timeout == DEFAULT_TIMEOUT and isinstance(facts, FunctionFacts):
        return max(DEFAULT_TIMEOUT, min(facts.timeout * 1000, MAX_TIMEOUT))
    return before.timeout


def _look_at_function(draft: _Draft, ref: FunctionRef) -> None:
    """The adapter must stream where the integration does."""
    facts = draft.facts[ref.arn]
    if isinstance(facts, Unread) or facts.adapter not in _NOT_STREAMING:
        return
    problem = f"the adapter in {ref} isn't told to stream, so callers would get errors"
    if ref.qualifier:
        remedy = f"Set {INVOKE_MODE} to {STREAM}, publish a version, and point {ref.qualifier} to it."
        draft.refuse(f"{problem}; {ref.qualifier} is a version or an alias, which a repair doesn't change", remedy)
    elif not draft.order.function_too:
        draft.refuse(problem, f"Add --function-too to set {INVOKE_MODE}, or set it to {STREAM} yourself.")
    else:
        _change_function(draft, ref)


def _change_function(draft: _Draft, ref: FunctionRef) -> None:
    try:
        with aws_errors(ref.region, ADVICE):
            setting = read_setting(draft.reader.clients.of("lambda", ref.region), ref.arn)
    except AccessDeniedError as error:
        draft.refuse(f"whether {ref} may be changed can't be told: {error.message}", error.remedy)
        return
    draft.functions[ref.arn] = FunctionChange(ref.arn, ref.region, setting.mode, STREAM)
    if setting.stack:
        _look_at_stack(draft, f"the function {ref}", setting.stack)
    draft.notes.append(
        f"{ref} streams to all its callers then: one by another API, another stage or an event source breaks, "
        "which can't be seen from here"
    )


def _look_at_siblings(draft: _Draft, ref: FunctionRef) -> None:
    """Other, buffered routes of a function: code that writes the streaming format breaks there, as an adapter does."""
    facts, siblings = draft.facts[ref.arn], list(_others(draft, ref))
    if isinstance(facts, Unread) or not siblings:
        return
    names = ", ".join(map(str, siblings))
    if facts.adapter in (Adapter.ABSENT, Adapter.UNKNOWN):
        draft.notes.append(f"{ref} serves {names} buffered: if its code streams all its answers, name them as well")
    elif draft.order.siblings:
        for route in siblings:
            _add_route(draft, route, f"{ref} serves it, too")
    elif facts.adapter in _NOT_STREAMING:
        message = f"{ref} serves {names} buffered, too, and would break there"
        draft.refuse(message, "Add --siblings to make all of them stream, or give them a function of their own.")
    else:
        draft.notes.append(f"{ref} serves {names} buffered, which is broken already: --siblings mends that, too")


def _others(draft: _Draft, ref: FunctionRef) -> Iterator[LiveRoute]:
    for name, route in draft.reading.routes.items():
        live = route.integration
        if name not in draft.routes and live is not None and not live.streams and draft.ref_of(live) == ref:
            yield route


def _is_served(reading: Reading, change: RouteChange) -> bool:
    """Whether the stage serves a route already as it is to be."""
    deployed = reading.snapshot.integrations.get(change.route)
    if change.is_needed or deployed is None:
        return False
    if deployed.streams is None:  # the export doesn't tell an HTTP_PROXY's mode
        is_ours = reading.description.startswith(MARK)
        return is_ours and change.route in reading.description.removeprefix(MARK).split(", ")
    found = state_of(deployed)
    return deployed.streams and (found.uri, found.timeout) == (change.after.uri, change.after.timeout)


def _look_at_api(draft: _Draft, *, publishes: bool) -> None:
    """What speaks against changing this API, or against a deployment of it."""
    reading, order = draft.reading, draft.order
    if reading.stack:
        _look_at_stack(draft, f"the API {order.api}", reading.stack)
    if not publishes:
        return
    others = list(differences(reading, draft.routes))
    if others and not order.also_publish:
        message = f"a deployment would publish other changes of the API as well: {_list(others)}"
        draft.refuse(message, "Look at them; deploy or undo them first, or add --also-publish.")
    elif others:
        draft.notes.append(f"the deployment publishes other changes of the API as well: {_list(others)}")
    if reading.stage.canary_deployment_id is not None and not order.keep_canary:
        share = f"{reading.stage.canary_percent:g} % of the calls"
        message = f"the stage {order.stage} has a canary, whose {share} would not get the repair"
        draft.refuse(message, "Promote the canary or turn it off, or add --keep-canary to leave it as it is.")


def _look_at_stack(draft: _Draft, what: str, stack: str) -> None:
    if draft.order.managed:
        draft.notes.append(f"{what} belongs to the stack {stack}, whose next update may undo this")
        return
    routes = shlex.join(draft.order.routes)
    remedy = (
        f"Change its template: samstream add TEMPLATE {routes}, and deploy the stack. --managed-by-cloudformation "
        "goes ahead all the same, and the stack's next update may undo it."
    )
    draft.refuse(f"{what} belongs to the CloudFormation stack {stack}", remedy)


def _list(items: Sequence[str]) -> str:
    shown = "; ".join(items[:5])
    return f"{shown}; and {len(items) - 5} more" if len(items) > 5 else shown

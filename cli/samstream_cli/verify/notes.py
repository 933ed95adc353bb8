"""What else there is to know of routes that stream: settings that API Gateway ignores or that cut an answer short."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from samstream.plan import DEFAULT_TIMEOUT
from samstream_cli.verify.cases import Case, RouteVerdict
from samstream_cli.verify.functions import Adapter, FunctionFacts
from samstream_cli.verify.judging import seconds_of
from samstream_cli.verify.live import LiveIntegration, LiveSettings, LiveStage
from samstream_cli.verify.reads import Unread
from samstream_cli.verify.survey import SurveyedApi, SurveyedStage
from samstream_cli.verify.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Note:
    """`rule` is the one of `samstream check` that says more, empty for what no template shows."""

    message: str
    rule: str = ""
    api: str = ""
    stage: str = ""
    route: str = ""


def notes(wanted: Wanted, apis: Sequence[SurveyedApi], verdicts: Sequence[RouteVerdict]) -> list[Note]:
    """Each once, of the APIs and routes that stream."""
    found: dict[Note, None] = {}
    if wanted.changing:
        found[Note(f"the stack is being changed ({wanted.changing}), so this holds for the moment only.")] = None
    cases = [verdict.case for verdict in verdicts if verdict.case.concerns_streaming]
    for case in cases:
        found |= dict.fromkeys((*_on_api(case.api), *_on_stage(case.api, case.stage), *_on_route(case)))
    for api in apis:
        if api.other_stages:
            names = ", ".join(api.other_stages)
            found[Note(f"{api.name} has other stages: {names}. --stage NAME looks at one.", api=api.name)] = None
    if wanted.nested:
        found[Note(f"nested stacks aren't looked into, verify each by itself: {', '.join(wanted.nested)}.")] = None
    return list(found)


def _streaming(case: Case) -> LiveIntegration | None:
    """What callers get streamed, else what they would."""
    for integration in (case.deployed, case.live):
        if isinstance(integration, LiveIntegration) and integration.streams:
            return integration
    return None


def _on_api(api: SurveyedApi) -> Iterator[Note]:
    if not isinstance(api.settings, LiveSettings):
        return
    if "EDGE" in api.settings.endpoint_types:
        message = f"{api.name} is edge-optimized, which cuts a stream that is silent for 30 s. Make it REGIONAL."
        yield Note(message, "W402", api.name)
    if api.settings.minimum_compression_size is not None:
        message = f"{api.name} compresses, which API Gateway doesn't do with streams. Turn it off."
        yield Note(message, "W404", api.name)


def _on_stage(api: SurveyedApi, stage: SurveyedStage) -> Iterator[Note]:
    settings = stage.settings
    if isinstance(settings, LiveStage) and settings.canary_deployment_id:
        message = (
            f"the stage has a canary, deployment {settings.canary_deployment_id} for {settings.canary_percent:g}% of "
            "requests, which an export doesn't show."
        )
        yield Note(message, "", api.name, stage.name)


def _on_route(case: Case) -> Iterator[Note]:
    where = (case.api.name, case.stage.name, case.route)
    settings, integration = case.stage.settings, _streaming(case)
    method, _, path = case.route.partition(" ")
    if isinstance(settings, LiveStage) and settings.caches(method, path):
        yield Note("the stage caches it, which API Gateway doesn't support with streaming.", "W403", *where)
    facts = case.function
    if integration is None or facts is None or isinstance(facts, Unread):
        return
    yield from (Note(message, rule, *where) for message, rule in _on_function(integration, facts))


def _on_function(integration: LiveIntegration, facts: FunctionFacts) -> Iterator[tuple[str, str]]:
    timeout = DEFAULT_TIMEOUT if integration.timeout is None else integration.timeout
    if timeout > max(facts.timeout * 1000, DEFAULT_TIMEOUT):
        message = (
            f"it waits for {seconds_of(timeout)}, but {facts.ref} is stopped after {facts.timeout} s, in the middle of "
            "an answer. Raise the function's Timeout."
        )
        yield message, "W204"
    if timeout == DEFAULT_TIMEOUT < facts.timeout * 1000:
        message = f"it ends after 29 s, the default, though {facts.ref} may run for {facts.timeout} s. Set its timeout."
        yield message, "W203"
    if facts.adapter is Adapter.ABSENT and not facts.writes_by_itself:
        message = (
            f"{facts.runtime} doesn't stream by itself, and {facts.ref} has no Lambda Web Adapter that is to be seen. "
            "See how it answers: --probe."
        )
        yield message, "W303"

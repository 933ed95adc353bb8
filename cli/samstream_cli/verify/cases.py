"""The routes of a stage: of each what the template wants, what is configured, what is served, and what to say of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from samstream_cli.verify.functions import FunctionFacts
from samstream_cli.verify.live import FunctionRef, LiveIntegration
from samstream_cli.verify.reads import Unread
from samstream_cli.verify.survey import SurveyedApi, SurveyedStage
from samstream_cli.verify.wanted import Wanted, WantedRoute

Integration = LiveIntegration | Unread | None
"""None: there is no such route, or it has no integration."""


class Verdict(StrEnum):
    """What becomes of a route's answers."""

    STREAMS = "streams"
    NOT_REDEPLOYED = "not_redeployed"
    DISAGREES = "disagrees"
    BUFFERED = "buffered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, why, what to do about it, and the rule of `samstream check` that says more."""

    verdict: Verdict
    why: str
    remedy: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One route of one stage: `live` is what is configured, `deployed` what the stage serves."""

    route: str
    wanted: WantedRoute | None
    live: Integration
    deployed: Integration
    api: SurveyedApi
    stage: SurveyedStage
    wanted_functions: frozenset[str] = frozenset()
    is_template_known: bool = True

    @property
    def concerns_streaming(self) -> bool:
        """It is to stream, or does."""
        return self.wanted is not None or streams(self.live) is True or streams(self.deployed) is True

    @property
    def ref(self) -> FunctionRef | None:
        """The function that callers reach, else the one they will reach."""
        for integration in (self.deployed, self.live):
            if isinstance(integration, LiveIntegration):
                return integration.function(self.stage.variables)
        return None

    @property
    def function(self) -> FunctionFacts | Unread | None:
        """None where the route invokes none, or none that was looked at."""
        return self.api.functions.get(self.ref.arn) if self.ref else None


@dataclass(frozen=True, slots=True)
class RouteVerdict:
    """A case and its judgement."""

    case: Case
    judgement: Judgement

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @property
    def is_failure(self) -> bool:
        """Callers get something else than the template, or whoever changed the API, wants."""
        is_bad = self.verdict in (Verdict.NOT_REDEPLOYED, Verdict.DISAGREES)
        return is_bad or (self.verdict is Verdict.BUFFERED and self.case.wanted is not None)


def cases_of(wanted: Wanted, api: SurveyedApi, stage: SurveyedStage) -> Iterator[Case]:
    """Every route that the template, the API or the stage has."""
    routes, snapshot = api.routes, stage.snapshot
    by_name = wanted.of_api(api.name)
    names = dict.fromkeys(by_name)
    if not isinstance(routes, Unread):
        names |= dict.fromkeys(routes)
    if not isinstance(snapshot, Unread):
        names |= dict.fromkeys(snapshot.integrations)
    for name in names:
        route = None if isinstance(routes, Unread) else routes.get(name)
        functions = by_name[name].functions if name in by_name else ()
        yield Case(
            name,
            by_name.get(name),
            routes if isinstance(routes, Unread) else route.integration if route else None,
            snapshot if isinstance(snapshot, Unread) else snapshot.integrations.get(name),
            api,
            stage,
            frozenset(wanted.functions[one] for one in functions if one in wanted.functions),
            wanted.is_known,
        )


def streams(integration: Integration) -> bool | None:
    """Whether it does; None where it can't be told."""
    if isinstance(integration, Unread):
        return None
    return False if integration is None else integration.streams

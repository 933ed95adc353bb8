"""Everything that AWS tells of the APIs of a stack, each part as far as it may be read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from samstream_cli.errors import UsageError
from samstream_cli.verify import live
from samstream_cli.verify.functions import FunctionFacts, read_function
from samstream_cli.verify.live import (
    FunctionRef,
    LiveDeployment,
    LiveIntegration,
    LiveRoute,
    LiveSettings,
    LiveStage,
    Snapshot,
)
from samstream_cli.verify.reads import Reader, Unread
from samstream_cli.verify.wanted import Wanted

NO_STAGE: Final = "-"


@dataclass(frozen=True, slots=True)
class SurveyedStage:
    """A stage and what it serves; `settings` is None where there is no such stage."""

    name: str
    settings: LiveStage | Unread | None
    snapshot: Snapshot | Unread

    @property
    def variables(self) -> Mapping[str, str]:
        return self.settings.variables if isinstance(self.settings, LiveStage) else {}


@dataclass(frozen=True, slots=True)
class SurveyedApi:
    """An API; `name` is its logical id; `other_stages` are those that weren't looked into."""

    name: str
    id: str
    settings: LiveSettings | Unread
    routes: Mapping[str, LiveRoute] | Unread
    deployments: Sequence[LiveDeployment] | Unread
    stages: tuple[SurveyedStage, ...]
    other_stages: tuple[str, ...] = ()
    functions: Mapping[str, FunctionFacts | Unread] = field(default_factory=dict)
    """By ARN, those behind routes that stream."""
    region: str = ""


def survey(reader: Reader, wanted: Wanted, apis: Collection[str], stages: Collection[str]) -> list[SurveyedApi]:
    """The APIs of the stack, or those of these names or ids; their stages in the template, or those of these names.
    Raises `UsageError` for one that isn't there."""
    chosen = {name: id_ for name, id_ in wanted.apis.items() if not apis or name in apis or id_ in apis}
    for missing in sorted(set(apis) - chosen.keys() - set(chosen.values())):
        known = ", ".join(f"{name} ({id_})" for name, id_ in wanted.apis.items()) or "none that is known"
        unlisted = f" Its resources aren't known: {wanted.unlisted.reason}." if wanted.unlisted else ""
        raise UsageError(f"the stack has no REST API {missing}", f"It has {known}.{unlisted}")
    found = [_survey_api(reader, name, id_, wanted.stages.get(name, ()), stages) for name, id_ in chosen.items()]
    if not apis:
        elsewhere = dict.fromkeys(route.api for route in wanted.routes if route.api not in wanted.apis)
        reason = "the API isn't among the stack's resources"
        why = wanted.unlisted or Unread(reason, "Verify it with the stack that has it.")
        found += [_nowhere(name, "?", why) for name in elsewhere]
    present = {stage.name for api in found for stage in api.stages if stage.settings is not None}
    for missing in sorted(set(stages) - present):
        others = sorted({name for api in found for name in api.other_stages})
        raise UsageError(f"no API that is looked at has a stage {missing}", f"They have {', '.join(others) or 'none'}.")
    return found


def _survey_api(reader: Reader, name: str, id_: str, own_stages: Sequence[str], asked: Collection[str]) -> SurveyedApi:
    client = reader.clients.of("apigateway", reader.region)
    settings = reader.read(lambda: live.read_settings(client, id_))
    if isinstance(settings, Unread) and settings.is_missing:
        return _nowhere(name, id_, settings)
    routes = reader.read(lambda: live.read_routes(client, id_))
    stages = reader.read(lambda: live.read_stages(client, id_))
    deployments = reader.read(lambda: live.read_deployments(client, id_))
    present = list((asked or own_stages) if isinstance(stages, Unread) else stages)
    chosen = [stage for stage in present if stage in asked] if asked else list(own_stages) or present
    surveyed = tuple(_survey_stage(reader, id_, stage, stages) for stage in chosen)
    if not chosen and not asked:
        why = stages if isinstance(stages, Unread) else Unread("the API has no stage", is_missing=True)
        surveyed = (SurveyedStage(NO_STAGE, stages if isinstance(stages, Unread) else None, why),)
    others = tuple(stage for stage in present if stage not in chosen)
    functions = dict(_functions(reader, {} if isinstance(routes, Unread) else routes, surveyed))
    return SurveyedApi(name, id_, settings, routes, deployments, surveyed, others, functions, reader.region)


def _nowhere(name: str, id_: str, why: Unread) -> SurveyedApi:
    """An API that there is nothing to tell of."""
    stage = SurveyedStage(NO_STAGE, why, why)
    return SurveyedApi(name, id_, why, why, why, (stage,))


def _survey_stage(reader: Reader, id_: str, stage: str, stages: Mapping[str, LiveStage] | Unread) -> SurveyedStage:
    client = reader.clients.of("apigateway", reader.region)
    settings = stages if isinstance(stages, Unread) else stages.get(stage)
    if settings is None:
        return SurveyedStage(stage, None, Unread(f"there is no stage {stage}", is_missing=True))
    return SurveyedStage(stage, settings, reader.read(lambda: live.read_snapshot(client, id_, stage)))


def _functions(
    reader: Reader, routes: Mapping[str, LiveRoute], stages: Sequence[SurveyedStage]
) -> Iterator[tuple[str, FunctionFacts | Unread]]:
    """Those behind routes that stream, as configured or as deployed; others needn't be read."""
    references = {ref.arn: ref for stage in stages for ref in _invoked(routes, stage)}
    for ref in references.values():
        yield ref.arn, _read_function(reader, ref)


def _read_function(reader: Reader, ref: FunctionRef) -> FunctionFacts | Unread:
    client = reader.clients.of("lambda", ref.region)
    return reader.read(lambda: read_function(client, ref), ref.region)


def _invoked(routes: Mapping[str, LiveRoute], stage: SurveyedStage) -> Iterator[FunctionRef]:
    deployed = {} if isinstance(stage.snapshot, Unread) else stage.snapshot.integrations
    integrations: list[LiveIntegration | None] = [route.integration for route in routes.values()]
    for integration in (*integrations, *deployed.values()):
        ref = integration.function(stage.variables) if integration is not None and integration.streams else None
        if ref is not None:
            yield ref

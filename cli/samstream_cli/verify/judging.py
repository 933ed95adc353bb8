"""A verdict for every route of a stage: what the template wants, what is configured, and what callers get, compared.

Each question that has an answer ends it; they stand in `_QUESTIONS` in their order.
"""

from collections.abc import Callable, Sequence
from typing import Final

from samstream.plan import DEFAULT_TIMEOUT
from samstream_cli.verify.cases import Case, Judgement, RouteVerdict, Verdict, cases_of, streams
from samstream_cli.verify.functions import Adapter, FunctionFacts
from samstream_cli.verify.live import LiveIntegration, LiveStage
from samstream_cli.verify.reads import Unread
from samstream_cli.verify.survey import NO_STAGE, SurveyedApi
from samstream_cli.verify.wanted import Wanted

CONFIGURED_AND_DEPLOYED: Final = "configured and deployed"


def judge_all(wanted: Wanted, apis: Sequence[SurveyedApi]) -> list[RouteVerdict]:
    """Every route of every stage, in each those first that are to stream."""
    cases = [case for api in apis for stage in api.stages for case in cases_of(wanted, api, stage)]
    return [RouteVerdict(case, judge(case)) for case in cases]


def judge(case: Case) -> Judgement:
    """The first answer counts."""
    for question in _QUESTIONS if case.concerns_streaming else (_adapter_of_buffered,):
        found = question(case)
        if found is not None:
            return found
    if not case.concerns_streaming:
        return Judgement(Verdict.BUFFERED, "nothing says that it should stream")
    if isinstance(case.live, Unread):
        return Judgement(Verdict.STREAMS, f"deployed; its integration can't be compared: {case.live.reason}")
    note = "" if case.wanted or not case.is_template_known else "; the template doesn't say so: changed outside of it"
    return Judgement(Verdict.STREAMS, f"{CONFIGURED_AND_DEPLOYED}{note}")


def _is_gone(case: Case) -> Judgement | None:
    """API, stage or route, deleted by hand."""
    if isinstance(case.api.settings, Unread) and case.api.settings.is_missing:
        why = f"the API {case.api.id} doesn't exist any more: it was deleted outside of the stack"
        return Judgement(Verdict.DISAGREES, why, "Delete the stack and create it anew.")
    if case.stage.settings is None:
        name = f" {case.stage.name}" if case.stage.name != NO_STAGE else ""
        return Judgement(Verdict.DISAGREES, f"the API has no stage{name}", "Make one, and a deployment for it.")
    if case.live is None and case.wanted:
        return Judgement(
            Verdict.DISAGREES,
            "the API has no such route, or the route has no integration: it was deleted outside of the stack",
            _restore(case),
        )
    return None


def _has_drifted(case: Case) -> Judgement | None:
    """The integration isn't what the template makes it."""
    if case.live is None:
        why = "the route was taken out of the API, but the stage still serves it"
        return Judgement(Verdict.NOT_REDEPLOYED, why, f"Make a deployment: {_redeploy(case)}")
    if isinstance(case.live, Unread):
        return None
    if streams(case.live) is False:
        return _lost_streaming(case)
    if case.wanted is None:
        return None
    timeout = case.wanted.timeout
    if timeout is not None and timeout != _timeout(case.live):
        why = (
            f"its timeout is {seconds_of(_timeout(case.live))}, but {seconds_of(timeout)} in the template: it was "
            "changed outside of the stack"
        )
        return Judgement(Verdict.DISAGREES, why, _restore(case))
    ref = case.live.function(case.stage.variables)
    if ref is not None and case.wanted_functions and ref.name not in case.wanted_functions:
        why = (
            f"it invokes {ref.name}, but {' or '.join(sorted(case.wanted_functions))} in the template: it was "
            "changed outside of the stack"
        )
        return Judgement(Verdict.DISAGREES, why, _restore(case))
    return None


def _lost_streaming(case: Case) -> Judgement | None:
    deployed = streams(case.deployed)
    if case.wanted is None:
        why = (
            "the stage still streams it, but the integration is buffered now: the stage wasn't deployed since, and "
            "the next deployment ends the streaming"
        )
        return Judgement(Verdict.DISAGREES, why, f"Make a deployment: {_redeploy(case)}")
    if deployed is False:
        why = "the template wants it to stream, but the integration and the stage are buffered"
        return Judgement(Verdict.BUFFERED, why, _restore(case))
    still = "; callers get it streamed until the next deployment of the API" if deployed else ""
    why = (
        f"the template wants it to stream, but the integration is buffered: it was changed outside of the stack{still}"
    )
    return Judgement(Verdict.DISAGREES, why, _restore(case))


def _is_old_botocore(case: Case) -> Judgement | None:
    if streams(case.live) is None and isinstance(case.live, LiveIntegration):
        why = "the botocore on this machine doesn't know an integration's mode"
        return Judgement(Verdict.UNKNOWN, why, "Install botocore 1.41.0 or newer.")
    return None


def _is_undeployed(case: Case) -> Judgement | None:
    """The seed's bug: the integration streams, but callers get what was deployed before."""
    if isinstance(case.deployed, Unread):
        return None
    remedy = f"Make a deployment: {_redeploy(case)}"
    if case.deployed is None or streams(case.deployed) is False:
        if not isinstance(case.live, LiveIntegration):
            return Judgement(Verdict.BUFFERED, "the stage doesn't stream it; its integration can't be read", remedy)
        what = "isn't on the stage yet" if case.deployed is None else "is still buffered on the stage"
        why = f"the integration streams, but the route {what}{_deployments(case)}{_broken_meanwhile(case)}"
        return Judgement(Verdict.NOT_REDEPLOYED, why, remedy)
    if not isinstance(case.live, LiveIntegration):
        return None
    difference = _difference(case.live, case.deployed)
    if difference:
        return Judgement(Verdict.NOT_REDEPLOYED, f"{difference}{_deployments(case)}", remedy)
    return None


def _difference(live: LiveIntegration, deployed: LiveIntegration) -> str:
    """What else the stage still has of before. What an HTTP_PROXY calls is nobody's business here."""
    if live.uri != deployed.uri:
        before, after = deployed.function(), live.function()
        what = f": {before}, not {after}" if before and after and before != after else ""
        return f"the stage still has the URI of before{what}"
    if _timeout(live) != _timeout(deployed):
        return f"its timeout is {seconds_of(_timeout(live))}, but still {seconds_of(_timeout(deployed))} on the stage"
    return ""


def _adapter_disagrees(case: Case) -> Judgement | None:
    found = case.function
    if isinstance(found, Unread) and found.is_missing:
        why = f"its function {case.ref} doesn't exist, so callers get an error"
        return Judgement(Verdict.DISAGREES, why, "Deploy the function, or mend the integration.")
    if isinstance(found, FunctionFacts) and found.adapter in (Adapter.BUFFERS, Adapter.MISSPELT):
        how = "is misspelt, which means buffered" if found.adapter is Adapter.MISSPELT else "is buffered or missing"
        qualifier = f" and publish what {case.ref.qualifier} stands for anew" if case.ref and case.ref.qualifier else ""
        why = f"the route streams, but the adapter of {case.ref} doesn't: its AWS_LWA_INVOKE_MODE {how}"
        return Judgement(Verdict.DISAGREES, why, f"Set it to response_stream{qualifier}.", "E301")
    return None


def _adapter_of_buffered(case: Case) -> Judgement | None:
    """A buffered route of a function whose adapter streams on all of them."""
    found = case.function
    is_proxy = isinstance(case.deployed, LiveIntegration) and case.deployed.type == "AWS_PROXY"
    if not (is_proxy and isinstance(found, FunctionFacts) and found.adapter is Adapter.STREAMS):
        return None
    why = f"the route is buffered, but the adapter of {case.ref} streams on all its routes: callers get an error"
    remedy = "Tag the route, or give it a function of its own, and deploy the stack."
    return Judgement(Verdict.DISAGREES, why, remedy, "E303")


def _is_unread(case: Case) -> Judgement | None:
    """What can't be told without a read that was refused."""
    if isinstance(case.deployed, Unread):
        why = f"what the stage serves can't be read: {case.deployed.reason}"
        return Judgement(Verdict.UNKNOWN, why, case.deployed.remedy)
    found = case.function
    if isinstance(found, Unread):
        why = f"{CONFIGURED_AND_DEPLOYED}, but the function {case.ref} can't be read: {found.reason}"
        return Judgement(Verdict.UNKNOWN, why, found.remedy)
    if isinstance(found, FunctionFacts) and found.adapter is Adapter.UNKNOWN:
        why = f"{CONFIGURED_AND_DEPLOYED}, but the environment of {case.ref} can't be read, nor so its adapter's mode"
        return Judgement(Verdict.UNKNOWN, why, "Allow the caller kms:Decrypt with the function's key.")
    return _is_untold(case)


def _is_untold(case: Case) -> Judgement | None:
    """What AWS tells isn't enough."""
    if streams(case.deployed) is None:
        why = "the integration streams, but the stage's export doesn't say which mode it was deployed with"
        return Judgement(Verdict.UNKNOWN, why, "See how it answers: samstream probe.")
    if isinstance(case.deployed, LiveIntegration) and case.deployed.type == "AWS_PROXY" and case.ref is None:
        why = "which function it invokes can't be told from its URI and the stage's variables"
        return Judgement(Verdict.UNKNOWN, why, "Set the stage's variable.")
    return None


_QUESTIONS: Final[tuple[Callable[[Case], Judgement | None], ...]] = (
    _is_gone,
    _has_drifted,
    _is_old_botocore,
    _is_undeployed,
    _adapter_disagrees,
    _is_unread,
)


def seconds_of(timeout: int) -> str:
    return f"{timeout / 1000:g} s"


def _timeout(integration: LiveIntegration) -> int:
    """In milliseconds; the documented default where none is told."""
    return DEFAULT_TIMEOUT if integration.timeout is None else integration.timeout


def _deployments(case: Case) -> str:
    """Whether a deployment was made that the stage doesn't point to, or none at all."""
    settings, made = case.stage.settings, case.api.deployments
    if not isinstance(settings, LiveStage) or isinstance(made, Unread) or not made:
        return ""
    own = next((one for one in made if one.id == settings.deployment_id), None)
    dated = f" of {own.created:%Y-%m-%d %H:%M}" if own and own.created else ""
    if made[0].id == settings.deployment_id:
        return f": its deployment {settings.deployment_id}{dated} is the newest, none was made since"
    return f": it points to deployment {settings.deployment_id}{dated}, not to the newest, {made[0].id}"


def _broken_meanwhile(case: Case) -> str:
    found = case.function
    is_broken = isinstance(found, FunctionFacts) and found.adapter is Adapter.STREAMS
    return ". Its function writes the streaming format already, so callers get an error until then" if is_broken else ""


def _redeploy(case: Case) -> str:
    where = f"--rest-api-id {case.api.id} --stage-name {case.stage.name} --region {case.api.region}"
    return f"aws apigateway create-deployment {where}"


def _restore(case: Case) -> str:
    repair = f"samstream repair --api {case.api.id} --stage {case.stage.name} '{case.route}'"
    return f"Deploy the stack with a change of this route, or: {repair} --managed-by-cloudformation"

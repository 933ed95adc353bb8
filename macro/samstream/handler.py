"""What Lambda calls: a macro's event in, its answer out, whatever arrives.

Nothing of a template's contents or parameter values is logged, but logical ids and routes.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from samstream import __version__
from samstream.findings import Finding
from samstream.options import Options, OptionsError
from samstream.transform import Result, Stack, transform
from samstream.types import Json, JsonObject, as_object

logger = Logger(service="samstream")
metrics = Metrics(namespace="SamStream", service="samstream")


@metrics.log_metrics
def lambda_handler(event: Json, _context: Any) -> JsonObject:
    """Answers a macro's event: the processed fragment, or the fragment as it came and why.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html
    """
    event = as_object(event)
    request_id, fragment = event.get("requestId"), event.get("fragment")
    logger.append_keys(request_id=_name(request_id), account_id=_name(event.get("accountId")))
    try:
        with _without_collector():
            result = _transform(event)
    except Exception as error:  # the one outermost catch: a macro that raises tells its user nothing
        result = Result(fragment, (_crash(error, request_id),))
    _observe(result)
    if result.failed:
        return {
            "requestId": request_id,
            "status": "failure",
            "fragment": fragment,
            "errorMessage": result.message,
        }
    return {"requestId": request_id, "status": "success", "fragment": result.template}


@contextmanager
def _without_collector() -> Iterator[None]:
    """A third of a transform's time would go into searching the template for cycles, which JSON has none of.

    Freezing and unfreezing moves what was made meanwhile past the collector, which would search it all at once else.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()


def _transform(event: JsonObject) -> Result:
    if "fragment" not in event:
        return Result(
            None,
            (Finding("E002", "", (), "The event has no fragment: CloudFormation alone can call a macro."),),
        )
    try:
        options = Options.load({} if event.get("params") is None else event["params"], os.environ)
    except OptionsError as error:
        return Result(event["fragment"], error.findings)
    region, account_id = str(event.get("region") or ""), str(event.get("accountId") or "")
    return transform(
        event["fragment"], options, Stack(region, account_id, as_object(event.get("templateParameterValues")))
    )


def _crash(error: Exception, request_id: Json) -> Finding:
    """Neither the message nor the values of an unforeseen error are safe to log: its type and lines are."""
    lines = []
    trace = error.__traceback__
    while trace is not None:
        lines.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    logger.error("crash", error_type=type(error).__name__, frames=lines[-12:])
    place = lines[-1] if lines else "?"
    message = (
        f"samstream {__version__} failed on this template with {type(error).__name__} in {place}. "
        f"This is a bug: please report it with request id {_name(request_id)}."
    )
    return Finding("E099", "", (), message)


def _observe(result: Result) -> None:
    streaming = [_name(f"{route.api} {route.route}") for route in result.report.routes] if result.report else []
    metrics.add_metric(name="RoutesStreamed", unit=MetricUnit.Count, value=len(streaming))
    metrics.add_metric(name="Findings", unit=MetricUnit.Count, value=len(result.findings))
    rules = sorted({finding.rule for finding in result.findings if finding.severity == "error"})
    for rule in rules:
        with single_metric("Failures", MetricUnit.Count, 1, namespace="SamStream") as failures:
            failures.add_dimension("rule", rule)
    logger.info(
        "failed" if result.failed else "transformed",
        routes=streaming,
        findings=[_name(f"{finding.rule} {finding.resource}".strip()) for finding in result.findings],
    )


def _name(value: Json) -> str:
    """An id or a route as it may stand in a log: short, in characters that any log can hold."""
    return value[:200].encode("ascii", "backslashreplace").decode() if isinstance(value, str) else ""

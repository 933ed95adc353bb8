"""What speaks against streaming on a stage without forbidding it."""

from collections.abc import Iterator, Sequence

from samstream_cli.repair.plan import RouteChange
from samstream_cli.repair.reading import Reading
from samstream_cli.verify.functions import Adapter, FunctionFacts
from samstream_cli.verify.live import FunctionRef
from samstream_cli.verify.reads import Unread


def stage_notes(reading: Reading, routes: Sequence[RouteChange]) -> Iterator[str]:
    """Limits of the API and its stage.
    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"""
    if "EDGE" in reading.settings.endpoint_types:
        yield "the endpoint is edge-optimized: a stream is cut after 30 s of silence, on a regional one after 5 minutes"
    if reading.settings.minimum_compression_size is not None:
        yield "the API compresses answers, which doesn't go with streaming"
    for change in routes:
        if reading.stage.caches(change.method, change.route.partition(" ")[2]):
            yield f"{change.route}: the stage caches its answers, which doesn't go with streaming"
    if reading.stage.canary_deployment_id is not None:
        yield "the stage's canary stays as it is: its share of the calls isn't repaired"


def function_notes(ref: FunctionRef, facts: FunctionFacts | Unread, routes: Sequence[RouteChange]) -> Iterator[str]:
    """What the function may not be fit for."""
    if isinstance(facts, Unread):
        yield f"whether {ref} can stream isn't known: {facts.reason}"
        return
    if facts.adapter is Adapter.UNKNOWN:
        yield f"whether {ref} can stream isn't known: its variables can't be read"
    if facts.adapter is Adapter.ABSENT and not facts.writes_by_itself:
        yield (
            f"{ref} runs on {facts.runtime} without the Lambda Web Adapter: unless its code writes the streaming "
            "format, callers get errors"
        )
    elif facts.adapter is Adapter.ABSENT:
        yield f"{ref} must write the streaming format by itself, which can't be seen from here"
    for change in routes:
        if facts.timeout * 1000 < change.after.timeout:
            yield f"{change.route}: {ref} is stopped after {facts.timeout} s, before the route's timeout"

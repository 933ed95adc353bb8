"""From an app's document to a definition that API Gateway imports, stage by stage.

lower       OpenAPI 3.1 as 3.0.1; knows nothing of API Gateway
gather      what the app answers to, documented or not; decides what is left out as a whole
fit         paths that can be imported together; touches nothing but paths and their parameters
limit       operations and models with what API Gateway takes
integrate   a proxy integration for each, and streaming
check       looks for what would be refused; changes nothing
"""

from dataclasses import dataclass

from samstream.types import JsonObject
from samstream_cli.openapi.changes import Changes
from samstream_cli.openapi.endpoints import Endpoint, choose_streaming, gather, stream_all
from samstream_cli.openapi.importing import Problem, check_import
from samstream_cli.openapi.integrations import Wiring, integrate
from samstream_cli.openapi.limits import limit
from samstream_cli.openapi.lowering import lower
from samstream_cli.openapi.paths import fit
from samstream_cli.openapi.source import Source


@dataclass(frozen=True)
class Conversion:
    """A definition, the endpoints in it, what it lost, and what API Gateway may not like of it."""

    definition: JsonObject
    endpoints: tuple[Endpoint, ...]
    changes: Changes
    problems: tuple[Problem, ...]


def convert(
    source: Source, wiring: Wiring, streams: tuple[str, ...] = (), *, with_models: bool = True, hidden: bool = False
) -> Conversion:
    """Raises `UsageError` where a route of `streams` isn't the app's."""
    changes = Changes()
    document = lower(source.document, changes, changes if with_models else Changes())
    endpoints = choose_streaming(fit(gather(document, source.routes, changes, hidden=hidden), changes), streams)
    if wiring.resolved:
        endpoints = stream_all(endpoints)
    limited = limit(document, endpoints, changes, with_models=with_models)
    definition = integrate(limited, endpoints, wiring)
    return Conversion(definition, tuple(endpoints), changes, tuple(check_import(definition)))

"""Apps of this folder, converted once a test process."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from samstream_cli.openapi.conversion import Conversion, convert
from samstream_cli.openapi.integrations import Wiring
from samstream_cli.openapi.source import Importing, Source, read_source

APPS = Path(__file__).parent / "apps"
FASTAPI_APPS = sorted(path.stem for path in APPS.glob("*.py") if path.stem != "plain")
EVERY_APP = (*FASTAPI_APPS, "plain")

FUNCTION = Wiring("App")


@cache
def read(name: str) -> Source:
    if name == "plain":
        return read_source("plain:create", Importing(APPS, is_factory=True))
    return read_source(f"{name}:app", Importing(APPS))


@cache
def converted(name: str, wiring: Wiring = FUNCTION, with_models: bool = True, hidden: bool = False) -> Conversion:
    return convert(read(name), wiring, with_models=with_models, hidden=hidden)


def of_document(paths: dict[str, Any], *streams: str, wiring: Wiring = FUNCTION, **sections: Any) -> Conversion:
    """A document with these paths, converted."""
    document = {"openapi": "3.1.0", "info": {"title": "Test", "version": "1"}, "paths": paths, **sections}
    return convert(Source("test", document), wiring, streams)


def routes(conversion: Conversion) -> dict[str, bool]:
    """Each route and whether it streams."""
    return {str(endpoint): endpoint.streams is not None for endpoint in conversion.endpoints}


def told(conversion: Conversion) -> set[tuple[str, str]]:
    """Where something was left out or changed, and what."""
    return {(change.place, change.what) for change in conversion.changes}


def models(conversion: Conversion) -> dict[str, Any]:
    found: dict[str, Any] = conversion.definition.get("components", {}).get("schemas", {})
    return found


def operation(conversion: Conversion, method: str, path: str) -> dict[str, Any]:
    """An operation without its integration."""
    found = conversion.definition["paths"][path][method]
    return {key: value for key, value in found.items() if key != "x-amazon-apigateway-integration"}


def invalid(definition: dict[str, Any]) -> list[str]:
    """What OpenAPI 3.0 has against a definition; `{name+}` is API Gateway's own spelling of `{name}`."""
    paths = {path.replace("+}", "}"): item for path, item in definition["paths"].items()}
    return [error.message for error in OpenAPIV30SpecValidator({**definition, "paths": paths}).iter_errors()]


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item)

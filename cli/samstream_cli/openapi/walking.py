"""Ways through a definition: its operations, models, schemas and keys."""

from collections.abc import Iterator

from samstream.types import Json, JsonObject
from samstream_cli.openapi.schema_lowering import COMBINING


def parts_of(path: str) -> list[str]:
    return list(filter(None, path.split("/")))


def operations_of(definition: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for path, operations in definition["paths"].items():
        for method, operation in operations.items():
            yield f"{method} {path}", operation


def models_of(definition: JsonObject) -> JsonObject:
    models: JsonObject = definition.get("components", {}).get("schemas", {})
    return models


def schemas_of(definition: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Every schema of the models and of the operations, those within others too."""
    for name, model in models_of(definition).items():
        yield from _within(model, name)
    for place, operation in operations_of(definition):
        for owner in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in owner.get("content", {}).values():
                yield from _within(media.get("schema", {}), place)


def _within(schema: JsonObject, place: str) -> Iterator[tuple[str, JsonObject]]:
    yield place, schema
    below = [(f"{place}.{name}", value) for name, value in schema.get("properties", {}).items()]
    below += [(place, value) for keyword in COMBINING for value in schema.get(keyword, ())]
    below += [
        (place, schema[key]) for key in ("items", "not", "additionalProperties") if isinstance(schema.get(key), dict)
    ]
    for at, value in below:
        yield from _within(value, at)


def keys_of(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from keys_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_of(item)

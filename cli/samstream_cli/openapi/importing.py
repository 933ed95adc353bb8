"""The last stage: what API Gateway would refuse or take amiss in a definition, each rule with its source.

The stages before leave nothing for most of these to find; they are here to show it, for every definition that is
written. A quota can be raised, so what is over one is a warning.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from samstream.integration import OPENAPI_KEY
from samstream.types import JsonObject
from samstream_cli.openapi.limits import MEDIA_TYPE, PARAMETER_NAME, STATUS
from samstream_cli.openapi.lowering import METHODS, VERSION
from samstream_cli.openapi.model_limits import (
    DYNAMIC_REFERENCE,
    FORMATS,
    MODEL_KEYWORDS,
    REFERENCE,
    is_function_name,
    references,
)
from samstream_cli.openapi.paths import NOTES, STATIC, VARIABLE
from samstream_cli.openapi.schema_lowering import COMBINING
from samstream_cli.openapi.walking import keys_of, models_of, operations_of, parts_of, schemas_of

_GUIDE: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_QUOTAS: Final = f"{_GUIDE}/api-gateway-execution-service-limits-table.html"

RESOURCES: Final = 300
TEMPLATE_BYTES: Final = 1_000_000

Found = Iterator[tuple[str, str]]


class ImportRule(NamedTuple):
    """One limit, where it is written, and what finds it: places with what is wrong there."""

    name: str
    source: str
    find: Callable[[JsonObject], Found]
    is_quota: bool = False


class Problem(NamedTuple):
    """What a rule found."""

    rule: ImportRule
    place: str
    message: str


def check_import(definition: JsonObject) -> list[Problem]:
    """All that is wrong with a definition."""
    return [Problem(rule, place, message) for rule in IMPORT_RULES for place, message in rule.find(definition)]


def _version(definition: JsonObject) -> Found:
    if definition.get("openapi") != VERSION:
        yield "openapi", f"it is not {VERSION}"


def _segments(definition: JsonObject) -> Found:
    for path in definition["paths"]:
        for part in parts_of(path):
            if not STATIC.fullmatch(part) and not VARIABLE.fullmatch(part):
                yield path, f"the segment {part} has characters that are refused, or a parameter beside text"


def _last_variables(definition: JsonObject) -> Found:
    for path in definition["paths"]:
        if any(part.endswith("+}") for part in parts_of(path)[:-1]):
            yield path, "a greedy parameter that isn't the last segment"


def _siblings(definition: JsonObject) -> Found:
    variables: dict[tuple[str, ...], str] = {}
    for path in definition["paths"]:
        parts = parts_of(path)
        for depth, part in enumerate(parts):
            if part.startswith("{") and variables.setdefault(tuple(parts[:depth]), part) != part:
                yield path, f"{part} stands beside {variables[tuple(parts[:depth])]}"


def _empty_segments(definition: JsonObject) -> Found:
    for path in definition["paths"]:
        if path != "/" and "" in path[1:].split("/"):
            yield path, "an empty segment"


def _methods(definition: JsonObject) -> Found:
    for path, operations in definition["paths"].items():
        for method in operations:
            if method == "trace" or method not in METHODS:
                yield path, f"the method {method}"


def _nothing(definition: JsonObject) -> Found:
    if not any(definition["paths"].values()):
        yield "the definition", "it has no route, and an API without a method can't be deployed"


def _integrations(definition: JsonObject) -> Found:
    for place, operation in operations_of(definition):
        if OPENAPI_KEY not in operation:
            yield place, "no integration"


def _model_names(definition: JsonObject) -> Found:
    for name in models_of(definition):
        if not re.fullmatch(r"[A-Za-z0-9]+", name):
            yield name, "a model's name of more than letters and digits"


def _keywords(definition: JsonObject) -> Found:
    for place, schema in schemas_of(definition):
        for keyword in schema.keys() - MODEL_KEYWORDS:
            yield place, f"the keyword {keyword}"
        if schema.get("format") in FORMATS:
            yield place, f"the format {schema['format']}"


def _combined_references(definition: JsonObject) -> Found:
    for place, schema in schemas_of(definition):
        for keyword in COMBINING:
            if any(references(schema.get(keyword))):
                yield place, f"{keyword} with a $ref"


def _lost_references(definition: JsonObject) -> Found:
    models = models_of(definition)
    for place, schema in schemas_of(definition):
        reference = schema.get("$ref", REFERENCE)
        if reference != REFERENCE and reference.removeprefix(REFERENCE) not in models:
            yield place, f"a reference to {reference}, which isn't here"


def _circles(definition: JsonObject) -> Found:
    models = models_of(definition)
    for name in models:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            fresh = set(references(models.get(waiting.pop(), {}))) - found
            found |= fresh
            waiting += fresh
        if name in found:
            yield name, "a model that leads back to itself"


def _parameters(definition: JsonObject) -> Found:
    for place, operation in operations_of(definition):
        for parameter in operation.get("parameters", ()):
            extra = parameter.keys() - {"name", "in", "required", "schema", "description"}
            if extra or parameter["schema"].keys() != {"type"}:
                yield place, f"the parameter {parameter['name']} says more than is read"
            if parameter["in"] not in ("path", "query", "header"):
                yield place, f"the {parameter['in']} parameter {parameter['name']}"
            if not PARAMETER_NAME.fullmatch(parameter["name"]):
                yield place, f"the parameter name {parameter['name']}"


def _path_parameters(definition: JsonObject) -> Found:
    for path, operations in definition["paths"].items():
        named = [match[1] for part in parts_of(path) if (match := VARIABLE.fullmatch(part))]
        for method, operation in operations.items():
            own = [item["name"] for item in operation.get("parameters", ()) if item["in"] == "path"]
            if sorted(own) != sorted(named):
                yield f"{method} {path}", "its path parameters aren't those of the path"


def _statuses(definition: JsonObject) -> Found:
    for place, operation in operations_of(definition):
        for status in operation["responses"]:
            if not STATUS.fullmatch(status):
                yield place, f"the response {status}"


def _contents(definition: JsonObject) -> Found:
    for place, operation in operations_of(definition):
        for owner in (operation.get("requestBody", {}), *operation["responses"].values()):
            if "$ref" in owner:
                yield place, "a response by reference"
            for kind, media in owner.get("content", {}).items():
                if not MEDIA_TYPE.fullmatch(kind) or media.keys() != {"schema"} or "$ref" not in media["schema"]:
                    yield place, f"content {kind} without a model"


def _operation_ids(definition: JsonObject) -> Found:
    seen: set[str] = set()
    for place, operation in operations_of(definition):
        name = operation.get("operationId", "")
        if name in seen:
            yield place, f"operationId {name} stands twice"
        seen.update([name] if name else [])


def _foreign(definition: JsonObject) -> Found:
    for key in definition.keys() & {"security", "servers", "tags", "externalDocs", "webhooks", "jsonSchemaDialect"}:
        yield "the definition", key
    for key in definition.get("components", {}).keys() - {"schemas"}:
        yield "components", key
    for place, operation in operations_of(definition):
        for key in operation.keys() & {"security", "servers", "tags", "externalDocs", "callbacks", "deprecated"}:
            yield place, key


def _functions(definition: JsonObject) -> Found:
    for name, model in models_of(definition).items():
        for key in keys_of(model):
            if is_function_name(key):
                yield name, f"the key {key}, which CloudFormation takes for a function"


def _dynamic_references(definition: JsonObject) -> Found:
    if DYNAMIC_REFERENCE in json.dumps(definition):
        yield "the definition", "a text that CloudFormation replaces"


def _resources(definition: JsonObject) -> Found:
    resources = {tuple(parts_of(path)[:end]) for path in definition["paths"] for end in range(len(parts_of(path)) + 1)}
    if len(resources | {()}) > RESOURCES:
        yield "the paths", f"they make {len(resources | {()})} resources, and {RESOURCES} is the quota of an API"


def _size(definition: JsonObject) -> Found:
    size = len(json.dumps(definition).encode())
    if size > TEMPLATE_BYTES:
        smaller = "; try --no-models" if models_of(definition) else ""
        yield "the definition", f"it has {size:,} bytes, and a whole template may have {TEMPLATE_BYTES:,}{smaller}"


def _health_checks(definition: JsonObject) -> Found:
    for path in definition["paths"].keys() & {"/ping", "/sping"}:
        yield path, "API Gateway answers it itself on a custom domain"


IMPORT_RULES: Final = (
    ImportRule("version", f"{_GUIDE}/api-gateway-import-api.html", _version),
    ImportRule("segments", NOTES, _segments),
    ImportRule("empty segments", "https://github.com/aws/chalice/issues/65", _empty_segments),
    ImportRule("greedy parameters", f"{_GUIDE}/api-gateway-set-up-simple-proxy.html", _last_variables),
    ImportRule("siblings", "https://github.com/amazon-archives/aws-apigateway-importer/issues/202", _siblings),
    ImportRule("methods", f"{_GUIDE}/api-gateway-method-settings-method-request.html", _methods),
    ImportRule("no routes", "https://github.com/Clarifai/lambdafai/issues/57", _nothing),
    ImportRule("integrations", f"{_GUIDE}/api-gateway-swagger-extensions-integration.html", _integrations),
    ImportRule("model names", NOTES, _model_names),
    ImportRule("keywords", NOTES, _keywords),
    ImportRule("combined references", NOTES, _combined_references),
    ImportRule("references", NOTES, _lost_references),
    ImportRule(
        "circles", "https://grpc-ecosystem.github.io/grpc-gateway/docs/operations/aws_gateway_integration/", _circles
    ),
    ImportRule("parameters", NOTES, _parameters),
    ImportRule("path parameters", "https://spec.openapis.org/oas/v3.0.1#path-templating", _path_parameters),
    ImportRule("statuses", "https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethodResponse.html", _statuses),
    ImportRule("contents", NOTES, _contents),
    ImportRule("operation ids", "https://spec.openapis.org/oas/v3.0.1#operation-object", _operation_ids),
    ImportRule("foreign keys", NOTES, _foreign),
    ImportRule(
        "functions",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html",
        _functions,
    ),
    ImportRule(
        "dynamic references",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html",
        _dynamic_references,
    ),
    ImportRule("resources", _QUOTAS, _resources, is_quota=True),
    ImportRule(
        "size",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
        _size,
        is_quota=True,
    ),
    ImportRule("health checks", NOTES, _health_checks, is_quota=True),
)

"""Local paths, which SAM's translator refuses, replaced by S3 addresses as `sam package` does it.

On AWS the translator only ever sees uploaded code. The stand-ins keep the path readable and are the same in
every run. Ids that SAM makes from an address (the versions of `AutoPublishAlias`) differ from deployed ones.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from samstream.types import Json, JsonObject, as_object

BUCKET: Final = "not-uploaded-yet"

_URI_PROPERTY: Final = {
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::Serverless::WebFunction": "CodeUri",
}

_IMAGE: Final = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{BUCKET}:latest"


def replace_local_paths(template: JsonObject) -> None:
    """Changes the template in place: only the translator's own copy may be passed."""
    defaults = as_object(as_object(template.get("Globals")).get("Function"))
    for properties, name in _uploads(template):
        if name in properties and _is_local(properties[name]):
            properties[name] = _s3_address(properties[name])
    for resource in as_object(template.get("Resources")).values():
        if isinstance(resource, dict) and isinstance(resource.get("Properties", {}), dict):
            _fill_in(resource, defaults)


def _uploads(template: JsonObject) -> Iterator[tuple[JsonObject, str]]:
    """Every map of properties that may hold a path, with the property's name."""
    for section, properties in as_object(template.get("Globals")).items():
        yield as_object(properties), _URI_PROPERTY.get(f"AWS::Serverless::{section}", "")
    for resource in as_object(template.get("Resources")).values():
        kind = as_object(resource).get("Type")
        yield as_object(as_object(resource).get("Properties")), _URI_PROPERTY.get(str(kind), "")


def _fill_in(resource: JsonObject, defaults: JsonObject) -> None:
    """What `sam build` and `sam package` add where a template says nothing."""
    kind, properties = resource.get("Type"), as_object(resource.get("Properties"))
    if kind == "AWS::Serverless::Function":
        both = {**defaults, **properties}
        if both.get("PackageType") == "Image":
            if "ImageUri" not in both and "Dockerfile" in as_object(resource.get("Metadata")):
                resource["Properties"] = {**properties, "ImageUri": _IMAGE}
        elif not both.keys() & {"CodeUri", "InlineCode"}:
            resource["Properties"] = {**properties, "CodeUri": _s3_address(".")}
    elif kind == "AWS::Serverless::Application" and isinstance(properties.get("Location"), dict):
        # The translator would ask the Serverless Application Repository for the template's URL.
        properties["Location"] = f"https://{BUCKET}.s3.amazonaws.com/application.yaml"


def _is_local(value: Json) -> bool:
    return isinstance(value, str) and not value.startswith(("s3://", "https://", "http://", "{{resolve:"))


def _s3_address(path: str) -> str:
    return f"s3://{BUCKET}/{quote(path.strip('/')) or '.'}"

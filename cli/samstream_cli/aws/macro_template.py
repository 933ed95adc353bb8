"""The template that installs the macro: this package's own, or a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from samstream.types import JsonObject, as_object
from samstream_cli.errors import ParameterError, TemplateError, UsageError
from samstream_cli.packaging import INLINE_LIMIT, packaged_template
from samstream_cli.parameters import resolve_parameters
from samstream_cli.templates import TemplateFile, read_template, template_file

NAME_PARAMETER: Final = "MacroName"
DEFAULT_NAME: Final = "SamStream"


@dataclass(frozen=True, slots=True)
class MacroTemplate:
    """What is sent to CloudFormation, and what its outputs say of it, empty where they say nothing."""

    text: str = field(repr=False)
    parameters: JsonObject
    version: str
    source_hash: str


def load_macro_template(file: str | None = None) -> MacroTemplate:
    """Reads a file, or makes the template of this package. Raises `TemplateError`."""
    if file is None:
        return read_macro_template("the packaged template", packaged_template())
    return _checked(read_template(file))


def read_macro_template(name: str, text: str) -> MacroTemplate:
    """Reads a template that is no file. Raises `TemplateError`."""
    return _checked(template_file(name, Path(), text.encode()))


def _checked(read: TemplateFile) -> MacroTemplate:
    size = len(read.text.encode())
    if size > INLINE_LIMIT:
        remedy = f"CloudFormation takes {INLINE_LIMIT:,}. Leave --template out, or use aws cloudformation deploy."
        raise TemplateError(f"{read.name} has {size:,} bytes", remedy)
    parameters = as_object(read.content.get("Parameters"))
    if NAME_PARAMETER not in parameters:
        remedy = "Make one with samstream package, or leave --template out."
        raise TemplateError(f"{read.name} doesn't install samstream: it has no parameter {NAME_PARAMETER}", remedy)
    return MacroTemplate(read.text, parameters, _output(read.content, "Version"), _output(read.content, "SourceHash"))


def check_parameters(template: MacroTemplate, given: Mapping[str, str], name: str | None = None) -> None:
    """Refuses names that the template doesn't declare and values that it doesn't allow. Raises `ParameterError`."""
    if NAME_PARAMETER in given:
        raise UsageError(f"--parameter {NAME_PARAMETER} is an option of its own", "Write --name NAME instead.")
    for key in given:
        if key not in template.parameters:
            near = get_close_matches(key, template.parameters, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            declared = ", ".join(one for one in template.parameters if one != NAME_PARAMETER)
            raise ParameterError(f"the macro's template has no parameter {key}", f"{hint}It has {declared}.")
    values = given if name is None else {NAME_PARAMETER: name, **given}
    resolve_parameters({"Parameters": {key: template.parameters[key] for key in values}}, values)


def _output(content: JsonObject, name: str) -> str:
    value = as_object(as_object(content.get("Outputs")).get(name)).get("Value")
    return value if isinstance(value, str) else ""

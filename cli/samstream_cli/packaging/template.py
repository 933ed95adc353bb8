"""`template.yaml` with its folder of code replaced by code that stands in it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from yaml import YAMLError

from samstream.types import JsonObject, Place
from samstream_cli.errors import TemplateError
from samstream_cli.positions import Source
from samstream_cli.templates import template

_FUNCTION: Final = ("Resources", "MacroFunction")
_CODE: Final = (*_FUNCTION, "Properties", "Code")
_HANDLER: Final = (*_FUNCTION, "Properties", "Handler")
_LEFT_OUT: Final[tuple[Place, ...]] = (
    ("Metadata", "AWS::ServerlessRepo::Application"),
    ("Metadata", "AWS::CloudFormation::Interface", "ParameterLabels"),
    (*_FUNCTION, "Metadata", "cfn-lint"),
    (*_FUNCTION, "Metadata", "BuildMethod"),
)
"""What is about building and publishing the folder, and labels: the console shows the parameters' names instead."""


def with_code(text: str, name: str, code: str, outputs: Mapping[str, tuple[str, str]]) -> str:
    """The installer with this code inline and these outputs, each a description and a value, besides its own.

    Comments go and the indentation is halved: both are bytes. Raises `TemplateError` if that isn't the same template.
    """
    expected = _expected(text, name, code, outputs)
    try:
        smaller = _edited(text, name, code, outputs)
        if template(smaller.encode(), name) == expected:
            return smaller
    except (TemplateError, YAMLError):
        pass
    raise TemplateError(f"{name} isn't laid out as samstream can package it", "Take the file of this version.")


def code_in(content: JsonObject, name: str) -> str:
    """The inline code of a packaged template. Raises `TemplateError`."""
    code: Any = content
    for step in (*_CODE, "ZipFile"):
        code = code.get(step) if isinstance(code, dict) else None
    if not isinstance(code, str):
        raise TemplateError(f"{name} holds no inline code of samstream", "Name a file that samstream package wrote.")
    return code


def _edited(text: str, name: str, code: str, outputs: Mapping[str, tuple[str, str]]) -> str:
    for place in _LEFT_OUT:
        text = _without(text, name, place)
    text = _with_value(text, name, _HANDLER, " index.lambda_handler")
    text = _indented_by_half(_without_comments(text))
    end = Source(name, text).find(("Outputs",)).value.end
    text = text[:end] + _outputs(outputs) + text[end:]
    return _with_value(text, name, _CODE, f"\n    ZipFile: |\n{_indented(code, 5)}")


def _expected(text: str, name: str, code: str, outputs: Mapping[str, tuple[str, str]]) -> JsonObject:
    """What the packaged template has to be, made of the value instead of the text."""
    content: Any = template(text.encode(), name)
    for *above, last in _LEFT_OUT:
        _at(content, above).pop(last, None)
    function = _at(content, _FUNCTION)["Properties"]
    function |= {"Code": {"ZipFile": code}, "Handler": "index.lambda_handler"}
    for key, (description, value) in outputs.items():
        content["Outputs"][key] = {"Description": description, "Value": value}
    return dict(content)


def _at(content: Any, place: Place | list[Any]) -> Any:
    for step in place:
        content = content[step]
    return content


def _without(text: str, name: str, place: Place) -> str:
    """The text without the lines of a key and its value."""
    source = Source(name, text)
    node = source.find(place)
    if node.key is None or node.place != place:
        return text
    start = text.rindex("\n", 0, node.key.start) + 1
    return text[:start] + text[text.index("\n", node.value.end) + 1 :]


def _with_value(text: str, name: str, place: Place, value: str) -> str:
    start, end = Source(name, text).find(place).value
    return text[:start].rstrip(" ") + value + text[end:]


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)^ *#.*\n| +# .*$", "", text)


def _indented_by_half(text: str) -> str:
    """The dash of an item stands below its list's key, which leaves the item's keys below each other."""
    return re.sub(r"(?m)^( +)(-?)", lambda found: " " * (len(found[1]) // 2 - len(found[2])) + found[2], text)


def _indented(text: str, width: int) -> str:
    return "\n".join(f"{' ' * width}{line}" if line else "" for line in text.rstrip("\n").split("\n"))


def _outputs(outputs: Mapping[str, tuple[str, str]]) -> str:
    return "".join(f"\n {key}:\n  Description: {about}\n  Value: {value}" for key, (about, value) in outputs.items())

"""Reads a template, YAML or JSON, as CloudFormation would: short forms, no dates, no duplicate keys."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from samstream.types import Json, JsonObject
from samstream_cli.errors import TemplateError
from samstream_cli.yaml_loader import YamlError, check_json_keys, load_yaml

STDIN = "-"


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A template as it was read, without a byte order mark; `folder` is where its relative paths start."""

    name: str
    folder: Path
    content: JsonObject
    text: str


def read_template(name: str) -> TemplateFile:
    """The template in a file, or on standard input for `-`. Raises `TemplateError`."""
    if name == STDIN:
        return template_file("<stdin>", Path(), sys.stdin.buffer.read())
    path = Path(name)
    return template_file(name, path.parent, read_bytes(path))


def template_file(name: str, folder: Path, data: bytes) -> TemplateFile:
    """The template in these bytes. Raises `TemplateError`."""
    return TemplateFile(name, folder, template(data, name), to_text(data, name))


def read_bytes(path: Path) -> bytes:
    """A file's bytes, or a `TemplateError` that says why there are none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TemplateError(f"{path}: there is no such file", "Check the path.") from None
    except IsADirectoryError:
        raise TemplateError(f"{path} is a directory", f"Name the template in it{_templates_in(path)}.") from None
    except OSError as error:
        raise TemplateError(f"{path} can't be read: {error.strerror}", "Check its permissions.") from error


def template(data: bytes, name: str) -> JsonObject:
    """The template in these bytes. Raises `TemplateError`."""
    content = parse(data, name)
    if not isinstance(content, dict):
        kind = "is empty" if content is None else f"holds {_kind(content)}, not a map"
        raise TemplateError(f"{name} {kind}", "A template is a map that has a Resources section.")
    if not isinstance(content.get("Resources"), dict) or not content["Resources"]:
        remedy = "A template lists its resources as a map under Resources, at the top level."
        raise TemplateError(f"{name} is not a template: it has no Resources", remedy)
    return content


def parse(data: bytes, name: str) -> Json:
    """The JSON value in these bytes of YAML or JSON; `None` for nothing at all. Raises `TemplateError`."""
    text = to_text(data, name)
    try:
        return _parse_json(text, name) if text.lstrip().startswith("{") else load_yaml(text)
    except YamlError as error:
        raise TemplateError(f"{name}:{error.line}: {error.problem}", error.remedy, error.line) from error
    except RecursionError:
        remedy = "Look for a bracket that never closes."
        raise TemplateError(f"{name} is nested too deeply to be a template", remedy) from None


def to_text(data: bytes, name: str) -> str:
    """The text in a template's bytes. Raises `TemplateError`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TemplateError(f"{name}:{line}: this is not UTF-8 text", "Save the template as UTF-8.", line) from None
    if "\0" in text:
        raise TemplateError(f"{name} is a binary file", "Name a template in YAML or JSON.")
    return text


def _parse_json(text: str, name: str) -> Json:
    repeated = False

    def unique(pairs: list[tuple[str, Json]]) -> JsonObject:
        nonlocal repeated
        repeated = repeated or len({key for key, _ in pairs}) < len(pairs)
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return _flow_yaml(text, name, error)
    except ValueError as error:
        raise TemplateError(f"{name}: {error}", "Write a number that JSON knows.") from None
    if repeated:
        check_json_keys(text)
    return value


def _flow_yaml(text: str, name: str, error: json.JSONDecodeError) -> Json:
    """YAML may start with a brace as well. If it is neither, the JSON error is the one to tell."""
    try:
        if not name.endswith(".json"):
            return load_yaml(text)
    except YamlError:
        pass
    place = f"{name}:{error.lineno}:{error.colno}"
    remedy = "Mend the JSON there; an editor's JSON mode shows the place."
    raise TemplateError(f"{place}: this is not JSON: {error.msg}", remedy, error.lineno)


def _no_constant(text: str) -> Json:
    raise ValueError(f"{text} is no JSON number")


def _kind(value: Json) -> str:
    return {list: "a list", str: "a text", bool: "a true or false"}.get(type(value), "a number")


def _templates_in(folder: Path) -> str:
    found = sorted(path.name for pattern in ("template.y*ml", "template.json") for path in folder.glob(pattern))
    return f": {folder / found[0]}" if found else ""

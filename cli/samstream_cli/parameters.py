"""Parameter values as CloudFormation sends them to a macro: with defaults, lists as lists, numbers as text.

Values of `NoEcho` parameters never enter: `****` stands for them, so nothing that is printed can hold one.
An empty value stays empty, because templates ask `!Equals [!Ref Secret, ""]`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from samstream.types import Json, JsonObject, mentions
from samstream_cli.errors import ParameterError

HIDDEN = "****"

_USING = ("Transform", "Globals", "Conditions", "Resources")
"""The sections that decide what is deployed; CDK asks for a version in Rules alone."""

_SSM = re.compile(r"AWS::SSM::Parameter::Value<(?P<type>.+)>")


@dataclass(frozen=True, slots=True)
class ParameterValues:
    """The values by name, and notes on those that can't be known on this machine."""

    values: JsonObject
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Names of parameters without a value."""


def parse_assignments(texts: Sequence[str], option: str = "--parameter") -> dict[str, str]:
    """`("Stage=prod",)` as a map; `option` is where they come from. Raises `ParameterError`."""
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ParameterError(f"{option} takes NAME=VALUE", f"Write {option} Stage=prod, once for each.")
        if name.strip() in given:
            raise ParameterError(f"{option} {name.strip()} is given twice", "Keep one of them.")
        given[name.strip()] = value
    return given


def resolve_parameters(template: JsonObject, given: Mapping[str, str]) -> ParameterValues:
    """The value of every parameter that the template declares. Raises `ParameterError`."""
    declared = _declared(template)
    _refuse_unknown(declared, given)
    missing = [name for name, body in declared.items() if name not in given and "Default" not in body]
    if missing:
        options = " ".join(f"--parameter {name}=..." for name in missing)
        raise ParameterError(f"no value for {_list('parameter', missing)}", f"Add {options}")
    stored = tuple(name for name, body in declared.items() if name not in given and _is_stored(body))
    values = {
        name: _value(name, body, given[name] if name in given else _default(name, body))
        for name, body in declared.items()
        if name not in stored
    }
    used = [name for name in stored if mentions([template.get(part) for part in _USING], (name.encode(),))]
    return ParameterValues(values, (_stored_note(used),) if used else (), stored)


def assume_parameters(template: JsonObject, given: Mapping[str, str]) -> ParameterValues:
    """As `resolve_parameters`, for looking at a template that nobody deploys now: a parameter that needs a value and
    has none takes the first of its AllowedValues, with a note, or stays unknown. Raises `ParameterError`."""
    declared = _declared(template)
    needed = [name for name, body in declared.items() if name not in given and "Default" not in body]
    assumed = {name: allowed for name in needed if (allowed := _first_allowed(declared[name])) is not None}
    unknown = tuple(name for name in needed if name not in assumed)
    known = {name: body for name, body in declared.items() if name not in unknown}
    own = {name: value for name, value in given.items() if name in declared}
    values = resolve_parameters({**template, "Parameters": known}, {**assumed, **own})
    notes = values.notes
    if assumed:
        texts = [name if _is_secret(declared[name]) else f"{name}={value}" for name, value in assumed.items()]
        notes += (f"Checked with {', '.join(texts)}, the first of what each allows. --parameter takes another.",)
    return ParameterValues(values.values, notes, (*values.unknown, *unknown))


def stand_ins(template: JsonObject, names: Sequence[str]) -> JsonObject:
    """Texts in place of values that aren't known, for SAM, which refuses a `Ref` where it wants a text."""
    kinds = {name: str(_declared(template)[name]["Type"]) for name in names}
    return {name: [name] if "List" in kind else "1" if kind == "Number" else name for name, kind in kinds.items()}


def _first_allowed(body: JsonObject) -> str | None:
    allowed = body.get("AllowedValues")
    return _text(allowed[0]) if isinstance(allowed, list) and allowed else None


def _is_stored(body: JsonObject) -> bool:
    return _SSM.fullmatch(str(body["Type"])) is not None


def _is_secret(body: JsonObject) -> bool:
    return str(body.get("NoEcho", "")).lower() == "true"


def _declared(template: JsonObject) -> dict[str, JsonObject]:
    section = template.get("Parameters", {})
    if not isinstance(section, dict):
        raise ParameterError("the template's Parameters section is not a map", "Write one entry a parameter.")
    for name, body in section.items():
        if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
            raise ParameterError(f"Parameters/{name} has no Type", "Declare it as a map with a Type such as String.")
    return section


def _refuse_unknown(declared: Mapping[str, Json], given: Mapping[str, str]) -> None:
    unknown = [name for name in given if name not in declared]
    if not unknown:
        return
    near = get_close_matches(unknown[0], declared, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    names = f"It declares {', '.join(declared)}." if declared else "It declares none."
    raise ParameterError(f"the template has no {_list('parameter', unknown)}", hint + names)


def _default(name: str, body: JsonObject) -> str:
    default = body["Default"]
    if isinstance(default, str):
        return default
    if isinstance(default, bool | int | float):
        return json.dumps(default)
    raise ParameterError(f"Parameters/{name}: the Default is not text", "Write a list as one text: a,b,c")


def _value(name: str, body: JsonObject, text: str) -> Json:
    ssm = _SSM.fullmatch(body["Type"])
    kind = ssm["type"] if ssm else body["Type"]
    is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
    parts = [part.strip() for part in text.split(",")] if is_list else [text]
    secret = _is_secret(body)
    for part in parts:
        problem = _problem(body, kind, part)
        if problem:
            shown = "the value" if secret else repr(part)
            raise ParameterError(
                f"parameter {name}: {shown} {problem}", f"Give another one with --parameter {name}=..."
            )
    if secret and text:
        return [HIDDEN] if is_list else HIDDEN
    return parts if is_list else text


def _problem(body: JsonObject, kind: str, text: str) -> str:
    """What CloudFormation would refuse of a value before any macro runs, empty if nothing."""
    allowed = body.get("AllowedValues")
    if isinstance(allowed, list) and text not in (known := [_text(value) for value in allowed]):
        return f"is not among the AllowedValues {', '.join(known)}"
    pattern = body.get("AllowedPattern")
    if isinstance(pattern, str) and not _matches(pattern, text):
        return f"doesn't match the AllowedPattern {pattern}"
    if "Number" in kind and not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text):
        return "is not a number"
    return ""


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:  # CloudFormation's patterns are Java's, which knows a few forms more
        return True


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _stored_note(names: Sequence[str]) -> str:
    return (
        f"The Parameter Store of AWS Systems Manager holds the value of {', '.join(names)}, so it isn't known here. "
        f"Where it matters, add --parameter {names[0]}=VALUE."
    )


def _list(noun: str, names: Sequence[str]) -> str:
    return f"{noun}{'s' if len(names) > 1 else ''} {', '.join(names)}"

"""Writes templates that people can read and that load back as the same value."""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any, Final, Literal, get_args

import yaml

from samstream.types import Json, JsonObject
from samstream_cli.errors import UsageError

Format = Literal["yaml", "json"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_SHORT: Final = (
    *(
        "Fn::And",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::Equals",
        "Fn::FindInMap",
        "Fn::GetAZs",
        "Fn::GetAtt",
        "Fn::If",
    ),
    *(
        "Fn::ImportValue",
        "Fn::Join",
        "Fn::Not",
        "Fn::Or",
        "Fn::Select",
        "Fn::Split",
        "Fn::Sub",
        "Ref",
        "Condition",
    ),
)

_AMBIGUOUS: Final = re.compile(r"[-+.]?[0-9][-+.:_0-9a-fA-FeExXoO]*|[yYnN]|[-+.]+")
"""Texts that some YAML reader takes for a number, a time or a truth value: account ids, `1e3`, `y`."""

_OTHER_BREAKS: Final = re.compile("[\r\x85\u2028\u2029]")
"""Line breaks that YAML reads as spaces or line feeds unless they are escaped."""

_FLOW_WIDTH: Final = 60


def to_text(value: Json, form: Format, *, short_forms: bool = True) -> str:
    """The value in this format, with a line break at its end."""
    return to_json(value) if form == "json" else to_yaml(value, short_forms=short_forms)


def to_json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=_has_lone_surrogates(value)) + "\n"


def to_yaml(value: Json, *, short_forms: bool = True) -> str:
    """YAML with short-form intrinsics, block strings, keys in their order and no anchors.

    Files that `AWS::Include` reads have to do without short forms:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/create-reusable-transform-function-snippets-and-add-to-your-template-with-aws-include-transform.html
    """
    return str(
        yaml.dump(
            value,
            Dumper=_Dumper if short_forms else _LongDumper,
            allow_unicode=True,
            sort_keys=False,
            width=1_000_000,
            default_flow_style=False,
        )
    )


def format_of(path: str) -> Format:
    """The format that a file's name asks for."""
    return "json" if path.lower().endswith(".json") else "yaml"


def check_target(path: Path, *, force: bool, template: Path | None) -> None:
    """Refuses a target before any work is done. Raises `UsageError`."""
    if path.is_dir():
        raise UsageError(f"{path} is a directory", "Name a file in it: --output FILE")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is no directory", "Make it first.")
    if template is not None and path.exists() and path.resolve() == template.resolve():
        raise UsageError(f"{path} is the template itself", "Write the processed template into another file.")
    if path.exists() and not force:
        raise UsageError(f"{path} exists already", "Name another file, or overwrite it with --force.")


def write(path: Path, text: str) -> None:
    """The whole file or none of it. Raises `UsageError`."""
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(descriptor, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  # it is open already
                file.write(text)
            Path(draft).chmod(0o666 & ~_umask())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}", "Check the directory's permissions.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _has_lone_surrogates(value: Json) -> bool:
    return re.search("[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)) is not None


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # anchors aren't for CloudFormation
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def choose_scalar_style(self) -> str:
        """PyYAML quotes whatever has a tag; `!Ref Stage` needs no quotes where `Stage` needs none."""
        event: Any = self.event
        is_function = bool(event.value) and str(event.tag).startswith("!")
        implicit, event.implicit = event.implicit, (True, False) if is_function else event.implicit
        style = super().choose_scalar_style()
        event.implicit = implicit
        return str(style)

    def text(self, value: str, tag: str = "tag:yaml.org,2002:str") -> yaml.ScalarNode:
        if _OTHER_BREAKS.search(value):
            return self.represent_scalar(tag, value, '"')
        style = "|" if "\n" in value else "'" if _AMBIGUOUS.fullmatch(value) else None
        return self.represent_scalar(tag, value, style)

    def map(self, value: JsonObject) -> yaml.Node:
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _SHORT and (node := self.function(name, argument)):
                return node
        return self.represent_mapping("tag:yaml.org,2002:map", value, flow_style=not value)

    def list(self, value: list[Json], tag: str = "tag:yaml.org,2002:seq") -> yaml.Node:
        node = self.represent_sequence(tag, value, flow_style=False)
        node.flow_style = not value or (tag[0] == "!" and _fits_a_line(node))
        return node

    def function(self, name: str, argument: Json) -> yaml.Node | None:
        """The short form, `None` where there is none that reads back as the same value."""
        tag = "!" + name.removeprefix("Fn::")
        if name == "Fn::GetAtt":
            return self.text(".".join(argument), tag) if _is_dotted(argument) else None
        if isinstance(argument, str):
            return self.text(argument, tag)
        if isinstance(argument, list) and name not in ("Ref", "Condition"):
            return self.list(argument, tag)
        return None


class _LongDumper(_Dumper):
    def function(self, name: str, argument: Json) -> yaml.Node | None:  # noqa: ARG002
        return None


_Dumper.add_representer(str, _Dumper.text)
_Dumper.add_representer(dict, _Dumper.map)
_Dumper.add_representer(list, _Dumper.list)


def _is_dotted(argument: Json) -> bool:
    texts = isinstance(argument, list) and len(argument) == 2 and all(isinstance(part, str) for part in argument)
    return texts and "." not in argument[0]


def _fits_a_line(node: yaml.SequenceNode) -> bool:
    scalars = [item for item in node.value if isinstance(item, yaml.ScalarNode) and item.style != "|"]
    return len(scalars) == len(node.value) and sum(len(item.value) for item in scalars) <= _FLOW_WIDTH

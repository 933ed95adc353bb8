"""Writes a definition as CloudFormation reads an included file: with the long forms of its functions.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/create-reusable-transform-function-snippets-and-add-to-your-template-with-aws-include-transform.html
"""

import re
from typing import Any, Final

import yaml

from samstream.types import JsonObject
from samstream_cli.writing import Format, to_json


def to_document(definition: JsonObject, form: Format) -> str:
    """The same text for the same definition."""
    if form == "json":
        return to_json(definition)
    return str(yaml.dump(definition, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000))


_AMBIGUOUS: Final = re.compile(r"[-+.]?[0-9][-+.:_0-9a-fA-FxXoO]*|[yYnN]|[-+.]+")
"""Texts that some YAML reader takes for a number, a time or a truth value."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # anchors aren't for CloudFormation
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def text(self, value: str) -> yaml.ScalarNode:
        """Quoted where another reader of YAML may see a number or a truth value."""
        style = "'" if _AMBIGUOUS.fullmatch(value) else "|" if "\n" in value else None
        return self.represent_scalar("tag:yaml.org,2002:str", value, style)


_Dumper.add_representer(str, _Dumper.text)

"""YAML as CloudFormation takes it, on top of cfn-flip's loader.

What differs from YAML at large: keys are text (`200:` under `Responses` is "200"), dates stay text, a key
that stands twice is an error, and anchors are copied out, as `sam build` does it.
"""

import json
from difflib import get_close_matches
from typing import Any, Final

import yaml
from cfn_tools.yaml_loader import TAG_MAP, CfnYamlLoader, multi_constructor

from samstream.types import Json

FUNCTIONS: Final = (
    *("And", "Base64", "Cidr", "Condition", "Contains", "EachMemberEquals", "EachMemberIn", "Equals"),
    *(
        "FindInMap",
        "ForEach",
        "GetAZs",
        "GetAtt",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
    ),
    *("Or", "Ref", "RefAll", "Select", "Split", "Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll"),
)
"""The short forms of CloudFormation, without the exclamation mark."""

MAX_VALUES: Final = 1_000_000
"""More values than a template of 1 MB can have: beyond it, anchors refer to each other to blow up the reader."""

_MERGE: Final = "tag:yaml.org,2002:merge"
_REFUSED: Final = ("binary", "omap", "pairs", "set")


class YamlError(Exception):
    """What is wrong in a YAML text, and on which line."""

    def __init__(self, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{line}: {problem}. {remedy}")
        self.line = line
        self.problem = problem
        self.remedy = remedy


def load_yaml(text: str) -> Json:
    """The one document in the text as a JSON value, `None` for an empty one. Raises `YamlError`."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _check(node)
        # Writing and reading it again gives each use of an anchor a copy of its own.
        return json.loads(json.dumps(loader.construct_document(node), allow_nan=False))
    except yaml.MarkedYAMLError as error:
        raise _readable(error, text) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(line, "a character that YAML doesn't allow", "Remove it, or write it as an escape.") from error
    except ValueError as error:
        raise YamlError(1, f"a number that JSON doesn't know: {error}", "Quote it.") from error


def check_json_keys(text: str) -> None:
    """Raises `YamlError` with the line of a key that stands twice: JSON is YAML once its tabs are spaces."""
    _check(yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader))


class _Loader(CfnYamlLoader):  # type: ignore[misc]  # cfn-flip has no types
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Json]:
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}

    def construct_function(self, name: str, node: yaml.Node) -> Json:
        if name not in FUNCTIONS:
            near = get_close_matches(name, FUNCTIONS, 1)
            remedy = f"Did you mean !{near[0]}?" if near else "Check its spelling."
            raise YamlError(_line(node), f"!{name} is no function of CloudFormation", remedy)
        if name == "GetAtt" and isinstance(node, yaml.SequenceNode):  # cfn-flip drops a Ref within the list
            return {"Fn::GetAtt": self.construct_sequence(node)}
        if name == "GetAtt" and isinstance(node, yaml.MappingNode):
            raise YamlError(_line(node), "!GetAtt with a map", "Write !GetAtt LogicalId.Attribute.")
        return multi_constructor(self, name, node)

    def construct_text(self, node: yaml.ScalarNode) -> str:
        return node.value  # type: ignore[no-any-return]

    def refuse(self, node: yaml.Node) -> Json:
        name = node.tag.rpartition(":")[2]
        raise YamlError(_line(node), f"!!{name} is no type that templates have", "Write text, a list or a map.")


_Loader.add_constructor(TAG_MAP, _Loader.construct_mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_text)
_Loader.add_multi_constructor("!", _Loader.construct_function)
for _name in _REFUSED:
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _Loader.refuse)


def _check(root: Any) -> None:
    """Refuses keys that aren't text or stand twice, and anchors that hold themselves or grow without bound.

    Sizes are those with every anchor copied out; counting them copies nothing.
    """
    sizes: dict[int, int | None] = {}

    def size(node: Any) -> int:
        if not isinstance(node, yaml.CollectionNode):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = None
            if isinstance(node, yaml.MappingNode):
                _check_keys(node)
                sizes[id(node)] = 1 + sum(1 + size(value) for _, value in node.value)
            else:
                sizes[id(node)] = 1 + sum(size(item) for item in node.value)
        total = sizes[id(node)]
        if total is None:
            raise YamlError(_line(node), "an anchor that holds itself", "Write the values out.")
        return total

    if size(root) > MAX_VALUES:
        raise YamlError(_line(root), f"anchors that make more than {MAX_VALUES:,} values", "Write the values out.")


def _check_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError(_line(key), "a key that is not text", "Write keys as plain words.")
        if key.value in seen and key.tag != _MERGE:
            problem = f"the key {key.value!r} stands twice in one map"
            raise YamlError(_line(key), problem, "Rename one of them, or remove it.")
        seen.add(key.value)


def _readable(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    lines = text.splitlines()
    before = lines[line][: mark.column + 1] if mark and line < len(lines) else ""
    if "\t" in before and not before.strip("\t "):
        return YamlError(line + 1, "a tab in the indentation", "Indent with spaces: YAML takes no tabs there.")
    problem = ", ".join(filter(None, (error.context, error.problem)))
    return YamlError(line + 1, f"this is not YAML: {problem}", "Look at this line and the one above it.")


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1

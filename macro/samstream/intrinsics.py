"""CloudFormation's intrinsic functions, as far as parameter values resolve them, and the names they refer to.

A macro sees intrinsics raw, conditions unevaluated, and the values of all parameters.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Final

from samstream.types import Json, JsonObject, Place, as_object, is_number, mentions, whole_number


class Unresolvable(Exception):
    """A value that isn't known before the deployment; the message says why, and never a parameter's value."""


class _NoValue:
    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE: Final = _NoValue()
"""What `Ref: AWS::NoValue` resolves to."""

NO_VALUE_REF: Final = {"Ref": "AWS::NoValue"}

CONDITION_FUNCTIONS: Final = ("Condition", "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals")

_SUB_TOKEN: Final = re.compile(r"\$\{(!?)([^${}]*)\}")

_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "us-iso-": "aws-iso",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}

_URL_SUFFIXES: Final = {"aws-cn": "amazonaws.com.cn"}


def is_intrinsic(value: Json) -> bool:
    """`{"Ref": ...}`, `{"Fn::If": ...}` and their kind: a map of one key that CloudFormation evaluates."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return isinstance(name, str) and (name in ("Ref", "Condition") or name.startswith("Fn::"))


def branches(value: Json, place: Place) -> Sequence[tuple[Json, Place]]:
    """The values that `Fn::If` can choose between, with their places; a value without `Fn::If` is its only one.

    >>> branches({"Fn::If": ["Prod", "a", {"Ref": "AWS::NoValue"}]}, ("x",))
    [('a', ('x', 'Fn::If', 1))]
    """
    if not isinstance(value, dict) or len(value) != 1:
        return ((value, place),)
    return [branch for branch in all_branches(value, place) if branch[0] != NO_VALUE_REF]


def all_branches(value: Json, place: Place) -> Iterator[tuple[Json, Place]]:
    """As `branches`, but with those that are `AWS::NoValue`."""
    choice = value.get("Fn::If") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(choice, list) and len(choice) == 3:
        yield from all_branches(choice[1], (*place, "Fn::If", 1))
        yield from all_branches(choice[2], (*place, "Fn::If", 2))
    else:
        yield value, place


def chosen(value: Json, resolver: "Resolver") -> Json:
    """What these parameter values choose of a value; an `Fn::If` whose condition isn't known stays."""
    choice = value.get("Fn::If") if isinstance(value, dict) and len(value) == 1 else None
    if not (isinstance(choice, list) and len(choice) == 3 and isinstance(choice[0], str)):
        return value
    try:
        return chosen(choice[1 if resolver.condition(choice[0]) else 2], resolver)
    except Unresolvable:
        return value


class Resolver:
    """Evaluates intrinsics with a stack's parameter values, conditions, mappings, Region and account."""

    def __init__(self, template: JsonObject, region: str, account_id: str, parameters: Mapping[str, Json]) -> None:
        partition = next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")
        declared = as_object(template.get("Parameters"))
        self._parameters = {**dict(_defaults(declared)), **parameters}
        self._pseudo_parameters = {
            "AWS::AccountId": account_id,
            "AWS::NoValue": NO_VALUE,
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::URLSuffix": _URL_SUFFIXES.get(partition, "amazonaws.com"),
        }
        self._secret = {name for name in declared if as_object(declared[name]).get("NoEcho") in (True, "true", "True")}
        self._resources = as_object(template.get("Resources"))
        self._mappings = as_object(template.get("Mappings"))
        self._conditions = as_object(template.get("Conditions"))
        self._known: dict[str, bool] = {}
        self._open: list[str] = []
        self._functions: dict[str, Callable[[Json], Json]] = {
            "Ref": self._ref,
            "Condition": self._named_condition,
            "Fn::And": lambda value: all(self._truths(value)),
            "Fn::Or": lambda value: any(self._truths(value)),
            "Fn::Not": lambda value: not self._truths(value)[0],
            "Fn::Equals": self._equals,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Join": self._join,
            "Fn::Length": lambda value: len(self._list(value, "Fn::Length")),
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def resolve(self, value: Json) -> Json:
        """The value with every intrinsic in it evaluated; a map or list loses its `AWS::NoValue` entries.

        Raises `Unresolvable`.
        """
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if not is_intrinsic(value):
            items = ((key, self.resolve(item)) for key, item in value.items())
            return {key: item for key, item in items if item is not NO_VALUE}
        ((name, argument),) = value.items()
        function = self._functions.get(name)
        if function is None:
            raise Unresolvable(f"{name} is not known before the deployment")
        return function(argument)

    @property
    def public_parameters(self) -> Set[str]:
        """The names of parameters whose values may be shown."""
        return self._parameters.keys() - self._secret

    def __contains__(self, name: str) -> bool:
        """There is a parameter of this name."""
        return name in self._parameters

    def parameter(self, name: str) -> Json:
        """The value of the parameter of this name, or the name itself where there is no such parameter."""
        return self._parameters.get(name, name)

    def condition(self, name: str) -> bool:
        """A condition of the template. Raises `Unresolvable`: unknown, cyclic, or of unknown values."""
        if name in self._known:
            return self._known[name]
        if name in self._open:
            cycle = " -> ".join([*self._open[self._open.index(name) :], name])
            raise Unresolvable(f"Condition {name} depends on itself ({cycle})")
        if name not in self._conditions:
            raise Unresolvable(f"there is no Condition {name}")
        self._open.append(name)
        try:
            self._known[name] = self._truth(self._conditions[name])
        finally:
            self._open.pop()
        return self._known[name]

    def is_dead(self, resource: JsonObject) -> bool:
        """The resource has a `Condition` that is known to be false: this deployment won't create it."""
        name = resource.get("Condition")
        if not isinstance(name, str):
            return False
        try:
            return not self.condition(name)
        except Unresolvable:
            return False

    def _truth(self, value: Json) -> bool:
        resolved = self.resolve(value)
        if isinstance(resolved, bool):
            return resolved
        if resolved in ("true", "false"):
            return bool(resolved == "true")
        raise Unresolvable("a condition is neither true nor false")

    def _truths(self, value: Json) -> list[bool]:
        truths = [self._truth(item) for item in self._list(value, "a condition function")]
        if not truths:
            raise Unresolvable("a condition function has no conditions")
        return truths

    def _named_condition(self, name: Json) -> bool:
        return self.condition(_text(name, "Condition"))

    def _ref(self, name: Json) -> Json:
        name = _text(name, "Ref")
        if name in self._parameters:
            return self._parameters[name]
        if name in self._pseudo_parameters:
            return self._pseudo_parameters[name]
        if name in self._resources:
            raise Unresolvable(f"Ref to the resource {name} is not known before the deployment")
        raise Unresolvable(f"Ref {name} has no value that a macro can see")

    def _equals(self, value: Json) -> bool:
        left, right = self._arguments(value, "Fn::Equals", 2)
        return bool(_comparable(self.resolve(left)) == _comparable(self.resolve(right)))

    def _if(self, value: Json) -> Json:
        name, yes, no = self._arguments(value, "Fn::If", 3)
        return self.resolve(yes if self.condition(_text(name, "Fn::If")) else no)

    def _find_in_map(self, value: Json) -> Json:
        if not isinstance(value, list) or len(value) not in (3, 4):
            raise Unresolvable("Fn::FindInMap takes a map's name and two keys")
        names = [_scalar(self.resolve(item), "Fn::FindInMap") for item in value[:3]]
        found: Json = self._mappings
        for name in names:
            found = found.get(name, NO_VALUE) if isinstance(found, dict) else NO_VALUE
        if found is NO_VALUE and len(value) == 4 and "DefaultValue" in as_object(value[3]):
            return self.resolve(value[3]["DefaultValue"])
        if found is NO_VALUE:
            where = f" in {value[0]}" if isinstance(value[0], str) else ""
            raise Unresolvable(f"Fn::FindInMap finds nothing{where} under these keys")
        return found

    def _join(self, value: Json) -> str:
        delimiter, parts = self._arguments(value, "Fn::Join", 2)
        texts = [_scalar(item, "Fn::Join") for item in self._list(parts, "Fn::Join")]
        return _text(delimiter, "Fn::Join").join(texts)

    def _select(self, value: Json) -> Json:
        index, items = self._arguments(value, "Fn::Select", 2)
        number, values = whole_number(self.resolve(index)), self._list(items, "Fn::Select")
        if number is None or not 0 <= number < len(values):
            raise Unresolvable("Fn::Select has no item of that number")
        return values[number]

    def _split(self, value: Json) -> list[str]:
        delimiter, text = self._arguments(value, "Fn::Split", 2)
        if not isinstance(delimiter, str) or not delimiter:
            raise Unresolvable("Fn::Split takes a delimiter and a string")
        return _scalar(self.resolve(text), "Fn::Split").split(delimiter)

    def _sub(self, value: Json) -> str:
        pattern, variables = sub_arguments(value)

        def replaced(match: re.Match[str]) -> str:
            literal, name = match[1], match[2].strip()
            if literal:
                return "${" + name + "}"
            return _scalar(self.resolve(variables[name]) if name in variables else self._ref(name), "Fn::Sub")

        return _SUB_TOKEN.sub(replaced, pattern)

    def _list(self, value: Json, function: str) -> list[Json]:
        resolved = self.resolve(value)
        if not isinstance(resolved, list):
            raise Unresolvable(f"{function} takes a list")
        return resolved

    def _arguments(self, value: Json, function: str, count: int) -> list[Json]:
        if not isinstance(value, list) or len(value) != count:
            raise Unresolvable(f"{function} takes a list of {count}")
        return value


def _defaults(declared: JsonObject) -> Iterator[tuple[str, Json]]:
    """What parameters are by their own declaration, lists as lists; those of SSM types only the service knows."""
    for name, parameter in declared.items():
        kind = str(as_object(parameter).get("Type"))
        if "Default" in as_object(parameter) and not kind.startswith("AWS::SSM::"):
            default = parameter["Default"]
            is_list = isinstance(default, str) and (kind == "CommaDelimitedList" or kind.startswith("List<"))
            yield name, [item.strip() for item in default.split(",")] if is_list else default


def sub_arguments(value: Json) -> tuple[str, JsonObject]:
    """The pattern and the variable map of an `Fn::Sub`'s argument. Raises `Unresolvable`."""
    pattern, variables = value if isinstance(value, list) and len(value) == 2 else (value, {})
    if not isinstance(pattern, str) or not isinstance(variables, dict):
        raise Unresolvable("Fn::Sub takes a string, or a string and a map")
    return pattern, variables


def sub_tokens(pattern: str) -> Iterator[re.Match[str]]:
    """The `${...}` of an `Fn::Sub` pattern: group 1 is "!" on a literal, group 2 the name."""
    return _SUB_TOKEN.finditer(pattern)


def inputs(values: list[Json], resolver: Resolver) -> JsonObject:
    """What values depend on besides themselves: the parameters, conditions and mappings they name, with what they say.

    NoEcho parameters are left out: what is made of this is public.
    """
    found: JsonObject = {}
    names = resolver.public_parameters
    words = [*(name.encode(errors="surrogatepass") for name in names), b"Fn::If", b"Fn::FindInMap"]
    open_values = list(values) if mentions(values, words) else []
    while open_values:
        item = open_values.pop()
        if isinstance(item, list):
            open_values.extend(item)
        elif isinstance(item, dict):
            open_values.extend(item.values())
            if is_intrinsic(item):
                found.update((name, resolver.parameter(name)) for name in _intrinsic_names(item) if name in names)
                if "Fn::If" in item or "Fn::FindInMap" in item:
                    found[json.dumps(item, sort_keys=True, default=str)] = _known(item, resolver)
    return found


def _known(value: JsonObject, resolver: Resolver) -> Json:
    try:
        if "Fn::If" in value and isinstance(value["Fn::If"], list) and value["Fn::If"]:
            return resolver.condition(str(value["Fn::If"][0]))
        return resolver.resolve(value)
    except Unresolvable:
        return None


def referenced(value: Json) -> Iterator[str]:
    """The names that a value's Ref, Fn::GetAtt and Fn::Sub refer to, parameters among them."""
    if isinstance(value, list):
        for item in value:
            yield from referenced(item)
    elif isinstance(value, dict):
        if is_intrinsic(value):
            yield from _intrinsic_names(value)
        for item in value.values():
            yield from referenced(item)


def _intrinsic_names(value: JsonObject) -> Iterator[str]:
    ((function, argument),) = value.items()
    if function == "Ref" and isinstance(argument, str):
        yield argument
    elif function == "Fn::GetAtt":
        name = argument[0] if isinstance(argument, list) and argument else argument
        if isinstance(name, str):
            yield name.partition(".")[0]
    elif function == "Fn::Sub":
        try:
            pattern, variables = sub_arguments(argument)
        except Unresolvable:
            return
        for token in sub_tokens(pattern):
            if not token[1] and token[2].strip() not in variables:
                yield token[2].strip().partition(".")[0]


def _text(value: Json, function: str) -> str:
    if not isinstance(value, str):
        raise Unresolvable(f"{function} takes a name")
    return value


def _scalar(value: Json, function: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) or is_number(value):
        return str(value)
    raise Unresolvable(f"{function} takes strings")


def _comparable(value: Json) -> Json:
    """CloudFormation compares as strings: the parameter value "1" equals the number 1."""
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    return value if value is None or value is NO_VALUE else _scalar(value, "Fn::Equals")

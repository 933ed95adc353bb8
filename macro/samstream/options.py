"""Settings of a transform: the `Parameters` of the Transform entry and the macro function's environment.

Precedence, per setting: the Transform entry's Parameters, else the environment (the organisation's default),
else the default below. A tag in the template wins over both.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, get_args

from samstream.findings import Finding, nearest, summary
from samstream.types import Json, JsonObject, is_number, whole_number

PARAMETERS: Final = ("Transform", "Parameters")
"""The place of the Transform entry's Parameters, as far as a macro knows it: it isn't sent that section."""

SiblingRoutes = Literal["stream", "error"]

MIN_TIMEOUT, MAX_TIMEOUT = 50, 900_000
"""Bounds of `timeoutInMillis` with STREAM, in milliseconds.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"""

_ROUTE = re.compile(
    r"(?:(?P<api>\w+)\s+)?(?P<method>get|put|post|delete|options|head|patch|any)\s+(?P<path>/\S*)",
    re.IGNORECASE,
)


class RouteName(NamedTuple):
    """How users name a route: "POST /chat", or "MyApi POST /chat" where a function serves two APIs."""

    method: str
    path: str
    api: str | None = None

    @classmethod
    def parse(cls, text: Json) -> "RouteName":
        """Raises `ValueError` with what a route looks like."""
        match = _ROUTE.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise ValueError('a method and a path such as "POST /chat" or "ANY /files/{proxy+}"')
        return cls(match["method"].upper(), match["path"], match["api"])

    def __str__(self) -> str:
        return " ".join(filter(None, (self.api, self.method, self.path)))


class Options(NamedTuple):
    """`routes` to stream in every API (`default_routes`, the organisation's, where they exist);
    `timeout_in_millis` of streaming routes that set none; `strict` makes warnings fail; `sibling_routes` says
    what becomes of the other routes of a function with the adapter; `ignore` holds rule ids; `given` the names
    of the fields that the Transform entry itself sets."""

    routes: tuple[RouteName, ...] = ()
    default_routes: tuple[RouteName, ...] = ()
    timeout_in_millis: int | None = None
    strict: bool = False
    sibling_routes: SiblingRoutes = "stream"
    ignore: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()

    @classmethod
    def load(cls, parameters: Json, environment: Mapping[str, str]) -> "Options":
        """Raises `OptionsError` with everything that is wrong at once."""
        default_names = {_environment_name(name): name for name in _READERS}
        given = {name: text for name, text in environment.items() if name.startswith(_PREFIX) and text.strip()}
        defaults, wrong_defaults = _read(given, default_names, "the macro function's environment", _split_text)
        own, wrong = _read(parameters, dict(zip(_READERS, _READERS, strict=True)), "Parameters", lambda value: value)
        if wrong or wrong_defaults:
            raise OptionsError((*wrong, *wrong_defaults))
        defaults["default_routes"] = defaults.pop("routes", ())
        return cls(**{**defaults, **own}, given=frozenset(own))

    def after(self, earlier: "Options") -> "Options":
        """These options of the listing after SAM, with what only the listing before it was given."""
        values = {name: getattr(earlier, name) for name in earlier.given - self.given}
        routes = tuple(dict.fromkeys((*earlier.routes, *self.routes)))
        return self._replace(**{**values, "routes": routes}, given=self.given | earlier.given)

    def to_parameters(self) -> JsonObject:
        """The Parameters that say what this listing was given."""
        return {name: _WRITERS[name](getattr(self, _field(name))) for name in _READERS if _field(name) in self.given}


class OptionsError(Exception):
    """Settings that can't be used; `findings` has one entry a reason."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(summary(findings))
        self.findings = findings


def read_timeout(value: Json) -> int:
    """A `TimeoutInMillis` that users wrote, a number or its digits. Raises `ValueError`."""
    timeout = whole_number(value)
    if timeout is None or not MIN_TIMEOUT <= timeout <= MAX_TIMEOUT:
        raise ValueError(f"a whole number of milliseconds from {MIN_TIMEOUT} to {MAX_TIMEOUT}")
    return timeout


def read_flag(value: Json) -> bool:
    """`true`, `false`, or these words. Raises `ValueError`."""
    word = value.strip().lower() if isinstance(value, str) else value
    if word in (True, "true") and not is_number(word):
        return True
    if word in (False, "false") and not is_number(word):
        return False
    raise ValueError("true or false")


def read_routes(value: Json) -> tuple[RouteName, ...]:
    """A route or a list of routes; an empty list parameter comes as one empty text. Raises `ValueError`."""
    return tuple(RouteName.parse(text) for text in (value if isinstance(value, list) else [value]) if text != "")


def _read_sibling_routes(value: Json) -> Json:
    if value not in get_args(SiblingRoutes):
        raise ValueError('"stream" or "error"')
    return value


def read_ignore(value: Json) -> frozenset[str]:
    """A rule's id or a list of them. Raises `ValueError`."""
    rules = value if isinstance(value, list) else [value]
    if not all(isinstance(rule, str) and re.fullmatch(r"[EW]\d{3}", rule) for rule in rules):
        raise ValueError("a list of rule ids such as W301")
    return frozenset(rules)


_PREFIX = "SAMSTREAM_"

_READERS: dict[str, Callable[[Json], Json]] = {
    "Routes": read_routes,
    "TimeoutInMillis": read_timeout,
    "Strict": read_flag,
    "SiblingRoutes": _read_sibling_routes,
    "Ignore": read_ignore,
}


_WRITERS: dict[str, Callable[[Json], Json]] = {
    "Routes": lambda routes: list(map(str, routes)),
    "TimeoutInMillis": int,
    "Strict": bool,
    "SiblingRoutes": str,
    "Ignore": sorted,
}


def _environment_name(name: str) -> str:
    return _PREFIX + _field(name).upper()


def _field(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _split_text(value: Json) -> Json:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    return parts if len(parts) > 1 else value.strip()


def _read(
    given: Json, names: Mapping[str, str], source: str, prepare: Callable[[Json], Json]
) -> tuple[JsonObject, list[Finding]]:
    values: JsonObject = {}
    findings = []
    place = PARAMETERS if source == "Parameters" else ()
    if not isinstance(given, dict):
        return {}, [Finding("E001", "", PARAMETERS, f"{source} must be a map. Allowed: {', '.join(names)}.")]
    for name, value in given.items():
        if name not in names:
            findings.append(Finding("E001", "", (*place, name), _unknown(name, list(names), source)))
            continue
        try:
            values[_field(names[name])] = _READERS[names[name]](prepare(value))
        except ValueError as error:
            findings.append(Finding("E001", "", (*place, name), f"{name} in {source} must be {error}."))
    return values, findings


def _unknown(name: str, allowed: list[str], source: str) -> str:
    near = nearest(name, allowed, 0.5)
    hint = f" Did you mean {near}?" if near else ""
    return f"{source} has no setting {name[:60]!r}.{hint} Allowed: {', '.join(allowed)}."

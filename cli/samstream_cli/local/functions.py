"""The functions behind the routes of a processed template, as this machine starts them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from samstream.adapter import live_variables
from samstream.edits import value_at
from samstream.intrinsics import NO_VALUE, Unresolvable
from samstream.plan import LAMBDA_TIMEOUT, Plan
from samstream.segments import Literal, segments
from samstream.template import SAM_FUNCTION, Resource
from samstream.types import Json, JsonObject, as_object, whole_number
from samstream_cli.cloudformation import ACCOUNT_ID
from samstream_cli.errors import UsageError
from samstream_cli.local.launch import FunctionSpec
from samstream_cli.origins import Origins

_MEMORY = 128


class Code(NamedTuple):
    """Where a function's code is: a folder, or a text written into the template."""

    folder: Path | None
    inline: str | None = None


class Specs(NamedTuple):
    """The functions, and notes on what is only known to a deployment. Variables are never named with their values."""

    functions: tuple[FunctionSpec, ...]
    notes: tuple[str, ...]


def specs_of(plan: Plan, source: JsonObject, folder: Path, region: str, scratch: Path) -> Specs:
    """Of every function behind a route. `source` is the template before the transforms, `folder` where its paths start;
    code that stands in the template is written below `scratch`. Raises `UsageError` for code that isn't here."""
    reader = _Reader(plan, source, folder, region, scratch)
    names = [name for name in plan.table.by_function if not plan.template.is_dead(name)]
    functions = tuple(reader.spec(plan.template.resources[name]) for name in names)
    return Specs(functions, tuple(reader.notes))


class _Reader:
    def __init__(self, plan: Plan, source: JsonObject, folder: Path, region: str, scratch: Path) -> None:
        self._plan = plan
        self._source = source
        self._folder = folder
        self._region = region
        self._scratch = scratch
        self._origins = Origins(source)
        self.notes: list[str] = []

    def spec(self, function: Resource) -> FunctionSpec:
        properties, name = function.properties, function.id
        return FunctionSpec(
            name=name,
            folder=self._code_folder(function),
            handler=str(self._known(properties.get("Handler")) or ""),
            runtime=str(self._known(properties.get("Runtime")) or ""),
            timeout=float(self._plan.timeout_of(name) or LAMBDA_TIMEOUT),
            memory=whole_number(self._known(properties.get("MemorySize"))) or _MEMORY,
            variables=self._variables(function),
            layers=[self._text(layer) for layer in _list(properties.get("Layers"))],
            package="Image" if self._known(properties.get("PackageType")) == "Image" else "Zip",
            arn=f"arn:aws:lambda:{self._region}:{ACCOUNT_ID}:function:{name}",
        )

    def _code_folder(self, function: Resource) -> Path:
        code = self._code(function)
        if code.inline is not None:
            return self._written(function, code.inline)
        if code.folder is None:
            message = f"the code of {function.id} is not on this machine"
            raise UsageError(message, "Point its CodeUri at a folder, or serve the others: --function NAME.")
        return code.folder

    def _code(self, function: Resource) -> Code:
        """What the source says, which SAM replaces by the place of an upload."""
        place = self._origins.of(function.place)
        written = as_object(value_at(self._source, place)) if place else function.body
        properties = as_object(written.get("Properties"))
        if written.get("Type") == SAM_FUNCTION:
            shared = as_object(as_object(self._source.get("Globals")).get("Function"))
            code = properties.get("InlineCode")
            path = properties.get("CodeUri", shared.get("CodeUri", "."))
            return Code(self._path(path), code if isinstance(code, str) else None)
        code = properties.get("Code")
        inline = as_object(code).get("ZipFile")
        asset = as_object(written.get("Metadata")).get("aws:asset:path")
        return Code(self._path(asset if isinstance(asset, str) else code), inline if isinstance(inline, str) else None)

    def _path(self, value: Json) -> Path | None:
        return self._folder / value if isinstance(value, str) and "://" not in value else None

    def _written(self, function: Resource, code: str) -> Path:
        folder = self._scratch / function.id
        folder.mkdir(parents=True, exist_ok=True)
        runtime = str(self._known(function.properties.get("Runtime")))
        (folder / ("index.js" if runtime.startswith("nodejs") else "index.py")).write_text(code, encoding="utf-8")
        return folder

    def _variables(self, function: Resource) -> dict[str, str]:
        found: dict[str, str] = {}
        unknown = []
        for variables, _ in live_variables(self._plan.template, function):
            for name, value in variables.items():
                known = self._known(value)
                if known is None and value is not None:
                    unknown.append(name)
                    known = self._text(value)
                if known is not NO_VALUE and known is not None:
                    found[name] = _as_text(known)
        if unknown:
            self.notes.append(
                f"{function.id}: only a deployment knows what {', '.join(unknown)} hold; they name resources by their "
                f"logical ids here. --env {unknown[0]}=VALUE sets one."
            )
        return found

    def _known(self, value: Json) -> Json:
        try:
            return self._plan.template.resolver.resolve(value)
        except Unresolvable:
            return None

    def _text(self, value: Json) -> str:
        """A text, with what only the deployment knows by the logical id it comes from."""
        pieces = segments(value, (), self._plan.template.resolver)
        return "".join(piece.text if isinstance(piece, Literal) else "".join(piece.resources[:1]) for piece in pieces)


def _list(value: Json) -> Iterator[Json]:
    yield from value if isinstance(value, list) else ()


def _as_text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

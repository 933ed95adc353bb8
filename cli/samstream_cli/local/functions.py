"""The functions behind the routes of a processed template, as this machine starts them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from samstream.adapter import live_variables
from samstream.edits import value_at
from samstream.intrinsics import NO_VALUE, Unresolvable
from samstream.plan import LAMBDA_TIMEOUT, Plan
from samstream.segments import Literal, segments
from samstream.template import SAM_FUNCTION, Resource
from samstream.types import Json, JsonObject, as_object, whole_number
from samstream_cli.cloudformation import ACCOUNT_ID
from samstream_cli.local.launch import FunctionSpec
from samstream_cli.origins import Origins

_MEMORY = 128

CREDENTIALS: Final = {"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
RESERVED: Final = CREDENTIALS | {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}  # fmt: skip
"""Variables that Lambda sets itself, and refuses in a function's configuration.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""


class Code(NamedTuple):
    """Where a function's code is: a folder, or a text written into the template."""

    folder: Path | None
    inline: str | None = None


class Specs(NamedTuple):
    """The functions, and notes on what is only known to a deployment. Variables are never named with their values.
    Why a function is not among them stands under its name in `missing`."""

    functions: tuple[FunctionSpec, ...]
    notes: tuple[str, ...] = ()
    missing: Mapping[str, str] = {}


def specs_of(plan: Plan, source: JsonObject, folder: Path, region: str, scratch: Path) -> Specs:
    """Of every function behind a route. `source` is the template before the transforms, `folder` where its paths start;
    code that stands in the template is written below `scratch`."""
    reader = _Reader(plan, source, folder, region, scratch)
    names = [name for name in plan.table.by_function if not plan.template.is_dead(name)]
    folders = {name: reader.code_folder(plan.template.resources[name]) for name in names}
    missing = [name for name, found in folders.items() if found is None]
    told = "the code of {} is not on this machine. Point its CodeUri at a folder."
    functions = tuple(reader.spec(plan.template.resources[name], found) for name, found in folders.items() if found)
    return Specs(functions, tuple(reader.notes), {name: told.format(name) for name in missing})


class _Reader:
    def __init__(self, plan: Plan, source: JsonObject, folder: Path, region: str, scratch: Path) -> None:
        self._plan = plan
        self._source = source
        self._folder = folder
        self._region = region
        self._scratch = scratch
        self._origins = Origins(source)
        self.notes: list[str] = []

    def spec(self, function: Resource, folder: Path) -> FunctionSpec:
        properties, name = function.properties, function.id
        return FunctionSpec(
            name=name,
            folder=folder,
            handler=str(self._known(properties.get("Handler")) or ""),
            runtime=str(self._known(properties.get("Runtime")) or ""),
            timeout=float(self._plan.timeout_of(name) or LAMBDA_TIMEOUT),
            memory=whole_number(self._known(properties.get("MemorySize"))) or _MEMORY,
            variables=self._variables(function),
            layers=[self._text(layer) for layer in _list(properties.get("Layers"))],
            package="Image" if self._is_image(function) else "Zip",
            arn=f"arn:aws:lambda:{self._region}:{ACCOUNT_ID}:function:{name}",
        )

    def code_folder(self, function: Resource) -> Path | None:
        """Where the code is, None for code that isn't here; an image has none."""
        code = self._code(function)
        if code.inline is not None:
            return self._written(function, code.inline)
        return self._folder if self._is_image(function) else code.folder

    def _is_image(self, function: Resource) -> bool:
        return bool(self._known(function.properties.get("PackageType")) == "Image")

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
        refused = sorted(RESERVED & found.keys())
        if refused:
            self.notes.append(
                f"{function.id}: Lambda sets {', '.join(refused)} itself, and a deployment with it among the "
                "Environment.Variables fails. Take it away; the function has Lambda's own here."
            )
        if unknown:
            self.notes.append(
                f"{function.id}: only a deployment knows what {', '.join(unknown)} hold; they name resources by their "
                f"logical ids here. --env {unknown[0]}=VALUE sets one."
            )
        return {name: value for name, value in found.items() if name not in RESERVED}

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

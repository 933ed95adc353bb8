"""What a template makes of this machine: its APIs, its functions, and what there is to say of them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from samstream.findings import nearest
from samstream.options import Options
from samstream.plan import Plan
from samstream.template import HTTP_APIS
from samstream.transform import Stack, inspect
from samstream.types import Json, JsonObject
from samstream_cli import sam
from samstream_cli.checked import Checked
from samstream_cli.checking import CheckSettings, check
from samstream_cli.cloudformation import ACCOUNT_ID, Outcome, Settings, Translate, process
from samstream_cli.errors import UsageError
from samstream_cli.local.apis import apis_of, mapping_notes
from samstream_cli.local.functions import Specs, specs_of
from samstream_cli.local.launch import FunctionSpec
from samstream_cli.local.routing import Api, Route
from samstream_cli.local.snapshots import snapshot_notes
from samstream_cli.parameters import resolve_parameters
from samstream_cli.templates import TemplateFile


class Project(NamedTuple):
    """All that a session serves; `notes` are for the terminal."""

    apis: Sequence[Api]
    functions: Sequence[FunctionSpec]
    checked: Checked
    notes: tuple[str, ...]


class Reader:
    """Transforms a template as a deployment would, and reads what comes out."""

    def __init__(self, file: TemplateFile, given: Mapping[str, str], region: str, macro_name: str) -> None:
        self._file = file
        self._given = given
        self._region = region
        self._macro_name = macro_name
        self._translate = _once(sam.translate_with_progress)
        self._parameters = resolve_parameters(file.content, given)
        values = self._parameters.values
        settings = Settings(region, values, file.folder, macro_name, os.environ, for_rules=True)
        self.outcome: Outcome = process(file.content, settings, self._translate)

    def project(self, names: Sequence[str], variables: Mapping[str, str], scratch: Path) -> Project:
        """The functions of these names alone, all if none is given, with these variables over their own; code that
        stands in the template is written below `scratch`. Raises `UsageError`."""
        file, region = self._file, self._region
        plan, _ = inspect(self.outcome.template, Options(), Stack(region, ACCOUNT_ID, self._parameters.values))
        checked = check(file, CheckSettings(region, self._given, self._macro_name), self._translate)
        stale = {located.finding.resource for located in checked.findings if located.finding.rule == "W405"}
        specs = specs_of(plan, file.content, file.folder, region, scratch)
        apis, functions = _chosen(apis_of(plan, stale), specs, names, list(_unserved(plan)))
        read = (*snapshot_notes(plan, file.content), *_unserved(plan), *mapping_notes(plan))
        functions = [replace(spec, variables={**spec.variables, **variables}) for spec in functions]
        apis = [_with_problems(api, specs.missing) for api in apis]
        return Project(
            apis,
            functions,
            checked,
            (*self._parameters.notes, *self.outcome.notes, *read, *specs.notes, *specs.missing.values()),
        )


def _once(translate: Translate) -> Translate:
    """SAM's translation, which takes long for a large template, is made once for serving and checking."""
    known: list[tuple[object, JsonObject]] = []

    def translated(fragment: JsonObject, parameters: Mapping[str, Json], region: str) -> JsonObject:
        asked = (fragment, dict(parameters), region)
        for before, result in known:
            if before == asked:
                return result
        known.append((asked, translate(*asked)))
        return known[-1][1]

    return translated


def _unserved(plan: Plan) -> Iterator[str]:
    for kind in HTTP_APIS:
        for api in plan.template.of_type(kind):
            yield f"{api.id} isn't served: it is an HTTP API, which can't stream. REST APIs can: events of Type: Api."


def _with_problems(api: Api, missing: Mapping[str, str]) -> Api:
    """The API with what keeps a function from running written on its routes."""
    return replace(api, routes=tuple(_with_problem(route, missing) for route in api.routes))


def _with_problem(route: Route, missing: Mapping[str, str]) -> Route:
    problem = missing.get(route.function or "")
    return replace(route, kind="unsupported", problem=problem) if problem else route


def _chosen(
    apis: Sequence[Api], specs: Specs, names: Sequence[str], unserved: Sequence[str]
) -> tuple[Sequence[Api], Sequence[FunctionSpec]]:
    """Those of the functions that were asked for, all if none was."""
    functions = specs.functions
    known = [spec.name for spec in functions]
    for name in names:
        if name in specs.missing:
            raise UsageError(specs.missing[name].rstrip("."))
        if name not in known:
            near = nearest(name, known, 0.5)
            hint = f"Did you mean {near}? " if near else ""
            if any(api.id == name for api in apis):
                hint = f"{name} is an API; name its functions. "
            raise UsageError(f"no route invokes a function {name}", f"{hint}There are {', '.join(known) or 'none'}.")
    if not any(api.routes for api in apis):
        remedy = next(iter(unserved), "Give a function an event of Type: Api.")
        raise UsageError("the template makes no route of a REST API", remedy)
    if not names:
        return apis, functions
    kept = [replace(api, routes=tuple(route for route in api.routes if route.function in names)) for api in apis]
    return [api for api in kept if api.routes], [spec for spec in functions if spec.name in names]

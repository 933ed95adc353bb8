"""Reads what `samstream openapi` is given: an app, or an OpenAPI document in a file or at an address."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

import httpx

from samstream.types import Json, JsonObject, as_object
from samstream_cli.errors import UsageError
from samstream_cli.openapi import app_process
from samstream_cli.progress import progress
from samstream_cli.templates import parse, read_bytes

TIMEOUT: Final = 120
"""Seconds that an app may take to be imported."""

_SHOWN_LINES: Final = 12
_TRACEBACK: Final = "Traceback (most recent call last):"
_EXCEPTION: Final = re.compile(r"[A-Za-z_][\w.]*: ")
_CONTROL: Final = re.compile(r"[^\S\n ]|[\x00-\x08\x0e-\x1f\x7f]")
_SUFFIXES: Final = (".json", ".yaml", ".yml")

Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class AppRoute:
    """A route as the app itself has it: `greedy` names the parameters that take several segments, `streams` says
    why it streams, and `documented` whether the app's own document may tell of it."""

    kind: str
    path: str
    methods: tuple[str, ...] = ()
    greedy: tuple[str, ...] = ()
    documented: bool = True
    streams: str | None = None

    @classmethod
    def read(cls, told: JsonObject) -> "AppRoute":
        return cls(**{**told, "methods": tuple(told["methods"]), "greedy": tuple(told["greedy"])})


@dataclass(frozen=True)
class Source:
    """An OpenAPI document, and the routes of the app it comes from if it comes from one."""

    name: str
    document: JsonObject
    routes: tuple[AppRoute, ...] = ()


@dataclass(frozen=True)
class Importing:
    """How to import an app."""

    folder: Path
    python: str = sys.executable
    is_factory: bool = False


def read_source(name: str, importing: Importing, fetch: Fetch | None = None) -> Source:
    """The document that `name` leads to. Raises `UsageError` and `TemplateError`."""
    if name.startswith(("http://", "https://")):
        return _document(parse((fetch or _fetch)(name), _shown(name)), _shown(name))
    if name.lower().endswith(_SUFFIXES):
        return _document(parse(read_bytes(Path(name)), name), name)
    module, colon, attribute = name.partition(":")
    words = [*module.split("."), *attribute.split(".")]
    if not colon or not all(word.isidentifier() for word in words):
        remedy = "Write MODULE:APP such as app.main:app, or name an OpenAPI document (.json, .yaml or an address)."
        raise UsageError(f"{name} names no app and no document", remedy)
    with progress(f"Importing {name}"):
        told = _import(name, module, attribute, importing)
    document = told["document"] or {"openapi": "3.1.0", "info": {"title": name, "version": "0"}, "paths": {}}
    return _document(document, name, tuple(map(AppRoute.read, told["routes"])))


def _document(content: Json, name: str, routes: tuple[AppRoute, ...] = ()) -> Source:
    document = as_object(content)
    if not str(document.get("openapi", "")).startswith("3."):
        swagger = " but a Swagger 2.0 one" if "swagger" in document else ""
        remedy = "Convert it to OpenAPI 3 first." if swagger else "Such a document begins with openapi: 3.1.0."
        raise UsageError(f"{name} is no OpenAPI 3 document{swagger}", remedy)
    return Source(name, document, routes)


def _import(name: str, module: str, attribute: str, importing: Importing) -> dict[str, Any]:
    if not importing.folder.is_dir():
        raise UsageError(f"{importing.folder} is no directory", "Name the app's folder: --app-dir DIR")
    kind = "factory" if importing.is_factory else "object"
    folder = str(importing.folder.resolve())
    command = [importing.python, app_process.__file__, folder, module, attribute, kind]
    try:
        answer, said = _run(command)
    except subprocess.TimeoutExpired:
        remedy = "Importing it must not start a server; guard that by if __name__ == '__main__'."
        raise UsageError(f"{name} took more than {TIMEOUT} s to be imported", remedy) from None
    except OSError as error:
        raise UsageError(f"{importing.python} can't be run: {error.strerror}", "Name a Python: --python PATH") from None
    try:
        told: dict[str, Any] = json.loads(answer, parse_constant=lambda _: None)  # infinity is no JSON
    except ValueError:
        raise _failed(name, said.decode(errors="replace"), importing) from None
    return told


def _run(command: Sequence[str]) -> tuple[bytes, bytes]:
    """What it writes to standard output and error. Neither is a pipe, and its session ends with it: what an app
    starts would hold a pipe open, and outlive the command."""
    with TemporaryFile() as output, TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
        )
        try:
            process.wait(TIMEOUT)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        errors.seek(0)
        return output.read(), errors.read()


def _failed(name: str, said: str, importing: Importing) -> UsageError:
    lines = [line for line in _CONTROL.sub("", said).splitlines() if line.strip() and '"<frozen ' not in line]
    raised = [line for line in lines if _EXCEPTION.match(line)] if _TRACEBACK in lines else []
    why = (raised or lines or ["it ended without a word"])[-1]
    remedy = f"It was looked for in {importing.folder.resolve()} (--app-dir) with {importing.python} (--python)."
    if len(lines) > 1:
        remedy = "\n  ".join((f"{remedy} Its last lines:", *lines[-_SHOWN_LINES:]))
    return UsageError(f"{name} can't be imported: {why}", remedy)


def _fetch(address: str) -> bytes:
    try:
        answer = httpx.get(address, follow_redirects=True, timeout=30)
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise UsageError(f"{_shown(address)} answers {error.response.status_code}", "Check the address.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        remedy = f"Is the server running? {type(error).__name__}: {error}"
        raise UsageError(f"{_shown(address)} can't be read", remedy) from None
    return answer.content


def _shown(address: str) -> str:
    """Without a query, a user or a password, which may be secrets."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"

"""Finds the Lambda Web Adapter: the real one, or the one that is built in."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .environments import cache_folder

BINARY = "lambda-adapter"
BUILT_IN = "samstream_cli.local.builtin_adapter"
ISOLATED = ("-E", "-P")
"""It starts in the function's folder and environment, and must not import the function's modules for its own."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """How to start an adapter, and a word for the user about which one it is."""

    command: tuple[str, ...]
    note: str


def find(given: Path | None, shell: Mapping[str, str] = os.environ) -> Adapter:
    """The one that was asked for; else the first on PATH or in the cache; else the built-in one."""
    if given:
        if not (given.is_file() and os.access(given, os.X_OK)):
            raise UsageError(
                f"--adapter {given} is no executable file", "Build it with `make adapter`, or leave it out."
            )
        return _real(given)
    if on_path := shutil.which(BINARY, path=shell.get("PATH")):
        return _real(Path(on_path))
    cached = cache_folder(shell) / "bin" / BINARY
    if os.access(cached, os.X_OK):
        return _real(cached)
    return Adapter((sys.executable, *ISOLATED, "-m", BUILT_IN), "The built-in adapter is used.")


def _real(path: Path) -> Adapter:
    return Adapter((str(path.resolve()),), f"The Lambda Web Adapter is {path}.")

"""Which Node.js runs a function here, and by which of AWS's runtime clients.

https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .environments import cache_folder
from .processes import output_of

CLIENT = "aws-lambda-ric"
NO_CALLBACKS = 24
"""The runtime from which on handlers with callbacks fail, as they do in release 4 of the client and not in 3:
https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/137"""

DISABLED = {"nodejs20.x": ("require-module",), "nodejs22.x": ("require-module", "detect-module")}
"""What Lambda turns off, unless NODE_OPTIONS turns it on: https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html"""

LEAST = {"3": 18, "4": 22}
"""The Node.js that a release of the client needs, by its README and package.json."""

_ABOUT = """[process.execPath, process.versions.node, ...["require-module", "detect-module"].filter(
    name => process.allowedNodeEnvironmentFlags.has("--experimental-" + name))].join("\\n")"""
_MODULES = ("", ".js", ".mjs", ".cjs")
_TYPED = (".ts", ".mts", ".cts", ".tsx")


class Unusable(Exception):
    """What is missing, and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js: its real executable, behind whatever a version manager puts on PATH."""

    path: Path
    version: str
    features: tuple[str, ...]
    is_on_path: bool

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def home(shell: Mapping[str, str] = os.environ) -> Path:
    """Where the clients and a Node.js are kept."""
    return cache_folder(shell) / "nodejs"


def kept_node(shell: Mapping[str, str] = os.environ) -> Path:
    return home(shell) / "node" / "node_modules" / ".bin" / "node"


def release_for(runtime: str) -> str:
    """The client's release that Lambda's runtime of this name has."""
    return "4" if _major(runtime) >= NO_CALLBACKS else "3"


def _major(runtime: str) -> int:
    found = re.fullmatch(r"nodejs(\d{1,3})\.x", runtime)
    return int(found[1]) if found else NO_CALLBACKS


async def find_node(runtime: str, folder: Path, shell: Mapping[str, str]) -> Node | None:
    """The runtime's own version on PATH or in the cache, else the first that the client takes."""
    on_path = shutil.which("node", path=shell.get("PATH"))
    found = [await _asked(on_path, True, folder, shell)] if on_path else []
    found.append(await _asked(str(kept_node(shell)), False, folder, shell))
    nodes = [node for node in found if node]
    own = (node for node in nodes if node.major == _major(runtime))
    enough = (node for node in nodes if node.major >= LEAST[release_for(runtime)])
    return next(own, None) or next(enough, None)


async def _asked(command: str, is_on_path: bool, folder: Path, shell: Mapping[str, str]) -> Node | None:
    """None for what isn't there or is no Node.js."""
    try:
        _, said = await output_of(command, "-p", _ABOUT, folder=folder, environment=shell)
    except OSError:
        return None
    lines = said.splitlines()
    if len(lines) < 2 or not re.match(r"\d+\.", lines[1]):
        return None
    return Node(Path(lines[0]), lines[1], tuple(lines[2:]), is_on_path)


def flags(runtime: str, node: Node, variables: Mapping[str, str]) -> tuple[str, ...]:
    """What Lambda starts this runtime's Node.js with, as far as this one knows it."""
    wished = variables.get("NODE_OPTIONS", "").split()
    disabled = [name for name in DISABLED.get(runtime, ()) if name in node.features]
    return tuple(f"--no-experimental-{name}" for name in disabled if f"--experimental-{name}" not in wished)


def find_client(runtime: str, folder: Path, shell: Mapping[str, str]) -> Path:
    """The function's own client, or the runtime's in the cache, or the one that is installed globally."""
    release = release_for(runtime)
    for place in (folder, home(shell) / release):
        if (client := place / "node_modules" / ".bin" / CLIENT).exists():
            return client
    if found := shutil.which(CLIENT, path=shell.get("PATH")):
        return Path(found)
    raise Unusable(
        f"needs Lambda's runtime client for Node.js, {CLIENT} {release}, which isn't installed",
        f"Run `{sys.executable} -m samstream_cli.local.node_clients {release}`, which builds it in a minute or two.",
    )


def needs_node(runtime: str) -> Unusable:
    least = LEAST[release_for(runtime)]
    return Unusable(
        f"needs Node.js {least} or newer, which isn't on PATH",
        f"Install it, or run `{sys.executable} -m samstream_cli.local.node_clients`, which keeps one for samstream.",
    )


def check_handler(folder: Path, handler: str) -> None:
    """Raises `Unusable` for TypeScript that wasn't built. Of what else is wrong the client itself tells."""
    above, _, name = handler.rpartition("/")
    module = folder / above / name.partition(".")[0]
    source = next(_existing(module, _TYPED), None)
    if source and not any(_existing(module, _MODULES)):
        remedy = "Run `sam build`, and serve .aws-sam/build/template.yaml."
        raise Unusable(f"has its handler in TypeScript, {source}", remedy)


def _existing(module: Path, suffixes: Iterable[str]) -> Iterator[Path]:
    for suffix in suffixes:
        with suppress(OSError):  # A template's text may be longer than a path can be.
            if (path := Path(f"{module}{suffix}")).exists():
                yield path


def check_dependencies(folder: Path) -> None:
    """Raises `Unusable` for a package.json whose packages aren't installed where Node.js looks for them."""
    places = (folder, *folder.parents)
    if _has_dependencies(folder) and not any((place / "node_modules").is_dir() for place in places):
        raise Unusable(
            f"has a package.json in {folder} with dependencies, but no node_modules", "Run `npm install` there."
        )


def _has_dependencies(folder: Path) -> bool:
    try:
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False  # Node.js itself says what is wrong with a file that it needs.
    return isinstance(package, dict) and bool(package.get("dependencies"))

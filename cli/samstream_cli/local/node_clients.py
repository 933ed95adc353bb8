"""Builds AWS's runtime clients for Node.js and keeps a Node.js where `samstream local` looks for them.

`python -m samstream_cli.local.node_clients` does it, and nothing else of samstream does: they come from npm, and the
client's own scripts compile libcurl and a native addon.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from samstream_cli.errors import ExitCode, SamstreamError, UsageError
from samstream_cli.local.nodejs import CLIENT, home, kept_node
from samstream_cli.progress import progress

NODE = "22.23.3"
RELEASES = {"3": "3.3.0", "4": "4.0.2"}
NODE_GYP = "11.5.0"
"""Release 3 pins 9.4.0, which needs the distutils that Python 3.12 has no more."""

MACHINES = {"Linux x86_64": "linux-x64", "Linux aarch64": "linux-arm64"}
TOOLS = ("npm", "cmake", "make", "g++", "xz", "autoconf", "automake", "libtoolize")
PACKAGES = "npm cmake make g++ xz-utils autoconf automake libtool"
TOLD_LINES = 20


class BuildFailed(SamstreamError):
    """A client that npm can't install."""


def install(releases: Sequence[str], shell: Mapping[str, str] = os.environ) -> list[str]:
    """Installs what is missing; the lines that tell what is there now. Raises `SamstreamError`."""
    machine = MACHINES.get(f"{platform.system()} {platform.machine()}")
    if not machine:
        supported = f"AWS's runtime client builds on {' and '.join(MACHINES)}"
        raise UsageError(f"{supported}, and this is {platform.system()} {platform.machine()}", "Use a container.")
    name = f"node-{machine}"
    node = home(shell) / "node"
    _ensure(node, {"dependencies": {name: NODE}}, "Fetching Node.js", shell)
    headers = node / "node_modules" / name
    for release in releases:
        package = {"dependencies": {CLIENT: RELEASES[release]}, "overrides": {"node-gyp": NODE_GYP}}
        building = {**shell, "npm_config_nodedir": str(headers), "NODE_GYP_FORCE_PYTHON": sys.executable}
        _ensure(home(shell) / release, package, f"Building {CLIENT} {RELEASES[release]}", building)
    return [
        f"Node.js {NODE}: {kept_node(shell)}",
        *(f"{CLIENT} {RELEASES[release]}: {home(shell) / release}" for release in releases),
    ]


def _ensure(folder: Path, package: Mapping[str, object], message: str, shell: Mapping[str, str]) -> None:
    """Has npm install a package.json, unless it has done so already. What it built from goes."""
    wanted = json.dumps({"private": True, **package}, indent=2)
    made = folder / ".made"
    if made.exists() and made.read_text(encoding="utf-8") == wanted:
        return
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=shell.get("PATH"))]
    if missing:
        raise UsageError(f"{', '.join(missing)} can't be found on PATH", f"On Debian: apt-get install {PACKAGES}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(wanted, encoding="utf-8")
    command = ("npm", "install", "--no-audit", "--no-fund", "--foreground-scripts")
    with progress(message):
        done = subprocess.run(
            command, cwd=folder, env=dict(shell), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    if done.returncode:
        log = folder / "install.log"
        log.write_text(done.stdout, encoding="utf-8")
        last = "\n".join(done.stdout.splitlines()[-TOLD_LINES:])
        raise BuildFailed(f"{' '.join(command)} failed in {folder}:\n{last}", f"The whole output is in {log}.")
    shutil.rmtree(folder / "node_modules" / CLIENT / "deps", ignore_errors=True)
    made.write_text(wanted, encoding="utf-8")


def main(arguments: Sequence[str], shell: Mapping[str, str] = os.environ) -> int:
    """The releases that are named, or all; exit code 2 says that it failed."""
    try:
        if unknown := [each for each in arguments if each not in RELEASES]:
            raise UsageError(f"there is no release {unknown[0]} to build", f"Name some of: {', '.join(RELEASES)}.")
        print("\n".join(install(arguments or tuple(RELEASES), shell)))
    except SamstreamError as error:
        print(f"error: {error.message}\n{error.remedy}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Small buffered answers: `samstream local` beside serverless-offline, each with the same handlers.

serverless-offline runs in osls, the fork of the Serverless Framework that asks for no login. npm installs both, once,
into samstream's cache, at the versions that serverless_offline/package-lock.json names.
"""

import hashlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.effort import Effort, Serving
from benchmarks.report import Section
from benchmarks.serving import CONNECTIONS, SAMSTREAM, Server, rate, running
from samstream_cli.local.environments import cache_folder

SOURCE = Path(__file__).with_name("serverless_offline")
HANDLERS = {"Python": "/python", "Node.js": "/node"}
INSTALLING, WARM = 300, 40
READY = r"Server ready: http://127\.0\.0\.1:(\d+)"


class NotMeasured(Exception):
    """Why there is no figure."""


def sections(effort: Effort) -> Iterator[Section]:
    try:
        folder = _installed(installs=effort.serving.installs)
        rows = list(_rows(folder, effort.serving))
    except NotMeasured as why:
        rows = [(handler, f"not measured: {why}", "", "") for handler in HANDLERS]
    versions = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    yield Section(
        "Serving locally, beside serverless-offline",
        f"Small buffered answers a second over {CONNECTIONS} connections, from the same handlers and interpreters, in "
        f"turns; medians. serverless-offline {versions['serverless-offline']} runs in "
        f"{versions['serverless'].removeprefix('npm:')}, Node.js handlers within its own process; samstream local runs "
        "each environment as Lambda does, in a process of its own with AWS's runtime client.",
        ("handler", "serverless-offline", "samstream local", "ratio"),
        rows,
    )


def _installed(*, installs: bool) -> Path:
    """The folder with both, made where it isn't there yet."""
    files = sorted(path for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    key = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
    folder = cache_folder() / "benchmarks" / key
    made = folder / ".made"
    if made.exists():
        return folder
    npm = shutil.which("npm")
    if not (installs and npm):
        raise NotMeasured("npm isn't on PATH" if installs else "it isn't installed")
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=INSTALLING)
    except (subprocess.SubprocessError, OSError) as error:
        raise NotMeasured("npm can't install it") from error
    made.touch()
    return folder


def _rows(folder: Path, serving: Serving) -> Iterator[tuple[str, str, str, str]]:
    version = subprocess.run((shutil.which("node") or "node", "--version"), check=True, capture_output=True, text=True)
    runtimes = (
        f"Python=python3.{sys.version_info.minor}",
        f"Node=nodejs{version.stdout.strip('v').partition('.')[0]}.x",
    )
    parameters = [part for runtime in runtimes for part in ("--parameter", runtime)]
    with ExitStack() as stack:
        offline = stack.enter_context(running(_offline(folder), folder, READY, SLS_TELEMETRY_DISABLED="1"))
        ours = stack.enter_context(running((*SAMSTREAM, "--port", "0", *parameters), folder))
        for handler, path in HANDLERS.items():
            try:
                yield (handler, *_compared(offline, ours, path, serving))
            except ValueError as error:  # What a server answers says what is missing, such as a runtime client.
                yield handler, f"not measured: {error}", "", ""


def _offline(folder: Path) -> tuple[str, ...]:
    program = str(folder / "node_modules" / ".bin" / "serverless")
    ports = ("--httpPort", _free_port(), "--lambdaPort", _free_port())
    return (program, "offline", "--host", "127.0.0.1", "--noPrependStageInUrl", *ports)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _compared(offline: Server, ours: Server, path: str, serving: Serving) -> tuple[str, str, str]:
    for server in (offline, ours):
        rate(server, WARM, path)
    rounds = [
        (rate(offline, serving.requests, path), rate(ours, serving.requests, path)) for _ in range(serving.rounds)
    ]
    theirs, own = (median(column) for column in zip(*rounds, strict=True))
    return f"{theirs:.0f}", f"{own:.0f}", f"x{own / theirs:.2f}"

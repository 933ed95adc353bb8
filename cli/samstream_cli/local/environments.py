"""Virtual environments of Python functions: one per content of requirements.txt, made once and shared."""

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import SamstreamError
from .processes import ProcessGroup, output_of

MADE = ".made"
"""The file that says an environment is complete. A finished one can't be renamed into place instead: the scripts in its
bin folder carry their absolute path."""

TOLD_LINES = 15


class InstallFailed(SamstreamError):
    """Requirements that can't be installed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be importable: a file of requirements, which may be missing, and more by name."""

    requirements: Path
    python: str
    version: str
    extras: tuple[str, ...] = ()


def cache_folder(shell: Mapping[str, str] = os.environ) -> Path:
    base = shell.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().resolve() / "samstream"


async def interpreter(runtime: str, shell: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """The runtime's own Python where it is on PATH and starts, else this one; and its version, like 3.13."""
    if found := shutil.which(runtime, path=shell.get("PATH")):
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        status, said = await output_of(found, "-c", code)
        if status == 0 and f"python{said.strip()}" == runtime:
            return found, said.strip()
    return sys.executable, f"{sys.version_info.major}.{sys.version_info.minor}"


async def ensure(wanted: Wanted, cache: Path, shell: Mapping[str, str], progress: Callable[[str], None]) -> Path:
    """The Python of an environment that has all that is wanted; nothing is run or fetched where it is there already."""
    folder = cache / "python" / f"{wanted.version}-{_key(wanted)}"
    python = folder / "bin" / "python"
    if (folder / MADE).exists():
        return python
    folder.parent.mkdir(parents=True, exist_ok=True)
    async with _locked(folder.with_suffix(".lock")):
        if not (folder / MADE).exists():
            await _make(wanted, folder, python, shell, progress)
    return python


def _key(wanted: Wanted) -> str:
    contents = [b"\0".join(extra.encode() for extra in wanted.extras), *_contents(wanted.requirements, set())]
    return hashlib.sha256(b"\0\0".join(contents)).hexdigest()[:16]


def _contents(requirements: Path, seen: set[Path]) -> list[bytes]:
    """The file, and the files it includes by -r and -c."""
    if requirements in seen or not requirements.is_file():
        return []
    seen.add(requirements)
    content = requirements.read_bytes()
    included = re.findall(rb"^\s*(?:-r|-c|--requirement|--constraint)[ =]+(\S+)", content, re.MULTILINE)
    nested = (_contents(requirements.parent / os.fsdecode(name), seen) for name in included)
    return [content, *(each for contents in nested for each in contents)]


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """One maker at a time; the kernel lets go of the lock of a maker that dies."""
    with path.open("wb") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
        yield


async def _make(
    wanted: Wanted, folder: Path, python: Path, shell: Mapping[str, str], progress: Callable[[str], None]
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv", path=shell.get("PATH"))
    installs = wanted.requirements.is_file() or bool(wanted.extras)
    if uv:
        create: tuple[str, ...] = (uv, "venv", "--quiet", "--python", wanted.python, str(folder))
        install: tuple[str, ...] = (uv, "pip", "install", "--quiet", "--python", str(python))
    else:
        create = (wanted.python, "-m", "venv", *(() if installs else ("--without-pip",)), str(folder))
        install = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    progress(f"Making a virtual environment of Python {wanted.version}")
    await _run(create, folder.parent, wanted, shell)
    if installs:
        named = ("-r", str(wanted.requirements)) if wanted.requirements.is_file() else ()
        progress(f"Installing {' '.join((*(str(wanted.requirements) for _ in named[:1]), *wanted.extras))}")
        await _run((*install, *named, *wanted.extras), wanted.requirements.parent, wanted, shell)
    (folder / MADE).touch()


async def _run(command: tuple[str, ...], folder: Path, wanted: Wanted, shell: Mapping[str, str]) -> None:
    said: deque[str] = deque(maxlen=TOLD_LINES)
    group = ProcessGroup(said.append)
    try:
        await group.start([command], folder, shell)
        status = await group.exited()
    finally:
        await group.stop(grace=0)
    if status:
        last = "\n".join(said)
        raise InstallFailed(
            f"{wanted.requirements} can't be installed with Python {wanted.version}:\n{last}",
            f"Correct it, or run the command yourself: {' '.join(command)}",
        )

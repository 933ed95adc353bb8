"""The macro's modules as texts: read, joined, hashed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

Sources = Mapping[str, str]
"""The text of each module by its path, such as `samstream/rules/base.py`."""


def read_sources(package: Path) -> Sources:
    """All modules of the package in this folder, in the order of their paths."""
    files = {file.relative_to(package.parent).as_posix(): file for file in package.rglob("*.py")}
    return {path: files[path].read_text(encoding="utf-8") for path in sorted(files)}


def join(sources: Sources) -> bytes:
    """One text of them all, which `split` takes apart again."""
    return "\0".join(part for item in sources.items() for part in item).encode()


def split(data: bytes) -> Sources:
    parts = data.decode().split("\0")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def digest(sources: Sources) -> str:
    return hashlib.sha256(join(sources)).hexdigest()

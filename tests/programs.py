"""Programs that some tests need and a machine may lack."""

import os
from pathlib import Path

import pytest


def needed(path: str | Path | None, what: str, how: str) -> Path:
    """What `shutil.which` found; else the test is skipped, or fails where CI should have brought the program."""
    if path is not None:
        return Path(path)
    reason = f"{what} isn't here: {how}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)

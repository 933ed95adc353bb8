"""What tests of the installer and the example share: real tools, a held producer, a reader of events."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of this environment, which is also where the tools it calls find `python3`."""
    return subprocess.run(
        [str(word) for word in command],
        env={
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "SAM_CLI_TELEMETRY": "0",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class Gate:
    """Holds a producer until the test lets it pass, once a `release`."""

    def __init__(self) -> None:
        self._passes = threading.Semaphore(0)

    def release(self) -> None:
        self._passes.release()

    def wait(self) -> None:
        assert self._passes.acquire(timeout=10), "The test never let the producer pass."


def events(lines: Iterator[str], count: int | None = None) -> list[tuple[str, Any]]:
    """The next server-sent events, or all that are left, as their names and data."""
    return list(islice(_events(lines), count))


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = "message"
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)
            name = "message"

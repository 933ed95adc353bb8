"""`samstream local` as a user runs it: a process of its own, its address, and what it prints."""

import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.samples import EXECUTABLE

PATIENCE = 60
"""Seconds after which a session that is waited for is ended, so that a line that never comes fails its test."""


def free_port() -> str:
    """For the app of one session, since sessions of other tests run beside it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


class Session:
    """A running `samstream local`: its address, and what it prints after that."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.printed: list[str] = []
        self.address = self.until(r"Serving on (http://127\.0\.0\.1:\d+)\.")[1]

    def until(self, pattern: str) -> re.Match[str]:
        """Reads on to the line that has this."""
        assert self.process.stdout is not None
        patience = threading.Timer(PATIENCE, self.process.kill)
        patience.start()
        try:
            for line in self.process.stdout:
                self.printed.append(line)
                if match := re.search(pattern, line):
                    return match
        finally:
            patience.cancel()
        raise AssertionError("".join(self.printed))


@contextmanager
def running(folder: Path, *options: str, **environment: str) -> Iterator[Session]:
    command = [str(EXECUTABLE), "local", "template.yaml", "--port", "0", *options]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield Session(process)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def left_of(folder: Path) -> list[str]:
    """The processes that still run in this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            found.extend([str(entry)] if str(entry.readlink()).startswith(str(folder)) else [])
        except OSError:
            continue
    return found

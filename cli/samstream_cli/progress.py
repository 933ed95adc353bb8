"""Tells that something is going on, on standard error: a spinner on a terminal, one line elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TextIO

from rich.console import Console

QUIET_SECONDS = 1.0
"""How long work may take before a stream that is no terminal gets its line."""


@contextmanager
def progress(message: str, stream: TextIO | None = None, quiet_seconds: float = QUIET_SECONDS) -> Iterator[None]:
    """Shows the message while the block runs."""
    console = Console(file=stream or sys.stderr, highlight=False)
    if console.is_terminal:
        with console.status(message):
            yield
        return
    timer = Timer(quiet_seconds, console.print, [f"{message} ..."], {"soft_wrap": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()

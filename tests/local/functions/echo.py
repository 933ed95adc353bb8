"""Small handlers, one for each way in which a function may behave."""

import json
import os
import sys
import time
from typing import Any

STARTED = time.time_ns()


def echo(event: Any, context: Any) -> Any:
    return {"event": event, "remaining": context.get_remaining_time_in_millis() > 0, "process": os.getpid()}


def environment(_event: Any, _context: Any) -> Any:
    return dict(os.environ)


def writes(event: Any, _context: Any) -> Any:
    print("to stdout:", event["say"])
    print("to stderr:", event["say"], file=sys.stderr)
    return None


def raises(_event: Any, _context: Any) -> Any:
    raise ValueError("no such thing")


def ends(_event: Any, _context: Any) -> Any:
    os._exit(3)


def killed(_event: Any, _context: Any) -> Any:
    os.kill(os.getpid(), 9)


def sleeps(_event: Any, _context: Any) -> Any:
    time.sleep(60)


def large(event: Any, _context: Any) -> Any:
    return "x" * event["bytes"]


def garbage(_event: Any, _context: Any) -> Any:
    return {"body": json}


def waits(event: Any, _context: Any) -> Any:
    """Until the test makes the file, so that the test knows who runs at once."""
    folder = event["folder"]
    with open(os.path.join(folder, f"started-{event['number']}"), "w", encoding="utf-8"):  # noqa: PTH118, PTH123
        pass
    while not os.path.exists(os.path.join(folder, "go")):  # noqa: PTH110, PTH118
        time.sleep(0.01)
    return os.getpid()

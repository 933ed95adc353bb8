"""The built-in adapter, the real one, and apps behind them."""

import os
import sys
from pathlib import Path

from local_session import free_port
from programs import needed
from samstream_cli.local import adapter
from samstream_cli.local.launch import Launch

from .running import FUNCTIONS

ADAPTERS = ("built-in", "real")
BUILT_IN = adapter.find(None, {"PATH": "", "XDG_CACHE_HOME": "/nowhere"}).command


def command_of(name: str) -> tuple[str, ...]:
    """How one of `ADAPTERS` is started. The real one is the file that LAMBDA_ADAPTER names, or where users have it."""
    if name == "built-in":
        return BUILT_IN
    given = os.environ.get("LAMBDA_ADAPTER")
    found = adapter.find(Path(given) if given else None).command
    real = None if found == BUILT_IN else found[0]
    return (str(needed(real, "the real lambda-adapter", "Run `make adapter`.")),)


def behind_adapter(
    command: tuple[str, ...], mode: str, app: tuple[str, ...] = (sys.executable, "web.py"), **more: str
) -> Launch:
    """An app behind an adapter, on a port of its own: tests run side by side."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "Web",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/Web",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LWA_INVOKE_MODE": mode,
        **more,
    }
    return Launch((command, app), FUNCTIONS, environment, port=int(free_port()))

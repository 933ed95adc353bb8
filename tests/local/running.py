"""Functions started as `samstream local` starts them, and what tests need around that."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from samstream_cli.local.invocation import Answer, FunctionError
from samstream_cli.local.launch import FunctionSpec, Launch
from samstream_cli.local.workers import LambdaFunction

FUNCTIONS = Path(__file__).parent / "functions"
PATIENCE = 30.0
T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Every test ends; what it started and left is a failure."""

    async def limited() -> T:
        async with asyncio.timeout(PATIENCE):
            return await main

    return asyncio.run(limited())


def spec(handler: str = "echo.echo", timeout: float = 20.0, **changes: Any) -> FunctionSpec:
    values: dict[str, Any] = {
        "name": "Echo", "folder": FUNCTIONS, "handler": handler, "runtime": "python3.13", "timeout": timeout,
        "memory": 128, "variables": {},
    }  # fmt: skip
    return FunctionSpec(**values | changes)


def python(*arguments: str, **environment: str) -> Launch:
    """This Python in the folder of the functions; the real runtime client is installed in it."""
    every = {"PATH": os.environ["PATH"], "LAMBDA_TASK_ROOT": str(FUNCTIONS), **environment}
    return Launch(((sys.executable, *arguments),), FUNCTIONS, every)


def ric(handler: str) -> Launch:
    return python("-m", "awslambdaric", handler, _HANDLER=handler, AWS_LAMBDA_FUNCTION_NAME="Echo")


class Lines:
    """What functions wrote, and a way to wait for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, _name: str, line: str) -> None:
        self.lines.append(line)
        self._more.set()

    async def until(self, text: str, count: int = 1) -> None:
        while sum(text in line for line in self.lines) < count:
            self._more.clear()
            await self._more.wait()


@asynccontextmanager
async def running(
    launch: Launch, log: Lines | None = None, limit: int = 10, **of_spec: Any
) -> AsyncIterator[LambdaFunction]:
    async with LambdaFunction(spec(**of_spec), launch, log=log or Lines(), limit=limit) as function:
        yield function


async def body(answer: Answer) -> bytes:
    return b"".join([chunk async for chunk in answer.chunks])


async def ask(function: LambdaFunction, event: object) -> Any:
    """The JSON that a buffered function answers with."""
    return json.loads(await body(await function.invoke(json.dumps(event).encode())))


async def failure(function: LambdaFunction, event: object) -> tuple[str, str]:
    """How an invocation fails, before or in the middle of its answer."""
    try:
        await body(await function.invoke(json.dumps(event).encode()))
    except FunctionError as error:
        return error.kind, error.message
    raise AssertionError("it answered")


def alive(pid: int) -> bool:
    """Whether a process runs. A zombie, which only its parent can remove, doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"

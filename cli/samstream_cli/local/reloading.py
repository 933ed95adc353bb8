"""A function whose code may change while it is served: what comes after a change runs in new processes."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from samstream_cli.errors import SamstreamError
from samstream_cli.local.invocation import Answer, FunctionError
from samstream_cli.local.launch import FunctionSpec
from samstream_cli.local.workers import LambdaFunction

_SKIPPED: Final = ("__pycache__", "node_modules")

Make = Callable[[], Awaitable[LambdaFunction]]
"""Prepares the function anew, its requirements too."""


class ReloadingFunction:
    """Looks at the function's folder at each invocation. Old processes end once none of their invocations can still
    run, which its Timeout says."""

    def __init__(self, spec: FunctionSpec, make: Make, log: Callable[[str, str], None]) -> None:
        self._spec = spec
        self._make = make
        self._log = log
        self._stack = AsyncExitStack()
        self._current: LambdaFunction | None = None
        self._seen = 0
        self._changing = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        return self._spec.name

    @property
    def timeout(self) -> float:
        return self._spec.timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._ending:
            task.cancel()
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self._stack.aclose()

    async def invoke(self, event: bytes) -> Answer:
        return await (await self._function()).invoke(event)

    async def _function(self) -> LambdaFunction:
        async with self._changing:
            seen = fingerprint(self._spec.folder)
            if self._current is None or seen != self._seen:
                await self._change()
                self._seen = seen
            assert self._current is not None
            return self._current

    async def _change(self) -> None:
        try:
            function = await self._make()
        except SamstreamError as error:
            raise FunctionError("Runtime.Unusable", f"{error.message}. {error.remedy}") from error
        before, self._current = self._current, await self._stack.enter_async_context(function)
        if before is not None:
            self._log(self.name, "its code has changed; it starts anew")
            task = asyncio.create_task(_end(before, self.timeout))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


class TemplateWatch:
    """Says of each change of a template's file, once, that the session doesn't read it again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = fingerprint_of(path)

    def change(self) -> str:
        """What to tell the user; nothing if nothing is new."""
        now = fingerprint_of(self._path)
        if now in (None, self._seen):
            return ""
        self._seen = now
        return f"{self._path} has changed: end the session and start it again."


def fingerprint_of(path: Path) -> tuple[int, int] | None:
    """A file's size and time, None while an editor has it away."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


async def _end(function: LambdaFunction, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await function.__aexit__(None, None, None)


def fingerprint(folder: Path) -> int:
    """A number for the files below a folder, their sizes and times; hidden ones and caches are passed over."""
    return hash(tuple(sorted(_files(folder))))


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
        for name in names:
            path = os.path.join(above, name)  # noqa: PTH118  # a Path for each file takes longer than looking at it
            try:
                found = os.stat(path)  # noqa: PTH116
            except OSError:
                continue
            yield path, found.st_size, found.st_mtime_ns

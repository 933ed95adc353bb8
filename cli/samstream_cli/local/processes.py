"""Processes that start together and end together, and never outlive the one that started them."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .invocation import FunctionError

GUARD = 'trap "" TERM; read -r _; kill -KILL 0'
"""A shell that leads the process group and waits for its standard input to end, which the kernel sees to however the
parent dies. Then it kills the whole group, itself included: also what a function's processes started by themselves."""

LONGEST_LINE = 256 * 1024
TURN = 16 * 1024
"""Bytes of output that are told before others get their turn: requests don't wait for a function that prints a lot, it
waits for its reader."""

OUTPUT_LEFT = 0.5
"""Seconds for the last output after the group is gone; a process that left the group may hold the pipe forever."""


class ProcessGroup:
    """The processes of one execution environment. What they write goes to `line`, line by line."""

    def __init__(self, line: Callable[[str], None]) -> None:
        self._line = line
        self._guard: Process | None = None
        self._processes: list[Process] = []
        self._output: asyncio.Task[None] | None = None

    @property
    def id(self) -> int:
        """Of the started group, as the kernel has it."""
        assert self._guard
        return self._guard.pid

    async def start(self, commands: Sequence[Sequence[str]], folder: Path, environment: Mapping[str, str]) -> None:
        self._guard = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", GUARD, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, process_group=0
        )
        output = await self._read_output()
        try:
            for command in commands:
                await self._start_one(command, folder, environment, output)
        finally:
            os.close(output)

    async def _start_one(self, command: Sequence[str], folder: Path, env: Mapping[str, str], output: int) -> None:
        assert self._guard
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder,
                env=env,
                stdin=DEVNULL,
                stdout=output,
                stderr=output,
                process_group=self._guard.pid,
            )
        except OSError as error:
            raise FunctionError(
                "Runtime.InvalidEntrypoint", f"{command[0]} can't be started in {folder}: {error.strerror}"
            ) from None
        self._processes.append(process)

    async def _read_output(self) -> int:
        """The end of a pipe to write into; the other end is read as long as anybody writes."""
        ours, theirs = os.pipe()
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb", 0)
        )
        self._output = asyncio.create_task(self._read_lines(reader, transport))
        return theirs

    async def _read_lines(self, reader: asyncio.StreamReader, transport: asyncio.ReadTransport) -> None:
        left = b""
        try:
            while data := await reader.read(TURN):
                *lines, left = (left + data).split(b"\n")
                for line in lines:
                    self._tell(line)
                if len(left) > LONGEST_LINE:
                    self._tell(left)
                    left = b""
                await asyncio.sleep(0)
        finally:
            if left:
                self._tell(left)
            transport.close()

    def _tell(self, line: bytes) -> None:
        # Python's runtime client writes a traceback with \r between its lines, so that CloudWatch keeps it as one.
        for part in line.rstrip(b"\r").split(b"\r"):
            self._line(part.decode(errors="replace"))

    async def exited(self) -> int:
        """Waits for the first process that ends; its exit status, negative for a signal."""
        waits = [asyncio.create_task(process.wait()) for process in self._processes]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for wait in waits:
                wait.cancel()

    @property
    def ended(self) -> bool:
        """Whether a process has ended, which `exited` tells a moment later."""
        return any(process.returncode is not None or _ended(process.pid) for process in self._processes)

    async def stop(self, grace: float) -> None:
        """Asks the processes to end, and after `grace` seconds ends every one of the group."""
        if not self._guard:
            return
        if grace and self._processes:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*(process.wait() for process in self._processes)), grace)
        self._signal(signal.SIGKILL)
        await asyncio.gather(*(process.wait() for process in (self._guard, *self._processes)))
        if self._output:
            await asyncio.wait([self._output], timeout=OUTPUT_LEFT)
            self._output.cancel()
            with suppress(asyncio.CancelledError):
                await self._output

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        assert self._guard
        _signal_group(self._guard.pid, number)


async def output_of(
    *command: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[int | None, str]:
    """Exit status and output of a short command. When this is cancelled it ends, with what it started, which may hold
    the pipe: many a `python` on PATH is a script. Raises `OSError`."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, process_group=0
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return process.returncode, said.decode(errors="replace")


def _signal_group(id_: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies.
        os.killpg(id_, number)


def _ended(pid: int) -> bool:
    """Asks the kernel without taking the status from whoever waits for it."""
    if not hasattr(os, "waitid"):  # macOS, before Python 3.13.
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True

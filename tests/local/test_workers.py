"""Functions in processes of their own, by AWS's own runtime client for Python and by a runtime that streams."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from samstream_cli.local.invocation import FunctionError
from samstream_cli.local.launch import Launch
from samstream_cli.local.workers import LambdaFunction

from .running import FUNCTIONS, Lines, alive, ask, body, failure, python, ric, run, running, spec

STREAM = python("stream.py")
TOO_LARGE = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."


def test_a_handler_answers_and_its_environment_stays_warm() -> None:
    async def main() -> None:
        async with running(ric("echo.echo")) as function:
            answers = [await ask(function, {"number": number}) for number in range(20)]
            assert [answer["event"] for answer in answers] == [{"number": number} for number in range(20)]
            assert len({answer["process"] for answer in answers}) == 1

    run(main())


def test_what_a_function_writes_is_told_line_by_line() -> None:
    async def main() -> None:
        log = Lines()
        async with running(ric("echo.writes"), log) as function:
            await ask(function, {"say": "caf\u00e9"})
        assert sorted(log.lines) == ["to stderr: caf\u00e9", "to stdout: caf\u00e9"]

    run(main())


@pytest.mark.parametrize(
    ("handler", "event", "expected"),
    [
        ("echo.raises", {}, ("ValueError", "no such thing")),
        ("echo.ends", {}, ("Runtime.ExitError", "Runtime exited with error: exit status 3")),
        ("echo.killed", {}, ("Runtime.ExitError", "Runtime exited with error: signal 9")),
        ("echo.large", {"bytes": 7_000_000}, ("Function.ResponseSizeTooLarge", TOO_LARGE)),
        ("broken.handler", {}, ("RuntimeError", "no module for you")),
    ],
)
def test_a_failure_is_told_as_lambda_tells_it(handler: str, event: object, expected: tuple[str, str]) -> None:
    async def main() -> None:
        async with running(ric(handler)) as function:
            assert [await failure(function, event) for _ in range(2)] == [expected] * 2

    run(main())


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"then": "exit"}, ("Runtime.ExitError", "Runtime exited with error: exit status 7")),
        ({"then": "trailers"}, ("Model.Gone", "it is gone")),
        (
            {"then": "break"},
            ("Runtime.TruncatedResponse", "the runtime broke off its answer before the end, and runs on"),
        ),
    ],
)
def test_a_failure_in_the_middle_comes_after_what_was_sent(event: dict[str, object], expected: tuple[str, str]) -> None:
    async def main() -> None:
        async with running(STREAM) as function:
            answer = await function.invoke(json.dumps({"chunks": ["one"], **event}).encode())
            assert (answer.streaming, await anext(answer.chunks)) == (True, b"one")
            with pytest.raises(FunctionError) as raised:
                await anext(answer.chunks)
            assert (raised.value.kind, raised.value.message) == expected
            assert await body(await function.invoke(b'{"chunks": ["again"]}')) == b"again"

    run(main())


def test_an_end_after_the_answer_spoils_nothing_and_is_told() -> None:
    async def main() -> None:
        log = Lines()
        async with running(STREAM, log) as function:
            for _ in range(3):
                assert await body(await function.invoke(b'{"chunks": ["one"], "then": "exit after"}')) == b"one"
            await log.until("Runtime.ExitError: Runtime exited with error: exit status 5", 3)

    run(main())


def test_a_function_is_stopped_at_its_timeout_and_the_next_one_starts_anew() -> None:
    async def main() -> None:
        async with running(ric("echo.sleeps"), timeout=0.5) as function:
            expected = ("Sandbox.Timedout", "Task timed out after 0.50 seconds")
            assert [await failure(function, {}) for _ in range(2)] == [expected] * 2

    run(main())


def test_a_stream_is_cut_at_the_functions_timeout(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(STREAM, timeout=1) as function:
            event = {"chunks": ["one"], "wait": str(tmp_path / "never")}
            answer = await function.invoke(json.dumps(event).encode())
            assert await anext(answer.chunks) == b"one"
            with pytest.raises(FunctionError) as raised:
                await anext(answer.chunks)
            assert raised.value.kind == "Sandbox.Timedout"

    run(main())


def test_a_runtime_that_never_asks_is_started_twice_and_then_given_up() -> None:
    async def main() -> None:
        log = Lines()
        launch = Launch(((sys.executable, "-c", "import time; time.sleep(60)"),), FUNCTIONS, {}, init_timeout=0.2)
        async with running(launch, log, timeout=0.3) as function:
            told = "Task timed out after 0.30 seconds while it started: its runtime didn't ask for an event"
            assert await failure(function, {}) == ("Sandbox.Timedout", told)
        assert log.lines == ["INIT_REPORT Phase: init Status: timeout (its runtime didn't ask for an event)"]

    run(main())


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("/bin/sh", "-c", "exit 4"), ("Runtime.ExitError", "Runtime exited with error: exit status 4")),
        (("/bin/true",), ("Runtime.ExitError", "Runtime exited without providing a reason")),
        (
            ("./nowhere",),
            ("Runtime.InvalidEntrypoint", f"./nowhere can't be started in {FUNCTIONS}: No such file or directory"),
        ),
    ],
)
def test_what_can_not_start_says_so(command: tuple[str, ...], expected: tuple[str, str]) -> None:
    async def main() -> None:
        async with running(Launch((command,), FUNCTIONS, {})) as function:
            assert await failure(function, {}) == expected

    run(main())


def test_as_many_run_at_once_as_the_limit_allows_and_the_others_wait(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(ric("echo.waits"), limit=2) as function:
            events = [{"folder": str(tmp_path), "number": number} for number in range(5)]
            asked = [asyncio.create_task(ask(function, event)) for event in events]
            while len(list(tmp_path.glob("started-*"))) < 2:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            assert len(list(tmp_path.glob("started-*"))) == 2
            (tmp_path / "go").touch()
            assert len(set(await asyncio.gather(*asked))) == 2

    run(main())


def test_a_client_that_leaves_leaves_the_function_running_and_its_environment_usable() -> None:
    async def main() -> None:
        log = Lines()
        async with running(STREAM, log, limit=1) as function:
            answer = await function.invoke(b'{"chunks": ["one"], "megabytes": 32}')
            assert await anext(answer.chunks) == b"one"
            await answer.chunks.aclose()  # type: ignore[attr-defined]
            await log.until("sent a megabyte", 32)
            await log.until("accepted: 202")
            assert await body(await function.invoke(b'{"chunks": ["two"]}')) == b"two"

    run(main())


def test_a_caller_that_is_cancelled_leaves_the_function_running(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(ric("echo.waits"), limit=1) as function:
            asked = asyncio.create_task(ask(function, {"folder": str(tmp_path), "number": 1}))
            while not (tmp_path / "started-1").exists():
                await asyncio.sleep(0.01)
            asked.cancel()
            waits = asyncio.create_task(ask(function, {"folder": str(tmp_path), "number": 2}))
            await asyncio.sleep(0.1)
            assert not (tmp_path / "started-2").exists()
            (tmp_path / "go").touch()
            assert isinstance(await waits, int)

    run(main())


def test_a_function_that_ends_after_its_client_left_is_replaced() -> None:
    async def main() -> None:
        log = Lines()
        async with running(STREAM, log, limit=1) as function:
            asked = asyncio.create_task(function.invoke(b'{"chunks": ["one"], "then": "exit"}'))
            await asyncio.sleep(0)
            asked.cancel()
            assert await body(await function.invoke(b'{"chunks": ["two"]}')) == b"two"
            answer = await function.invoke(b'{"chunks": ["three"], "then": "exit"}')
            await answer.chunks.aclose()  # type: ignore[attr-defined]
            await log.until("Runtime.ExitError: Runtime exited with error: exit status 7")
            assert await body(await function.invoke(b'{"chunks": ["four"]}')) == b"four"

    run(main())


def test_memory_stays_flat_while_a_reader_is_slow() -> None:
    async def main() -> None:
        log = Lines()
        async with running(STREAM, log) as function:
            answer = await function.invoke(b'{"megabytes": 200}')
            async with aclosing(answer.chunks) as chunks:  # type: ignore[type-var]
                await anext(chunks)
                before = -1
                while len(log.lines) > before:
                    before = len(log.lines)
                    await asyncio.sleep(0.2)
                assert before < 64

    run(main())


def test_nothing_is_left_of_what_was_started() -> None:
    async def main() -> None:
        files = open_files()
        async with running(python("stream.py", "child")) as function:
            assert await body(await function.invoke(b'{"chunks": ["one"]}')) == b"one"
            pids = group_of_stream()
            assert len(pids) >= 2
        assert [pid for pid in pids if alive(pid)] == []
        assert open_files() == files

    run(main())


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def group_of_stream() -> list[int]:
    """The processes that have this test as their parent or grandparent: the guard, the function and what it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    children = [pid for pid, parent in parents.items() if parent == os.getpid()]
    return [pid for pid, parent in parents.items() if pid in children or parent in children]


PARENT = """
import asyncio, sys
from tests.local.running import python, running

async def main():
    async with running(python("stream.py", "child")) as function:
        await function.invoke(b'{"chunks": ["one"]}')
        print("started", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=root, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"started\n"
        pids = descendants(parent.pid)
        assert len(pids) >= 3
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def descendants(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text(encoding="utf-8").split()]
    return [*children, *(each for child in children for each in descendants(child))]


def test_hundreds_of_clients_that_leave_at_random_leave_nothing_behind() -> None:
    async def main() -> None:
        chance = random.Random(4)  # noqa: S311
        files = open_files()
        async with running(STREAM, limit=4) as function:

            async def visit(number: int) -> None:
                event = {
                    "chunks": ["one", "two"],
                    "megabytes": chance.randrange(2),
                    "then": chance.choice(["", "", "break", "exit"]),
                }
                asked = asyncio.create_task(function.invoke(json.dumps(event).encode()))
                if number % 7 == 0:
                    asked.cancel()
                try:
                    answer = await asked
                    async with aclosing(answer.chunks) as chunks:  # type: ignore[type-var]
                        for _ in range(chance.randrange(4)):
                            await anext(chunks)
                except (FunctionError, StopAsyncIteration, asyncio.CancelledError):
                    pass

            await asyncio.gather(*(visit(number) for number in range(300)))
            assert await body(await function.invoke(b'{"chunks": ["last"]}')) == b"last"
        assert open_files() == files

    run(main())


def test_a_stop_does_not_wait_for_who_does_not_read(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(STREAM) as function:
            event = {"chunks": ["one"], "wait": str(tmp_path / "never")}
            answer = await function.invoke(json.dumps(event).encode())
            assert await anext(answer.chunks) == b"one"
        with pytest.raises(FunctionError) as raised:
            await anext(answer.chunks)
        assert raised.value.kind == "Sandbox.Stopped"

    run(main())


def test_a_stop_in_the_middle_of_a_start_ends_it_and_who_waits() -> None:
    async def main() -> None:
        launch = Launch(((sys.executable, "-c", "import time; time.sleep(60)"),), FUNCTIONS, {})
        async with LambdaFunction(spec(), launch, log=Lines()) as function:
            asked = asyncio.create_task(function.invoke(b"{}"))
            await asyncio.sleep(0.2)
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert group_of_stream() == []

    run(main())

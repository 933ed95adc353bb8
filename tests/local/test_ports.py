"""Ports that apps are given, and whether it is the app that listens there."""

import asyncio
import os
import socket
import subprocess
import sys

import pytest

from local_session import free_port
from samstream_cli.local.launch import Launch
from samstream_cli.local.ports import Ports, is_strangers

from .adapters import BUILT_IN, behind_adapter
from .running import Lines, ask, failure, run, running

LISTENS = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"


def test_a_port_is_given_once_and_the_wished_one_where_it_is_free() -> None:
    ports, of_another_session = Ports(), Ports()
    wished = ports.take(0)
    other, third = ports.take(wished), of_another_session.take(wished)
    assert len({0, wished, other, third}) == 4
    ports.give_back(wished)
    assert of_another_session.take(wished) == wished
    ports.give_back(other)
    of_another_session.give_back(wished)
    of_another_session.give_back(third)


def test_a_port_where_somebody_listens_is_not_given() -> None:
    ports = Ports()
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        given = ports.take(taken)
    assert given not in (0, taken)
    ports.give_back(given)


@pytest.mark.parametrize(
    ("own_group", "mark", "expected"), [(True, "MARK=2", False), (False, "MARK=1", False), (False, "MARK=2", True)]
)
def test_who_listens_is_known_by_its_group_or_its_environment(own_group: bool, mark: str, expected: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LISTENS],
        env={"MARK": "1"},
        process_group=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        assert is_strangers(port, process.pid if own_group else os.getpgid(0), mark) is expected
        process.communicate("\n")
    assert not is_strangers(port, os.getpgid(0), mark)


INSISTS = """
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""
EVENT = {"httpMethod": "GET", "path": "/", "headers": {}, "requestContext": {"resourcePath": "/"}}


def insisting(port: int) -> Launch:
    """An app that listens on this port, whatever it is told."""
    launch = behind_adapter(BUILT_IN, "buffered", (sys.executable, "-c", INSISTS.format(port=port)))
    return Launch(launch.commands, launch.folder, launch.environment, port)


def test_of_many_requests_at_once_each_is_answered_by_an_app_that_insists_on_its_port() -> None:
    async def main() -> None:
        log, port = Lines(), int(free_port())
        async with running(insisting(port), log) as function:
            answers = await asyncio.gather(*(ask(function, EVENT) for _ in range(6)))
            assert [answer["statusCode"] for answer in answers] == [200] * 6
        told = [line for line in log.lines if "insists" in line]
        assert told == [f"its app insists on port {port}, so it has one process at a time"]

    run(main())


def test_an_app_whose_port_is_taken_says_so() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            async with running(insisting(port)) as function:
                kind, message = await failure(function, EVENT)
        assert (kind, message.rpartition(" ")[0]) == (
            "Runtime.ExitError",
            f"Runtime exited with error: exit status 1; port {port} is taken by another process, so the app was given",
        )

    run(main())


def test_a_strangers_answer_is_not_taken_for_the_apps() -> None:
    """The app here never listens; who does has come after the port was found free."""

    async def main() -> None:
        port = int(free_port())
        waits = "import time; time.sleep(60)"
        launch = behind_adapter(BUILT_IN, "buffered", (sys.executable, "-c", waits))
        async with running(Launch(launch.commands, launch.folder, launch.environment, port)) as function:
            asked = asyncio.create_task(failure(function, EVENT))
            await asyncio.sleep(0.3)
            server = await asyncio.start_server(answer_ok, "127.0.0.1", port)
            assert await asked == ("Runtime.ExitError", f"port {port} is taken by another process")
            server.close()

    run(main())


async def answer_ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    writer.close()

"""What a client gets of an app behind the adapter, built-in and real: the same bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from local_gateway.serving import Served, api, close, serving
from samstream_cli.local.routing import Route

from .adapters import ADAPTERS, behind_adapter, command_of
from .functions.web import ANSWERS, grouped
from .running import Lines, run, running


@pytest.fixture(params=ADAPTERS)
def command(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return command_of(request.param)


@asynccontextmanager
async def behind_gateway(command: tuple[str, ...], log: Lines) -> AsyncIterator[Served]:
    route = Route("ANY", "/{proxy+}", streaming=True, function="Echo", timeout_in_millis=20_000)
    async with (
        running(behind_adapter(command, "response_stream"), log) as function,
        serving(api(route), function) as served,
    ):
        yield served


OF_GATEWAY = {"date", "server", "x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id", "x-amzn-errortype"}
REFUSED = (
    502,
    [("content-length", "35"), ("content-type", "application/json")],
    b'{"message":"Internal server error"}',
)


async def got(served: Served, path: str, method: str = "GET") -> tuple[int, list[tuple[str, str]], bytes]:
    async with served.client.stream(method, path) as answer:
        content = b"".join([chunk async for chunk in answer.aiter_raw()])
    headers = sorted(pair for pair in answer.headers.multi_items() if pair[0] not in OF_GATEWAY)
    return answer.status_code, headers, content


def at_client(path: str, method: str = "GET") -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer as it arrives. A repeated header is an array in the adapter's metadata, which API Gateway refuses."""
    status, headers, content = ANSWERS[path]
    groups = grouped(headers)
    if any(len(values) > 1 for name, values in groups.items() if name != "set-cookie"):
        return REFUSED
    groups.setdefault("content-type", ["application/octet-stream"])
    if method == "GET" and status not in (204, 304) and "content-length" not in groups:
        groups["transfer-encoding"] = ["chunked"]
    came = sorted((name, value) for name, values in groups.items() for value in values)
    return status, came, content if method == "GET" else b""


def test_every_answer_is_the_same_at_the_client(command: tuple[str, ...]) -> None:
    async def main() -> None:
        paths = [path for path in ANSWERS if path != "/"]  # which is the stage's root, and no route
        async with behind_gateway(command, Lines()) as served:
            assert {path: await got(served, path) for path in paths} == {path: at_client(path) for path in paths}
            bare = ("/created", "/204", "/304", "/with-length")
            assert [await got(served, path, "HEAD") for path in bare] == [at_client(path, "HEAD") for path in bare]

    run(main())


def test_an_app_runs_on_when_its_client_leaves(command: tuple[str, ...], tmp_path: Path) -> None:
    async def main() -> None:
        log = Lines()
        async with behind_gateway(command, log) as served:
            head = f"GET /events?count=2&folder={tmp_path} HTTP/1.1\r\nHost: here\r\n\r\n"
            reader, writer = await served.raw(head.encode())
            await reader.readuntil(b"data: 0\n\n")
            await close(writer)
            (line,) = await served.logged()
            (tmp_path / "1").touch()
            await log.until("sent all events")
            assert (line.status, line.note) == (200, "the client left after 1 chunk")

    run(main())

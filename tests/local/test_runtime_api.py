"""The Runtime API as a runtime sees it: through a socket."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import h11
import pytest

from samstream_cli.local.invocation import FunctionError
from samstream_cli.local.posted import Invocation
from samstream_cli.local.runtime_api import BUFFERED_LIMIT, RuntimeApi

from .running import body, run

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:Echo"
RUNTIME = "/2018-06-01/runtime"
NEXT = f"{RUNTIME}/invocation/next"
STREAMING = ("Lambda-Runtime-Function-Response-Mode", "streaming")
CHUNKED = ("Transfer-Encoding", "chunked")
Said = tuple[int, dict[str, str], bytes]


class Client:
    """One connection of a runtime, by an HTTP library that isn't the server's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._http = h11.Connection(h11.CLIENT)

    @classmethod
    async def connect(cls, host: str, port: int) -> "Client":
        return cls(*await asyncio.open_connection(host, port))

    async def send(self, event: h11.Event) -> None:
        self.writer.write(self._http.send(event) or b"")
        await self.writer.drain()

    async def receive(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self.reader.read(2**16))
        return event

    async def body(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self.receive(), h11.Data):
            yield bytes(event.data)

    def again(self) -> None:
        """Makes ready for another request on this connection."""
        self._http.start_next_cycle()

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


class Runtime:
    """A runtime that does what a test says."""

    def __init__(self, api: RuntimeApi, address: str) -> None:
        self.api = api
        self._host, _, port = address.partition(":")
        self._port = int(port)
        self._wires: list[Client] = []

    async def connect(self) -> Client:
        wire = await Client.connect(self._host, self._port)
        self._wires.append(wire)
        return wire

    async def start(self, method: str, path: str, *headers: tuple[str, str]) -> Client:
        """Sends a request's head."""
        wire = await self.connect()
        await wire.send(h11.Request(method=method, target=path, headers=[("Host", "lambda"), *headers]))
        return wire

    async def call(self, method: str, path: str, data: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Said:
        wire = await self.start(method, path, ("Content-Length", str(len(data))), *headers)
        await wire.send(h11.Data(data=data))
        await wire.send(h11.EndOfMessage())
        return await self.answer(wire)

    async def answer(self, wire: Client) -> Said:
        head = await wire.receive()
        assert isinstance(head, h11.Response)
        headers = {name.decode(): value.decode() for name, value in head.headers}
        return head.status_code, headers, b"".join([part async for part in wire.body()])

    async def invoked(self, event: bytes = b"{}") -> Invocation:
        """An event, handed to this runtime."""
        asked = asyncio.create_task(self.call("GET", NEXT))
        await self.api.ready()
        invocation = self.api.invoke(event, timeout=3)
        status, headers, came = await asked
        assert (status, headers["lambda-runtime-aws-request-id"], came) == (200, invocation.id, event)
        return invocation

    async def close(self) -> None:
        for wire in self._wires:
            await wire.close()


@asynccontextmanager
async def runtime() -> AsyncIterator[Runtime]:
    api = RuntimeApi(ARN, "Echo", "echo.echo")
    client = Runtime(api, await api.start())
    try:
        yield client
    finally:
        await client.close()
        api.cut()
        await api.close()


def kind(said: Said) -> tuple[int, str]:
    return said[0], json.loads(said[2])["errorType"]


def test_an_event_comes_with_what_the_runtime_must_know() -> None:
    async def main() -> None:
        async with runtime() as client:
            asked = asyncio.create_task(client.call("GET", NEXT))
            await client.api.ready()
            invocation = client.api.invoke(b'{"a": 1}', timeout=3)
            _, headers, came = await asked
            assert came == b'{"a": 1}'
            trace = headers.pop("lambda-runtime-trace-id")
            assert trace.startswith("Root=1-")
            assert headers == {
                "content-length": "8",
                "content-type": "application/json",
                "lambda-runtime-aws-request-id": invocation.id,
                "lambda-runtime-deadline-ms": str(invocation.deadline_ms),
                "lambda-runtime-invoked-function-arn": ARN,
            }

    run(main())


def test_a_buffered_answer_is_accepted_and_given_as_one_piece() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            path = f"{RUNTIME}/invocation/{invocation.id}/response"
            said = await client.call("POST", path, b'{"ok": true}', [("Content-Type", "application/json")])
            answer = await invocation.answer
            assert (said[0], said[2]) == (202, b'{"status":"OK"}\n')
            assert (answer.streaming, answer.content_type, await body(answer)) == (
                False, "application/json", b'{"ok": true}'
            )  # fmt: skip
            assert not invocation.over.is_set()  # The runtime hasn't asked for more yet.
            await client.invoked()
            assert invocation.over.is_set()

    run(main())


def test_wrong_ids_second_answers_and_unknown_paths_are_refused() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            here = f"{RUNTIME}/invocation/{invocation.id}"
            said = [
                kind(await client.call("POST", f"{RUNTIME}/invocation/other/response", b"1")),
                kind(await client.call("POST", f"{RUNTIME}/invocation/other/error", b"1")),
                kind(await client.call("GET", NEXT)),
                kind(await client.call("GET", f"{RUNTIME}/nowhere")),
                (await client.call("POST", f"{here}/response", b"1"))[0],
                kind(await client.call("POST", f"{here}/response", b"2")),
                kind(await client.call("POST", f"{here}/error", b"{}")),
                kind(await client.call("GET", "/2020-01-01/extension/event/next")),
            ]
            assert said == [
                (400, "InvalidRequestID"),
                (400, "InvalidRequestID"),
                (403, "InvalidStateTransition"),
                (404, "NotFound"),
                202,
                (403, "InvalidStateTransition"),
                (403, "InvalidStateTransition"),
                (403, "Extension.UnknownExtensionIdentifier"),
            ]
            assert await body(await invocation.answer) == b"1"

    run(main())


@pytest.mark.parametrize(
    ("data", "headers", "expected"),
    [
        (b'{"errorType": "KeyError", "errorMessage": "no key"}', [], ("KeyError", "no key")),
        (b"", [("Lambda-Runtime-Function-Error-Type", "Runtime.Odd")], ("Runtime.Odd", "the runtime gave no message")),
        (b"not JSON", [], ("Runtime.Unknown", "not JSON")),
        (b"[1]", [], ("Runtime.Unknown", "[1]")),
    ],
)
def test_a_posted_error_is_told_in_the_runtimes_own_words(
    data: bytes, headers: list[tuple[str, str]], expected: tuple[str, str]
) -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            said = await client.call("POST", f"{RUNTIME}/invocation/{invocation.id}/error", data, headers)
            with pytest.raises(FunctionError) as raised:
                await invocation.answer
            assert (said[0], raised.value.kind, raised.value.message) == (202, *expected)

    run(main())


def test_an_error_of_the_start_ends_the_waiting_for_it() -> None:
    async def main() -> None:
        async with runtime() as client:
            told = b'{"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"}'
            said = await client.call("POST", f"{RUNTIME}/init/error", told)
            with pytest.raises(FunctionError) as raised:
                await client.api.ready()
            assert (said[0], raised.value.kind, raised.value.message) == (202, "Runtime.ImportModuleError", "no module")

    run(main())


def test_a_buffered_answer_beyond_6_megabytes_is_refused_and_the_runtime_runs_on() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            path = f"{RUNTIME}/invocation/{invocation.id}/response"
            assert kind(await client.call("POST", path, bytes(BUFFERED_LIMIT + 1))) == (413, "RequestEntityTooLarge")
            with pytest.raises(FunctionError) as raised:
                await invocation.answer
            assert raised.value.kind == "Function.ResponseSizeTooLarge"
            invocation = await client.invoked()
            said = await client.call("POST", f"{RUNTIME}/invocation/{invocation.id}/response", bytes(BUFFERED_LIMIT))
            assert (said[0], len(await body(await invocation.answer))) == (202, BUFFERED_LIMIT)

    run(main())


@pytest.mark.parametrize(
    "headers",
    [
        (STREAMING, ("Content-Type", "application/json")),
        (("Content-Type", "application/vnd.awslambda.http-integration-response"),),  # as Go's client posts it
        (("Content-Type", "application/octet-stream"),),
    ],
)
def test_a_streamed_answer_is_there_while_the_runtime_still_holds_the_rest(
    headers: tuple[tuple[str, str], ...],
) -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            wire = await client.start("POST", f"{RUNTIME}/invocation/{invocation.id}/response", CHUNKED, *headers)
            answer = await invocation.answer
            await wire.send(h11.Data(data=b"one"))
            assert (answer.streaming, await anext(answer.chunks)) == (True, b"one")
            await wire.send(h11.Data(data=b"two"))
            assert await anext(answer.chunks) == b"two"
            await wire.send(h11.EndOfMessage())
            assert (await body(answer), (await client.answer(wire))[0]) == (b"", 202)

    run(main())


def test_a_chunked_answer_of_json_without_a_mode_is_buffered() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            path = f"{RUNTIME}/invocation/{invocation.id}/response"
            wire = await client.start("POST", path, CHUNKED, ("Content-Type", "application/json"))
            await wire.send(h11.Data(data=b"[1,"))
            await wire.send(h11.Data(data=b"2]"))
            await wire.send(h11.EndOfMessage())
            answer = await invocation.answer
            assert (answer.streaming, await body(answer)) == (False, b"[1,2]")

    run(main())


def test_trailers_tell_of_an_error_in_the_middle() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            wire = await client.start("POST", f"{RUNTIME}/invocation/{invocation.id}/response", CHUNKED, STREAMING)
            await wire.send(h11.Data(data=b"one"))
            told = base64.b64encode(b'{"errorMessage": "the model is gone"}').decode()
            trailers = [
                ("Lambda-Runtime-Function-Error-Type", "Model.Gone"),
                ("Lambda-Runtime-Function-Error-Body", told),
            ]
            await wire.send(h11.EndOfMessage(headers=trailers))
            chunks = (await invocation.answer).chunks
            assert await anext(chunks) == b"one"
            with pytest.raises(FunctionError) as raised:
                await anext(chunks)
            assert (raised.value.kind, raised.value.message) == ("Model.Gone", "the model is gone")
            assert (await client.answer(wire))[0] == 202

    run(main())


def test_a_connection_that_breaks_is_an_error_of_the_answer() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            wire = await client.start("POST", f"{RUNTIME}/invocation/{invocation.id}/response", CHUNKED, STREAMING)
            await wire.send(h11.Data(data=b"one"))
            chunks = (await invocation.answer).chunks
            assert await anext(chunks) == b"one"
            await wire.close()
            with pytest.raises(FunctionError) as raised:
                await anext(chunks)
            assert raised.value.kind == "Runtime.TruncatedResponse"

    run(main())


def test_nothing_is_read_ahead_of_a_reader_that_waits() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            wire = await client.start("POST", f"{RUNTIME}/invocation/{invocation.id}/response", CHUNKED, STREAMING)
            sent = 0

            async def send() -> None:
                nonlocal sent
                for _ in range(256):
                    await wire.send(h11.Data(data=bytes(2**20)))
                    sent += 1
                await wire.send(h11.EndOfMessage())

            sending = asyncio.create_task(send())
            chunks = (await invocation.answer).chunks
            read = len(await anext(chunks))
            before = -1
            while sent > before:  # Until the sockets between them are full.
                before = sent
                await asyncio.sleep(0.2)
            assert sent < 64
            assert not sending.done()
            async for chunk in chunks:
                read += len(chunk)
            await sending
            assert read == 256 * 2**20

    run(main())


def test_what_nobody_wants_to_hear_is_dropped_and_the_runtime_runs_on() -> None:
    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            wire = await client.start("POST", f"{RUNTIME}/invocation/{invocation.id}/response", CHUNKED, STREAMING)
            answer = await invocation.answer
            await wire.send(h11.Data(data=b"one"))
            assert await anext(answer.chunks) == b"one"
            await answer.chunks.aclose()  # type: ignore[attr-defined]
            for _ in range(32):
                await wire.send(h11.Data(data=bytes(2**20)))
            await wire.send(h11.EndOfMessage())
            assert (await client.answer(wire))[0] == 202
            await client.invoked()

    run(main())


def test_an_extension_waits_for_the_end_and_is_told_if_it_wants_to_be() -> None:
    async def main() -> None:
        async with runtime() as client:
            waiting = []
            for events in (["INVOKE", "SHUTDOWN"], []):
                registered = await client.call(
                    "POST", "/2020-01-01/extension/register", json.dumps({"events": events}).encode()
                )
                assert json.loads(registered[2]) == {
                    "functionName": "Echo", "functionVersion": "$LATEST", "handler": "echo.echo"
                }  # fmt: skip
                headers = [("Lambda-Extension-Identifier", registered[1]["lambda-extension-identifier"])]
                call = client.call("GET", "/2020-01-01/extension/event/next", headers=headers)
                waiting.append(asyncio.create_task(call))
            client.api.shut_down()
            status, _, event = await waiting[0]
            assert (status, json.loads(event)["eventType"]) == (200, "SHUTDOWN")
            waiting[1].cancel()

    run(main())


def test_what_is_no_http_closes_its_own_connection_and_nothing_else() -> None:
    async def main() -> None:
        async with runtime() as client:
            wire = await client.connect()
            wire.writer.write(b"\x16\x03\x01 not HTTP\r\n\r\n")
            assert await wire.reader.read() == b""
            await client.invoked()

    run(main())


def test_one_connection_serves_one_request_after_the_other() -> None:
    async def main() -> None:
        async with runtime() as client:
            wire = await client.connect()
            for number in range(3):
                await wire.send(h11.Request(method="GET", target=NEXT, headers=[("Host", "lambda")]))
                await wire.send(h11.EndOfMessage())
                asked = asyncio.create_task(client.answer(wire))
                await client.api.ready()
                invocation = client.api.invoke(b"%d" % number, timeout=3)
                assert (await asked)[2] == b"%d" % number
                wire.again()
                path = f"{RUNTIME}/invocation/{invocation.id}/response"
                await wire.send(
                    h11.Request(method="POST", target=path, headers=[("Host", "lambda"), CHUNKED, STREAMING])
                )
                await wire.send(h11.Data(data=b"%d" % number))
                await wire.send(h11.EndOfMessage())
                assert await body(await invocation.answer) == b"%d" % number
                assert (await client.answer(wire))[0] == 202
                wire.again()

    run(main())


def test_a_runtime_that_waits_to_be_told_to_send_its_answer_is_told() -> None:
    """As curl does with more than a megabyte, which runtimes written for the shell post with."""

    async def main() -> None:
        async with runtime() as client:
            invocation = await client.invoked()
            headers = (("Expect", "100-continue"), ("Content-Length", "3"))
            wire = await client.start("POST", f"{RUNTIME}/invocation/{invocation.id}/response", *headers)
            assert isinstance(await wire.receive(), h11.InformationalResponse)
            await wire.send(h11.Data(data=b"one"))
            await wire.send(h11.EndOfMessage())
            assert (await body(await invocation.answer), (await client.answer(wire))[0]) == (b"one", 202)

    run(main())


@pytest.mark.parametrize("size", [2, 5 * 2**20])
def test_a_runtime_that_wants_its_connection_closed_gets_its_event_whole(size: int) -> None:
    async def main() -> None:
        async with runtime() as client:
            wire = await client.connect()
            wire.writer.write(f"GET {NEXT} HTTP/1.1\r\nHost: lambda\r\nConnection: close\r\n\r\n".encode())
            await client.api.ready()
            client.api.invoke(bytes(size), timeout=3)
            head, _, came = (await wire.reader.read()).partition(b"\r\n\r\n")
            assert (head.partition(b"\r\n")[0], came) == (b"HTTP/1.1 200 OK", bytes(size))

    run(main())

"""Lambda's Runtime API and Extensions API for one execution environment, on a loopback port of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import asyncio
import json
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress

from .invocation import Answer, FunctionError
from .posted import ERROR_TYPE, Chunks, Invocation, Whole, posted_error, streams
from .wire import BrokenOff, Headers, Request, Wire

BUFFERED_LIMIT = 6_291_556
"""Bytes of a buffered answer. Lambda names this number where it refuses more:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

EXIT_NOTICED = 1.0
"""Seconds after a connection broke within which its process is seen to have ended."""

EXTENSION = "lambda-extension-identifier"


class RuntimeApi:
    """Serves one environment: `ready` when the runtime first asks for work, then one invocation at a time."""

    def __init__(self, arn: str, name: str, handler: str) -> None:
        self.failure: FunctionError | None = None
        self._arn = arn
        self._function = {"functionName": name, "functionVersion": "$LATEST", "handler": handler}
        self._asked = asyncio.Event()
        self._failed = asyncio.Event()
        self._shutdown = asyncio.Event()
        self._poll: asyncio.Future[Invocation] | None = None
        self._current: Invocation | None = None
        self._extensions: dict[str, list[str]] = {}
        self._calls: dict[asyncio.Task[None], Wire] = {}
        self._streams: set[Chunks] = set()
        self._server: asyncio.Server | None = None
        self._is_closed = False

    async def start(self) -> str:
        """The address for AWS_LAMBDA_RUNTIME_API."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Wire(self._accept), "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def ready(self) -> None:
        """Waits until the runtime asks for an invocation; raises what kept it from doing so."""
        await self._asked.wait()
        if self.failure:
            raise self.failure

    def invoke(self, event: bytes, timeout: float) -> Invocation:
        """Hands an event to the runtime, which must be `ready`."""
        invocation = Invocation(event, timeout)
        if self.failure or not self._poll:
            invocation.failed(self.failure or FunctionError("Runtime.Busy", "the runtime doesn't wait for an event"))
            invocation.over.set()
            return invocation
        self._current = invocation
        self._poll.set_result(invocation)
        self._poll = None
        self._asked.clear()
        return invocation

    def fail(self, error: FunctionError) -> None:
        """The environment is lost; the first reason counts."""
        self.failure = self.failure or error
        self._failed.set()
        self._asked.set()
        if self._current:
            self._current.failed(self.failure)
            self._current.over.set()

    def cut(self) -> None:
        """Breaks every connection: what is still to come of an answer doesn't come."""
        for wire in self._calls.values():
            wire.abort()

    def shut_down(self) -> None:
        """Tells the extensions that asked for it."""
        self._shutdown.set()

    async def read_out(self) -> None:
        """Waits until what has come of an answer is read."""
        for stream in tuple(self._streams):
            await stream.released.wait()

    async def close(self) -> None:
        """Nothing is open when this returns."""
        self._is_closed = True
        if self._server:
            self._server.close()
        while self._calls:
            for call in tuple(self._calls):
                call.cancel()
            await asyncio.gather(*self._calls, return_exceptions=True)

    def _accept(self, wire: Wire) -> None:
        if self._is_closed:  # it was accepted a moment before the server closed
            wire.abort()
            return
        task = asyncio.create_task(self._serve(wire))
        self._calls[task] = wire
        task.add_done_callback(self._calls.pop)

    async def _serve(self, wire: Wire) -> None:
        try:
            await self._answer(await wire.request(), wire)
            while wire.is_kept:
                await self._answer(await wire.request(), wire)
        except BrokenOff:
            pass  # The other side is gone or doesn't speak HTTP; if it mattered, its invocation knows.
        finally:
            wire.abort()

    async def _answer(self, request: Request, wire: Wire) -> None:
        headers = request.headers
        match request.method, request.target.strip("/").split("/"):
            case "GET", ["2018-06-01", "runtime", "invocation", "next"]:
                await self._next(wire)
            case "POST", ["2018-06-01", "runtime", "invocation", id_, "response"]:
                await self._response(id_, headers, wire)
            case "POST", ["2018-06-01", "runtime", "invocation", id_, "error"]:
                await self._error(id_, headers, wire)
            case "POST", ["2018-06-01", "runtime", "init", "error"]:
                self.fail(posted_error(headers.get(ERROR_TYPE, ""), await read(wire)))
                await accept(wire)
            case "POST", ["2020-01-01", "extension", "register"]:
                await self._register(await read(wire), wire)
            case "GET", ["2020-01-01", "extension", "event", "next"]:
                await self._extension_next(headers.get(EXTENSION, ""), wire)
            case "POST", ["2020-01-01", "extension", "init" | "exit", "error"]:
                error = posted_error(headers.get("lambda-extension-function-error-type", ""), await read(wire))
                self.fail(FunctionError("Extension." + error.kind.removeprefix("Extension."), error.message))
                await accept(wire)
            case _:
                await read(wire)
                await refuse(wire, 404, "NotFound", "The Runtime API of this machine has no such path.")

    async def _next(self, wire: Wire) -> None:
        await read(wire)
        if self._current and not self._current.posting:
            await refuse(wire, 403, "InvalidStateTransition", "The invocation before this one isn't answered yet.")
            return
        if self._current:
            self._current.over.set()
            self._current = None
        if self._poll:
            self._poll.cancel()  # Asked again, so whoever asked before listens no more.
        poll = self._poll = asyncio.get_running_loop().create_future()
        self._asked.set()
        invocation = await poll
        headers = (
            ("Lambda-Runtime-Aws-Request-Id", invocation.id),
            ("Lambda-Runtime-Deadline-Ms", str(invocation.deadline_ms)),
            ("Lambda-Runtime-Invoked-Function-Arn", self._arn),
            ("Lambda-Runtime-Trace-Id", trace_id()),
        )
        await reply(wire, 200, invocation.event, headers)

    async def _claimed(self, id_: str, wire: Wire) -> Invocation | None:
        """The invocation that a post is about; wrong ids and second answers are refused, as Lambda refuses them."""
        current = self._current
        if current and current.id == id_ and not current.posting:
            current.posting = True
            return current
        await read(wire)
        if current and current.id == id_:
            await refuse(wire, 403, "InvalidStateTransition", "This invocation is answered already.")
        else:
            await refuse(wire, 400, "InvalidRequestID", "Invalid request ID")
        return None

    async def _error(self, id_: str, headers: Headers, wire: Wire) -> None:
        if invocation := await self._claimed(id_, wire):
            invocation.failed(posted_error(headers.get(ERROR_TYPE, ""), await read(wire)))
            await accept(wire)

    async def _response(self, id_: str, headers: Headers, wire: Wire) -> None:
        if not (invocation := await self._claimed(id_, wire)):
            return
        if streams(headers):
            await self._stream(invocation, headers, wire)
            return
        try:
            body = await read(wire)
        except BrokenOff:
            invocation.failed(await self._cause())
            raise
        if len(body) > BUFFERED_LIMIT:
            told = f"payload size exceeded maximum allowed payload size ({BUFFERED_LIMIT} bytes)."
            invocation.failed(FunctionError("Function.ResponseSizeTooLarge", f"Response {told}"))
            await refuse(
                wire, 413, "RequestEntityTooLarge", f"Exceeded maximum allowed {told.partition('allowed ')[2]}"
            )
            return
        invocation.answered(Answer(False, headers.get("content-type"), Whole(body)))
        await accept(wire)

    async def _stream(self, invocation: Invocation, headers: Headers, wire: Wire) -> None:
        chunks = Chunks(wire, self._cause)
        self._streams.add(chunks)
        try:
            invocation.answered(Answer(True, headers.get("content-type"), chunks))
            await chunks.released.wait()
        finally:
            self._streams.discard(chunks)
        await read(wire, keep=0)  # The client left: the function runs on, and nobody hears it.
        await accept(wire)

    async def _cause(self) -> FunctionError:
        """Why a connection broke. Mostly because its process ended, which is seen a moment later."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._failed.wait(), EXIT_NOTICED)
        return self.failure or FunctionError(
            "Runtime.TruncatedResponse", "the runtime broke off its answer before the end, and runs on"
        )

    async def _register(self, body: bytes, wire: Wire) -> None:
        identifier = str(uuid.uuid4())
        try:
            events = json.loads(body)["events"]
        except (ValueError, TypeError, KeyError):
            events = []
        self._extensions[identifier] = events if isinstance(events, list) else []
        await reply(wire, 200, json.dumps(self._function).encode(), (("Lambda-Extension-Identifier", identifier),))

    async def _extension_next(self, identifier: str, wire: Wire) -> None:
        """Waits for the end. INVOKE events aren't sent: no extension that answers requests needs them."""
        await read(wire)
        if identifier not in self._extensions:
            await refuse(wire, 403, "Extension.UnknownExtensionIdentifier", "Unknown extension identifier")
            return
        await self._shutdown.wait()
        if "SHUTDOWN" in self._extensions[identifier]:
            event = {"eventType": "SHUTDOWN", "shutdownReason": "spindown", "deadlineMs": int(time.time() * 1000) + 300}
            await reply(wire, 200, json.dumps(event).encode())


def trace_id() -> str:
    root = uuid.uuid4().hex
    return f"Root=1-{int(time.time()):08x}-{root[:24]};Parent={root[16:]};Sampled=0"


async def read(wire: Wire, keep: int = BUFFERED_LIMIT) -> bytes:
    """Reads what is left of a request's body to its end, and keeps at most a chunk more than it may have."""
    kept = bytearray()
    async for data in wire.body():
        if len(kept) <= keep:
            kept += data
    return bytes(kept)


async def reply(wire: Wire, status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
    await wire.answer(status, (("Content-Type", "application/json"), *headers), body)


async def accept(wire: Wire) -> None:
    await reply(wire, 202, b'{"status":"OK"}\n')


async def refuse(wire: Wire, status: int, kind: str, message: str) -> None:
    await reply(wire, status, json.dumps({"errorType": kind, "errorMessage": message}).encode())

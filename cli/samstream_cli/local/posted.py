"""What a runtime posts: an answer in one piece, an answer as a stream, an error in its own words."""

import asyncio
import base64
import binascii
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Self

from .invocation import Answer, FunctionError
from .wire import BrokenOff, Headers, Wire

ERROR_TYPE = "lambda-runtime-function-error-type"
ERROR_BODY = "lambda-runtime-function-error-body"
MODE = "lambda-runtime-function-response-mode"


class Invocation:
    """One event on its way through the function. `over` is set when its environment is free again, or lost."""

    def __init__(self, event: bytes, timeout: float) -> None:
        self.id = str(uuid.uuid4())
        self.event = event
        self.deadline_ms = int((time.time() + timeout) * 1000)
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.over = asyncio.Event()
        self.posting = False

    @property
    def out(self) -> bool:
        """Whether the whole answer, or an error, is with who asked for it."""
        if not self.answer.done() or self.answer.cancelled():
            return False
        if self.answer.exception():
            return True
        chunks = self.answer.result().chunks
        return not isinstance(chunks, Chunks) or chunks.released.is_set()

    def answered(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def failed(self, error: FunctionError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Chunks:
    """A body that comes as it is read; closed early, what is left of it is dropped by whoever waits for `released`."""

    def __init__(self, wire: Wire, cause: Callable[[], Awaitable[FunctionError]]) -> None:
        self.released = asyncio.Event()
        self._wire = wire
        self._cause = cause

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self.released.is_set():
            raise StopAsyncIteration
        try:
            piece = await self._wire.piece()
        except BrokenOff:
            self.released.set()
            raise await self._cause() from None
        if piece is not None:
            return piece
        self.released.set()
        if error := trailers_error(self._wire.trailers):
            raise error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.released.set()


def trailers_error(trailers: Headers) -> FunctionError | None:
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming"""
    if ERROR_TYPE not in trailers and ERROR_BODY not in trailers:
        return None
    try:
        body = base64.b64decode(trailers.get(ERROR_BODY, ""))
    except binascii.Error:
        body = b""
    return posted_error(trailers.get(ERROR_TYPE, ""), body)


def posted_error(kind: str, body: bytes) -> FunctionError:
    """A runtime's own words for what went wrong: {"errorType": ..., "errorMessage": ...}, or anything."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        told = {"errorMessage": body[:1000].decode(errors="replace")}
    message = told.get("errorMessage") or "the runtime gave no message"
    return FunctionError(str(told.get("errorType") or kind or "Runtime.Unknown"), str(message))


class Whole:
    """A body that is there already."""

    def __init__(self, body: bytes) -> None:
        self._left = [body] if body else []

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()

    async def aclose(self) -> None:
        self._left.clear()


def streams(headers: Headers) -> bool:
    """Whether a posted answer is a stream. Go's client sends no mode, and every answer chunked, its JSON too:
    https://github.com/aws/aws-lambda-go/blob/main/lambda/runtime_api_client.go"""
    if mode := headers.get(MODE):
        return mode.lower() == "streaming"
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    return chunked and not headers.get("content-type", "").startswith("application/json")

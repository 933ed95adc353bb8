"""A streaming route's answer: the prelude, then bytes as they come.

Format: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final

from samstream_cli.local.exchange import Exchange
from samstream_cli.local.invocation import Answer
from samstream_cli.local.reply import (
    Cut,
    Headers,
    Malformed,
    Refusal,
    bad_gateway,
    headers_of,
    response_headers,
    status_of,
    with_default_type,
)

DELIMITER: Final = bytes(8)

_KEYS: Final = {"statusCode", "headers", "multiValueHeaders", "cookies"}
_BUFFERED_KEYS: Final = (b'"statusCode"', b'"isBase64Encoded"')


async def answer_streaming(answer: Answer, exchange: Exchange) -> None:
    """Reads the prelude, sends status and headers at once, then each chunk as it comes."""
    prelude = Prelude(answer.chunks, exchange.options.prelude_limit)
    try:
        status, headers = metadata_of(await prelude.metadata())
        headers = with_default_type(response_headers(headers, exchange.own, keep_length=True))
    except Malformed as error:
        raise _malformed(exchange, prelude, str(error)) from error
    exchange.deadline.stir()
    await exchange.reply.start(status, headers)
    await pass_on(prelude.payload(), exchange)


async def pass_on(chunks: AsyncGenerator[bytes, None], exchange: Exchange) -> None:
    """Sends chunks as they come, one at a time, so that a slow client slows the function."""
    reply, deadline, throttle = exchange.reply, exchange.deadline, exchange.options.throttle()
    try:
        async with aclosing(chunks):
            while not reply.bodiless and (chunk := await anext(chunks, None)) is not None:
                deadline.stir()
                if throttle:
                    await throttle.spend(len(chunk))
                await reply.write(chunk)
                deadline.stir()
        await reply.finish()
    except Malformed as error:
        raise Cut(str(error)) from error


class Prelude:
    """The first bytes of a stream, up to the delimiter."""

    def __init__(self, chunks: AsyncIterator[bytes], limit: int) -> None:
        self._read = b""
        self._chunks = chunks
        self._limit = limit
        self._rest = b""

    async def metadata(self) -> bytes:
        """What comes before the delimiter."""
        async for chunk in self._chunks:
            start = max(0, len(self._read) - len(DELIMITER) + 1)
            self._read += chunk
            at = self._read.find(DELIMITER, start)
            end = at + len(DELIMITER)
            if at >= 0 and end <= self._limit:
                metadata, self._rest, self._read = self._read[:at], self._read[end:], b""
                return metadata
            if len(self._read) >= self._limit:
                raise Malformed(f"the 8 NUL bytes that end the metadata don't come within {self._limit} bytes")
        if not self._read:
            raise Malformed("it is empty; a body-less answer needs its metadata and 8 NUL bytes too")
        raise Malformed("it ends before the 8 NUL bytes that end the metadata")

    @property
    def is_buffered_answer(self) -> bool:
        """Whether what came, without a delimiter, begins as the JSON for a buffered route does."""
        return self._read.lstrip().startswith(b"{") and any(key in self._read for key in _BUFFERED_KEYS)

    async def payload(self) -> AsyncGenerator[bytes, None]:
        """What comes after it."""
        if self._rest:
            yield self._rest
            self._rest = b""
        async for chunk in self._chunks:
            yield chunk


def metadata_of(text: bytes) -> tuple[int, Headers]:
    """Status and headers of a prelude's JSON; `Malformed` says what is wrong with it."""
    try:
        metadata = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("its metadata are no JSON" if text.strip() else "its metadata are empty") from None
    if not isinstance(metadata, dict):
        raise Malformed("its metadata are no JSON object")
    if set(metadata) - _KEYS:
        unknown = ", ".join(sorted(set(metadata) - _KEYS)[:5])
        raise Malformed(f"its metadata have {unknown}, but may have {', '.join(sorted(_KEYS))} only")
    headers = headers_of(metadata.get("headers"), metadata.get("multiValueHeaders"))
    cookies = metadata.get("cookies")
    if not isinstance(cookies, list | None):
        raise Malformed("its cookies are no array")
    return status_of(metadata.get("statusCode")), headers + headers_of(None, {"Set-Cookie": cookies or []})


def _malformed(exchange: Exchange, prelude: Prelude, problem: str) -> Refusal:
    route = exchange.match.route
    if not prelude.is_buffered_answer:
        note = f"{route.function} streams, but not as API Gateway reads it: {problem}"
    elif route.adapter:
        note = (
            f"E301: {route.function}'s adapter answers buffered on a streaming route. "
            "Set AWS_LWA_INVOKE_MODE to response_stream in its Environment.Variables"
        )
    else:
        note = (
            f"W303: {route.function} answers with the JSON of a buffered route, as a runtime that can't stream does. "
            "Add the Lambda Web Adapter, or write metadata, 8 NUL bytes and the body"
        )
    return bad_gateway(note, int(exchange.options.malformed_stream))

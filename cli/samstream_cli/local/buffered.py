"""A buffered route's answer: a function's JSON, read whole and checked as API Gateway checks it.

Format: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import gzip
import json
from typing import Final, NamedTuple

from samstream_cli.local.events import is_binary_type
from samstream_cli.local.exchange import Exchange, Request
from samstream_cli.local.invocation import Answer
from samstream_cli.local.limits import LAMBDA_PAYLOAD, Options
from samstream_cli.local.reply import (
    Headers,
    Malformed,
    bad_gateway,
    headers_of,
    response_headers,
    status_of,
    with_default_type,
)
from samstream_cli.local.routing import Api, Route
from samstream_cli.local.streaming import DELIMITER, metadata_of

# LocalStack's `test_lambda_aws_proxy_response_format` recorded on AWS that no key is needed and no other is allowed.
_KEYS: Final = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}


class Response(NamedTuple):
    """A function's answer, ready for the client."""

    status: int
    headers: Headers
    body: bytes


async def answer_buffered(answer: Answer, exchange: Exchange) -> str:
    """Reads a function's answer and sends it; the note for the access log."""
    request, match, options, reply = exchange.request, exchange.match, exchange.options, exchange.reply
    payload = await _collect(answer, options)
    note = ""
    try:
        response = read_answer(payload, match.api, request.header("accept"))
    except Malformed as error:
        if not answer.streaming and DELIMITER not in payload:
            raise bad_gateway(f"{match.route.function}: malformed Lambda proxy response: {error}") from error
        is_stale = any(route.streaming for route in match.api.routes if str(route) == str(match.route))
        response, note = _of_streaming_format(payload, match.route, options, is_stale=is_stale)
    headers = response_headers(response.headers, exchange.own, keep_length=False)
    body, headers = _compressed(response.body, with_default_type(headers), match.api, request)
    if response.status not in (204, 304):
        headers.append(("Content-Length", str(len(body))))
    await reply.start(response.status, headers)
    await reply.write(body)
    await reply.finish()
    return note


def read_answer(payload: bytes, api: Api, accept: str | None) -> Response:
    """Checks a function's JSON; `Malformed` says what is wrong with it."""
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        raise Malformed("it is no JSON") from None
    if not isinstance(answer, dict):
        raise Malformed("it is no JSON object")
    if set(answer) - _KEYS:
        unknown = ", ".join(sorted(set(answer) - _KEYS)[:5])
        raise Malformed(f"API Gateway takes {', '.join(sorted(_KEYS))}, and nothing else; it has {unknown}")
    headers = headers_of(answer.get("headers"), answer.get("multiValueHeaders"))
    is_binary = answer.get("isBase64Encoded")
    if is_binary is not None and not isinstance(is_binary, bool):
        raise Malformed("its isBase64Encoded is neither true nor false")
    body = _body(answer.get("body"))
    if is_binary and _wants_binary(headers, api, accept):
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error:
            raise Malformed("its isBase64Encoded is true, and its body is no base64") from None
    return Response(status_of(answer.get("statusCode")), headers, body)


async def _collect(answer: Answer, options: Options) -> bytes:
    payload = bytearray()
    async for chunk in answer.chunks:
        payload += chunk
        if len(payload) > LAMBDA_PAYLOAD and not options.no_limits:
            raise bad_gateway("the answer is larger than the 6 MB that Lambda passes on to a buffered route")
    return bytes(payload)


def _of_streaming_format(payload: bytes, route: Route, options: Options, *, is_stale: bool) -> tuple[Response, str]:
    """AWS's page has headers and status reach the client without a body; cdklabs/cdk-nextjs#192 saw a 502."""
    if route.adapter:
        why = f"E303: {route.function}'s adapter has AWS_LWA_INVOKE_MODE set to response_stream"
    else:
        why = f"W304: {route.function} writes the streaming format"
    note = f"{why}, but this route is buffered, which can't read it"
    if not is_stale:  # The way out of a stage that lags behind its template is told beside.
        note += ". Make the route stream, or let the function not"
    metadata, found, _ = payload.partition(DELIMITER)
    if options.buffered_prelude == "502" or not found:
        raise bad_gateway(note)
    try:
        status, headers = metadata_of(metadata)
    except Malformed as error:
        raise bad_gateway(f"{note}. Besides, {error}") from error
    return Response(status, headers, b""), note


def _body(value: object) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, str):
        raise Malformed("its body is no string")
    return value.encode("utf-8", "replace")


def _wants_binary(headers: Headers, api: Api, accept: str | None) -> bool:
    """API Gateway looks at the first type in Accept, and at the answer's own.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
    """
    own = next((value for name, value in headers if name.lower() == "content-type"), None)
    first = accept.split(",")[0] if accept else None
    return is_binary_type(own, api.binary_media_types) or is_binary_type(first, api.binary_media_types)


def _compressed(body: bytes, headers: Headers, api: Api, request: Request) -> tuple[bytes, Headers]:
    """Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html"""
    least = api.minimum_compression_size
    encoded = any(name.lower() == "content-encoding" for name, _ in headers)
    accepted = {part.partition(";")[0].strip() for part in (request.header("accept-encoding") or "").split(",")}
    if least is None or len(body) < max(least, 1) or encoded or "gzip" not in accepted:
        return body, headers
    return gzip.compress(body), [*headers, ("Content-Encoding", "gzip")]

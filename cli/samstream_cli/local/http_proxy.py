"""HTTP_PROXY integrations: the request is passed on to a URI, and its answer back, whole or as it comes.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Final, cast
from urllib.parse import parse_qsl, urlencode

import httpx

from samstream_cli.local.exchange import Exchange
from samstream_cli.local.limits import PAYLOAD
from samstream_cli.local.mappings import Mapped, mapped
from samstream_cli.local.reply import Cut, Headers, Malformed, Refusal, Reply, bad_gateway, response_headers, status_of
from samstream_cli.local.routing import Match
from samstream_cli.local.streaming import pass_on


def http_client() -> httpx.AsyncClient:
    """The client of all HTTP integrations: the gateway's own deadlines hold, and redirects go to the caller."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    client = httpx.AsyncClient(timeout=None, limits=limits, follow_redirects=False)  # noqa: S113
    client.headers.clear()  # an Accept-Encoding of its own would bring what the caller can't read
    return client


async def answer_http(client: httpx.AsyncClient, exchange: Exchange) -> None:
    """Passes a request on, and the answer back."""
    request, match, reply = exchange.request, exchange.match, exchange.reply
    try:
        async with _sent(client, exchange) as response:
            exchange.deadline.stir()
            as_is = match.route.streaming or request.method == "HEAD"
            headers = response_headers(_end_to_end(response), exchange.own, keep_length=as_is)
            if match.route.streaming:
                await reply.start(status_of(response.status_code), headers)
                await pass_on(_raw(response), exchange)
            else:
                await _whole(response, headers, exchange)
    except Malformed as error:
        raise bad_gateway(f"the answer of the server behind: {error}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _failed(reply, error) from error


def target(match: Match, query: str, mapping: Sequence[Mapped] = ()) -> str:
    """The URI with the path's parameters, the stage's variables and the request's query in their places; what is
    mapped there comes first."""
    uri = _VARIABLE.sub(lambda found: _stage_variables(match).get(found[1], ""), match.route.uri or "")
    given = {found.name: "".join(found.values[-1:]) for found in mapping if found.kind == "path"}
    for name, value in {**match.parameters, **given}.items():
        uri = uri.replace(f"{{{name}}}", value).replace(f"{{{name}+}}", value)
    own = [(found.name, value) for found in mapping if found.kind == "querystring" for value in found.values]
    named = {name for name, _ in own}
    passed = parse_qsl(query, keep_blank_values=True, errors="replace")
    pairs = [*((name, value) for name, value in passed if name not in named), *own]
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(pairs)}" if pairs else uri


_VARIABLE: Final = re.compile(r"\$\{stageVariables\.(\w+)\}")
_HOP_BY_HOP: Final = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip


_REPLACED: Final = _HOP_BY_HOP | {"host", "content-length", "expect", "x-amzn-trace-id"}


def _stage_variables(match: Match) -> dict[str, str]:
    return dict(match.api.stage_variables.get(match.stage, {}))


def _sent(client: httpx.AsyncClient, exchange: Exchange) -> AbstractAsyncContextManager[httpx.Response]:
    request = exchange.request
    mapping = mapped(request, exchange.match)
    own = [(found.name, value) for found in mapping if found.kind == "header" for value in found.values]
    replaced = _REPLACED | {name.lower() for name, _ in own}
    headers = [pair for pair in request.headers if pair[0] not in replaced] + own
    if not any(name.lower() == "user-agent" for name, _ in headers):
        headers.append(("user-agent", f"AmazonAPIGateway_{exchange.match.api.id}"))
    headers += [("x-forwarded-for", request.source_ip), ("x-amzn-trace-id", request.trace_id)]
    headers.append(("x-amzn-apigateway-api-id", exchange.match.api.id))
    lines = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    uri = target(exchange.match, request.query, mapping)
    method = exchange.match.route.uri_method or request.method
    return client.stream(method, uri, headers=lines, content=request.body or None)


def _end_to_end(response: httpx.Response) -> Headers:
    named = {name.strip().lower() for name in response.headers.get("connection", "").split(",")}
    pairs = [(name.decode("ascii"), value.decode("utf-8", "surrogateescape")) for name, value in response.headers.raw]
    return [(name, value) for name, value in pairs if name.lower() not in _HOP_BY_HOP | named]


def _raw(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body as the server wrote it: what it compressed stays so."""
    return cast("AsyncGenerator[bytes, None]", response.aiter_raw())


async def _whole(response: httpx.Response, headers: Headers, exchange: Exchange) -> None:
    reply = exchange.reply
    body = bytearray()
    async with aclosing(_raw(response)) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > PAYLOAD and not exchange.options.no_limits:
                raise bad_gateway("the answer is larger than the 10 MB that API Gateway buffers", 500)
    if response.status_code not in (204, 304) and exchange.request.method != "HEAD":
        headers.append(("Content-Length", str(len(body))))
    await reply.start(status_of(response.status_code), headers)
    await reply.write(bytes(body))
    await reply.finish()


def _failed(reply: Reply, error: Exception) -> Exception:
    """Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""
    what = f"the server behind: {type(error).__name__}: {error}"  # its URI may hold a secret
    if reply.status is not None:
        return Cut(what)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return bad_gateway(what, 500)
    return Refusal(504, "Network error communicating with endpoint", what)

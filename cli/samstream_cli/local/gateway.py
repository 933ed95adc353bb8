"""API Gateway as an ASGI application.

A request is matched to a route, let in or refused, handed to its integration as an event, and the answer is sent on,
whole or as it comes. Whatever goes wrong becomes an answer or a cut connection and a note in the access log, never an
exception. A connection is cut by leaving the answer unfinished, which a server notices (uvicorn says so on its
`uvicorn.error` logger) and closes the connection without the last chunk.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from starlette.types import Receive, Scope, Send

from samstream_cli.local.access_log import Access, Mode
from samstream_cli.local.buffered import answer_buffered
from samstream_cli.local.events import proxy_event
from samstream_cli.local.exchange import Exchange, Left, Request, body_of, own_headers, request_of
from samstream_cli.local.http_proxy import answer_http, http_client
from samstream_cli.local.invocation import Answer, Function, FunctionError
from samstream_cli.local.limits import PAYLOAD, Deadline, Options
from samstream_cli.local.mock import answer_mock
from samstream_cli.local.reply import Cut, Refusal, Reply, bad_gateway, timed_out, too_long
from samstream_cli.local.routing import Api, Match, Router, Unmatched
from samstream_cli.local.streaming import answer_streaming

if TYPE_CHECKING:
    import httpx


class Gateway:
    """Serves REST APIs; `log` is told of each request when it is over. It takes part in the lifespan protocol."""

    def __init__(
        self,
        apis: Sequence[Api],
        functions: Mapping[str, Function],
        options: Options,
        log: Callable[[Access], None],
    ) -> None:
        self._router = Router(apis)
        self._functions = functions
        self._options = options
        self._log = log
        self._client: httpx.AsyncClient | None = None
        self._admitted: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def aclose(self) -> None:
        """Closes connections to HTTP integrations."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.aclose()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = request_of(scope)
        match = self._router.match(request.method, request.path)
        reply = Reply(send, request.method)
        began, note = time.time(), "samstream stopped"
        try:
            body = await body_of(receive, self._options)
            note = await _unless_left(self._answer(replace(request, body=body), match, reply), receive, reply)
        except Left:
            note = _LEFT
        finally:
            self._log(_access(began, request, match, reply, note))

    async def _answer(self, request: Request, match: Match | Unmatched, reply: Reply) -> str:
        """Answers whatever happens; the note for the access log."""
        notes: list[str] = []
        try:
            found = _found(match)
            notes.append(self._admit(found))
            notes.append(await self._integrate(request, found, reply))
        except Cut as cut:
            notes.append(f"connection cut: {cut}")
        except Refusal as refusal:
            notes.append(await reply.refuse(refusal, own_headers(request)))
        except FunctionError as error:
            notes.append(await reply.refuse(bad_gateway(str(error)), own_headers(request)))
        except Exception as error:  # whose line in the access log is worth more than a traceback
            failure = bad_gateway(f"samstream failed: {type(error).__name__}: {error}", 500)
            notes.append(await reply.refuse(failure, own_headers(request)))
        return "; ".join(filter(None, notes))

    async def _integrate(self, request: Request, match: Match, reply: Reply) -> str:
        route, options = match.route, self._options
        if len(request.body) > PAYLOAD and not options.no_limits:
            raise too_long("the request is larger than the 10 MB that API Gateway takes")
        if route.kind == "unsupported":
            raise Refusal(500, f"samstream local doesn't run this integration: {route.problem}", route.problem or "")
        if route.problem is not None:
            raise bad_gateway(f"this route can't be deployed: {route.problem}", 500)
        deadline = Deadline(options.timeout(route), options.idle(match.api) if route.streaming else None)
        try:
            async with deadline:
                return await self._invoke(Exchange(request, match, options, reply, deadline))
        except TimeoutError as error:
            if not deadline.expired:
                raise
            raise timed_out(deadline.why()) from error

    async def _invoke(self, exchange: Exchange) -> str:
        route = exchange.match.route
        if route.kind == "mock":
            await answer_mock(exchange)
            return ""
        if route.kind == "http":
            self._client = self._client or http_client()
            await answer_http(self._client, exchange)
            return ""
        function = self._functions.get(route.function or "")
        if function is None:
            raise bad_gateway(f"there is no function {route.function} to invoke", 500)
        answer = await function.invoke(proxy_event(exchange))
        async with _read_or_closed(answer):
            if not route.streaming:
                return await answer_buffered(answer, exchange)
            await answer_streaming(answer, exchange)
            return ""

    def _admit(self, match: Match) -> str:
        """Authorizers and API keys aren't run here, and nobody passes them unsaid."""
        route = match.route
        guards = [] if route.authorization in (None, "NONE") else [f"an authorizer ({route.authorization})"]
        if route.api_key_required:
            guards.append(_API_KEY)
        if not guards:
            return ""
        what = f"{route} needs {' and '.join(guards)}"
        if not self._options.allow_unauthenticated:
            message = f"{what}. samstream local doesn't run authorizers or check keys; add --allow-unauthenticated."
            if guards == [_API_KEY]:
                raise Refusal(403, message, message, "ForbiddenException")
            raise Refusal(401, message, message, "UnauthorizedException")
        if (match.api.id, str(route)) in self._admitted:
            return ""
        self._admitted.add((match.api.id, str(route)))
        return f"{what}, which is not checked here (--allow-unauthenticated)"


_API_KEY: Final = "an API key"
_LEFT: Final = "the client left"


def _found(match: Match | Unmatched) -> Match:
    """AWS has the same answer for an unknown path and for a method that a path doesn't have.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    if isinstance(match, Match):
        return match
    note = "no route has this method and path"
    raise Refusal(403, "Missing Authentication Token", note, "MissingAuthenticationTokenException")


@asynccontextmanager
async def _read_or_closed(answer: Answer) -> AsyncIterator[None]:
    try:
        yield
    finally:
        close = getattr(answer.chunks, "aclose", None)
        if close:
            with suppress(FunctionError):
                await close()


async def _unless_left(work: Coroutine[Any, Any, str], receive: Receive, reply: Reply) -> str:
    """Does the work, but stops it when the client leaves; AWS drops what is still to come then."""
    task = asyncio.create_task(work)
    watch = asyncio.create_task(_disconnect(receive))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        # A server says "disconnect" after the end of an answer too.
        if task.done() or reply.finished:
            return await task
        return f"{_LEFT} after {reply.chunks} chunk{'' if reply.chunks == 1 else 's'}" if reply.chunks else _LEFT
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _access(began: float, request: Request, match: Match | Unmatched, reply: Reply, note: str) -> Access:
    route = match.route if isinstance(match, Match) else None
    mode: Mode = "" if route is None or route.kind in ("mock", "unsupported") else "buffered"
    if route is not None and route.streaming:
        mode = "stream"
    return Access(
        time=began,
        api=match.api.id if isinstance(match, Match) else match.api,
        stage=match.stage,
        method=request.method,
        path=request.path,
        route=None if route is None else str(route),
        mode=mode,
        status=reply.status,
        ttfb=reply.ttfb,
        duration=reply.duration,
        chunks=reply.chunks,
        bytes=reply.bytes,
        note=note,
    )

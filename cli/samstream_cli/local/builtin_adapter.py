"""Stands in for the Lambda Web Adapter: takes events from the Runtime API, asks the web app, hands on what it answers.

Run as `python -m samstream_cli.local.builtin_adapter` beside the app, as Lambda runs the real one, and held equal to it
by the same tests.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import h11

from .adapter_formats import Event, Settings, broken_off, compact, prelude, proxy_answer, request_of
from .wire import Headers, Wire

RUNTIME = "/2018-06-01/runtime"
STREAMED = "application/vnd.awslambda.http-integration-response"


class AppError(Exception):
    """The app gave no answer, or one that is listed as an error."""


async def ready(settings: Settings) -> None:
    """Asks the app every 10 ms until it answers below 500."""
    while not await _is_ready(settings):
        await asyncio.sleep(0.01)


async def _is_ready(settings: Settings) -> bool:
    try:
        wire = await Wire.connect(settings.host, settings.readiness_port)
    except OSError:
        return False
    try:
        if settings.tcp_readiness:
            return True
        host = f"{settings.host}:{settings.readiness_port}"
        answer = await ask(wire, "GET", settings.readiness_path, [("Host", host)])
    except (OSError, h11.ProtocolError):
        return False
    else:
        return 100 <= answer.status_code < settings.unhealthy
    finally:
        wire.abort()


async def ask(wire: Wire, method: str, target: str, headers: Headers, body: bytes = b"") -> h11.Response:
    """Sends a request and waits for the answer's head."""
    await wire.send(h11.Request(method=method, target=target, headers=headers))
    if body:
        await wire.send(h11.Data(data=body))
    await wire.send(h11.EndOfMessage())
    while isinstance(event := await wire.receive(), h11.InformationalResponse):
        pass
    if not isinstance(event, h11.Response):
        raise h11.RemoteProtocolError("the connection was closed before an answer")
    return event


class Adapter:
    """One environment's adapter: one event after the other."""

    def __init__(self, settings: Settings, runtime_api: str) -> None:
        self._settings = settings
        self._host, _, port = runtime_api.partition(":")
        self._port = int(port)

    async def run(self) -> None:
        await ready(self._settings)
        while True:
            event = await self._next()
            try:
                await self._handle(event)
            except AppError as error:
                told = {"errorType": type(error).__name__, "errorMessage": str(error)}
                await self._post(event, "error", compact(told).encode())

    @asynccontextmanager
    async def _lambda(self) -> AsyncIterator[Wire]:
        wire = await Wire.connect(self._host, self._port)
        try:
            yield wire
        finally:
            wire.abort()

    async def _next(self) -> Event:
        async with self._lambda() as wire:
            answer = await ask(wire, "GET", f"{RUNTIME}/invocation/next", [("Host", self._host)])
            headers = {name.decode(): value.decode() for name, value in answer.headers}
            return Event(
                headers["lambda-runtime-aws-request-id"], headers, b"".join([part async for part in wire.body()])
            )

    async def _handle(self, event: Event) -> None:
        app: Wire | None = None
        try:
            request = request_of(event, self._settings)
            app = await Wire.connect(self._settings.host, self._settings.port)
            answer = await ask(app, *request)
            if answer.status_code in self._settings.error_statuses:
                raise AppError(f"Request failed with configured error status code: {answer.status_code}")
            body = app.body()
            if self._settings.streams:
                await self._stream(event, answer, body)
            else:
                await self._post(event, "response", proxy_answer(answer, b"".join([part async for part in body])))
        except (OSError, h11.ProtocolError, ValueError, KeyError, TypeError) as error:
            raise AppError(f"{type(error).__name__}: {error}") from error
        finally:
            if app:
                app.abort()

    async def _post(self, event: Event, kind: str, body: bytes) -> None:
        headers = [("Host", self._host), ("Content-Length", str(len(body)))]
        async with self._lambda() as wire:
            await ask(wire, "POST", f"{RUNTIME}/invocation/{event.id}/{kind}", headers, body)

    async def _stream(self, event: Event, answer: h11.Response, body: AsyncIterator[bytes]) -> None:
        """Hands on each part as it comes. Where the app breaks off, the real adapter writes its error into the body."""
        headers = [
            ("Host", self._host),
            ("Transfer-Encoding", "chunked"),
            ("Lambda-Runtime-Function-Response-Mode", "streaming"),
            ("Content-Type", STREAMED),
        ]
        async with self._lambda() as wire:
            target = f"{RUNTIME}/invocation/{event.id}/response"
            await wire.send(h11.Request(method="POST", target=target, headers=headers))
            await wire.send(h11.Data(data=prelude(answer)))
            try:
                async for part in body:
                    await wire.send(h11.Data(data=part))
            except h11.RemoteProtocolError:
                await wire.send(h11.Data(data=broken_off()))
            await wire.send(h11.EndOfMessage())
            await wire.receive()


def main() -> None:
    """Ends when the Runtime API is gone."""
    try:
        settings = Settings.load(os.environ)
        asyncio.run(Adapter(settings, os.environ["AWS_LAMBDA_RUNTIME_API"]).run())
    except (OSError, h11.ProtocolError, ValueError, KeyError) as error:
        sys.exit(f"The adapter has to stop: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()

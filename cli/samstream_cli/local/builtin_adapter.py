"""Stands in for the Lambda Web Adapter: takes events from the Runtime API, asks the web app, hands on what it answers.

Run as `python -m samstream_cli.local.builtin_adapter` beside the app, as Lambda runs the real one, and held equal to it
by the same tests.
"""

import os
import sys
import time

from .adapter_formats import Event, Settings, broken_off, compact, prelude, proxy_answer, request_of
from .client import Answer, BrokenOff, Connection

RUNTIME = "/2018-06-01/runtime"
STREAMED = b"application/vnd.awslambda.http-integration-response"


class AppError(Exception):
    """The app gave no answer, or one that is listed as an error."""


def ready(settings: Settings) -> None:
    """Asks the app every 10 ms until it answers below 500."""
    while not _is_ready(settings):
        time.sleep(0.01)


def _is_ready(settings: Settings) -> bool:
    try:
        app = Connection(settings.host, settings.readiness_port)
    except OSError:
        return False
    try:
        if settings.tcp_readiness:
            return True
        host = f"{settings.host}:{settings.readiness_port}".encode()
        answer = app.ask("GET", settings.readiness_path, [(b"Host", host)])
    except OSError:
        return False
    else:
        return answer.status_code < settings.unhealthy
    finally:
        app.close()


class Peer:
    """A server that is asked again and again, over one connection as long as that lasts."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """One that is free."""
        if self._connection and not self._connection.is_free:
            self._connection.close()
            self._connection = None
        self._connection = self._connection or Connection(*self._address)
        return self._connection


class Adapter:
    """One environment's adapter: one event after the other."""

    def __init__(self, settings: Settings, runtime_api: str) -> None:
        self._settings = settings
        host, _, port = runtime_api.partition(":")
        self._host = (b"Host", host.encode())
        self._lambda = Peer(host, int(port))
        self._app = Peer(settings.host, settings.port)

    def run(self) -> None:
        ready(self._settings)
        while True:
            event = self._next()
            try:
                self._handle(event)
            except AppError as error:
                told = {"errorType": type(error).__name__, "errorMessage": str(error)}
                self._post(event, "error", compact(told).encode())

    def _next(self) -> Event:
        runtime = self._lambda.connection()
        answer = runtime.ask("GET", f"{RUNTIME}/invocation/next", [self._host])
        headers = {name.decode(): value.decode() for name, value in answer.headers}
        return Event(headers["lambda-runtime-aws-request-id"], headers, runtime.body())

    def _handle(self, event: Event) -> None:
        try:
            request = request_of(event, self._settings)
            app = self._app.connection()
            answer = app.ask(*request)
            if answer.status_code in self._settings.error_statuses:
                raise AppError(f"Request failed with configured error status code: {answer.status_code}")
            if self._settings.streams:
                self._stream(event, answer, app)
            else:
                self._post(event, "response", proxy_answer(answer, app.body()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AppError(f"{type(error).__name__}: {error}") from error

    def _post(self, event: Event, kind: str, body: bytes) -> None:
        headers = (self._host, (b"Content-Length", b"%d" % len(body)))
        runtime = self._lambda.connection()
        runtime.ask("POST", f"{RUNTIME}/invocation/{event.id}/{kind}", headers, body)
        runtime.body()

    def _stream(self, event: Event, answer: Answer, app: Connection) -> None:
        """Hands on each part as it comes. Where the app breaks off, the real adapter writes its error into the body."""
        headers = (
            self._host,
            (b"Transfer-Encoding", b"chunked"),
            (b"Lambda-Runtime-Function-Response-Mode", b"streaming"),
            (b"Content-Type", STREAMED),
        )
        runtime = self._lambda.connection()
        runtime.begin("POST", f"{RUNTIME}/invocation/{event.id}/response", headers)
        runtime.send([prelude(answer)])
        try:
            for pieces in app.parts():
                runtime.send(pieces)
        except BrokenOff:
            runtime.send([broken_off()])
        runtime.end()
        runtime.answer()
        runtime.body()


def main() -> None:
    """Ends when the Runtime API is gone."""
    try:
        settings = Settings.load(os.environ)
        Adapter(settings, os.environ["AWS_LAMBDA_RUNTIME_API"]).run()
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"The adapter has to stop: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()

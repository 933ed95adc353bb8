"""Lambda on this machine: the Runtime API, and the runtime client in a process of its own that it serves.

API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Literal

VERSION = "/2018-06-01/runtime"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:samstream-macro"
PATIENCE = 30.0
"""Seconds that a process may take over one invocation, or to start."""

Kind = Literal["response", "error", "init/error"]


@dataclass(frozen=True)
class Answer:
    """What the process posted to the Runtime API for one invocation, and what it logged meanwhile."""

    kind: Kind
    body: Any
    log: tuple[str, ...] = ()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The log's lines; each must be JSON."""
        return [json.loads(line) for line in self.log]


class RuntimeApi(ThreadingHTTPServer):
    """`next` waits for an invocation; what is posted back waits in `answers`."""

    daemon_threads = False  # So that closing waits for every connection to end.

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.invocations: SimpleQueue[tuple[str, bytes] | None] = SimpleQueue()
        self.answers: SimpleQueue[tuple[str, Answer]] = SimpleQueue()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that is killed while it waits for an invocation resets its connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # Head and body in one packet, else the client waits for an acknowledgement in between.
    server: RuntimeApi

    def do_GET(self) -> None:
        if self.path != f"{VERSION}/invocation/next":
            self._reply(HTTPStatus.NOT_FOUND)
            return
        invocation = self.server.invocations.get()
        if invocation is None:  # The test is over.
            self.close_connection = True
            return
        request_id, event = invocation
        self._reply(
            HTTPStatus.OK,
            event,
            {
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + PATIENCE) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
                "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
            },
        )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        match self.path.removeprefix(VERSION).split("/")[1:]:
            case ["invocation", request_id, "response"]:
                self.server.answers.put((request_id, Answer("response", body)))
            case ["invocation", request_id, "error"]:
                self.server.answers.put((request_id, Answer("error", body)))
            case ["init", "error"]:
                self.server.answers.put(("", Answer("init/error", body)))
            case _:
                self._reply(HTTPStatus.NOT_FOUND)
                return
        self._reply(HTTPStatus.ACCEPTED, b'{"status":"OK"}')

    def _reply(self, status: HTTPStatus, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


class Function:
    """A function's execution environment: one process that takes one invocation after the other."""

    def __init__(self, api: RuntimeApi, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._api = api
        self._log = log
        self._read = 0
        self._count = 0

    def invoke(self, event: object) -> Answer:
        """The answer to an event: a JSON value, or bytes that are sent as they are."""
        self._count += 1
        request_id = f"8476a536-e9f4-11e8-9739-{self._count:012x}"
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        self._api.invocations.put((request_id, body))
        answered, answer = self._wait()
        assert answered == request_id
        return Answer(answer.kind, answer.body, self.new_log())

    def init_error(self) -> Answer:
        """The error of a process that couldn't load its handler."""
        return self._wait()[1]

    def new_log(self) -> tuple[str, ...]:
        """The lines logged since this was last asked."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        return tuple(new.decode().splitlines())

    def _wait(self) -> tuple[str, Answer]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                return self._api.answers.get(timeout=0.1)
            except Empty:
                if self.process.poll() is not None and self._api.answers.empty():
                    break
        raise AssertionError(f"no answer; the process ended with {self.process.poll()}: {self.new_log()}")


@contextmanager
def running(handler: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Function]:
    """The function `handler` ("module.name"), with `folder` for its log."""
    log = folder / "function.log"
    with RuntimeApi() as api, log.open("wb") as output:
        serving = Thread(target=api.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            env={**_environment(handler), "AWS_LAMBDA_RUNTIME_API": api.address, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        try:
            yield Function(api, process, log)
        finally:
            process.kill()
            process.wait()
            api.invocations.put(None)
            api.shutdown()
            serving.join()


def _environment(handler: str) -> dict[str, str]:
    """What Lambda sets for a function.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    return {
        "_HANDLER": handler,
        "AWS_REGION": "eu-west-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "samstream-macro",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/samstream-macro",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2025/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin/:/bin",
        "TZ": ":UTC",
    }

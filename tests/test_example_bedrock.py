"""The example as Lambda starts it, `run.sh`, with an Amazon Bedrock that the test holds."""

import json
import os
import re
import subprocess
import sys
import threading
from binascii import crc32
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from struct import pack
from typing import Any

import httpx

from tools import BIN, ROOT, Gate, events

MODEL = "eu.amazon.nova-lite-v1:0"

Reply = Callable[[str, Any], Iterable[bytes]]
"""What Bedrock sends for a path and a request."""


def message(payload: object, **headers: str) -> bytes:
    """One message of the event stream encoding, whose header values are strings here.

    Source: https://smithy.io/2.0/aws/amazon-eventstream.html
    """
    names = {f":{name.replace('_', '-')}": value for name, value in headers.items()}
    encoded = b"".join(
        pack("!B", len(name)) + name.encode() + pack("!BH", 7, len(value)) + value.encode()
        for name, value in (names | {":content-type": "application/json"}).items()
    )
    body = json.dumps(payload).encode()
    prelude = pack("!II", len(encoded) + len(body) + 16, len(encoded))
    checked = prelude + pack("!I", crc32(prelude)) + encoded + body
    return checked + pack("!I", crc32(checked))


def event(name: str, payload: object) -> bytes:
    return message(payload, event_type=name, message_type="event")


def delta(text: str) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})


@contextmanager
def bedrock(reply: Reply) -> Iterator[str]:
    """An endpoint that answers ConverseStream; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.amazon.eventstream")
            self.send_header("Transfer-Encoding", "chunked")  # as Bedrock does; else botocore waits for 64 KB
            self.end_headers()
            for part in chain(reply(self.path, request), (b"",)):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def run_sh(**environment: str) -> Iterator[httpx.Client]:
    """The function's Handler, on a port that the system chose; uvicorn says which."""
    base = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LWA_PORT": "0",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
    }
    process = subprocess.Popen(
        [ROOT / "example/run.sh"], env={**base, **environment}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        url = next(found[0] for line in process.stderr if (found := re.search(r"http://[0-9.]+:\d+", line)))
        with httpx.Client(base_url=url, timeout=10) as client:
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_the_models_tokens_stream_through_boto3_while_bedrock_is_still_sending() -> None:
    gate = Gate()
    requests: list[tuple[str, Any]] = []

    def reply(path: str, request: Any) -> Iterator[bytes]:
        requests.append((path, request))
        yield event("messageStart", {"role": "assistant"}) + delta("Hello")
        gate.wait()
        yield delta(" world") + event("contentBlockStop", {"contentBlockIndex": 0})
        yield event("messageStop", {"stopReason": "end_turn"})
        yield event("metadata", {"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}})

    with (
        bedrock(reply) as url,
        run_sh(BEDROCK_MODEL_ID=MODEL, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=url) as client,
    ):
        assert client.get("/about").json() == {"app": "samstream example", "model": MODEL}
        with client.stream("POST", "/chat", json={"prompt": "Greet."}) as answer:
            lines = answer.iter_lines()
            assert events(lines, 1) == [("message", {"text": "Hello"})]
            gate.release()
            assert events(lines) == [("message", {"text": " world"}), ("done", {})]

    assert requests == [
        (
            "/model/eu.amazon.nova-lite-v1%3A0/converse-stream",
            {
                "messages": [{"role": "user", "content": [{"text": "Greet."}]}],
                "inferenceConfig": {"maxTokens": 1000},
            },
        )
    ]


def test_an_exception_that_bedrock_sends_amid_the_answer_reaches_the_client_as_an_event() -> None:
    def reply(path: str, request: Any) -> Iterator[bytes]:  # noqa: ARG001
        yield delta("Hello")
        yield message({"message": "Too many tokens"}, exception_type="throttlingException", message_type="exception")

    with (
        bedrock(reply) as url,
        run_sh(BEDROCK_MODEL_ID=MODEL, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=url) as client,
    ):
        answer = client.post("/chat", json={"prompt": "Greet."})

    assert (answer.status_code, events(iter(answer.text.splitlines()))) == (
        200,
        [("message", {"text": "Hello"}), ("error", {"message": "The model failed; the log says why."})],
    )


def test_without_a_model_the_app_starts_and_answers_without_loading_boto3() -> None:
    with run_sh(BEDROCK_MODEL_ID="") as client:
        assert client.get("/about").json() == {"app": "samstream example", "model": "local"}

    imported = subprocess.run(
        [sys.executable, "-B", "-c", "import main, sys; main.model(); print('boto3' in sys.modules)"],
        cwd=ROOT / "example",
        capture_output=True,
        text=True,
        check=True,
    )
    assert imported.stdout == "False\n"

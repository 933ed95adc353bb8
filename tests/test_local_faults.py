"""A session of `samstream local` whose functions fail and whose clients leave, as a whole: what its clients get, and
that it leaves no process, socket or file behind."""

import random
import shutil
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlsplit

import httpx
import pytest

from local_session import Session, left_of, running

STORIES = Path(__file__).parent / "templates" / "story"

BOOTSTRAP = """
    #!/usr/bin/env python
    import http.client, json, os, sys, time

    def streamed(path):
        if path == "/garbage":
            yield b"neither metadata nor NUL bytes"
            return
        yield b"{}" + bytes(8) + b"one"
        if path == "/middle":
            os._exit(3)
        for _ in range(20 if path == "/long" else 0):
            time.sleep(0.002)
            yield b"-" * 4000

    if os.environ["AWS_LAMBDA_FUNCTION_NAME"] == "Start":
        sys.exit(3)
    prefix = "/2018-06-01/runtime/invocation/"
    while True:
        api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        api.request("GET", prefix + "next")
        answer = api.getresponse()
        event = json.loads(answer.read())
        path = event["path"]
        if path == "/never":
            time.sleep(60)
        mode = {"Lambda-Runtime-Function-Response-Mode": "streaming", "Transfer-Encoding": "chunked"}
        number = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        if path == "/whole":
            api.request("POST", f"{prefix}{number}/response", b"[" * 9)
        else:
            api.request("POST", f"{prefix}{number}/response", streamed(path), mode, encode_chunked=True)
        api.getresponse().read()
        if path == "/after":
            os._exit(3)
"""

FAULTS = {
    "/start": ("Start", 502, "Runtime.ExitError: Runtime exited with error: exit status 3"),
    "/middle": ("Odd", 200, "connection cut: Runtime.ExitError"),
    "/after": ("Odd", 200, ""),
    "/never": ("Odd", 502, "Sandbox.Timedout: Task timed out after 4.00 seconds; W204: raise the Timeout of Odd"),
    "/garbage": ("Odd", 502, "Odd streams, but not as API Gateway reads it: "),
    "/whole": ("Odd", 502, "Odd streams, but not as API Gateway reads it: "),
    "/well": ("Odd", 200, ""),
    "/long": ("Odd", 200, ""),
}

OPERATION = """
                  {path}:
                    get:
                      x-amazon-apigateway-integration:
                        {{type: aws_proxy, httpMethod: POST, responseTransferMode: STREAM, timeoutInMillis: 60000,
                         uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/${{{function}.Arn}}\\
                           /response-streaming-invocations"}}"""

TEMPLATE = """
        Resources:
          Api:
            Type: AWS::ApiGateway::RestApi
            Properties:
              Body:
                openapi: 3.0.1
                info: {title: faults, version: "1"}
                paths:"""

FUNCTION = """
          %s:
            Type: AWS::Lambda::Function
            Properties: {Runtime: provided.al2023, Code: code, Handler: none, Timeout: 4}"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    paths = "".join(OPERATION.format(path=path, function=function) for path, (function, _, _) in FAULTS.items())
    (tmp_path / "template.yaml").write_text(dedent(TEMPLATE + paths + FUNCTION % "Start" + FUNCTION % "Odd"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "code").mkdir()
    bootstrap = tmp_path / "code" / "bootstrap"
    bootstrap.write_text(dedent(BOOTSTRAP).lstrip())
    bootstrap.chmod(0o755)
    return tmp_path


def asked(url: str) -> tuple[int, str]:
    """The status, and the body or how the connection ended."""
    with httpx.stream("GET", url, timeout=30) as response:
        try:
            return response.status_code, response.read().decode()
        except httpx.RemoteProtocolError:
            return response.status_code, "cut"


def test_a_function_that_fails_is_answered_as_on_aws_and_the_next_request_is_served(project: Path) -> None:
    refused = '{"message":"Internal server error"}'
    bodies = {502: refused, 200: "one"}
    expected = {path: (status, bodies[status]) for path, (_, status, _) in FAULTS.items()}
    expected |= {"/middle": (200, "cut"), "/long": (200, "one" + "-" * 80_000)}
    found = {}
    with running(project) as session:
        for path, (_, _, note) in FAULTS.items():
            found[path] = asked(session.address + path)
            assert note in session.until(rf"^\d\d\d GET {path}  stream  (.*)")[1]
            assert asked(f"{session.address}/well") == (200, "one")
    assert found == expected
    assert left_of(project) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_session_that_is_told_to_end_while_requests_run_cuts_them_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    shutil.copytree(STORIES / "writer", tmp_path / "app")
    shutil.copy(STORIES / "stage_of_another_deployment.yaml", tmp_path / "template.yaml")
    text = (tmp_path / "template.yaml").read_text().partition("      Layers:")[0].replace("abc123", "!Ref Deployment")
    (tmp_path / "template.yaml").write_text(text)
    (tmp_path / "tmp").mkdir()
    with running(tmp_path, "--env", f"GATE={tmp_path / 'gate'}", TMPDIR=str(tmp_path / "tmp")) as session:
        with httpx.stream("GET", f"{session.address}/ticks", timeout=30) as response:
            chunks = response.iter_raw()
            assert next(chunks) == b"one"
            session.process.send_signal(number)
            with pytest.raises(httpx.RemoteProtocolError):
                next(chunks)
        assert session.process.wait(timeout=20) == 0
    assert (left_of(tmp_path), list((tmp_path / "tmp").iterdir())) == ([], [])


def test_a_thousand_requests_whose_clients_leave_at_random_leave_nothing_behind(project: Path) -> None:
    chance = random.Random(20)  # noqa: S311  # the same clients each time
    reads = [chance.choice((None, 0, 200, 5_000, 60_000)) for _ in range(1000)]
    with running(project, "--limit", "4", "--no-limits", TMPDIR=str(project / "tmp")) as session:
        assert asked(f"{session.address}/long") == (200, "one" + "-" * 80_000)
        printing = ThreadPoolExecutor(1)
        lines = printing.submit(lambda: [session.until(r"GET /long ") for _ in range(1001)])
        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda size: left_after(session.address, size), reads))
        assert {status for status in statuses if status} == {b"HTTP/1.1 200 OK"}
        lines.result(timeout=30)
        printing.shutdown()
        assert asked(f"{session.address}/well") == (200, "one")
        assert settled(lambda: (sockets_of(session) <= 1 + 3 * 4, len(children_of(session)) <= 2 * 4)) == (True, True)
    assert (left_of(project), list((project / "tmp").iterdir())) == ([], [])


def left_after(address: str, size: int | None) -> bytes:
    """The status line of an answer of which so many bytes are read, all for None; nothing if none is waited for."""
    server = urlsplit(address)
    with socket.create_connection((server.hostname, server.port or 80), timeout=30) as client:
        client.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got = b""
        while size != 0 and (data := client.recv(4096)):
            got += data
            if size is not None and len(got) >= size:
                break
    return got.partition(b"\r\n")[0]


def settled(state: Callable[[], tuple[bool, ...]]) -> tuple[bool, ...]:
    """What holds in the end: what clients left behind is over a moment later."""
    end = time.monotonic() + 20
    while not all(state()) and time.monotonic() < end:
        time.sleep(0.1)
    return state()


def sockets_of(session: Session) -> int:
    """Those that are open in the session's own process, its listener and the Runtime APIs of its functions among
    them."""
    found = 0
    for entry in Path(f"/proc/{session.process.pid}/fd").iterdir():
        try:
            found += str(entry.readlink()).startswith("socket:")
        except OSError:
            continue
    return found


def children_of(session: Session) -> list[str]:
    return Path(f"/proc/{session.process.pid}/task/{session.process.pid}/children").read_text().split()

"""`samstream local` as a user runs it: a template, real processes, a real socket."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest

from cli.samples import EXECUTABLE, call, samstream

APP = """
    import http.server, os, pathlib, time

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path == "/stream":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.chunk(b"one")
                while not pathlib.Path(os.environ["GATE"]).exists():
                    time.sleep(0.01)
                self.chunk(b"two")
                self.chunk(b"")
            else:
                body = os.environ.get("GREETING", "").encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def chunk(self, data):
            self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(data), data))
            self.wfile.flush()

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

    Server(("127.0.0.1", int(os.environ["AWS_LWA_PORT"])), Handler).serve_forever()
"""

TEMPLATE = """
    Transform: [SamStream, AWS::Serverless-2016-10-31, SamStream]
    Parameters:
      Greeting: {Type: String, Default: hello}
    Globals:
      Api: {EndpointConfiguration: REGIONAL, OpenApiVersion: 3.0.1}
      Function:
        Runtime: python3.11
        Handler: run.sh
        CodeUri: app
        Timeout: 29
        Layers: ["arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:30"]
        Environment:
          Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap, AWS_LWA_PORT: "8791", GREETING: !Ref Greeting}
    Resources:
      Talk:
        Type: AWS::Serverless::Function
        Properties:
          Events:
            Stream: {Type: Api, Properties: {Path: /stream, Method: get, Streaming: true}}
      Still:
        Type: AWS::Serverless::Function
        Properties:
          Events:
            Get: {Type: Api, Properties: {Path: /still, Method: get}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(dedent(TEMPLATE))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "app.py").write_text(dedent(APP))
    script = tmp_path / "app" / "run.sh"
    script.write_text("#!/bin/sh\nexec python app.py\n")
    script.chmod(0o755)
    return tmp_path


class Session:
    """A running `samstream local`: its address, and what it prints after that."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.printed: list[str] = []
        self.address = self.until(r"Serving on (http://127\.0\.0\.1:\d+)\.")[1]

    def until(self, pattern: str) -> re.Match[str]:
        """Reads on to the line that has this."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line)
            if match := re.search(pattern, line):
                return match
        raise AssertionError("".join(self.printed))


@contextmanager
def running(folder: Path, *options: str, **environment: str) -> Iterator[Session]:
    command = [str(EXECUTABLE), "local", "template.yaml", "--port", "0", *options]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield Session(process)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def left_of(folder: Path) -> list[str]:
    """The processes that still run in this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            found.extend([str(entry)] if str(entry.readlink()).startswith(str(folder)) else [])
        except OSError:
            continue
    return found


def test_a_tagged_route_streams_while_its_producer_is_held_and_another_is_buffered(project: Path) -> None:
    gate = project / "gate"
    with running(project, "--env", f"GATE={gate}") as session, httpx.Client(timeout=20) as client:
        with client.stream("GET", f"{session.address}/stream") as response:
            chunks = response.iter_raw()
            assert (response.status_code, next(chunks)) == (200, b"one")
            gate.touch()
            assert b"".join(chunks) == b"two"
        assert session.until(r"GET /stream  stream .* 6 B")
        still = client.get(f"{session.address}/still")
        assert (still.status_code, still.text, still.headers["content-length"]) == (200, "hello", "5")
        assert session.until(r"GET /still  buffered ")
        assert client.get(f"{session.address}/nowhere").status_code == 403
    assert left_of(project) == []


def test_parameters_and_variables_reach_the_functions_and_no_value_is_printed(project: Path) -> None:
    (project / "variables").write_text("\ufeff# for this machine\n\nOTHER=x=y\n")
    with running(project, "--parameter", "Greeting=good day", "--env-file", "variables") as session:
        assert httpx.get(f"{session.address}/still", timeout=20).text == "good day"
    assert "good day" not in "".join(session.printed)


def test_one_function_can_be_served_alone(project: Path) -> None:
    with running(project, "--function", "Still") as session:
        assert httpx.get(f"{session.address}/still", timeout=20).text == "hello"
        assert httpx.get(f"{session.address}/stream", timeout=20).status_code == 403


def test_a_function_that_can_not_run_says_why_and_the_others_run(project: Path) -> None:
    text = (project / "template.yaml").read_text()
    (project / "template.yaml").write_text(
        text.replace(
            "  Talk:\n    Type: AWS::Serverless::Function\n    Properties:\n",
            "  Talk:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: gone\n",
        )
    )
    with running(project) as session:
        assert httpx.get(f"{session.address}/still", timeout=20).text == "hello"
        assert httpx.get(f"{session.address}/stream", timeout=20).status_code >= 500
        session.until(r"GET /stream .*Function Talk has no folder")


def test_a_taken_port_is_told(capsys: Any, project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = call(capsys, "local", str(project / "template.yaml"), "--port", port)
    assert (ran.code, ran.err.splitlines()[-1]) == (
        2,
        f"samstream: port {port} can't be used: Address already in use. Name another one with --port, or 0 for any.",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--function", "Talc"), "no route invokes a function Talc. Did you mean Talk? There are Talk, Still."),
        (("--env", "GATE"), "--env takes NAME=VALUE. Write --env Stage=prod, once for each."),
        (("--env-file", "gone"), "gone can't be read as text. Name a file with one NAME=VALUE a line."),
        (("--env-file", __file__), f"{__file__}:1: this is no variable. Write NAME=VALUE, without quotes or export."),
        (("--parameter", "Greting=x"), "the template has no parameter Greting. Did you mean Greeting?"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    capsys: Any, project: Path, options: tuple[str, ...], message: str
) -> None:
    ran = call(capsys, "local", str(project / "template.yaml"), "--port", "0", *options)
    assert ran.code == 2
    assert ran.err.splitlines()[-1].startswith(f"samstream: {message}")


def test_a_template_that_could_not_be_deployed_is_not_served(capsys: Any, project: Path) -> None:
    path = project / "template.yaml"
    path.write_text(path.read_text().replace("Streaming: true", "Streaming: maybe"))
    ran = call(capsys, "local", str(path), "--port", "0")
    assert ran.code == 1
    assert "The deployment would fail." in ran.out


def test_a_template_without_routes_has_nothing_to_serve(capsys: Any, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}))
    ran = call(capsys, "local", str(path), "--port", "0")
    assert (ran.code, ran.err.splitlines()[-1]) == (
        2,
        "samstream: the template makes no route of a REST API. Give a function an event of Type: Api.",
    )


def test_a_template_on_standard_input_has_no_folder() -> None:
    ran = samstream("local", "-", stdin="Resources: {A: {Type: T}}")
    assert (ran.code, ran.err) == (
        2,
        "samstream: the functions of a template on standard input can't be found. Name its file.\n",
    )


def test_changed_code_is_seen_if_asked_to(project: Path) -> None:
    app = project / "app" / "app.py"
    with running(project, "--hot-reload", "--function", "Still") as session:
        assert httpx.get(f"{session.address}/still", timeout=20).text == "hello"
        app.write_text(app.read_text().replace('os.environ.get("GREETING", "").encode()', 'b"changed"'))
        assert httpx.get(f"{session.address}/still", timeout=20).text == "changed"
        session.until(r"\[Still\] its code has changed; it starts anew")
    assert left_of(project) == []


def test_an_app_that_insists_on_its_port_serves_one_request_after_the_other(project: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    for path, before in (("template.yaml", "8791"), ("app/app.py", 'int(os.environ["AWS_LWA_PORT"])')):
        (project / path).write_text((project / path).read_text().replace(before, port))
    with running(project, "--function", "Still") as session, ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{session.address}/still", timeout=30).status_code, range(3)))
        assert answers == [200, 200, 200]
        session.until(rf"\[Still\] its app insists on port {port}, so it has one process at a time")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_session_that_is_told_to_end_leaves_nothing_behind(project: Path, number: signal.Signals) -> None:
    (project / "tmp").mkdir()
    with running(project, TMPDIR=str(project / "tmp")) as session:
        assert httpx.get(f"{session.address}/still", timeout=20).text == "hello"
        session.process.send_signal(number)
        assert session.process.wait(timeout=20) == 0
        assert session.process.stdout is not None
        assert "rror" not in session.process.stdout.read()
    assert left_of(project) == []
    assert list((project / "tmp").iterdir()) == []

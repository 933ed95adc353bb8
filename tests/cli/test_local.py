"""`samstream local` as a user runs it: a template, real processes, a real socket."""

import json
import os
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest

from cli.samples import EXECUTABLE, call, samstream
from local_session import Session, free_port, left_of, running

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
    (tmp_path / "template.yaml").write_text(dedent(TEMPLATE).replace("8791", free_port()))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "app.py").write_text(dedent(APP))
    script = tmp_path / "app" / "run.sh"
    script.write_text("#!/bin/sh\nexec python app.py\n")
    script.chmod(0o755)
    return tmp_path


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


def test_code_that_is_elsewhere_is_told_and_the_others_run(capsys: Any, project: Path) -> None:
    path = project / "template.yaml"
    talk = "  Talk:\n    Type: AWS::Serverless::Function\n    Properties:\n"
    path.write_text(path.read_text().replace(talk, f"{talk}      CodeUri: s3://bucket/key\n"))
    with running(project) as session:
        assert httpx.get(f"{session.address}/still", timeout=20).text == "hello"
        assert httpx.get(f"{session.address}/stream", timeout=20).status_code == 500
        session.until(r"GET /stream .*the code of Talk is not on this machine. Point its CodeUri at a folder")
    ran = call(capsys, "local", str(path), "--port", "0", "--function", "Talk")
    assert (ran.code, ran.err.splitlines()[-1]) == (
        2,
        "samstream: the code of Talk is not on this machine. Point its CodeUri at a folder.",
    )


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
        (("--function", "ServerlessRestApi"), "no route invokes a function ServerlessRestApi. ServerlessRestApi is an"),
        (("--env", "AWS_REGION=x"), "AWS_REGION can't be set, Lambda does it itself and refuses it in a template."),
        (("--adapter", "gone"), "--adapter gone is no executable file. Build it with `make adapter`, or leave it out."),
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


def test_an_http_api_is_not_served_and_says_why(capsys: Any, project: Path) -> None:
    path = project / "template.yaml"
    path.write_text(path.read_text().replace("Type: Api,", "Type: HttpApi,").replace(", Streaming: true", ""))
    ran = call(capsys, "local", str(path), "--port", "0")
    assert ran.code == 2
    assert ran.err.endswith(
        "the template makes no route of a REST API. ServerlessHttpApi isn't served: it is an HTTP API, which can't "
        "stream. REST APIs can: events of Type: Api.\n"
    )


def test_credentials_may_be_given_as_variables(project: Path) -> None:
    with running(project, "--function", "Still", "--env", "AWS_ACCESS_KEY_ID=x") as session:
        assert httpx.get(f"{session.address}/still", timeout=20).text == "hello"


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


def test_a_changed_template_is_told_once(project: Path) -> None:
    template = project / "template.yaml"
    told = "has changed: end the session and start it again"
    with running(project, "--hot-reload", "--function", "Still") as session:
        template.write_text(template.read_text() + "# changed\n")
        for path in ("first", "still", "last"):
            httpx.get(f"{session.address}/{path}", timeout=20)
        session.until("GET /last")
    assert sum(told in line for line in session.printed) == 1


def test_a_function_that_prints_a_lot_keeps_nobody_waiting_and_loses_no_line(project: Path) -> None:
    app = project / "app" / "app.py"
    printing = '"/stream":\n            print("line\\n" * 200_000 + "last", flush=True)'
    app.write_text(app.read_text().replace('"/stream":', printing))
    with running(project, "--env", f"GATE={project / 'gate'}") as session, ThreadPoolExecutor(2) as pool:
        reading = pool.submit(session.until, r"^\[Talk\] last")
        streamed = pool.submit(httpx.get, f"{session.address}/stream", timeout=30)
        assert httpx.get(f"{session.address}/still", timeout=30).text == "hello"
        (project / "gate").touch()
        assert streamed.result().text == "onetwo"
        reading.result()
    assert sum(line == "[Talk] line\n" for line in session.printed) == 200_000


def test_an_app_that_insists_on_its_port_serves_one_request_after_the_other(project: Path) -> None:
    port, app = free_port(), project / "app" / "app.py"
    app.write_text(app.read_text().replace('int(os.environ["AWS_LWA_PORT"])', port))
    with (
        running(project, "--function", "Still", "--env", f"AWS_LWA_PORT={port}") as session,
        ThreadPoolExecutor(3) as pool,
    ):
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
        lines = session.process.stdout.readlines()
        assert [line for line in lines if "rror" in line and not line.startswith("[Still]")] == []
    assert left_of(project) == []
    assert list((project / "tmp").iterdir()) == []


@pytest.mark.parametrize("closes", ["while it serves", "before"])
def test_a_reader_that_leaves_ends_the_session(project: Path, closes: str) -> None:
    with subprocess.Popen(
        [str(EXECUTABLE), "local", "template.yaml", "--port", "0"],
        cwd=project,
        env={**os.environ, "XDG_CACHE_HOME": str(project / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if closes == "while it serves":
            served = Session(process)
            process.stdout.close()
            assert httpx.get(f"{served.address}/still", timeout=20).text == "hello"
        else:
            process.stdout.close()
        assert (process.wait(timeout=20), process.stderr.read()) == (141, "")
    assert left_of(project) == []

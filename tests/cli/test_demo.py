"""The demo shows the example's routes, and serves it with its tags and without: real processes, here of a small app."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from rich.console import Console

from cli.samples import call, samstream
from local_session import left_of
from samstream_cli.demo import find_example
from samstream_cli.demo_race import LABELS, compare, failure, picture
from samstream_cli.demo_session import DemoError, without_tags
from samstream_cli.errors import TemplateError
from samstream_cli.probe_runs import Chunk, Run
from samstream_cli.templates import read_template
from samstream_cli.transform import run

APP = """
    import http.server, os, time

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(204)
            self.end_headers()

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(STATUS)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for word in (b"one", b"two", b"three", b""):
                self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(word), word))
                self.wfile.flush()
                time.sleep(PAUSE)

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

    Server(("127.0.0.1", int(os.environ["AWS_LWA_PORT"])), Handler).serve_forever()
"""

TEMPLATE = """
    Transform: [SamStream, AWS::Serverless-2016-10-31, SamStream]
    Globals:
      Api: {EndpointConfiguration: REGIONAL, OpenApiVersion: 3.0.1}
    Resources:
      App:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.11
          Handler: run.sh
          CodeUri: .
          Timeout: 29
          Layers: ["arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:30"]
          Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap, AWS_LWA_PORT: "8795"}}
          Events:
            Page: {Type: Api, Properties: {Path: /, Method: get}}
            Chat: {Type: Api, Properties: {Path: /chat, Method: post, Streaming: true}}
"""

COMPARE = """
    import sys
    from samstream_cli.demo_race import compare
    from samstream_cli.tables import report_console
    from samstream_cli.templates import read_template
    from samstream_cli.transform import run

    file = read_template("template.yaml")
    compare(file, run(file, {}, "us-east-1"), report_console(sys.stdout))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    script = tmp_path / "run.sh"
    script.write_text("#!/bin/sh\nexec python app.py\n")
    script.chmod(0o755)
    write(tmp_path)
    return tmp_path


def write(folder: Path, *, pause: float = 0.2, status: int = 200) -> None:
    app = dedent(APP).replace("STATUS", str(status)).replace("PAUSE", str(pause))
    (folder / "app.py").write_text(app)
    (folder / "template.yaml").write_text(dedent(TEMPLATE))


def compared(folder: Path, **terminal: Any) -> tuple[tuple[Run, Run], str]:
    """The two runs, and what was printed meanwhile."""
    printed = io.StringIO()
    file = read_template(str(folder / "template.yaml"))
    runs = compare(file, run(file, {}, "us-east-1"), Console(file=printed, width=80, **terminal))
    return runs, printed.getvalue()


def test_the_demo_shows_routes_that_stream_and_the_next_steps(capsys: pytest.CaptureFixture[str]) -> None:
    ran = call(capsys, "demo", "--no-serve")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert any(line.startswith("ServerlessRestApi") and "POST /chat" in line and "STREAM" in line for line in lines)
    assert any(line.startswith("API") and "Before" in line and "After" in line for line in lines)
    assert "Next:" in lines
    assert "The deployment would fail" not in ran.out


def test_the_whole_demo_of_the_real_example_ends_well() -> None:
    ran = samstream("demo")
    assert (ran.code, "\x1b" in ran.out) == (0, False)
    lines = ran.out.splitlines()
    assert [line for line in lines if line in LABELS.values()] == list(LABELS.values())
    assert sum(line.startswith("first byte ") for line in lines) == 2
    assert sum(line.startswith("With the tag the first word is there after ") for line in lines) == 1


def test_the_app_is_buffered_without_its_tags_and_streams_with_them(project: Path) -> None:
    (buffered, streaming), printed = compared(project)
    assert [(seen.label, seen.status, seen.size) for seen in (buffered, streaming)] == [
        ("buffered, as SAM leaves it", 200, 11),
        ("Streaming: true", 200, 11),
    ]
    assert (len(buffered.chunks), len(streaming.chunks)) == (1, 3)
    assert failure(buffered, streaming) == ""
    assert [line.split()[0] for line in printed.splitlines()] == ["Making", "Starting"]
    assert left_of(project) == []


def test_the_timelines_grow_on_a_terminal(project: Path) -> None:
    runs, printed = compared(project, force_terminal=True, color_system=None)
    assert "nothing after " in printed
    assert "nothing after " not in picture(Console(width=80), runs).plain


def test_an_app_that_does_not_stream_fails_the_demo(project: Path) -> None:
    write(project, pause=0)
    runs, _ = compared(project)
    assert failure(*runs).startswith("with its tags the example didn't stream: ")


def test_without_a_tag_nothing_may_stream() -> None:
    streamed = Run("POST", "http://a.test/", status=200, chunks=(Chunk(0.1, 3), Chunk(1.1, 3)), ended=1.1)
    assert failure(streamed, streamed) == "without its tags the example streamed: the body came in 2 chunks over 1.00 s"


@pytest.mark.parametrize(
    ("app", "status", "said"),
    [
        ("raise SystemExit('no luck')", 502, "[App-buffered] no luck\n"),
        (dedent(APP).replace("STATUS", "503").replace("PAUSE", "0"), 503, '"POST /chat HTTP/1.1" 503'),
    ],
)
def test_an_app_that_fails_is_told_of_with_its_last_words(project: Path, app: str, status: int, said: str) -> None:
    (project / "app.py").write_text(app)
    with pytest.raises(DemoError) as caught:
        compared(project)
    assert caught.value.message == f"POST /chat of the example (buffered, as SAM leaves it) gave status {status}"
    assert said in caught.value.remedy


def test_packages_that_cannot_be_installed_end_the_demo_with_a_way_out(project: Path) -> None:
    (project / "requirements.txt").write_text("./not-there\n")
    with pytest.raises(DemoError) as caught:
        compared(project)
    assert (caught.value.message, int(caught.value.exit_code)) == ("the example's packages can't be installed", 1)
    assert "samstream demo --no-serve" in caught.value.remedy
    assert str(project / "requirements.txt") in caught.value.remedy


def test_a_handler_that_is_missing_ends_the_demo(project: Path) -> None:
    (project / "run.sh").unlink()
    with pytest.raises(DemoError, match="its Handler"):
        compared(project)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_demo_leaves_nothing_behind(project: Path, number: signal.Signals) -> None:
    write(project, pause=20)
    command = [sys.executable, "-c", dedent(COMPARE)]
    environment = {**os.environ, "TMPDIR": str(project)}
    with subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout
        assert any("Starting the functions" in line for line in process.stdout)
        process.send_signal(number)
        assert process.wait(timeout=20) == -signal.SIGINT
    assert left_of(project) == []
    assert list(project.glob("samstream-*")) == []


def test_the_template_without_its_tags_lists_sam_alone(project: Path) -> None:
    file = read_template(str(project / "template.yaml"))
    plain = without_tags(file)
    events = {
        "Page": {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}},
        "Chat": {"Type": "Api", "Properties": {"Path": "/chat", "Method": "post"}},
    }
    expected: Any = dict(file.content)
    function = dict(expected["Resources"]["App"])
    function["Properties"] = {**function["Properties"], "Events": events}
    assert plain.content == {**expected, "Transform": ["AWS::Serverless-2016-10-31"], "Resources": {"App": function}}


@pytest.mark.parametrize("place", ["package/example", "example"])
def test_the_example_is_found_in_a_package_and_in_a_checkout(tmp_path: Path, place: str) -> None:
    folder = tmp_path / ("cli" if place == "package/example" else ".") / place
    folder.mkdir(parents=True)
    (folder / "template.yaml").touch()
    assert find_example(tmp_path / "cli" / "package") == folder


def test_an_installation_without_the_example_says_so(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="the example is missing"):
        find_example(tmp_path / "cli" / "package")

"""The example's second template: its routes come from the app's own OpenAPI document."""

import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest

from cli.samples import call, working_in
from local_session import left_of, running
from tools import BIN, ROOT, events, run

EXAMPLE = ROOT / "example"
MADE = ("openapi.yaml", "template-openapi.yaml")

HELD = """\
import os, pathlib, time
import main

def held(prompt):
    yield prompt
    while not pathlib.Path(os.environ["GATE"]).exists():
        time.sleep(0.01)
    yield "world"

main.app.dependency_overrides[main.model] = lambda: held
app = main.app
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example whose model the test holds, run by this Python instead of one made for it."""
    copytree(EXAMPLE, tmp_path / "example")
    folder = tmp_path / "example"
    (folder / "template-openapi.yaml").rename(folder / "template.yaml")
    (folder / "requirements.txt").unlink()
    (folder / "held.py").write_text(HELD)
    start = f'exec {sys.executable} -m uvicorn held:app --port "$AWS_LWA_PORT" --no-access-log'
    (folder / "run.sh").write_text(f"#!/bin/sh\n{start}\n")
    return folder


def test_the_files_are_what_the_command_makes_of_the_app(capsys: Any, tmp_path: Path) -> None:
    """If not: samstream openapi main:app --app-dir example --function App --output example/openapi.yaml
    --template example/template-openapi.yaml --force"""
    copytree(EXAMPLE, tmp_path / "example")
    before = {name: (EXAMPLE / name).read_text() for name in MADE}
    with working_in(tmp_path):
        words = ("--output", f"example/{MADE[0]}", "--template", f"example/{MADE[1]}", "--force")
        ran = call(capsys, "openapi", "main:app", "--app-dir", "example", "--function", "App", *words)
    assert ran.code == 0, ran.err
    assert {name: (tmp_path / "example" / name).read_text() for name in MADE} == before


def test_check_and_cfn_lint_find_nothing_in_it(capsys: Any) -> None:
    checked = call(capsys, "check", str(EXAMPLE / MADE[1]), "--fail-on", "warning")
    lint = run(BIN / "cfn-lint", "--template", EXAMPLE / MADE[1])

    assert (checked.code, checked.out) == (0, "No findings in 1 template.\n")
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_a_token_arrives_through_the_local_gateway_while_the_model_is_still_writing(project: Path) -> None:
    gate = project / "gate"
    with running(project, "--env", f"GATE={gate}") as session, httpx.Client(timeout=30) as client:
        with client.stream("POST", f"{session.address}/chat", json={"prompt": "Hello "}) as answer:
            lines = answer.iter_lines()
            assert events(lines, 1) == [("message", {"text": "Hello "})]
            gate.touch()
            assert events(lines) == [("message", {"text": "world"}), ("done", {})]
        assert session.until(r"POST /chat  stream ")
    assert left_of(project) == []

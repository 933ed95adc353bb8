"""One catch: every error has its code and its words, and a traceback only for those who ask."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.samples import EXECUTABLE, SAM, STREAMING, call, sam_template, samstream, written


def test_the_version_names_the_translator() -> None:
    ran = samstream("--version")
    assert ran.code == 0
    assert ran.out.startswith("samstream 0.1.0 (SAM translator 1.115.0, Python 3.")


@pytest.mark.parametrize("arguments", [("--help",), ("transform", "-h")])
def test_help_lists_the_exit_codes(arguments: Any, capsys: Any) -> None:
    ran = call(capsys, *arguments)
    assert ran.code == 0
    for line in ("0    the deployment's transforms succeed", "1    the deployment would fail", "130  interrupted"):
        assert line in ran.out


@pytest.mark.parametrize("arguments", [("nonsense",), ("transform",), ("transform", "x", "--format", "xml"), ("--x",)])
def test_wrong_usage_has_the_code_two_and_says_how(arguments: Any, capsys: Any) -> None:
    ran = call(capsys, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: samstream ")


def test_a_misspelt_verb_is_told_the_nearest(capsys: Any) -> None:
    ran = call(capsys, "chek")
    assert (ran.code, ran.err.splitlines()[-1]) == (2, "Error: No such command 'chek'. Did you mean 'check'?")


def test_a_verb_does_not_wait_for_the_imports_of_another() -> None:
    code = "import sys; from samstream_cli.main import main; main(['--version']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in ("samtranslator", "uvicorn", "httpcore", "boto3") if name in loaded] == []


def test_an_error_is_one_line_that_says_what_to_do(capsys: Any) -> None:
    ran = call(capsys, "transform", "missing.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "samstream: missing.yaml: there is no such file. Check the path.\n"


@pytest.mark.parametrize(
    "arguments", [("--debug", "transform", "missing.yaml"), ("transform", "missing.yaml", "--debug")]
)
def test_debug_adds_the_traceback(arguments: Any, capsys: Any) -> None:
    ran = call(capsys, *arguments)
    assert ran.code == 2
    assert "Traceback (most recent call last):" in ran.err
    assert ran.err.endswith("samstream: missing.yaml: there is no such file. Check the path.\n")


def test_a_template_that_is_nested_too_deeply_to_be_written_is_told(tmp_path: Path, capsys: Any) -> None:
    value: Any = "x"
    for _ in range(450):
        value = [value]
    path = written(tmp_path, {"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"X": value}}}})
    ran = call(capsys, "transform", path, "--format", "yaml")
    assert ran.code == 2
    assert ran.err.splitlines()[-1].startswith("samstream: the template is nested too deeply")


def test_an_error_nobody_thought_of_asks_for_a_report(capsys: Any) -> None:
    ran = call(capsys, "transform", "a\0b.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("samstream: this is a bug of samstream: ValueError: ")
    assert ran.err.endswith("Run the command again with --debug and report what it prints.\n")
    assert "Traceback" not in ran.err


def test_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    chat = STREAMING["Resources"]["Chat"]["Properties"]
    functions = {}
    for number in range(300):  # which take SAM most of a minute
        event = {"Type": "Api", "Properties": {"Path": f"/{number}", "Method": "get"}}
        functions[f"F{number}"] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {**chat, "Events": {"Ask": event}},
        }
    path = written(tmp_path, sam_template(SAM) | {"Resources": functions})
    command = [str(EXECUTABLE), "transform", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("SAM translates 300 resources")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")


def test_a_reader_that_stops_reading_is_no_failure_of_the_template(tmp_path: Path) -> None:
    path = written(tmp_path, STREAMING)
    with subprocess.Popen([EXECUTABLE, "transform", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        error = process.stderr.read() if process.stderr else b""
        process.wait(timeout=60)
    assert process.returncode == 141
    assert b"Traceback" not in error


def test_a_terminal_of_another_encoding_is_no_obstacle(tmp_path: Path) -> None:
    template = sam_template(SAM) | {"Description": "Größe"}
    ran = samstream("transform", written(tmp_path, template), "--format", "json", PYTHONIOENCODING="latin-1")
    assert (ran.code, '"Description": "Größe"' in ran.out) == (0, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_no_bug() -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([EXECUTABLE, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (
        2,
        "samstream: the output can't be written: No space left on device. Make room, or write elsewhere.\n",
    )

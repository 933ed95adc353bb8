"""The macro in one file: it answers as the folder does, fits where CloudFormation takes it, is the same everywhere."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import cfn_flip
import pytest
from moto import mock_aws

import samstream
from corpus import BAD, GOOD, Case
from sam import ACCOUNT, MACRO, defaults, deploy_case
from samstream_cli.packaging import INLINE_LIMIT, Packaged, package_macro
from test_artifact import python
from tools import BIN, ROOT, run

FORMS = ("compressed", "readable")
EVENTS = ROOT / "tests" / "events"
FOLDER = "samstream.handler"

# Answers events as Lambda would have them answered, with the packages of the layer on the path and no other installed.
ANSWER = """
import importlib, json, sys, types
sys.path[:0] = sys.argv[2:]
standard_output, sys.stdout = sys.stdout, sys.stderr
handler = importlib.import_module(sys.argv[1]).lambda_handler
context = types.SimpleNamespace(
    function_name="macro", memory_limit_in_mb=512, aws_request_id="2",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:macro",
)
answers = [handler(event, context) for event in json.load(sys.stdin)]
json.dump([sys.modules["samstream.transform"].__file__, answers], standard_output)
"""


@pytest.fixture(scope="module", params=FORMS)
def packaged(request: pytest.FixtureRequest) -> Packaged:
    return package_macro(readable=request.param == "readable")


@pytest.fixture(scope="module")
def task(packaged: Packaged, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that Lambda makes of inline code."""
    folder = tmp_path_factory.mktemp("task")
    (folder / "index.py").write_text(content(packaged)["Resources"]["MacroFunction"]["Properties"]["Code"]["ZipFile"])
    return folder


def content(packaged: Packaged) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(cfn_flip.to_json(packaged.text))
    return loaded


def answers(module: str, folder: Path, events: list[Any], interpreter: str = sys.executable) -> tuple[str, list[Any]]:
    """Where the macro's modules come from, and what it answers."""
    packages = sysconfig.get_path("purelib")
    done = subprocess.run(
        [interpreter, "-I", "-S", "-B", "-W", "error", "-c", ANSWER, module, str(folder), packages],
        input=json.dumps(events),
        env={"POWERTOOLS_SERVICE_NAME": "samstream", "POWERTOOLS_METRICS_NAMESPACE": "SamStream"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    place, found = json.loads(done.stdout)
    return place, found


def events_of(case: Case) -> Iterator[dict[str, Any]]:
    """What the macro is sent each time that a template's Transform lists it."""
    template = case.template()
    entries = template.get("Transform", [])
    steps = deploy_case(case).steps
    for entry, (_, fragment) in zip(entries if isinstance(entries, list) else [entries], steps, strict=False):
        name, settings = (entry, {}) if isinstance(entry, str) else (entry["Name"], entry.get("Parameters", {}))
        if name == MACRO:
            yield {
                "requestId": str(case),
                "region": case.region,
                "accountId": ACCOUNT,
                "transformId": f"{ACCOUNT}::{name}",
                "params": settings,
                "templateParameterValues": {**defaults(template), **case.parameters},
                "fragment": fragment,
            }


def test_it_answers_as_the_folder_does_on_every_template(task: Path) -> None:
    sent = [event for case in (*GOOD, *BAD) for event in events_of(case)]

    place, found = answers("index", task, sent)

    assert place == "samstream/transform.py"
    assert {answer["status"] for answer in found} == {"success", "failure"}
    assert found == answers(FOLDER, ROOT / "macro", sent)[1]


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_it_answers_as_the_folder_does_in_every_version_of_python(task: Path, version: str) -> None:
    interpreter = python(version)
    if interpreter is None:
        pytest.skip(f"no Python {version} on this machine")
    sent = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(EVENTS.glob("*.json"))]

    assert answers("index", task, sent, interpreter)[1] == answers(FOLDER, ROOT / "macro", sent)[1]


def test_it_writes_nothing_where_it_runs(task: Path) -> None:
    answers("index", task, [])

    assert [file.name for file in task.iterdir()] == ["index.py"]


# Lambda prints tracebacks by this module too.
TRACEBACK = """
import sys, traceback
sys.path[:0] = sys.argv[1:]
import index
from samstream.options import Options
try:
    Options.load({}, 1)
except AttributeError:
    traceback.print_exc()
"""


def test_a_traceback_names_the_line_of_the_repository_and_shows_it(task: Path) -> None:
    failed = imported(task, TRACEBACK)

    place, line = re.findall(r'File "(samstream/options.py)", line ([0-9]+)', failed.stderr)[-1]
    shown = (ROOT / "macro" / place).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert shown.strip() in map(str.strip, failed.stderr.splitlines())


def test_code_that_was_damaged_is_not_run(task: Path, tmp_path: Path) -> None:
    code = (task / "index.py").read_text()
    checksum = code[code.index('install(MODULES, "') :].split('"')[1]
    (tmp_path / "index.py").write_text(code.replace(checksum, "0" * 64))

    refused = imported(tmp_path, "import sys; sys.path[:0] = sys.argv[1:]; import index")

    assert refused.stderr.splitlines()[-1] == (
        "ImportError: The code of samstream is damaged: deploy the file anew as `samstream package` writes it."
    )


def imported(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-B", "-c", code, str(folder), sysconfig.get_path("purelib")]
    environment = {"POWERTOOLS_METRICS_NAMESPACE": "SamStream"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


def test_the_default_file_leaves_a_thousand_bytes_of_what_cloudformation_takes_inline() -> None:
    assert len(package_macro().text.encode()) <= INLINE_LIMIT - 1_000


def test_the_readable_file_fits_a_template_from_s3_and_code_that_is_inline() -> None:
    """1 MB of template, 4 MB of code."""
    assert len(package_macro(readable=True).text.encode()) < 1_000_000


def test_it_is_plain_ascii_without_dynamic_references(packaged: Packaged) -> None:
    assert packaged.text.isascii()
    assert "{{resolve:" not in packaged.text
    assert [character for character in packaged.text if not character.isprintable() and character != "\n"] == []


def test_it_is_the_installer_but_for_the_code(packaged: Packaged) -> None:
    """And what is about building and publishing the folder."""
    made, installer = content(packaged), json.loads(cfn_flip.to_json((ROOT / "template.yaml").read_text()))
    del installer["Metadata"]["AWS::ServerlessRepo::Application"]
    del installer["Metadata"]["AWS::CloudFormation::Interface"]["ParameterLabels"]
    function = installer["Resources"]["MacroFunction"]
    del function["Metadata"]["cfn-lint"], function["Metadata"]["BuildMethod"]
    code = made["Resources"]["MacroFunction"]["Properties"]["Code"]
    function["Properties"] |= {"Code": code, "Handler": "index.lambda_handler"}
    installer["Outputs"]["SourceHash"] = {
        "Description": "SHA-256 of the macro's sources, as samstream package prints it",
        "Value": packaged.source_hash,
    }

    assert made == installer
    assert list(code) == ["ZipFile"]
    assert made["Outputs"]["Version"]["Value"] == samstream.__version__


@pytest.mark.parametrize("readable", [False, True])
def test_it_is_the_same_to_the_byte_under_another_hash_seed_locale_and_umask(readable: bool, tmp_path: Path) -> None:
    code = (
        "import os, sys; os.umask(0o077); from samstream_cli.packaging import package_macro; "
        f"sys.stdout.buffer.write(package_macro(readable={readable}).text.encode())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "Asia/Tokyo"}

    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, cwd=tmp_path)

    assert made.stdout.decode() == package_macro(readable=readable).text


def test_cfn_lint_finds_nothing_not_even_what_is_informational(packaged: Packaged, tmp_path: Path) -> None:
    (tmp_path / "samstream.yaml").write_text(packaged.text)

    lint = run(BIN / "cfn-lint", "-c", "I", "--template", tmp_path / "samstream.yaml")

    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_checkov_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "samstream.yaml").write_text(package_macro().text)

    scan = run(
        BIN.parent / "checkov/bin/checkov", "--skip-download", "-f", tmp_path / "samstream.yaml", "--output", "json"
    )
    results = json.loads(scan.stdout)["results"]

    assert results["failed_checks"] == []
    assert all(check["check_result"]["suppress_comment"] for check in results["skipped_checks"])


@pytest.mark.filterwarnings("ignore:Tried to parse AWS.*CloudFormation.*Macro:UserWarning")  # moto has no macros
def test_moto_makes_the_stack_of_the_text_as_it_is() -> None:
    with mock_aws():
        cloudformation = boto3.client("cloudformation", region_name="eu-west-1")
        cloudformation.create_stack(
            StackName="samstream", TemplateBody=package_macro().text, Capabilities=["CAPABILITY_IAM"]
        )
        made = cloudformation.describe_stack_resources(StackName="samstream")["StackResources"]
        (function,) = boto3.client("lambda", region_name="eu-west-1").list_functions()["Functions"]

    assert sorted(resource["ResourceType"] for resource in made if "LogicalResourceId" in resource) == [
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
    ]
    assert (function["Handler"], function["Runtime"]) == ("index.lambda_handler", "python3.13")


def test_macro_only_defines_the_macro_as_the_installer_does_and_nothing_else() -> None:
    only = json.loads(cfn_flip.to_json((ROOT / "macro-only.yaml").read_text()))
    installer = json.loads(cfn_flip.to_json((ROOT / "template.yaml").read_text()))
    macro = installer["Resources"]["Macro"]
    macro["Properties"]["FunctionName"] = {"Ref": "FunctionArn"}

    assert only["Resources"] == {"Macro": macro}
    assert only["Parameters"]["MacroName"] == installer["Parameters"]["MacroName"]
    assert only["Outputs"]["TransformToAdd"] == installer["Outputs"]["TransformToAdd"]


def test_cfn_lint_finds_nothing_in_macro_only() -> None:
    lint = run(BIN / "cfn-lint", "-c", "I", "--template", ROOT / "macro-only.yaml")

    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")

"""What a function is started with, and what is said of one that can't be."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from samstream_cli.errors import SamstreamError
from samstream_cli.local import adapter
from samstream_cli.local.launch import FunctionSpec, Launch, prepare

from .running import run

LAYER = "arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerX86:30"
BUILT_IN = (sys.executable, "-E", "-P", "-m", "samstream_cli.local.builtin_adapter")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def script(path: Path, mode: int = 0o755) -> Path:
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(mode)
    return path


def prepared(folder: Path, shell: dict[str, str] | None = None, **changes: Any) -> Launch:
    values: dict[str, Any] = {
        "name": "Chat", "folder": folder, "handler": "run.sh", "runtime": "provided.al2023", "timeout": 3.0,
        "memory": 256, "variables": {}, "arn": "arn:aws:lambda:eu-west-1:123456789012:function:Chat",
    }  # fmt: skip
    given = {name: changes.pop(name) for name in ("pass_credentials", "adapter_path") if name in changes}
    user = {"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(folder / "cache")}
    return run(prepare(FunctionSpec(**values | changes), shell=user | (shell or {}), **given))


def test_a_bootstrap_is_started_in_its_folder_with_lambdas_environment(tmp_path: Path) -> None:
    bootstrap = script(tmp_path / "bootstrap")
    secret = {"AWS_SECRET_ACCESS_KEY": "CANARY", "AWS_PROFILE": "work", "HOME": "/home/me", "EDITOR": "vi"}
    started = prepared(tmp_path, secret, handler="main", variables={"TABLE": "items", "TZ": ":Europe/Berlin"})
    assert (started.commands, started.folder, started.port, started.notes) == (
        ((str(bootstrap),),), tmp_path, None, ()
    )  # fmt: skip
    assert started.environment == {
        "_HANDLER": "main",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": "Chat",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/Chat",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": "eu-west-1",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": f"{tmp_path}:{tmp_path}/lib",
        "PATH": "/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        "TABLE": "items",
        "TZ": ":Europe/Berlin",
    }


def test_credentials_are_passed_only_where_wished(tmp_path: Path) -> None:
    script(tmp_path / "bootstrap")
    secret = {"AWS_SECRET_ACCESS_KEY": "CANARY", "AWS_PROFILE": "work", "HOME": "/home/me", "EDITOR": "vi"}
    passed = dict(prepared(tmp_path, secret, pass_credentials=True).environment)
    kept = dict(prepared(tmp_path, secret).environment)
    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    expected = {"AWS_SECRET_ACCESS_KEY": "CANARY", "AWS_PROFILE": "work", "HOME": "/home/me"}
    assert {name: value for name, value in passed.items() if kept.get(name) != value} == expected
    assert {name: value for name, value in kept.items() if passed.get(name) != value} == files


def test_no_value_of_a_variable_is_in_what_is_shown(tmp_path: Path) -> None:
    script(tmp_path / "bootstrap")
    started = prepared(tmp_path, variables={"KEY": "CANARY"})
    assert "CANARY" not in repr(started)
    spec = FunctionSpec("F", tmp_path, "h", "python3.13", 3.0, 128, {"KEY": "CANARY"})
    assert "CANARY" not in repr(spec)


@pytest.mark.parametrize(
    "how", [{"layers": [LAYER]}, {"variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}}], ids=["layer", "wrapper"]
)
def test_an_app_behind_the_adapter_is_started_beside_it(tmp_path: Path, how: dict[str, Any]) -> None:
    app = script(tmp_path / "run.sh")
    started = prepared(tmp_path, **how)
    assert (started.commands, started.port) == ((BUILT_IN, (str(app),)), 8080)
    assert started.notes == ("The built-in adapter is used.",)


def test_an_app_has_its_environment_first_on_the_path(tmp_path: Path) -> None:
    script(tmp_path / "run.sh")
    started = prepared(tmp_path, runtime=f"python{VERSION}", layers=[LAYER], variables={"PORT": "9000"})
    folder = Path(started.environment["PATH"].split(os.pathsep)[0])
    assert (folder / "python").exists()
    assert (folder.is_relative_to(tmp_path / "cache"), started.port) == (True, 9000)


def test_another_python_than_the_runtimes_is_said(tmp_path: Path) -> None:
    script(tmp_path / "run.sh")
    notes = prepared(tmp_path, runtime="python3.99", layers=[LAYER]).notes
    assert notes[0] == f"python3.99 isn't on PATH, so Python {VERSION} runs it."


def test_a_layer_that_is_not_here_is_said(tmp_path: Path) -> None:
    script(tmp_path / "bootstrap")
    (note,) = prepared(tmp_path, layers=["arn:aws:lambda:eu-west-1:1:layer:Other:1"]).notes
    assert note.startswith("The layer arn:aws:lambda:eu-west-1:1:layer:Other:1 can't be fetched here")


def test_nodejs_is_started_by_its_runtime_client(tmp_path: Path) -> None:
    node = script(tmp_path / "node")
    commands = tmp_path / "node_modules" / ".bin"
    commands.mkdir(parents=True)
    client = script(commands / "aws-lambda-ric")
    started = prepared(tmp_path, {"PATH": str(tmp_path)}, runtime="nodejs22.x", handler="index.handler")
    assert started.commands == ((str(node), str(client), "index.handler"),)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"package": "Image"}, "is a container image"),
        ({"folder": Path("/nowhere")}, "has no folder /nowhere"),
        ({"folder": Path(__file__)}, f"has a file as its code, {Path(__file__).resolve()}"),
        ({"runtime": "java21"}, "has the runtime java21, which isn't supported"),
        ({"runtime": ""}, "has the runtime (none), which isn't supported"),
        ({}, "needs an executable {folder}/bootstrap"),
        ({"layers": [LAYER], "handler": "start.sh"}, "has no {folder}/start.sh, its Handler"),
        ({"layers": [LAYER], "handler": "plain.sh"}, "can't run {folder}/plain.sh, its Handler"),
        ({"layers": [LAYER], "variables": {"AWS_LWA_PORT": "CANARY"}}, "gives AWS_LWA_PORT or PORT that is no port"),
        ({"runtime": "nodejs22.x", "shell": {"PATH": ""}}, "needs Node.js, which isn't on PATH"),
    ],
)
def test_what_can_not_run_is_refused_with_a_remedy(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    script(tmp_path / "run.sh")
    script(tmp_path / "plain.sh", 0o644)
    folder = changes.pop("folder", tmp_path)
    with pytest.raises(SamstreamError) as raised:
        prepared(tmp_path, **changes) if folder == tmp_path else run(
            prepare(FunctionSpec("Chat", folder, "h", "python3.13", 3.0, 128, {}))
        )
    assert raised.value.message == f"Function Chat {said.format(folder=tmp_path)}, so it can't run here"
    assert raised.value.remedy
    assert "CANARY" not in raised.value.message + raised.value.remedy


def test_a_missing_runtime_client_of_nodejs_is_named(tmp_path: Path) -> None:
    script(tmp_path / "node")
    with pytest.raises(SamstreamError) as raised:
        prepared(tmp_path, {"PATH": str(tmp_path)}, runtime="nodejs22.x")
    assert raised.value.remedy.startswith(f"Run `npm install --prefix {tmp_path}/cache/samstream/node aws-lambda-ric`")


def test_the_real_adapter_is_taken_where_it_is(tmp_path: Path) -> None:
    cached = tmp_path / "cache" / "samstream" / "bin"
    on_path = tmp_path / "path"
    cached.mkdir(parents=True)
    on_path.mkdir()
    shell = {"PATH": str(on_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    found = [adapter.find(None, shell).command]
    for folder in (cached, on_path):
        script(folder / "lambda-adapter")
        found.append(adapter.find(None, shell).command)
    found.append(adapter.find(script(tmp_path / "mine"), shell).command)
    expected = [(str(path),) for path in (cached / "lambda-adapter", on_path / "lambda-adapter", tmp_path / "mine")]
    assert found == [BUILT_IN, *expected]
    with pytest.raises(SamstreamError, match="is no executable file"):
        adapter.find(tmp_path / "missing", shell)

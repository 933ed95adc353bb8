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


def node(folder: Path, *about: str) -> Path:
    """An executable that says it is this Node.js, with these features."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "node"
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' {path} {' '.join(about)}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def client(place: Path) -> Path:
    commands = place / "node_modules" / ".bin"
    commands.mkdir(parents=True)
    return script(commands / "aws-lambda-ric")


def started_by_node(folder: Path, runtime: str, handler: str = "index.handler") -> Launch:
    code = folder / "code"
    code.mkdir(exist_ok=True)
    shell = {"PATH": str(folder / "path"), "XDG_CACHE_HOME": str(folder / "cache")}
    return prepared(code, shell, runtime=runtime, handler=handler)


def test_nodejs_is_its_runtimes_own_where_there_is_one(tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "samstream" / "nodejs"
    on_path, cached = node(tmp_path / "path", "24.1.0"), node(kept / "node" / "node_modules" / ".bin", "22.23.3")
    third, fourth = client(kept / "3"), client(kept / "4")
    started = {runtime: started_by_node(tmp_path, f"nodejs{runtime}.x") for runtime in (20, 22, 24, 26)}
    assert {runtime: (launch.commands[0][:2], launch.notes) for runtime, launch in started.items()} == {
        20: ((str(on_path), str(third)), ("nodejs20.x isn't on PATH, so Node.js 24.1.0 runs it.",)),
        22: ((str(cached), str(third)), ()),
        24: ((str(on_path), str(fourth)), ()),
        26: ((str(on_path), str(fourth)), ("nodejs26.x isn't on PATH, so Node.js 24.1.0 runs it.",)),
    }
    assert (started[22].environment["PATH"], started[24].environment["PATH"]) == (
        f"{cached.parent}:{tmp_path / 'path'}", str(tmp_path / "path"),
    )  # fmt: skip


def test_a_node_that_the_client_does_not_take_or_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    (kept := tmp_path / "cache" / "samstream" / "nodejs").mkdir(parents=True)
    client(kept / "4")
    node(tmp_path / "path", "20.20.2")
    with pytest.raises(SamstreamError, match=r"needs Node\.js 22 or newer"):
        started_by_node(tmp_path, "nodejs24.x")
    (tmp_path / "path" / "node").write_text("no program", encoding="utf-8")
    cached = node(kept / "node" / "node_modules" / ".bin", "22.23.3")
    assert started_by_node(tmp_path, "nodejs24.x").commands[0][0] == str(cached)


def test_a_runtime_client_is_the_functions_then_the_cached_then_the_global_one(tmp_path: Path) -> None:
    node(tmp_path / "path", "22.1.0")
    with pytest.raises(SamstreamError) as raised:
        started_by_node(tmp_path, "nodejs22.x")
    found = []
    for make, place in ((script, "path/aws-lambda-ric"), (client, "cache/samstream/nodejs/3"), (client, "code")):
        make(tmp_path / place)
        found.append(started_by_node(tmp_path, "nodejs22.x").commands[0][1:])
    assert raised.value.remedy.startswith(f"Run `{sys.executable} -m samstream_cli.local.node_clients 3`")
    places = ("path", "cache/samstream/nodejs/3/node_modules/.bin", "code/node_modules/.bin")
    assert found == [(str(tmp_path / place / "aws-lambda-ric"), "index.handler") for place in places]


@pytest.mark.parametrize(
    ("runtime", "features", "variables", "flags"),
    [
        ("nodejs20.x", "require-module detect-module", {}, ("--no-experimental-require-module",)),
        ("nodejs22.x", "detect-module", {"NODE_OPTIONS": "--inspect"}, ("--no-experimental-detect-module",)),
        (
            "nodejs22.x",
            "require-module detect-module",
            {"NODE_OPTIONS": "--experimental-detect-module"},
            ("--no-experimental-require-module",),
        ),
        ("nodejs24.x", "require-module detect-module", {}, ()),
    ],
)
def test_what_lambda_turns_off_is_off_as_far_as_this_node_knows_it(
    tmp_path: Path, runtime: str, features: str, variables: dict[str, str], flags: tuple[str, ...]
) -> None:
    on_path, its = node(tmp_path / "path", "24.1.0", features), client(tmp_path)
    started = prepared(tmp_path, {"PATH": str(tmp_path / "path")}, runtime=runtime, variables=variables)
    assert started.commands == ((str(on_path), *flags, str(its), "run.sh"),)


def test_an_app_of_node_behind_the_adapter_needs_no_client_and_brings_node_where_none_is(tmp_path: Path) -> None:
    (tmp_path / "path").mkdir()
    app = script(tmp_path / "run.sh")
    started = prepared(tmp_path, {"PATH": str(tmp_path / "path")}, runtime="nodejs22.x", layers=[LAYER])
    assert (started.commands, started.notes) == ((BUILT_IN, (str(app),)), ("The built-in adapter is used.",))
    node(tmp_path / "path", "20.1.0")
    started = prepared(tmp_path, {"PATH": str(tmp_path / "path")}, runtime="nodejs22.x", layers=[LAYER])
    assert started.notes[0] == "nodejs22.x isn't on PATH, so Node.js 20.1.0 runs it."


def test_dependencies_that_are_not_installed_are_told_and_never_installed(tmp_path: Path) -> None:
    node(tmp_path / "path", "22.1.0")
    (tmp_path / "code").mkdir()
    client(tmp_path / "cache" / "samstream" / "nodejs" / "3")
    package = tmp_path / "code" / "package.json"
    for harmless in ("{}", "[]", "{", "[" * 100_000, '{"dependencies": {}}', '{"devDependencies": {"x": "1"}}'):
        package.write_text(harmless, encoding="utf-8")
        assert started_by_node(tmp_path, "nodejs22.x").commands
    package.write_text('{"dependencies": {"x": "1"}}', encoding="utf-8")
    with pytest.raises(SamstreamError) as raised:
        started_by_node(tmp_path, "nodejs22.x")
    missing = f"has a package.json in {package.parent} with dependencies, but no node_modules"
    assert raised.value.message == f"Function Chat {missing}, so it can't run here"
    assert raised.value.remedy == "Run `npm install` there."
    (tmp_path / "node_modules").mkdir()  # a workspace's, where Node.js looks too
    assert started_by_node(tmp_path, "nodejs22.x").commands


@pytest.mark.parametrize("handler", ["src/index.handler", "src/index.default.handler"])
def test_typescript_that_was_not_built_is_told(tmp_path: Path, handler: str) -> None:
    node(tmp_path / "path", "22.1.0")
    client(tmp_path / "cache" / "samstream" / "nodejs" / "3")
    source = tmp_path / "code" / "src" / "index.ts"
    source.parent.mkdir(parents=True)
    source.touch()
    with pytest.raises(SamstreamError) as raised:
        started_by_node(tmp_path, "nodejs22.x", handler)
    assert (raised.value.message, raised.value.remedy) == (
        f"Function Chat has its handler in TypeScript, {source}, so it can't run here",
        "Run `sam build`, and serve .aws-sam/build/template.yaml.",
    )
    source.with_suffix(".mjs").touch()
    assert started_by_node(tmp_path, "nodejs22.x", handler).commands


@pytest.mark.parametrize("handler", ["", "/", "//", "..", "x" * 5000, "a\0b.c"])
def test_a_handler_of_any_kind_is_left_to_the_client(tmp_path: Path, handler: str) -> None:
    node(tmp_path / "path", "22.1.0")
    client(tmp_path / "cache" / "samstream" / "nodejs" / "3")
    assert started_by_node(tmp_path, "nodejs22.x", handler).commands[0][2:] == (handler,)


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
        ({"runtime": "nodejs22.x", "shell": {"PATH": ""}}, "needs Node.js 18 or newer, which isn't on PATH"),
        ({"runtime": "nodejs", "shell": {"PATH": ""}}, "needs Node.js 22 or newer, which isn't on PATH"),
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

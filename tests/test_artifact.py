"""What is deployed: the macro's package without this project around it."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MACRO = ROOT / "macro"
EVENT = ROOT / "tests" / "events" / "plain.json"
POWERTOOLS = ("aws_lambda_powertools", "jmespath", "typing_extensions")
"""What the Powertools layer brings that the macro can need."""

# Reads an event, writes the answer and what was imported for it.
INVOKE = """
import json, sys
sys.path[:0] = sys.argv[1:]
standard_output, sys.stdout = sys.stdout, sys.stderr
from types import SimpleNamespace
from samstream.handler import lambda_handler
context = SimpleNamespace(
    aws_request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    function_name="samstream-macro",
    function_version="$LATEST",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:samstream-macro",
    memory_limit_in_mb="512",
)
answer = lambda_handler(json.load(sys.stdin), context)
imported = sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names)
json.dump([answer, imported], standard_output)
"""


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The macro's package, zipped and unzipped into an empty folder."""
    folder = tmp_path_factory.mktemp("artifact")
    archive = folder / "macro.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        for name in sorted(files(MACRO / "samstream")):
            writing.write(MACRO / "samstream" / name, f"samstream/{name}")
    with zipfile.ZipFile(archive) as reading:
        reading.extractall(folder / "task")
    return folder / "task"


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Powertools and what it needs, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("layer")
    for module in POWERTOOLS:
        spec = find_spec(module)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


def python(version: str) -> str | None:
    """An interpreter of that version: this one, one on PATH, or one that pyenv has."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = (
        sys.executable,
        shutil.which(f"python{version}"),
        *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python"))),
    )
    return next((path for path in found if path and _is(path, version)), None)


def _is(path: str, version: str) -> bool:
    """A file called python3.13 may be a shim that runs nothing."""
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    said = subprocess.run([path, "-c", asked], capture_output=True, text=True, check=False)
    return said.stdout.strip() == version


def invoke(interpreter: str, folders: list[Path], sent: str) -> Any:
    """The answer, and the top-level modules imported that aren't Python's own."""
    isolated = [interpreter, "-I", "-S", "-B", "-W", "error", "-c", INVOKE, *map(str, folders)]
    environment = {"POWERTOOLS_SERVICE_NAME": "samstream", "POWERTOOLS_METRICS_NAMESPACE": "SamStream"}
    done = subprocess.run(
        isolated, input=sent, capture_output=True, text=True, check=False, env=environment, cwd=folders[0]
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=["3.11", "3.12", "3.13"])
def interpreter(request: pytest.FixtureRequest) -> str:
    path = python(request.param)
    if path is None:
        pytest.skip(f"no Python {request.param} on this machine")
    return path


def test_the_package_alone_with_powertools_beside_it_transforms(unzipped: Path, layer: Path, interpreter: str) -> None:
    answer, imported = invoke(interpreter, [unzipped, layer], EVENT.read_text(encoding="utf-8"))
    integration = answer["fragment"]["Resources"]["GetReport"]["Properties"]["Integration"]
    assert (answer["status"], integration["ResponseTransferMode"]) == ("success", "STREAM")
    assert set(imported) <= {"__main__", "samstream", *POWERTOOLS}


def test_every_version_of_python_answers_alike(unzipped: Path, layer: Path, interpreter: str) -> None:
    sent = EVENT.read_text(encoding="utf-8")
    assert invoke(interpreter, [unzipped, layer], sent)[0] == invoke(sys.executable, [unzipped, layer], sent)[0]


def test_where_everything_is_installed_the_macro_imports_none_of_it() -> None:
    code = "import samstream.handler, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    tools = {"boto3", "cfn_flip", "click", "rich", "ruamel", "samstream_cli", "samtranslator", "yaml"}
    assert tools & set(imported.split()) == set()


def test_the_wheel_holds_every_file_of_the_packages_and_the_example(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    installer = {"template.yaml", "macro-only.yaml"}
    for name in ("pyproject.toml", "README.md", "LICENSE", *installer):
        shutil.copy(ROOT / name, project)
    for name in ("macro", "cli", "example"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(tmp_path)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as built:
        held = {name for name in built.namelist() if ".dist-info/" not in name}
    example = {f"samstream_cli/example/{name}" for name in files(project / "example")}
    example |= {f"samstream_cli/installer/{name}" for name in installer}
    assert held == files(project / "macro") - {"Makefile"} | files(project / "cli") | example

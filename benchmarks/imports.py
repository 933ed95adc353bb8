"""The handler's cold import, beyond the parts of Powertools that it uses."""

import ast
import compileall
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.effort import Effort
from benchmarks.report import Section, Target

LIMIT = 15.0
"""Milliseconds."""

HANDLER = "import samstream.handler"
POWERTOOLS = ("aws_lambda_powertools", "jmespath", "typing_extensions")

_CHILD = """
import sys, time
sys.path[:0] = {folders}
start = time.process_time()
{powertools}
middle = time.process_time()
{handler}
print([middle - start, time.process_time() - middle])
"""


def sections(effort: Effort) -> Iterator[Section]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        compiled, plain, powertools = folder / "compiled", folder / "source", folder / "powertools"
        for task in (compiled, plain):
            shutil.copytree(_folder("samstream"), task / "samstream", ignore=shutil.ignore_patterns("__pycache__"))
        _copy_powertools(powertools)
        for task in (compiled, powertools):
            compileall.compile_dir(task, quiet=2)
        yield _times(powertools, {"bytecode": compiled, "source": plain}, effort.imports)
        yield _slowest(compiled, powertools)


def _times(powertools: Path, tasks: dict[str, Path], rounds: int) -> Section:
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            runs[name].append(_import(powertools, task))
    rows = []
    for name, times in runs.items():
        of_powertools, of_handler = ([one[part] * 1e3 for one in times] for part in (0, 1))
        figures = (median(of_powertools), median(of_handler), min(of_handler))
        rows.append((name, *(f"{figure:.1f}" for figure in figures)))
    return Section(
        "Cold import",
        "Fresh interpreters that find Powertools and the macro alone, in turns: first what the handler "
        "imports from Powertools, then the handler. Powertools has its bytecode; the macro in the first row "
        "only. In the second Python compiles it, as it does in Lambda for a package without `__pycache__`.",
        ("macro", "Powertools ms", "handler ms", "handler's best ms"),
        rows,
        [
            Target(
                "the handler's median with bytecode",
                median(one[1] * 1e3 for one in runs["bytecode"]),
                LIMIT,
                " ms",
            )
        ],
    )


def _slowest(task: Path, powertools: Path, shown: int = 8) -> Section:
    """What the handler imports on top of Powertools, the slowest first."""
    before = {module for module, _ in _import_times(powertools, task, "")}
    own = [entry for entry in _import_times(powertools, task, HANDLER) if entry[0] not in before]
    own.sort(key=lambda entry: -entry[1])
    rest = sum(time for _, time in own[shown:])
    rows = [(module, f"{time / 1e3:.2f}") for module, time in own[:shown]]
    return Section(
        "The slowest imports",
        "Of one run with `-X importtime`, which makes all of them slower: each module's own time.",
        ("module", "ms"),
        [*rows, (f"{max(0, len(own) - shown)} more", f"{rest / 1e3:.2f}")],
    )


def _import(powertools: Path, task: Path) -> tuple[float, float]:
    first, second = json.loads(_run(powertools, task, HANDLER).stdout)
    return first, second


def _import_times(powertools: Path, task: Path, handler: str) -> list[tuple[str, float]]:
    output = _run(powertools, task, handler, "-X", "importtime").stderr
    lines = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", output, re.MULTILINE)
    return [(module, float(time)) for time, module in lines]


def _run(powertools: Path, task: Path, handler: str, *flags: str) -> "subprocess.CompletedProcess[str]":
    """A child without the environment's own packages, that leaves no bytecode behind."""
    folders = [str(task), str(powertools)]
    code = _CHILD.format(folders=folders, powertools="\n".join(powertools_imports()), handler=handler)
    command = [sys.executable, "-I", "-S", "-B", *flags, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True)


def powertools_imports() -> list[str]:
    """The macro's own import statements that concern Powertools."""
    statements = set()
    for module in _folder("samstream").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import) and "aws_lambda_powertools" in ast.unparse(node):
                statements.add(ast.unparse(node))
    return sorted(statements)


def _folder(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    path = Path(spec.origin)
    return path.parent if path.name == "__init__.py" else path


def _copy_powertools(folder: Path) -> None:
    folder.mkdir()
    for module in POWERTOOLS:
        source = _folder(module)
        if source.is_dir():
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)

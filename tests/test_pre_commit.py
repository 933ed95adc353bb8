"""The pre-commit hook as its users get it: pre-commit clones this repository, installs it with pip, and runs it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from corpus import TEMPLATES
from tools import BIN, ROOT

BAD = TEMPLATES / "rules" / "E201" / "bad_misspelt_route.yaml"
GOOD = TEMPLATES / "rules" / "E201" / "good_names_of_routes.yaml"
GOOD_JSON = TEMPLATES / "rules" / "E201" / "good_path_of_parents.json"

GOOD_TEMPLATES = {"services/chat/template-prod.yml": GOOD, "services/chat/chat.template.json": GOOD_JSON}
OTHERS = (".aws-sam/build/template.yaml", "templates/chart.yaml", "contemplated.yaml", "template.md")
HEADER = "samstream check".ljust(73, ".")


def run(folder: Path, *command: object, fails: bool = False) -> str:
    """What the command prints, on both streams, but its progress, which shows where the machine is slow."""
    ran = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(folder.parent / "environments"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == int(fails), ran.stdout
    return "".join(line for line in ran.stdout.splitlines(keepends=True) if not line.startswith("SAM translates"))


def commit(folder: Path) -> str:
    """Makes a repository of the folder; the result is its revision."""
    run(folder, "git", "init", "--quiet")
    run(folder, "git", "add", "--all", "--force")
    author = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    run(folder, "git", *author, "commit", "--quiet", "--no-verify", "--message", "All")
    return run(folder, "git", "rev-parse", "HEAD").strip()


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """This repository as it would be committed now."""
    folder = tmp_path / "samstream"
    for name in run(ROOT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if (ROOT / name).is_file():
            copy(ROOT / name, folder / name)
    return folder


def test_the_hook_checks_templates_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name, source in {"template.yaml": BAD, **GOOD_TEMPLATES, **dict.fromkeys(OTHERS, BAD)}.items():
        copy(source, project / name)
    hook = {"repo": str(repository), "rev": commit(repository), "hooks": [{"id": "samstream-check"}]}
    (project / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [hook]}))
    commit(project)
    run(project, "pre-commit", "install-hooks")

    failed = run(project, "pre-commit", "run", "--all-files", fails=True)
    passed = run(project, "pre-commit", "run", "--files", *GOOD_TEMPLATES)

    found = run(project, "samstream", "check", *sorted(GOOD_TEMPLATES), "template.yaml", fails=True)
    assert failed == f"{HEADER}Failed\n- hook id: samstream-check\n- exit code: 1\n\n{found}\n"
    assert passed == f"{HEADER}Passed\n"

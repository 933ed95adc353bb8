"""How the clients of Node.js are built. What is built is tried in test_node.py."""

import json
from pathlib import Path
from typing import Any

import pytest

from samstream_cli.local.node_clients import TOOLS, main

NPM = """#!/bin/sh
echo "$PWD $npm_config_nodedir" >> {log}
echo "built {say}"
mkdir -p node_modules
exit {code}
"""


def machine(folder: Path, code: int = 0, without: tuple[str, ...] = ()) -> dict[str, str]:
    """The environment of a machine that has these tools, of which npm is one that does nothing."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    for tool in TOOLS:
        if tool not in without:
            (tools / tool).write_text(NPM.format(log=folder / "log", say="x", code=code), encoding="utf-8")
            (tools / tool).chmod(0o755)
    return {"PATH": f"{tools}:/usr/bin:/bin" if not without else str(tools), "XDG_CACHE_HOME": str(folder / "cache")}


def test_each_is_built_once(tmp_path: Path, capsys: Any) -> None:
    nodejs = tmp_path / "cache" / "samstream" / "nodejs"
    assert [main((), machine(tmp_path)), main(("3",), machine(tmp_path))] == [0, 0]
    ran = [line.split() for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    assert [line[0] for line in ran] == [str(nodejs / name) for name in ("node", "3", "4")]
    assert all(line[1].startswith(f"{nodejs}/node/node_modules/node-") for line in ran[1:])
    package = json.loads((nodejs / "3" / "package.json").read_text(encoding="utf-8"))
    assert package["dependencies"] == {"aws-lambda-ric": "3.3.0"}
    assert capsys.readouterr().out.splitlines()[-1] == f"aws-lambda-ric 3.3.0: {nodejs / '3'}"


def test_another_release_is_built_in_the_place_of_what_is_there(tmp_path: Path) -> None:
    shell = machine(tmp_path)
    made = tmp_path / "cache" / "samstream" / "nodejs" / "4" / ".made"
    assert main(("4",), shell) == 0
    made.write_text(made.read_text(encoding="utf-8").replace("4.0.2", "4.0.1"), encoding="utf-8")
    (made.parent / "left").touch()
    assert main(("4",), shell) == 0
    assert ((made.parent / "left").exists(), "4.0.2" in made.read_text(encoding="utf-8")) == (False, True)


def test_a_build_that_fails_shows_its_last_lines_and_is_tried_again(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "cache" / "samstream" / "nodejs" / "node"
    assert [main((), machine(tmp_path, code=1)), main((), machine(tmp_path))] == [2, 0]
    assert capsys.readouterr().err == (
        f"error: npm install --no-audit --no-fund --foreground-scripts failed in {folder}:\nbuilt x\n"
        f"The whole output is in {folder}/install.log.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "without", "said"),
    [
        (("5",), (), "error: there is no release 5 to build\nName some of: 3, 4.\n"),
        (
            (),
            ("cmake", "xz"),
            (
                "error: cmake, xz can't be found on PATH\n"
                "On Debian: apt-get install npm cmake make g++ xz-utils autoconf automake libtool\n"
            ),
        ),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, capsys: Any, arguments: tuple[str, ...], without: tuple[str, ...], said: str
) -> None:
    assert main(arguments, machine(tmp_path, without=without)) == 2
    assert capsys.readouterr().err == said

"""Virtual environments from requirements that need no network: wheels that the tests write."""

import asyncio
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from samstream_cli.local.environments import MADE, InstallFailed, Wanted, cache_folder, ensure, interpreter

from .running import run

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
SHELL = {"PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1"}  # without uv, so with pip


def wheel(folder: Path, name: str, value: int) -> Path:
    """A wheel with one module that says VALUE."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"VALUE = {value}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def wanted(requirements: Path, *extras: str) -> Wanted:
    return Wanted(requirements, sys.executable, VERSION, extras)


def said(python: Path, code: str) -> str:
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_what_is_required_is_installed_once(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"{wheel(tmp_path, 'answer', 42)}\n", encoding="utf-8")
    cache, told = tmp_path / "cache", list[str]()
    python = run(ensure(wanted(requirements), cache, SHELL, told.append))
    assert said(python, "import answer; print(answer.VALUE)") == "42"
    assert told == [f"Making a virtual environment of Python {VERSION}", f"Installing {requirements}"]
    assert run(ensure(wanted(requirements), cache, {}, told.append)) == python
    assert len(told) == 2


def test_nothing_required_is_an_environment_without_pip(tmp_path: Path) -> None:
    python = run(ensure(wanted(tmp_path / "missing.txt"), tmp_path / "cache", SHELL, lambda _: None))
    assert said(python, "import importlib.util as u; print(u.find_spec('pip'))") == "None"


def test_a_failed_install_says_why_and_leaves_nothing_to_reuse(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("no-such-thing-anywhere==1\n", encoding="utf-8")
    with pytest.raises(InstallFailed) as raised:
        run(ensure(wanted(requirements), tmp_path / "cache", SHELL, lambda _: None))
    assert f"{requirements} can't be installed with Python {VERSION}" in raised.value.message
    assert "No matching distribution found for no-such-thing-anywhere==1" in raised.value.message
    assert "pip install" in raised.value.remedy
    assert list((tmp_path / "cache").rglob(MADE)) == []


FAKE_UV = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
test "$1" = venv || exit 0
for folder; do :; done
mkdir -p "$folder/bin"
"""


def test_other_contents_are_another_environment_and_uv_makes_it_where_it_is(tmp_path: Path) -> None:
    uv = tmp_path / "uv"
    uv.write_text(FAKE_UV, encoding="utf-8")
    uv.chmod(0o755)
    requirements, included, cache = tmp_path / "requirements.txt", tmp_path / "more.txt", tmp_path / "cache"
    shell = {"PATH": f"{tmp_path}{os.pathsep}/usr/bin:/bin"}
    found = []
    for content, more, extras in (
        ("one\n", "", ()),
        ("one\n-r more.txt\n", "", ()),
        ("one\n-r more.txt\n", "two\n", ()),
        ("one\n-r more.txt\n", "two\n", ("extra",)),
    ):
        requirements.write_text(content, encoding="utf-8")
        included.write_text(more, encoding="utf-8")
        found.append(run(ensure(wanted(requirements, *extras), cache, shell, lambda _: None)))
    assert len(set(found)) == 4
    last = found[-1]
    assert (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[-2:] == [
        f"venv --quiet --python {sys.executable} {last.parents[1]}",
        f"pip install --quiet --python {last} -r {requirements} extra",
    ]


def test_two_at_once_make_one(tmp_path: Path) -> None:
    async def main() -> None:
        told: list[str] = []
        made = (ensure(wanted(tmp_path / "missing.txt"), tmp_path / "cache", SHELL, told.append) for _ in range(2))
        first, second = await asyncio.gather(*made)
        assert first == second
        assert len(told) == 1

    run(main())


def test_an_interrupted_install_is_begun_again(tmp_path: Path) -> None:
    async def main() -> None:
        progress = asyncio.Event()
        want = wanted(tmp_path / "missing.txt")
        slow = tmp_path / "slow"
        slow.mkdir()
        (slow / "uv").write_text("#!/bin/sh\nsleep 600\n", encoding="utf-8")
        (slow / "uv").chmod(0o755)
        shell = {"PATH": f"{slow}{os.pathsep}/usr/bin:/bin"}
        making = asyncio.create_task(ensure(want, tmp_path / "cache", shell, lambda _: progress.set()))
        await progress.wait()
        await asyncio.sleep(0.1)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        python = await ensure(want, tmp_path / "cache", SHELL, lambda _: None)
        assert said(python, "print('works')") == "works"

    run(main())


SESSION = """
import asyncio, sys
from pathlib import Path
from samstream_cli.local.environments import Wanted, ensure

folder = Path(sys.argv[1])
wanted = Wanted(folder / "none.txt", sys.executable, "3")
asyncio.run(ensure(wanted, folder / "cache", {"PATH": f"{folder}:/usr/bin:/bin"}, print))
"""


def test_nothing_goes_on_installing_when_the_session_is_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alive")
    (tmp_path / "uv").write_text(f"#!/bin/sh\nexec >{tmp_path}/alive\necho begun\nsleep 600\n", encoding="utf-8")
    (tmp_path / "uv").chmod(0o755)
    with (
        subprocess.Popen([sys.executable, "-c", SESSION, str(tmp_path)]) as session,
        (tmp_path / "alive").open(encoding="utf-8") as installer,
    ):
        assert installer.readline() == "begun\n"
        session.kill()
        assert installer.read() == ""  # which comes when nobody is left who could write


def test_the_runtimes_own_python_is_taken_where_it_starts(tmp_path: Path) -> None:
    other = tmp_path / "python3.99"
    other.write_text("#!/bin/sh\necho 3.99\n", encoding="utf-8")
    other.chmod(0o755)
    shim = tmp_path / "python3.98"
    shim.write_text("#!/bin/sh\necho not here >&2\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    shell = {"PATH": f"{tmp_path}{os.pathsep}/bin"}
    found = [run(interpreter(runtime, shell)) for runtime in ("python3.99", "python3.98", "python3.97")]
    assert found == [(str(other), "3.99"), (sys.executable, VERSION), (sys.executable, VERSION)]


def test_the_cache_is_where_the_user_says(tmp_path: Path) -> None:
    home = Path("~/.cache/samstream").expanduser().resolve()
    assert cache_folder({}) == home
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "samstream"
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "samstream"


@pytest.mark.parametrize("sleeps", ["exec sleep 60", "sleep 60; echo 3.99"])
def test_a_python_that_is_asked_for_its_version_ends_with_who_asked(tmp_path: Path, sleeps: str) -> None:
    """Also where it is a script whose own process writes into the same pipe."""
    slow = tmp_path / "python3.99"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid.new\nmv {tmp_path}/pid.new {tmp_path}/pid\n{sleeps}\n")
    slow.chmod(0o755)

    async def main() -> None:
        asked = asyncio.create_task(interpreter("python3.99", {"PATH": f"{tmp_path}:/usr/bin:/bin"}))
        while not (tmp_path / "pid").exists():
            await asyncio.sleep(0.01)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert not Path(f"/proc/{(tmp_path / 'pid').read_text(encoding='utf-8').strip()}").exists()

    run(main())

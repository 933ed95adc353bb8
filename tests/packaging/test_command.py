"""`samstream package` writes the same file again and again, overwrites nothing unasked, and tells what is in one."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.samples import call, working_in
from samstream import __version__
from samstream_cli.errors import TemplateError
from samstream_cli.packaging import find_installer, installed_sources, package_macro
from samstream_cli.packaging.code import code_of, write_code
from samstream_cli.packaging.template import with_code


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    file = tmp_path / "samstream.yaml"
    file.write_text(package_macro().text)
    return file


def test_it_writes_the_file_and_says_version_hash_and_size(capsys: Any, tmp_path: Path) -> None:
    made = package_macro()

    with working_in(tmp_path):
        ran = call(capsys, "package")

    assert (tmp_path / "dist/samstream.yaml").read_text() == made.text
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:4] == [
        "dist/samstream.yaml is written.",
        f"  version  {made.version}",
        f"  sources  {made.source_hash} (SHA-256)",
        f"  size     {len(made.text):,} bytes",
    ]


def test_a_second_run_leaves_the_file_as_it_is(capsys: Any, packaged: Path) -> None:
    before = packaged.stat().st_mtime_ns

    ran = call(capsys, "package", "--output", str(packaged))

    assert (ran.code, ran.out.splitlines()[0]) == (0, f"{packaged} is unchanged.")
    assert packaged.stat().st_mtime_ns == before


def test_another_file_is_overwritten_only_when_asked(capsys: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine")

    refused = call(capsys, "package", "--output", str(file))
    kept = file.read_text()
    forced = call(capsys, "package", "--output", str(file), "--force")

    assert (refused.code, kept, forced.code) == (2, "mine", 0)
    assert refused.err == f"samstream: {file} exists already. Name another file, or overwrite it with --force.\n"
    assert file.read_text() == package_macro().text


def test_a_dash_prints_the_file_and_nothing_else(capsys: Any) -> None:
    ran = call(capsys, "package", "--output", "-")

    assert (ran.code, ran.out, ran.err) == (0, package_macro().text, "")


def test_the_readable_file_has_a_name_of_its_own_and_needs_a_bucket(capsys: Any, tmp_path: Path) -> None:
    with working_in(tmp_path):
        ran = call(capsys, "package", "--readable")

    assert ran.code == 0
    assert "--s3-bucket" in ran.out
    assert (tmp_path / "dist/samstream-readable.yaml").read_text() == package_macro(readable=True).text


@pytest.mark.parametrize("readable", [False, True])
def test_show_says_that_a_file_is_what_this_installation_writes(capsys: Any, tmp_path: Path, readable: bool) -> None:
    file = tmp_path / "samstream.yaml"
    file.write_text(package_macro(readable=readable).text)

    ran = call(capsys, "package", "--show", str(file))

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "All of it is what this installation of samstream writes, to the byte."


def test_the_sources_of_a_readable_file_come_out_as_they_went_in(capsys: Any, tmp_path: Path) -> None:
    file = tmp_path / "samstream.yaml"
    file.write_text(package_macro(readable=True).text)

    ran = call(capsys, "package", "--show", str(file), "--extract", str(tmp_path / "out"))

    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.py")}
    assert ran.code == 0
    assert {path: (tmp_path / "out" / path).read_text() for path in written} == dict(installed_sources())


def test_extract_overwrites_only_when_asked(capsys: Any, packaged: Path, tmp_path: Path) -> None:
    mine = tmp_path / "out/samstream/handler.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    arguments = ("package", "--show", str(packaged), "--extract", str(tmp_path / "out"))

    refused = call(capsys, *arguments)
    left = [path.name for path in mine.parent.iterdir()]
    forced = call(capsys, *arguments, "--force")

    assert (refused.code, left, forced.code) == (2, ["handler.py"], 0)
    assert "def lambda_handler" in mine.read_text()


AROUND = "differs: the code around the modules: the loader, or what follows them"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Strict:", "Strikt:", "differs: the template around the code"),
        ("insert(0, Modules", "insert(1, Modules", AROUND),
        ('"BUFFERED"', '"STREAM"', "differs: samstream/events.py"),
        ("install(MODULES", "print(1); install(MODULES", AROUND),
    ],
)
def test_show_says_where_a_file_differs(capsys: Any, tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "samstream.yaml"
    file.write_text(package_macro(readable=True).text.replace(old, new))

    ran = call(capsys, "package", "--show", str(file))

    assert ran.code == 1
    assert told in ran.out.splitlines()


def test_show_hides_no_difference_behind_another(capsys: Any, tmp_path: Path) -> None:
    file = tmp_path / "samstream.yaml"
    changed = package_macro(readable=True).text.replace('"BUFFERED"', '"STREAM"').replace("Strict:", "Strikt:")
    file.write_text(changed)

    ran = call(capsys, "package", "--show", str(file))

    told = ran.out.splitlines()
    assert ("differs: samstream/events.py" in told, told[-1]) == (True, "differs: the template around the code")


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"# mine\n"])
def test_show_misses_no_byte(capsys: Any, tmp_path: Path, mark: bytes) -> None:
    file = tmp_path / "samstream.yaml"
    file.write_bytes(mark + package_macro().text.encode())

    ran = call(capsys, "package", "--show", str(file))

    assert (ran.code, ran.out.splitlines()[1:]) == (1, ["differs: the template around the code"])


def test_show_tells_of_a_changed_archive_which_modules_differ(capsys: Any, tmp_path: Path) -> None:
    """As a file of another version would."""
    changed = {"samstream/__init__.py": '__version__ = "0.0.9"\n', "samstream/more.py": "MORE = 1\n"}
    index = write_code(code_of({**installed_sources(), **changed}, readable=False))
    file = tmp_path / "samstream.yaml"
    file.write_text(with_code(find_installer().read_text(), "template.yaml", index, {}))

    ran = call(capsys, "package", "--show", str(file))

    assert ran.code == 1
    form = "compressed, without comments, docstrings and annotations"
    assert ran.out.splitlines() == [
        f"{file} holds samstream 0.0.9: {len(installed_sources()) + 1} modules, {form}.",
        f"differs: the version: this is samstream {__version__}",
        "differs: samstream/__init__.py",
        "differs: samstream/more.py, which only one of them has",
    ]


def inline(code: str) -> str:
    return json.dumps({"Resources": {"MacroFunction": {"Properties": {"Code": {"ZipFile": code}}}}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Resources: {Topic: {Type: AWS::SNS::Topic}}", "holds no inline code of samstream"),
        (inline("print(1)"), "its code isn't what samstream package writes"),
        (inline("def ("), "its code isn't what samstream package writes"),
        (inline("MODULES = open('x')"), "its code isn't what samstream package writes"),
        (inline("MODULES = unpack()"), "its code isn't what samstream package writes"),
        (inline("MODULES = unpack('not an archive')"), "its code isn't what samstream package writes"),
        (inline("MODULES = unpack(1)"), "its code isn't what samstream package writes"),
        (inline("MODULES = {[]: 2}"), "its code isn't what samstream package writes"),
        (inline("MODULES = {1: 2}"), "its code isn't what samstream package writes"),
        (inline("MODULES = [" * 500), "its code isn't what samstream package writes"),
        (inline("MODULES = {'samstream/../../x.py': ''}"), "which is none of samstream's"),
        (inline("MODULES = {'/etc/x.py': ''}"), "which is none of samstream's"),
        (inline(f"MODULES = {{'samstream/{'a' * 300}.py': ''}}"), "which is none of samstream's"),
        (inline(f"MODULES = {{'samstream{'/a' * 900}.py': ''}}"), "which is none of samstream's"),
        (inline(r"MODULES = {'samstream/a.py': '\ud800'}"), "its code isn't what samstream package writes"),
        (inline("\0"), "its code isn't what samstream package writes"),
        ("[]", "a template is a map"),
    ],
)
def test_a_file_of_strangers_gets_an_answer_and_is_not_run(capsys: Any, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "strange.yaml"
    file.write_text(text)

    ran = call(capsys, "package", "--show", str(file), "--extract", str(tmp_path / "out"))

    assert ran.code == 2
    assert told in ran.err.replace("A template", "a template")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments", [("--extract", "x"), ("--show", "x", "--output", "y"), ("--show", "x", "--readable"), ("--show", "x")]
)
def test_options_that_make_no_sense_are_refused(capsys: Any, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with working_in(tmp_path):
        ran = call(capsys, "package", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("samstream: ")


@pytest.mark.parametrize("place", ["package/installer", "."])
def test_the_installer_is_found_in_a_package_and_in_a_checkout(tmp_path: Path, place: str) -> None:
    folder = tmp_path / ("cli" if place == "package/installer" else ".") / place
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.yaml").touch()

    assert find_installer(tmp_path / "cli" / "package") == folder / "template.yaml"


def test_an_installation_without_the_installer_says_so(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="the installer's template is missing"):
        find_installer(tmp_path / "cli" / "package")

"""Settings come from the nearest file, and everything wrong with it is told at once."""

from pathlib import Path

import pytest

from cli.samples import working_in
from samstream_cli.config import Config, ConfigError, find_config
from samstream_cli.errors import UsageError

KEYS = "templates, ignore, fail-on, format, region, macro-name, parameters"


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def problem(folder: Path) -> tuple[str, str]:
    """The message, without the folder, and the remedy."""
    with pytest.raises(ConfigError) as caught:
        find_config(folder)
    return caught.value.message.replace(f"{folder}/", ""), caught.value.remedy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository's root, so that nothing above it is looked at."""
    (tmp_path / ".git").mkdir()
    return tmp_path


ALL_KEYS = """
templates = ["*.yaml"]
ignore = ["W401", "e201"]
fail-on = "warning"
format = "sarif"
region = "eu-west-1"
macro-name = "Streams"
parameters = {Stage = "prod"}
"""


@pytest.mark.parametrize(
    ("name", "table"), [(".samstream.toml", "[check]"), ("pyproject.toml", "[tool.samstream.check]")]
)
def test_either_file_sets_every_key(folder: Path, name: str, table: str) -> None:
    source = write(folder / name, table + ALL_KEYS)
    assert find_config(folder) == Config(
        source,
        ("*.yaml",),
        frozenset({"W401", "E201"}),
        "warning",
        "sarif",
        "eu-west-1",
        "Streams",
        {"Stage": "prod"},
    )


def test_no_file_sets_nothing(folder: Path) -> None:
    assert find_config(folder) == Config()


def test_an_empty_file_sets_nothing_and_ends_the_search(folder: Path) -> None:
    write(folder / ".samstream.toml", "[check]\nregion = 'eu-west-1'")
    source = write(folder / "below" / ".samstream.toml")
    assert find_config(folder / "below") == Config(source)


def test_its_own_file_wins_over_the_projects(folder: Path) -> None:
    write(folder / "pyproject.toml", "[tool.samstream.check]\nregion = 'eu-west-1'")
    source = write(folder / ".samstream.toml", "[check]\nregion = 'us-east-1'")
    assert find_config(folder) == Config(source, region="us-east-1")


@pytest.mark.parametrize("text", ["[tool.ruff]", "tool = 3", ""])
def test_a_project_that_says_nothing_of_samstream_is_passed_over(folder: Path, text: str) -> None:
    source = write(folder / ".samstream.toml")
    write(folder / "a" / "pyproject.toml", text)
    (folder / "a" / "b").mkdir()
    assert find_config(folder / "a" / "b") == Config(source)


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_the_search_ends_at_the_root_of_a_repository(folder: Path, make: object) -> None:
    write(folder / ".samstream.toml", "[check]\nregion = 'eu-west-1'")
    below = folder / "below"
    below.mkdir()
    assert callable(make)
    make(below / ".git")  # a folder, or in a worktree a file
    assert find_config(below) == Config()


def test_all_that_is_wrong_is_told_at_once(folder: Path) -> None:
    write(
        folder / ".samstream.toml",
        """
        formt = 1
        [check]
        ignroe = ["W401"]
        xyz = 1
        ignore = ["W999", "W401"]
        templates = "template.yaml"
        fail-on = "never"
        format = ["text"]
        region = ""
        macro-name = 3
        parameters = {Stage = "secret1", Count = 42, On = true}
        """,
    )
    message, remedy = problem(folder)
    lines = message.splitlines()
    assert lines[4].startswith("  check.ignore must be a list of rule ids; there is no W999, only E001, E002, ")
    assert lines[:4] + lines[5:] == [
        ".samstream.toml:",
        "  formt is unknown",
        "  check.ignroe is unknown, the nearest is ignore",
        "  check.xyz is unknown",
        '  check.templates must be a list of globs such as ["template.yaml", "services/**/template.yaml"]',
        "  check.fail-on must be one of error, warning",
        "  check.format must be one of text, json, sarif, github, junit",
        "  check.region must be text",
        "  check.macro-name must be text",
        "  check.parameters must be a table of texts in quotes, which Count, On are not",
    ]
    assert remedy == f"The keys of [check] are {KEYS}."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignore = 'W401'", 'check.ignore must be a list of rule ids such as ["W401"]'),
        ("ignore = [1]", 'check.ignore must be a list of rule ids such as ["W401"]'),
        ("parameters = []", 'check.parameters must be a table such as {Stage = "prod"}'),
        ("parameters = {A = 1}", "check.parameters must be a table of texts in quotes, which A is not"),
    ],
)
def test_one_problem_stands_on_the_line_of_its_file(folder: Path, text: str, message: str) -> None:
    write(folder / "pyproject.toml", f"[tool.samstream.check]\n{text}")
    remedy = f"The keys of [tool.samstream.check] are {KEYS}."
    assert problem(folder) == (f"pyproject.toml: tool.samstream.{message}", remedy)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[check]\nregion = = 1\n", ".samstream.toml:2:10: this is not TOML: Invalid value"),
        (b"[check", ".samstream.toml: this is not TOML: Expected ']' at the end of a table declaration"),
        (b"a = \xff", ".samstream.toml is not UTF-8 text"),
        (b"a = " + b"[" * 100_000, ".samstream.toml is nested too deeply to be read"),
        (b"check = 3", ".samstream.toml: check must be a table"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(folder: Path, text: bytes, message: str) -> None:
    (folder / ".samstream.toml").write_bytes(text)
    assert problem(folder)[0].startswith(message)


def test_globs_start_beside_the_file_and_name_each_template_once(folder: Path) -> None:
    for name in (
        "a/template.yaml",
        "a/b/template.yaml",
        "z.json",
        ".aws-sam/build/template.yaml",
        "node_modules/x/template.yaml",
        "a/template.yaml.d/other.txt",
    ):
        write(folder / name)
    config = Config(folder / ".samstream.toml", ("z.json", "**/template.yaml*", "./a/../a/*.yaml"))
    expected = ("a/b/template.yaml", "a/template.yaml", "z.json")
    with working_in(folder):
        assert config.find_templates() == tuple(map(Path, expected))
    with working_in(folder / "a"):
        assert config.find_templates() == (folder / "z.json", Path("b/template.yaml"), Path("template.yaml"))


@pytest.mark.parametrize("name", [".aws-sam/build/template.yaml", "node_modules/x/template.yaml"])
def test_folders_of_copies_are_looked_into_when_a_glob_names_them(folder: Path, name: str) -> None:
    path = write(folder / name)
    pattern = f"{name.partition('/')[0]}/**/*.yaml"
    assert Config(folder / "pyproject.toml", (pattern,)).find_templates() == (path,)


@pytest.mark.parametrize("patterns", [("a.yaml", "b*", "**/c\0"), ("b*", "nowhere/*")])
def test_globs_that_match_no_file_are_told_all_of_them(folder: Path, patterns: tuple[str, ...]) -> None:
    write(folder / "a.yaml")
    (folder / "b").mkdir()
    source = folder / ".samstream.toml"
    with pytest.raises(UsageError) as caught:
        Config(source, patterns).find_templates()
    listed = ", ".join(repr(pattern) for pattern in patterns if pattern != "a.yaml")
    assert caught.value.message == f"{source}: templates matches no file: {listed}"


def test_no_globs_name_no_templates() -> None:
    assert Config().find_templates() == ()

"""The documents that are made of the code, and links between documents."""

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
from scripts import picture, rules_page, site

from samstream_cli.demo_race import LABELS
from samstream_cli.demo_session import STREAMING
from samstream_cli.main import VERBS, cli

ROOT = Path(__file__).parent.parent
DOCUMENTED_IN = {
    "install": ("install", "organization"),
    "uninstall": ("install", "organization"),
    "status": ("install", "organization"),
    "demo": ("example",),
}
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("example/*.md")])


def test_the_rules_page_is_current() -> None:
    assert (ROOT / "docs" / "rules.md").read_text() == rules_page.page()


def test_the_picture_is_what_the_demo_prints() -> None:
    assert picture.PICTURE.read_text() == picture.picture()


def test_the_timelines_are_of_an_answer_that_was_buffered_and_of_one_that_streamed() -> None:
    drawn = ElementTree.parse(picture.TIMELINES)  # noqa: S314  # it is our own
    labels = [text.text for text in drawn.iterfind(".//*[@class='label']")]
    assert labels == [picture.TITLE, *LABELS.values()]
    buffered, streaming = re.split(rf"(?=>{LABELS[STREAMING]}<)", picture.TIMELINES.read_text())[-2:]
    assert (buffered.count('class="chunk"'), streaming.count('class="chunk"') > 40) == (1, True)


def test_every_page_is_in_the_site() -> None:
    """`make check` builds it; this holds what the build alone would take for a page that nobody wants to see."""
    navigated = re.findall(r"([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(navigated) == sorted([*(path.name for path in ROOT.glob("docs/*.md")), *site.PAGES.values()])


@pytest.mark.parametrize(
    ("folder", "text", "led"),
    [
        ("docs", "[a](local.md#options)", "[a](local.md#options)"),
        ("docs", "[a](../README.md) ![b](chat.png)", "[a](index.md) ![b](chat.png)"),
        ("docs", "[the macro alone](../macro-only.yaml)", "[the macro alone](source/macro-only.yaml)"),
        ("docs", "[the example](../example)", "the example"),
        (
            "",
            "[a](docs/local.md) [b](LICENSE) [c](https://a.example)",
            "[a](local.md) [b](source/LICENSE) [c](https://a.example)",
        ),
        ("example", "[a](../docs/example.md)", "[a](example.md)"),
    ],
)
def test_a_link_of_the_checkout_becomes_one_of_the_site(folder: str, text: str, led: str) -> None:
    assert site.led(folder, text) == led


def _options() -> list[tuple[str, str]]:
    commands = {verb: getattr(import_module(module), verb) for verb, module in VERBS.items()}
    return [
        (verb, "|".join(name for name in (*option.opts, *option.secondary_opts) if name.startswith("--")))
        for verb, command in commands.items()
        for option in command.params
        if isinstance(option, click.Option) and option.name not in ("debug", "help")
    ]


@pytest.mark.parametrize(("verb", "option"), _options())
def test_every_option_stands_on_a_page_of_its_verb(verb: str, option: str) -> None:
    pages = [ROOT / "docs" / f"{page}.md" for page in DOCUMENTED_IN.get(verb, (verb,))]
    assert any(re.search(rf"(?:{option})(?![\w-])", page.read_text()) for page in pages), f"{option} of {verb}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)", page.read_text())
    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name == "docs"], ids=lambda page: page.name)
def test_a_page_of_a_feature_ends_in_limitations(page: Path) -> None:
    headings = re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE)
    assert page.stem in ("rules", "benchmarks") or headings[-1] == "Limitations"


def _commands(page: Path) -> list[str]:
    """The lines of a page's code blocks that call samstream, as far as they are whole."""
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    calls = (re.match(r"(?:\$ )?(?:\.\./)?(?:\.venv/bin/)?samstream (.*)", line) for line in lines)
    return [call[1] for call in calls if call]


def _mentions(page: Path) -> list[str]:
    """Command lines within sentences, which leave out what goes without saying."""
    return re.findall(r"`samstream ([a-z]+ [^`]+)`", page.read_text())


def _parse(line: str, *, is_whole: bool) -> None:
    """As click does, but nothing runs: files needn't exist, and a word in capitals stands for a value."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(takewhile(lambda word: not re.fullmatch(r"[|&;<>()]+", word), lexer))
    _, command, arguments = cli.resolve_command(click.Context(cli), words)
    assert command is not None
    context = click.Context(command)
    values, left, _ = command.make_parser(context).parse_args(arguments)
    assert left == []
    for parameter in command.params:
        value = values.get(str(parameter.name))
        if not isinstance(parameter.type, click.Path) and not (isinstance(value, str) and value.isupper()):
            parameter.type_cast_value(context, value)
        assert not (is_whole and parameter.required and parameter.value_is_missing(value)), parameter.name


@pytest.mark.parametrize("line", [line for page in PAGES for line in _commands(page)])
def test_a_command_line_of_the_documentation_is_one(line: str) -> None:
    _parse(line, is_whole=True)


@pytest.mark.parametrize("line", [line for page in PAGES for line in _mentions(page)])
def test_a_command_line_in_a_sentence_is_part_of_one(line: str) -> None:
    _parse(line, is_whole=False)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("check template.yaml --stric", "No such option: --stric"),
        ("local a.yaml b.yaml", "['b.yaml']"),
        ("local --port many a.yaml", "'many' is not a valid integer"),
        ("install --print-policy reader", "'reader' is not one of"),
        ("transform | less", "template"),
        ("verifi STACK", "Did you mean 'verify'?"),
    ],
)
def test_a_command_line_that_is_none_is_noticed(line: str, problem: str) -> None:
    with pytest.raises((click.UsageError, AssertionError)) as caught:
        _parse(line, is_whole=True)
    assert problem in str(caught.value)


def test_the_site_is_built_without_a_warning_and_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    """With `--quiet` mkdocs drops its warnings before `--strict` counts them."""
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(build, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    told = [line for line in built.stderr.splitlines() if not line.startswith("INFO ")]
    assert (built.returncode, told) == (0, [])
    outside = r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>"
    fetched = {page.parent.name: re.findall(outside, page.read_text()) for page in tmp_path.glob("*/index.html")}
    names = [
        *(path.stem for path in ROOT.glob("docs/*.md")),
        *(name.removesuffix(".md") for name in site.PAGES.values()),
    ]
    assert fetched == {name: [] for name in names if name != "index"}


def _github_anchors(page: Path) -> set[str]:
    """GitHub's ids of a page's headings; mkdocs makes its own, which its build checks."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_heading_works_on_github_too(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text())
    assert [at for to, at in links if at not in _github_anchors(page.parent / to if to else page)] == []

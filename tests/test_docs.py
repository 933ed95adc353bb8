"""The documents that are made of the code, and links between documents."""

import re
import shlex
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


@pytest.mark.parametrize(("page", "line"), [(page.name, line) for page in PAGES for line in _commands(page)])
def test_a_command_line_of_the_documentation_is_one(page: str, line: str) -> None:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(takewhile(lambda word: not re.fullmatch(r"[|&;<>()]+", word), lexer))
    context = click.Context(cli)
    _, command, arguments = cli.resolve_command(context, words)
    assert command is not None, page
    command.make_parser(click.Context(command)).parse_args(arguments)

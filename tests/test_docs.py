"""The documents that are made of the code, and links between documents."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from scripts import picture, rules_page

from samstream_cli.demo_race import LABELS
from samstream_cli.demo_session import STREAMING

ROOT = Path(__file__).parent.parent
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)", page.read_text())
    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name == "docs"], ids=lambda page: page.name)
def test_a_page_of_a_feature_ends_in_limitations(page: Path) -> None:
    headings = re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE)
    assert page.stem in ("rules", "benchmarks") or headings[-1] == "Limitations"

"""There is something to read about every id that a finding can bear."""

import re
from pathlib import Path

import samstream
import samstream_cli
from samstream.rules import ALL
from samstream_cli.rule_texts import TEXTS


def test_every_id_in_the_sources_has_a_text() -> None:
    folders = [Path(next(iter(package.__path__))) for package in (samstream, samstream_cli)]
    sources = [path.read_text() for folder in folders for path in folder.rglob("*.py")]
    used = {rule for source in sources for rule in re.findall(r'(?<!\[)"([EW]\d{3})"', source)}
    assert used == set(TEXTS)


def test_texts_stand_in_the_order_of_their_ids_and_are_complete() -> None:
    assert list(TEXTS) == sorted(TEXTS)
    for text in TEXTS.values():
        assert all((text.name, text.shortdesc, text.description, text.tags))
        assert text.source_url.startswith("https://")
    assert len({text.name for text in TEXTS.values()}) == len(TEXTS)


def test_a_template_may_ignore_warnings_and_ignorable_errors_of_the_macro() -> None:
    expected = {rule.id for rule in ALL if rule.ignorable or rule.id.startswith("W")}
    assert {text.id for text in TEXTS.values() if text.ignorable} == expected

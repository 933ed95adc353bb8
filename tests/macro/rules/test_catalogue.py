"""The catalogue of rules is whole, and each rule says what a reader needs."""

import re
from pathlib import Path

import pytest

import samstream.rules
from macro.samples import read, sam_app
from samstream.rules import ALL, Rule
from samstream.source import SAM, Listing, Source

FILES = sorted(Path(samstream.rules.__file__).parent.glob("[ew][0-9]*.py"))


def stem(rule: Rule) -> str:
    return type(rule).__module__.rpartition(".")[2]


def test_every_rule_of_a_file_is_in_the_catalogue_once_and_in_order() -> None:
    assert [stem(rule) for rule in ALL] == [file.stem for file in FILES]
    assert len({rule.id for rule in ALL}) == len(ALL)


@pytest.mark.parametrize("rule", ALL, ids=stem)
def test_a_rule_is_named_as_its_file(rule: Rule) -> None:
    number, _, words = stem(rule).partition("_")
    name = "".join(word.capitalize() for word in words.split("_"))
    assert (rule.id, type(rule).__name__) == (number.upper(), name)


@pytest.mark.parametrize("rule", ALL, ids=stem)
def test_a_rules_file_begins_with_its_id_and_short_description(rule: Rule) -> None:
    text = next(file for file in FILES if file.stem == stem(rule)).read_text(encoding="utf-8")
    assert text.startswith(f'"""{rule.id}: {rule.shortdesc}."""\n')


@pytest.mark.parametrize("rule", ALL, ids=stem)
def test_a_rule_says_what_it_is_about(rule: Rule) -> None:
    assert re.fullmatch(r"[EW]\d{3}", rule.id)
    assert re.fullmatch(r"[A-Z].*[^.]", rule.shortdesc)
    assert len(rule.shortdesc) < 80
    assert re.fullmatch(r"[A-Z].+[.)]", rule.description)
    assert re.fullmatch(r"https://[a-z0-9.]+/\S+", rule.source_url)
    assert rule.tags
    assert set(rule.tags) <= {
        "tag", "event", "intrinsic", "route", "integration", "timeout", "function", "adapter", "deployment", "stage"
    }  # fmt: skip


def test_short_descriptions_and_descriptions_are_each_their_own() -> None:
    assert len({rule.shortdesc for rule in ALL}) == len({rule.description for rule in ALL}) == len(ALL)


@pytest.mark.parametrize("rule", [rule for rule in ALL if rule.id not in ("E107", "E108")], ids=stem)
def test_of_a_written_template_only_two_rules_tell(rule: Rule) -> None:
    tagged = sam_app(Streaming=True, ResponseTransferMode="STREAM")
    assert list(rule.check_source(Source(read(tagged), Listing((SAM,), "SamStream")))) == []


def test_only_errors_need_to_be_made_ignorable() -> None:
    assert {rule.id for rule in ALL if rule.ignorable} == {"E401"}


@pytest.mark.parametrize("rule", ALL, ids=stem)
def test_a_rule_has_a_test_file(rule: Rule) -> None:
    assert (Path(__file__).parent / f"test_{stem(rule)}.py").is_file()


def test_a_test_file_has_a_rule() -> None:
    names = {file.stem for file in Path(__file__).parent.glob("test_[ew][0-9]*.py")}
    assert names == {f"test_{stem(rule)}" for rule in ALL}

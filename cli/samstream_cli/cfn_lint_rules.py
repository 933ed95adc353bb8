"""The rules as a plugin of cfn-lint, so that editors show them.

    cfn-lint template.yaml --append-rules samstream_cli.cfn_lint_rules

cfn-lint makes a rule of each class in this module. Their ids lie in the range that it leaves to others: E201 is E9201.
E001 is E9901, since E9001 is the first line of a file of cfn-lint's custom rules.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final

from cfnlint.rules import CloudFormationLintRule, RuleMatch  # type: ignore[import-untyped]
from cfnlint.template import Template  # type: ignore[import-untyped]

from samstream.findings import Finding
from samstream_cli.checked import Located, Region
from samstream_cli.checking import CheckSettings, check, unreadable
from samstream_cli.config import find_config
from samstream_cli.errors import SamstreamError, TemplateError
from samstream_cli.formats.wording import one_line, sentence
from samstream_cli.rule_texts import TEXTS, RuleText
from samstream_cli.templates import read_template

_START_OF_FILE: Final = Region(1, 1, 1, 2)


class SamstreamRule(CloudFormationLintRule):  # type: ignore[misc]  # untyped
    """What all of them are; without an id, cfn-lint leaves it out itself."""

    own_id: ClassVar[str] = ""

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [_match(located) for located in _check(cfn) if located.finding.rule == self.own_id]


def cfn_lint_id(rule: str) -> str:
    """The id in cfn-lint of one of ours."""
    return f"{rule[0]}9{'9' if rule[1] == '0' else rule[1]}{rule[2:]}"


def _rule(text: RuleText) -> type[SamstreamRule]:
    attributes = {
        "own_id": text.id,
        "id": cfn_lint_id(text.id),
        "shortdesc": text.shortdesc,
        "description": text.description,
        "source_url": text.source_url,
        "tags": ["samstream", *text.tags],
    }
    return type(text.name, (SamstreamRule,), attributes)


globals().update({text.id: _rule(text) for text in TEXTS.values()})


@lru_cache(maxsize=1)  # all rules ask, one after the other, about the same template
def _check(cfn: Template) -> Sequence[Located]:
    if cfn.filename is None:
        message = "samstream can't check what cfn-lint reads from a pipe, of which it keeps no text. Name the file."
        return [_of_file("W001", message)]
    try:
        config = find_config(Path.cwd())
        settings = CheckSettings(
            region=config.region or cfn.regions[0],
            parameters=config.parameters,
            macro_name=config.macro_name or "SamStream",
            ignore=config.ignore,
        )
        return check(read_template(cfn.filename), settings).findings
    except TemplateError as error:
        return unreadable(cfn.filename, error).findings
    except SamstreamError as error:
        return [_of_file("E001", f"{error.message}. {error.remedy}".rstrip())]
    except Exception as error:  # or cfn-lint would tell it once a rule
        return [_of_file("E099", f"samstream failed with {type(error).__name__}, which is a bug to report.")]


def _of_file(rule: str, message: str) -> Located:
    return Located(Finding(rule, "", (), message), (), None)


def _match(located: Located) -> RuleMatch:
    message = f"{one_line(sentence(located.finding))} [{located.finding.rule}]"
    region = located.region or _START_OF_FILE
    location = (region.line - 1, region.column - 1, region.end_line - 1, region.end_column - 1)
    return RuleMatch(list(located.place), message, location=location)

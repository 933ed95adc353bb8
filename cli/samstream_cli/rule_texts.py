"""What there is to read about every id that a finding can bear: the rules, and what no rule class stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from samstream.findings import Severity, nearest
from samstream.rules import ALL, Rule
from samstream_cli.errors import UsageError


@dataclass(frozen=True, slots=True)
class RuleText:
    """`ignorable` says that a template may name it in `Ignore`; `samstream check` can leave out any."""

    id: str
    name: str
    shortdesc: str
    description: str
    source_url: str
    tags: tuple[str, ...]
    ignorable: bool = False

    @property
    def severity(self) -> Severity:
        return "error" if self.id.startswith("E") else "warning"


def _of(rule: Rule) -> RuleText:
    ignorable = rule.ignorable or rule.id.startswith("W")
    name = type(rule).__name__
    return RuleText(rule.id, name, rule.shortdesc, rule.description, rule.source_url, rule.tags, ignorable)


_MACROS: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html"
_ANATOMY: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html"
_SAM: Final = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy.html"
_TRANSFORMS: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-section-structure.html"
)

_OTHERS: Final = (
    RuleText(
        "E001",
        "Settings",
        "Settings are known and have values that can be used",
        "Settings are the Parameters of the Transform entry, Metadata: SamStream of the template or of a resource, and "
        "the environment of the macro's function. A misspelt or impossible one fails the deployment instead of "
        "meaning nothing.",
        _MACROS,
        ("settings",),
    ),
    RuleText(
        "E002",
        "NoTemplate",
        "What arrives is a template",
        "A template is a map that lists its resources as a map under Resources, and the macro finds its own record in "
        "it as the listing before SAM wrote it.",
        _ANATOMY,
        ("template",),
    ),
    RuleText(
        "E003",
        "NestedTooDeeply",
        "A template isn't nested too deeply to be read",
        "Values nested hundreds of levels deep can't be worked on.",
        _ANATOMY,
        ("template",),
    ),
    RuleText(
        "E004",
        "SamRefuses",
        "SAM takes the template",
        "SAM's own translator, the same that CloudFormation hosts, refuses the template, with or without samstream.",
        _SAM,
        ("template", "sam"),
    ),
    RuleText(
        "E005",
        "CloudFormationRefuses",
        "CloudFormation takes the template",
        "CloudFormation would refuse the template before anything is deployed: its Transform section, its "
        "parameters, or what the transforms make of it.",
        _TRANSFORMS,
        ("template",),
    ),
    RuleText(
        "E006",
        "Unreadable",
        "A template can be read",
        "The file is there, is UTF-8 text, and is YAML or JSON as CloudFormation reads it, without duplicate keys.",
        _ANATOMY,
        ("template",),
    ),
    RuleText(
        "E099",
        "Bug",
        "samstream doesn't fail",
        "samstream itself failed, which is a bug to report. The macro then fails the deployment and leaves the "
        "template as it was.",
        _MACROS,
        ("samstream",),
    ),
    RuleText(
        "W001",
        "NotFullyChecked",
        "A template is checked to the end",
        "Something of the template is known to AWS alone, such as the macros of an account, so what comes after it "
        "couldn't be checked here.",
        _MACROS,
        ("template",),
    ),
)

TEXTS: Final[Mapping[str, RuleText]] = MappingProxyType(
    {text.id: text for text in sorted((*_OTHERS, *map(_of, ALL)), key=lambda text: text.id)}
)


def find_rule(rule_id: str) -> RuleText:
    """The rule of this id, in any case. Raises `UsageError` with the nearest."""
    wanted = rule_id.strip().upper()
    if wanted in TEXTS:
        return TEXTS[wanted]
    near = nearest(wanted, tuple(TEXTS), 0.5)
    hint = f"Did you mean {near}? " if near else ""
    raise UsageError(f"there is no rule {rule_id[:60]!r}", f"{hint}The rules are {', '.join(TEXTS)}.")

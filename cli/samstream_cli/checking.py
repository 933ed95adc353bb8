"""What is wrong with one template, and where in its source: the transforms run as a deployment would run them, all
rules look at what comes out, and each finding is followed back to the line that it comes from.

    check(read_template("template.yaml"), CheckSettings("eu-west-1")) -> Checked

A template that doesn't use the macro is checked as well: its routes may stream by SAM's own property or by hand. One
that lists the macro where it can't work is checked as if it were listed right, once that has been told.
"""

import gc
import os
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from samstream.findings import Finding
from samstream.options import Options
from samstream.plan import Plan
from samstream.rules import ALL
from samstream.rules.e107_macro_not_listed import MacroNotListed
from samstream.source import SAM, Listing, Source
from samstream.template import Stack, Template
from samstream.transform import inspect
from samstream.types import Json, Place
from samstream_cli import positions, sam
from samstream_cli.checked import Checked, Located, Region
from samstream_cli.cloudformation import ACCOUNT_ID, Outcome, Settings, Translate, is_near, process
from samstream_cli.comments import MARK, read_comments
from samstream_cli.doubts import doubted, is_of_a_tag
from samstream_cli.entries import entry_names
from samstream_cli.errors import ParameterError, SamstreamError, TemplateError
from samstream_cli.excerpts import locate, locate_line
from samstream_cli.origins import Origins
from samstream_cli.parameters import ParameterValues, assume_parameters, stand_ins
from samstream_cli.refusals import findings_of_refusal
from samstream_cli.templates import TemplateFile


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """What a check needs beside the template. `parameters` are for those templates that declare them; `ignore` holds
    the ids of rules to leave out."""

    region: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    macro_name: str = "SamStream"
    ignore: frozenset[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


def check(file: TemplateFile, settings: CheckSettings, translate: Translate = sam.translate) -> Checked:
    """Everything there is to tell of a template; what is wrong with it is never raised."""
    with _collector_off():
        return _checked(file, settings, translate)


@contextmanager
def _collector_off() -> Iterator[None]:
    """What a check makes refers to nothing that refers back; looking for such rings takes a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _checked(file: TemplateFile, settings: CheckSettings, translate: Translate) -> Checked:
    try:
        parameters = assume_parameters(file.content, settings.parameters)
        findings, notes = _Check(file, settings, parameters, translate).run()
    except ParameterError as error:
        findings, notes = [_failure("E005", error, ("Parameters",))], ()
    except TemplateError as error:  # of a file that the template includes
        findings, notes = [_failure("E006", error)], ()
    except RecursionError:
        findings, notes = [Finding("E003", "", (), "The template is nested too deeply to be read.")], ()
    return Checked(file.name, tuple(_located(file, findings, settings.ignore)), notes)


def unreadable(name: str, error: TemplateError) -> Checked:
    """What there is to tell of a file that isn't a template."""
    region = Region(error.line, 1, error.line, 1) if error.line else None
    message = _failure("E006", error).message.removeprefix(f"{name}:{error.line}: ")
    return Checked(name, (Located(Finding("E006", "", (), message), (), region),))


class _Check:
    """One template on its way through the transforms and the rules."""

    def __init__(
        self, file: TemplateFile, settings: CheckSettings, parameters: ParameterValues, translate: Translate
    ) -> None:
        self.section = file.content.get("Transform")
        self.body = {key: value for key, value in file.content.items() if key != "Transform"}
        self.parameters = parameters
        self.stack = Stack(settings.region, ACCOUNT_ID, parameters.values)
        self.translate = translate
        self.macro = settings.macro_name
        self.run_settings = Settings(
            settings.region,
            parameters.values,
            file.folder,
            self.macro,
            settings.environment,
            for_rules=True,
            stand_ins=stand_ins(file.content, parameters.unknown),
        )

    def run(self) -> tuple[list[Finding], tuple[str, ...]]:
        """The findings, with places as the transforms made them, and notes."""
        names = entry_names(self.section)
        source = Source(Template(self.body, self.stack), Listing(names or (), self.macro))
        other = next((name for name in names or () if name != self.macro and is_near(name, self.macro)), None)
        is_clear = names is not None and other is None
        section = self.mended(source) if is_clear else self.section
        outcome = process({**self.body, "Transform": section}, self.run_settings, self.translate)
        plan, findings = self.inspected(outcome)
        if is_clear:
            source = source._replace(streaming=_names(plan) if plan else None)
            findings += [finding for rule in ALL for finding in rule.check_source(source)]
        elif other is not None:
            findings.append(_other_name(other, self.macro))
        known = [doubted(found, outcome.template, self.parameters.unknown, outcome.skipped) for found in findings]
        return known, (*self.parameters.notes, *outcome.notes)

    def mended(self, source: Source) -> Json:
        """The Transform section, or, where its listing is wrong, as it should be."""
        if not any(_LISTING.check_source(source)):
            return self.section
        items = list(self.section) if isinstance(self.section, list) else [self.section] if self.section else []
        if not source.listing.lists_sam:
            return [*items, self.macro]
        number = source.listing.names.index(SAM)
        before = [] if source.listing.before_sam else [self.macro]
        after = [] if source.listing.after_sam else [self.macro]
        return [*items[:number], *before, items[number], *after, *items[number + 1 :]]

    def inspected(self, outcome: Outcome) -> tuple[Plan | None, list[Finding]]:
        """The plan of the last run that saw the template as it will be deployed, else one of what came out; and what
        the run and the rules say."""
        findings = [*outcome.findings, *findings_of_refusal(outcome.refusal)]
        plan = outcome.runs[-1].result.plan if outcome.runs else None
        if plan is not None and not plan.template.before_sam:
            return plan, findings
        if outcome.refusal is not None:
            return None, findings
        plan, found = inspect(outcome.template, outcome.runs[-1].options if outcome.runs else Options(), self.stack)
        return plan, findings + [finding for finding in found if outcome.runs or not is_of_a_tag(finding)]


def _other_name(name: str, macro: str) -> Finding:
    message = f"Transform: if {name} is {macro} by another name, add --macro-name {name}; it was left out here."
    return Finding("W001", "", ("Transform",), message)


_LISTING: Final = MacroNotListed()


def _names(plan: Plan) -> frozenset[tuple[str, str, str]]:
    routes = (streaming.route for streaming in plan.all_streaming)
    return frozenset((route.api, route.method, route.path) for route in routes)


def _failure(rule: str, error: SamstreamError, place: Place = ()) -> Finding:
    return Finding(rule, "", place, f"{error.message}. {error.remedy}".rstrip())


def _located(file: TemplateFile, findings: Sequence[Finding], ignore: Set[str]) -> Iterator[Located]:
    """Each finding once, in the order of the file, but those that are to be left out."""
    source, origins = positions.Source(file.name, file.text), Origins(file.content)
    comments = read_comments(file.text if MARK in file.text and not source.is_json else "")
    unreadable = [locate_line(source, _unreadable_comment(), line) for line in comments.unreadable]
    found = [locate(source, finding, _origin(origins, finding)) for finding in findings]
    once = {_identity(located): located for located in reversed((*unreadable, *found))}
    for located in sorted(once.values(), key=_order):
        line = located.region.line if located.region else 0
        if located.finding.rule not in ignore and not comments.hold(line, located.finding.rule):
            yield located


def _identity(located: Located) -> tuple[str, Place, str]:
    """A default in Globals is wrong once, however many events take it; a route is, whichever listing names its tag."""
    is_default = located.place[:1] == ("Globals",)
    message = re.sub(r" \([^)]*\): ", ": ", located.finding.message, count=1)
    return located.finding.rule, located.place, "" if is_default else message


def _unreadable_comment() -> Finding:
    message = "This comment is no suppression. Write # samstream: ignore W401, with the ids of the rules to leave out."
    return Finding("E001", "", (), message)


def _origin(origins: Origins, finding: Finding) -> Place:
    """Of what is missing among a resource's properties, the resource."""
    place = origins.of(finding.place) or origins.of(("Resources", finding.resource))
    return place[:-1] if place[-1:] == ("Properties",) else place


def _order(located: Located) -> tuple[int, int, str]:
    region = located.region
    return (region.line, region.column, located.finding.rule) if region else (0, 0, located.finding.rule)

"""What CloudFormation does with a template's transforms, on this machine, in its order.

1. Nested `Fn::Transform`, innermost first.
2. The entries of the `Transform` section, in the order written. The macro gets the whole template without
   that section and answers with a new one; SAM is SAM's own translator; `AWS::Include` reads local files; of
   `AWS::LanguageExtensions` the loops run.
3. Resource types that CloudFormation would refuse by name.

Other macros can't run here: each is named in a note and left out. The first refusal ends the run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from samstream.findings import Finding
from samstream.options import Options, OptionsError
from samstream.rules.e107_macro_not_listed import MacroNotListed
from samstream.source import Listing, Source
from samstream.template import Template
from samstream.transform import Result, RouteReport, Stack, transform
from samstream.types import Json, JsonObject, as_object, mentions
from samstream_cli import language_extensions, sam
from samstream_cli.entries import Entry, EntryError, read_entries, read_entry
from samstream_cli.errors import ExitCode
from samstream_cli.snippets import FN_TRANSFORM, INCLUDE, Snippet, expand, include, local_location, unexpanded

ACCOUNT_ID: Final = "123456789012"

_NO_OPTIONS: Final = Options()

Translate = Callable[[JsonObject, Mapping[str, Json], str], JsonObject]
"""SAM's part: fragment, parameter values, Region. Raises `sam.SamRefusal`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run needs beside the template. `environment` is what the macro function's would be; `for_rules` says that
    nobody looks at routes, or misses the macro where it isn't listed."""

    region: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    folder: Path = Path()
    macro_name: str = "SamStream"
    environment: Mapping[str, str] = field(default_factory=dict)
    for_rules: bool = False
    stand_ins: Mapping[str, Json] = field(default_factory=dict)
    """For SAM alone, of parameters without a value."""


@dataclass(frozen=True, slots=True)
class MacroRun:
    """One run of the macro, where in the template's order it stood, and what it was set to."""

    where: str
    result: Result
    options: Options = _NO_OPTIONS


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the deployment would fail: who refuses, each reason or finding, and what to do.

    Not `certain` where a transform that can't run here might have made the difference.
    """

    source: str
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    remedy: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The processed template as far as the run came, and everything there is to tell of the way."""

    template: JsonObject
    routes: tuple[RouteReport, ...]
    runs: tuple[MacroRun, ...]
    notes: tuple[str, ...]
    refusal: Refusal | None
    skipped: tuple[str, ...] = ()
    """The transforms that can't run here."""

    @property
    def exit_code(self) -> ExitCode:
        if self.refusal is None:
            return ExitCode.OK
        return ExitCode.WOULD_FAIL if self.refusal.certain else ExitCode.UNUSABLE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Each finding once, those of settings that can't be used included."""
        found = [finding for run in self.runs for finding in run.result.findings]
        return tuple(dict.fromkeys((*found, *(self.refusal.findings if self.refusal else ()))))

    @property
    def renamed(self) -> dict[str, str]:
        return {old: new for run in self.runs if run.result.report for old, new in run.result.report.renamed.items()}


def process(template: JsonObject, settings: Settings, translate: Translate = sam.translate) -> Outcome:
    """Runs a template's transforms. What is wrong with the template is in the outcome, never raised."""
    return _Run(settings, translate).process(template)


def is_near(name: str, macro_name: str) -> bool:
    """It may be the macro by another name."""
    return bool(get_close_matches(macro_name.lower(), [name.lower()], 1))


def _unchanged(route: RouteReport) -> RouteReport:
    before = route.before
    return RouteReport(route.api, route.route, route.function, before, before, route.timeout_in_millis, "")


class _Refused(Exception):  # ends the run, and never leaves this module
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.source)
        self.refusal = refusal


class _Run:
    """One run, and what there is to tell of it."""

    def __init__(self, settings: Settings, translate: Translate) -> None:
        self.settings = settings
        self.translate = translate
        self.stack = Stack(settings.region, ACCOUNT_ID, settings.parameters)
        self.values = {**settings.parameters, "AWS::AccountId": ACCOUNT_ID, "AWS::Region": settings.region}
        self.runs: list[MacroRun] = []
        self.skipped: list[str] = []
        self.is_extended = False
        self.notes: list[str] = []

    def process(self, template: JsonObject) -> Outcome:
        fragment = {key: value for key, value in template.items() if key != "Transform"}
        refusal = None
        try:
            entries = self.entries(template.get("Transform"))
            if mentions(fragment, (FN_TRANSFORM.encode(),)):
                fragment = expand(fragment, self.snippet)
            if not self.settings.for_rules:
                self.warn_of_missing_macro(entries, fragment)
            for index, entry in enumerate(entries):
                fragment = self.entry(entry, self.position(entries, index), fragment)
            self.check_types(fragment)
        except _Refused as error:
            refusal = error.refusal
        routes = () if self.settings.for_rules else self.routes(fragment, refused=refusal is not None)
        return Outcome(fragment, routes, tuple(self.runs), tuple(self.notes), refusal, tuple(self.skipped))

    def routes(self, fragment: JsonObject, *, refused: bool) -> tuple[RouteReport, ...]:
        """The routes as the last run saw them that saw any. What nothing changes is shown as it is."""
        seen = next((run.result.routes for run in reversed(self.runs) if run.result.routes), ())
        if not seen or refused:
            seen = tuple(map(_unchanged, seen or transform(fragment, Options(), self.stack).routes))
        return tuple(sorted(seen, key=lambda route: (route.api, route.route.partition(" ")[2], route.route)))

    def entries(self, section: Json) -> tuple[Entry, ...]:
        try:
            return read_entries(section, self.values)
        except EntryError as error:
            raise _Refused(Refusal("CloudFormation, in the Transform section", (str(error),))) from error

    def snippet(self, snippet: Snippet) -> Json:
        where = "Fn::Transform in " + "/".join(map(str, snippet.place or ("the template",)))
        try:
            is_listed = isinstance(snippet.call, list) and len(snippet.call) == 1
            entry = read_entry(snippet.call[0] if is_listed else snippet.call, self.values)
        except EntryError as error:
            raise _Refused(Refusal(f"CloudFormation, at {where}", (str(error),))) from error
        if entry.name == self.settings.macro_name:
            return self.macro(entry, where, snippet.siblings)
        location = local_location(entry) if entry.name == INCLUDE else None
        if location is not None:
            return include(location, snippet.siblings, self.settings.folder)
        self.skip(entry, where)
        return unexpanded(snippet)

    def entry(self, entry: Entry, where: str, fragment: JsonObject) -> JsonObject:
        if entry.name == self.settings.macro_name:
            return as_object(self.macro(entry, where, fragment))
        if entry.name == sam.NAME:
            return self.translated(fragment)
        if entry.name == language_extensions.NAME:
            self.is_extended = True
            return as_object(language_extensions.expand_loops(fragment, self.settings.parameters))
        location = local_location(entry) if entry.name == INCLUDE else None
        if location is not None:
            return include(location, fragment, self.settings.folder)
        self.skip(entry, where)
        return fragment

    def macro(self, entry: Entry, where: str, fragment: Json) -> Json:
        source = f"Transform {ACCOUNT_ID}::{entry.name}"
        try:
            options = Options.load(entry.parameters, self.settings.environment)
        except OptionsError as error:
            raise _Refused(Refusal(source, findings=error.findings)) from error
        result = transform(fragment, options, self.stack)
        self.runs.append(MacroRun(where, result, options))
        if result.failed:
            raise _Refused(self.refusal(source, findings=result.findings))
        return result.template

    def translated(self, fragment: JsonObject) -> JsonObject:
        try:
            values = {**self.settings.stand_ins, **self.settings.parameters}
            return self.translate(fragment, values, self.settings.region)
        except sam.SamRefusal as error:
            remedy = ""
            if not self.runs and "Streaming" in str(error):
                name = self.settings.macro_name
                remedy = f"List {name} before {sam.NAME} too: it takes the tags off the events, which SAM refuses."
            raise _Refused(self.refusal(f"Transform {sam.NAME}", error.reasons, remedy=remedy)) from error

    def refusal(
        self, source: str, reasons: tuple[str, ...] = (), findings: tuple[Finding, ...] = (), remedy: str = ""
    ) -> Refusal:
        """Certain unless a transform was skipped, which might have changed what is refused. On AWS the language
        extensions resolve more than loops before SAM sees it."""
        is_partial = self.is_extended and bool(reasons)
        if self.skipped:
            remedy = f"{', '.join(self.skipped)} didn't run, which may be the reason."
        elif is_partial:
            remedy = f"{language_extensions.NAME} does more on AWS than here, which may be the reason."
        return Refusal(source, reasons, findings, remedy, certain=not self.skipped and not is_partial)

    def skip(self, entry: Entry, where: str) -> None:
        self.skipped.append(entry.name)
        if entry.name == INCLUDE:
            self.notes.append(f"{where}: AWS::Include takes local files only here; its content is missing below.")
            return
        hint = f" If it is SamStream by another name, add --macro-name {entry.name}." if self.is_near(entry) else ""
        self.notes.append(f"{where}: {entry.name} can't run here and was skipped.{hint}")

    def is_near(self, entry: Entry) -> bool:
        return is_near(entry.name, self.settings.macro_name)

    def position(self, entries: tuple[Entry, ...], index: int) -> str:
        names = [entry.name for entry in entries]
        if sam.NAME not in names or names[index] == sam.NAME:
            side = ""
        else:
            side = ", before SAM" if index < names.index(sam.NAME) else ", after SAM"
        return f"Transform entry {index + 1}{side}"

    def warn_of_missing_macro(self, entries: tuple[Entry, ...], fragment: JsonObject) -> None:
        name = self.settings.macro_name
        names = tuple(entry.name for entry in entries)
        if self.runs or name in names or any(map(self.is_near, entries)):
            return
        source = Source(Template(fragment, self.stack), Listing(names, name))
        self.notes.extend(finding.message for finding in MacroNotListed().check_source(source))

    def check_types(self, fragment: JsonObject) -> None:
        types = {str(as_object(body).get("Type")) for body in as_object(fragment.get("Resources")).values()}
        name = self.settings.macro_name
        if left := sorted(kind for kind in types if kind.startswith("AWS::Serverless::")):
            remedy = f"List {sam.NAME} under Transform, with {name} before and after it."
        elif left := sorted(kind for kind in types if kind.startswith("SamStream::")):
            remedy = f"List {name} after {sam.NAME} too: that listing makes the routes stream."
        else:
            return
        reason = f"Unrecognized resource types: [{', '.join(left)}]"
        raise _Refused(Refusal("CloudFormation", (reason,), remedy=remedy))

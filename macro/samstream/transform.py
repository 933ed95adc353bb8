"""The pipeline: from a template as CloudFormation sends it to the template that streams.

    read tags -> resolve -> select routes -> plan edits -> check -> apply -> redeploy -> report

tags, events   read what users wrote and resolve it; what is wrong becomes a problem of the tag
routes         read every REST route; change nothing
selection      decide for each route by the narrowest place that speaks of it
plan           turn decisions into edits, which are data; nothing is changed yet
rules          read the plan and tell; an error ends the pipeline, and the fragment goes back untouched
edits          the only place that makes a changed template, of which the unchanged parts are shared
redeploy       new logical ids where callers would otherwise keep the old configuration
report         what was done, written into the template

Before SAM has run there are no routes yet: then the tags are only read, checked, and packed for the pass after it.
The pipeline is pure: no AWS call, no environment, no clock, and the fragment is never changed.
"""

from typing import NamedTuple

from samstream.edits import Edit, apply, value_at
from samstream.events import RECORD, TRIPWIRE_TYPE, kept, take_off, tripwire
from samstream.findings import Finding, summary
from samstream.intrinsics import Resolver, inputs
from samstream.options import Options, OptionsError
from samstream.plan import Plan, plan_streaming
from samstream.redeploy import described, new_ids, references
from samstream.report import KEY as REPORT_KEY
from samstream.report import Report, RouteReport, earlier_buffered, earlier_renames, make_report, record, report_routes
from samstream.routes import RouteReader, RouteTable
from samstream.rules import ALL
from samstream.snippets import transform_snippet
from samstream.suppressions import Suppressions, read_suppressions
from samstream.tags import (
    METADATA_KEY,
    TAGGABLE,
    Tag,
    is_misspelt,
    tags_of_earlier_pass,
    tags_of_events,
    tags_of_methods,
    tags_of_options,
    tags_of_resources,
    tags_of_routes,
)
from samstream.template import Stack, Template, is_template
from samstream.types import Json, JsonObject, as_object

__all__ = ["Result", "RouteReport", "Stack", "inspect", "transform"]


class Result(NamedTuple):
    """What a transform answers. `template` is the new one, or the fragment as it came if there are errors; `report`
    is None unless something streams; `edits` is everything that changes."""

    template: Json
    findings: tuple[Finding, ...] = ()
    edits: tuple[Edit, ...] = ()
    report: Report | None = None
    plan: Plan | None = None
    reader: RouteReader | None = None

    @property
    def failed(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    @property
    def message(self) -> str:
        """Every error in one text, the first one first."""
        return summary(finding for finding in self.findings if finding.severity == "error")

    @property
    def routes(self) -> tuple[RouteReport, ...]:
        """Every REST route of the template, those that stay as they are among them."""
        if self.plan is None:
            return tuple(report_routes(self.reader.read().routes, {})) if self.reader else ()
        return tuple(report_routes(self.plan.table.routes, self.plan.streaming))


def transform(fragment: Json, options: Options, stack: Stack) -> Result:
    """The template with its tagged routes streaming; or the fragment itself, with every reason why not.

    >>> transform({"Resources": {}}, Options(), Stack("eu-west-1", "123456789012", {})).template
    {'Resources': {}}
    """
    try:
        if not is_template(fragment):
            return _transform_snippet(fragment, options, stack)
        template = Template(fragment, stack)
        return _before_sam(template, options) if template.before_sam else _after_sam(template, options)
    except OptionsError as error:
        return Result(fragment, error.findings)
    except RecursionError:
        return Result(fragment, (Finding("E003", "", (), "The template is nested too deeply to be read."),))


def inspect(template: JsonObject, options: Options, stack: Stack) -> tuple[Plan, tuple[Finding, ...]]:
    """What the rules say of a template after SAM, whether or not it is tagged: routes may stream by themselves."""
    read = Template(template, stack)
    return _planned(read, options, RouteReader(read))


def _transform_snippet(fragment: Json, options: Options, stack: Stack) -> Result:
    resolver = Resolver({}, stack.region, stack.account_id, stack.parameters)
    edits, findings = transform_snippet(fragment, options, resolver)
    return Result(fragment, findings) if findings else Result(apply(fragment, edits, {}), (), edits)


def _before_sam(template: Template, options: Options) -> Result:
    taken = take_off(template, bool(options.routes or options.default_routes) or _is_tagged(template))
    tags = [*tags_of_events(taken.tags, template.resolver), *tags_of_resources(template)]
    plan = Plan(template, options, tags, RouteTable())
    plan.taken_off = taken
    findings = _check(plan)
    edits = list(taken.edits)
    if edits or tags or options.routes or options.default_routes or _is_tagged(template):
        wire = tripwire(template, options)
        edits.extend([wire] if wire else [])
    if _has_errors(findings):
        return Result(template.body, findings, plan=plan)
    return Result(apply(template.body, edits, {}), findings, tuple(edits), plan=plan)


def _after_sam(template: Template, options: Options) -> Result:
    for wire in template.of_type(TRIPWIRE_TYPE):
        options = options.after(Options.load(as_object(wire.properties.get("Parameters")), {}))
    reader = RouteReader(template)
    if not (options.routes or options.default_routes or _is_tagged(template) or any(template.of_type(TRIPWIRE_TYPE))):
        return Result(template.body, reader=reader)
    plan, findings = _planned(template, options, reader)
    if _has_errors(findings):
        return Result(template.body, findings, plan=plan)
    return _applied(plan, findings)


def _planned(template: Template, options: Options, reader: RouteReader) -> tuple[Plan, tuple[Finding, ...]]:
    table = reader.read()
    plan = plan_streaming(template, options, list(_tags(template, options, table)), reader, table)
    return plan, _check(plan)


def _tags(template: Template, options: Options, table: RouteTable) -> list[Tag]:
    return [
        *tags_of_events(list(kept(template)), template.resolver),
        *tags_of_routes(table, template.resolver),
        *tags_of_methods(template, table),
        *tags_of_resources(template),
        *tags_of_earlier_pass(earlier_buffered(template.body)),
        *tags_of_options(options),
    ]


def _is_tagged(template: Template) -> bool:
    """Anything at all in this template is ours, or was meant to be."""
    if template.has_operation_tag:
        return True
    for resource in template.with_metadata:
        if RECORD in resource.metadata or any(key == METADATA_KEY or is_misspelt(key) for key in resource.metadata):
            return True
    return any(METADATA_KEY in resource.body for resource in template.of_type(*TAGGABLE))


def _applied(plan: Plan, findings: tuple[Finding, ...]) -> Result:
    body = plan.template.body
    holder = body.get("Metadata", {})
    if not isinstance(holder, dict) or not isinstance(holder.get(REPORT_KEY, {}), dict):
        message = f"The template's Metadata and its {REPORT_KEY} must be maps: the report is written there."
        return Result(body, (Finding("E002", "", ("Metadata",), message),), plan=plan)
    edited = apply(body, plan.edits, {})
    renames = _renames(plan, edited)
    follow = [*described(edited, renames), *references(edited, renames, {group.api for group in plan.deployments})]
    edits = [*plan.edits, *follow]
    if not edits:
        return Result(body, findings, plan=plan)
    report = None
    if plan.streaming or plan.selection.overruled:
        report = make_report(plan, renames, findings)
        follow.append(record(edited, report))
        edits.append(follow[-1])
    return Result(apply(edited, follow, renames), findings, tuple(edits), report, plan)


def _renames(plan: Plan, edited: JsonObject) -> dict[str, str]:
    """New ids for the Deployments of APIs that stream, but those an earlier pass gave theirs and this one leaves."""
    earlier = earlier_renames(plan.template.body)
    streaming = plan.streaming_by_api()
    groups = []
    for group in plan.deployments:
        changed, irreplaceable = any(planned.edits for planned in streaming[group.api]), group.irreplaceable
        renamed = [
            found
            for found in group.deployments
            if found not in irreplaceable and (changed or found.id not in earlier.values())
        ]
        groups.append(group._replace(deployments=tuple(renamed)))
    contents = {api: _content(plan, edited, api) for api in streaming}
    return new_ids(edited, groups, plan.versions, contents, earlier)


def _content(plan: Plan, edited: JsonObject, api: str) -> Json:
    """What callers see a change of: the names of an API's streaming routes, those that stream without us among them,
    what defines them, and the values that this depends on."""
    routes: list[Json] = []
    for number in plan.table.by_api[api]:
        route = plan.table.routes[number]
        if number in plan.streaming or route.streaming:
            place = (*route.place, "Properties") if route.owner != api else route.place
            routes.append([str(route), value_at(edited, place)])
    return [routes, inputs(routes, plan.template.resolver)]


def _check(plan: Plan) -> tuple[Finding, ...]:
    """What all rules find, errors first; what `Ignore` names and what this deployment won't create are left out."""
    suppressions = read_suppressions(plan, {rule.id for rule in ALL if rule.ignorable or rule.id.startswith("W")})
    findings = list(suppressions.problems)
    for rule in ALL:
        if rule.id not in suppressions.everywhere:
            findings.extend(found for found in rule.check(plan) if not _is_left_out(plan, suppressions, found))
    if plan.options.strict:
        findings = [found._replace(strict=True) for found in findings]
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda found: found.severity != "error"))


def _is_left_out(plan: Plan, suppressions: Suppressions, finding: Finding) -> bool:
    """It is to be ignored, or concerns what this deployment won't create."""
    template = plan.template
    is_dead = template.is_dead(finding.resource) or template.is_dead_place(finding.place)
    return is_dead or suppressions.hold(finding, plan)


def _has_errors(findings: tuple[Finding, ...]) -> bool:
    return any(finding.severity == "error" for finding in findings)

"""`samstream transform`: what CloudFormation would make of a template, without an AWS account."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from rich.text import Text

from samstream.edits import ABSENT, Edit
from samstream.findings import Finding
from samstream.transform import RouteReport
from samstream.types import JsonObject
from samstream_cli import sam
from samstream_cli.cloudformation import Outcome, Settings, process
from samstream_cli.errors import UsageError
from samstream_cli.options import EXIT_CODES, debug_option, find_region
from samstream_cli.parameters import parse_assignments, resolve_parameters
from samstream_cli.tables import print_outcome, print_plan, report_console
from samstream_cli.templates import STDIN, TemplateFile, read_template
from samstream_cli.writing import FORMATS, Format, check_target, format_of, to_text, write

STDOUT: Final = "-"


@click.command(epilog=EXIT_CODES)
@click.argument("template")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter's value; repeatable.")
@click.option("--region", help="The Region to transform for  [default: AWS_REGION, AWS_DEFAULT_REGION, us-east-1]")
@click.option("--output", metavar="FILE", help="Write the processed template there; - prints it.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Of the output  [default: by FILE's name, else yaml]"
)
@click.option("--plan", is_flag=True, help="Print every edit of the macro, write nothing.")
@click.option("--macro-name", default="SamStream", show_default=True, help="The name the macro is installed by.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@debug_option
def transform(  # noqa: PLR0913  # one argument an option
    *,
    template: str,
    parameters: tuple[str, ...],
    region: str | None,
    output: str | None,
    form: Format | None,
    plan: bool,
    macro_name: str,
    force: bool,
) -> int:
    """Show what CloudFormation would make of TEMPLATE, and which routes stream.

    Runs what the template's Transform section lists, in its order: SamStream, SAM's own translator and
    AWS::Include of local files. Prints a table of the routes before and after, findings and new ids.
    TEMPLATE is YAML or JSON; - reads it from standard input. It needs no AWS account and calls nobody.
    """
    path, form = _target(output, form, plan=plan)
    if path not in (None, STDOUT):
        check_target(Path(str(path)), force=force, template=None if template == STDIN else Path(template))
    found_region, source = find_region(region)
    file = read_template(template)
    outcome = run(file, parse_assignments(parameters), found_region, macro_name)
    console = report_console(sys.stderr if path == STDOUT else sys.stdout)
    console.print(Text(f"{file.name} in {found_region} ({source})", "dim"), soft_wrap=True)
    console.print()
    if plan and path is None:
        print_plan(console, outcome.runs)
    print_outcome(console, outcome)
    if path is not None:
        _deliver(path, form, plan=plan, outcome=outcome)
    return outcome.exit_code


def run(file: TemplateFile, given: Mapping[str, str], region: str, macro_name: str = "SamStream") -> Outcome:
    """A template through CloudFormation's transforms, with progress shown while SAM works."""
    parameters = resolve_parameters(file.content, given)
    settings = Settings(region, parameters.values, file.folder, macro_name, os.environ)
    outcome = process(file.content, settings, sam.translate_with_progress)
    return replace(outcome, notes=(*parameters.notes, *outcome.notes))


def _target(output: str | None, form: Format | None, *, plan: bool) -> tuple[str | None, Format]:
    """Where the result goes, None for nowhere but the report, and its format."""
    if plan and output:
        raise UsageError("--plan writes nothing, so --output has no meaning with it", "Leave one of them out.")
    if form is not None:
        return output or STDOUT, form
    return output, format_of(output or "")


def _deliver(path: str, form: Format, *, plan: bool, outcome: Outcome) -> None:
    if plan:
        click.echo(to_text(plan_data(outcome), form), nl=False)
    elif outcome.refusal:
        click.echo("No template was written.", err=True)
    elif path == STDOUT:
        click.echo(to_text(outcome.template, form), nl=False)
    else:
        write(Path(path), to_text(outcome.template, form))
        click.echo(f"Wrote {path}.")


def plan_data(outcome: Outcome) -> JsonObject:
    """The plan for programs: every run's edits, and what the report says of them."""
    refusal = outcome.refusal
    return {
        "exit_code": int(outcome.exit_code),
        "refused_by": refusal.source if refusal else None,
        "reasons": list(refusal.reasons) if refusal else [],
        "findings": [_finding_data(finding) for finding in outcome.findings],
        "notes": list(outcome.notes),
        "routes": [_route_data(route) for route in outcome.routes],
        "renamed": outcome.renamed,
        "runs": [{"where": run.where, "edits": list(map(_edit_data, run.result.edits))} for run in outcome.runs],
    }


def _route_data(route: RouteReport) -> JsonObject:
    return {
        "api": route.api,
        "route": route.route,
        "function": route.function,
        "before": route.before,
        "after": route.after,
        "timeout_in_millis": route.timeout_in_millis,
        "why": route.why,
    }


def _finding_data(finding: Finding) -> JsonObject:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "resource": finding.resource,
        "place": list(finding.place),
        "message": finding.message,
    }


def _edit_data(edit: Edit) -> JsonObject:
    """No `before` creates the value, no `after` removes it."""
    values = {"before": edit.before, "after": edit.after}
    return {
        "place": list(edit.place),
        **{name: value for name, value in values.items() if value is not ABSENT},
    }

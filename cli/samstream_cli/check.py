"""`samstream check`: what would fail or not stream, before anything is deployed."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, get_args

import click

from samstream.types import as_object
from samstream_cli import checking, formats, sam
from samstream_cli.checked import Checked, FailOn
from samstream_cli.checking import CheckSettings, unreadable
from samstream_cli.config import find_config
from samstream_cli.errors import ExitCode, ParameterError, TemplateError, UsageError
from samstream_cli.explain import explain
from samstream_cli.options import debug_option, find_region
from samstream_cli.parameters import parse_assignments
from samstream_cli.rule_texts import find_rule
from samstream_cli.tables import report_console
from samstream_cli.templates import TemplateFile, read_template

_EPILOG: Final = """\b
Exit codes:
  0    nothing was found, or nothing as severe as --fail-on says
  1    something was found
  2    a file is no template, or the options are wrong
  130  interrupted

Settings may stand under [tool.samstream.check] of pyproject.toml or [check] of .samstream.toml, in this folder
or one above: templates, ignore, fail-on, format, region, macro-name, parameters. Options win over them.
"""

_UNUSABLE: Final = ("E006",)


@click.command(epilog=_EPILOG)
@click.argument("templates", nargs=-1, metavar="[TEMPLATE]...")
@click.option("--format", "form", type=click.Choice(formats.FORMATS), help="Of the output  [default: text]")
@click.option("--fail-on", type=click.Choice(get_args(FailOn)), help="What makes the exit code 1  [default: error]")
@click.option("--ignore", "ignored", multiple=True, metavar="RULE", help="Leave a rule out; repeatable.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter's value; repeatable.")
@click.option("--region", help="The Region to check for  [default: AWS_REGION, AWS_DEFAULT_REGION, us-east-1]")
@click.option("--macro-name", help="The name the macro is installed by  [default: SamStream]")
@click.option("--explain", "explained", metavar="RULE", help="Say what a rule is about, and check nothing.")
@debug_option
def check(  # noqa: PLR0913  # one argument an option
    *,
    templates: tuple[str, ...],
    form: formats.Format | None,
    fail_on: FailOn | None,
    ignored: tuple[str, ...],
    parameters: tuple[str, ...],
    region: str | None,
    macro_name: str | None,
    explained: str | None,
) -> int:
    """Say what would fail or not stream in each TEMPLATE, with file, line and the way out.

    Runs the transforms as a deployment would, SAM's own translator among them, and looks at what comes out. It
    checks templates with samstream's tags and templates that stream by SAM's own property or by hand. YAML or
    JSON; - is standard input. It needs no AWS account and calls nobody.
    """
    if explained is not None:
        explain(explained, report_console(sys.stdout))
        return ExitCode.OK
    config = find_config(Path.cwd())
    names = templates or tuple(map(str, config.find_templates()))
    if not names:
        raise UsageError("no template is named", "Write samstream check template.yaml, or set templates in a file.")
    given = parse_assignments(parameters)
    settings = CheckSettings(
        region=find_region(region, configured=config.region)[0],
        parameters={**config.parameters, **given},
        macro_name=macro_name or config.macro_name or "SamStream",
        ignore=config.ignore | {find_rule(name).id for name in ignored},
    )
    files = [_read(name) for name in dict.fromkeys(names)]
    _refuse_undeclared(given, files)
    checks = [_check(file, settings) for file in files]
    formats.write(form or config.format or "text", checks, sys.stdout)
    return exit_code(checks, fail_on or config.fail_on or "error")


def exit_code(checks: Sequence[Checked], fail_on: FailOn) -> ExitCode:
    """The worst that was found, as a number."""
    if any(located.finding.rule in _UNUSABLE for found in checks for located in found.findings):
        return ExitCode.UNUSABLE
    severities = ("error",) if fail_on == "error" else ("error", "warning")
    is_failed = any(located.finding.severity in severities for found in checks for located in found.findings)
    return ExitCode.WOULD_FAIL if is_failed else ExitCode.OK


def _read(name: str) -> TemplateFile | Checked:
    try:
        return read_template(name)
    except TemplateError as error:
        return unreadable(name, error)


def _check(file: TemplateFile | Checked, settings: CheckSettings) -> Checked:
    return file if isinstance(file, Checked) else checking.check(file, settings, sam.translate_with_progress)


def _refuse_undeclared(given: Iterable[str], files: Sequence[TemplateFile | Checked]) -> None:
    """A misspelt parameter would be no value at all."""
    contents = [file.content for file in files if isinstance(file, TemplateFile)]
    declared = {name for content in contents for name in as_object(content.get("Parameters"))}
    for name in given if contents else ():
        if name not in declared:
            hint = f"They declare {', '.join(sorted(declared))}." if declared else "They declare none."
            raise ParameterError(f"no template declares the parameter {name}", hint)

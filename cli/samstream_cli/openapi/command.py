"""`samstream openapi`: an app's OpenAPI document as a definition that API Gateway imports."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from samstream_cli.errors import ExitCode, UsageError
from samstream_cli.openapi.conversion import Conversion, convert
from samstream_cli.openapi.integrations import Wiring
from samstream_cli.openapi.report import print_conversion
from samstream_cli.openapi.sam_template import START, Code, included, sam_template
from samstream_cli.openapi.source import Importing, read_source
from samstream_cli.options import debug_option
from samstream_cli.tables import report_console
from samstream_cli.writing import check_target, format_of, to_text, write

STDOUT: Final = "-"

_EPILOG: Final = """\b
Exit codes:
  0    the definition is written
  1    API Gateway would refuse it; nothing is written
  2    the command can't tell: wrong options, an app that can't be imported,
       a document that can't be read
  130  interrupted
"""

_START_HINT: Final = (
    'Write it, executable, with two lines: #!/bin/sh and exec python3 -m uvicorn MODULE:APP --port "$AWS_LWA_PORT"'
)

_ORIGIN: Final = re.compile(r"\*|https?://[^\s'\",/]+")


@dataclass(frozen=True)
class Targets:
    """Where definition and template go; None for nowhere, `-` for standard output."""

    output: str | None
    template: str | None

    @property
    def names(self) -> list[str]:
        return [name for name in (self.output, self.template) if name is not None]


@click.command(epilog=_EPILOG)
@click.argument("source", metavar="MODULE:APP|DOCUMENT")
@click.option("--function", required=True, metavar="ID", help="The logical id of the function that answers.")
@click.option("--stream", "streams", multiple=True, metavar="'POST /chat'", help="A route that streams; repeatable.")
@click.option("--output", metavar="FILE", help="Write the definition there; - prints it  [default: -]")
@click.option("--template", metavar="FILE", help="Write a SAM template around the definition; - prints it.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.option("--models/--no-models", default=True, show_default=True, help="Keep schemas as models.")
@click.option("--hidden", is_flag=True, help="Take in routes that the app hides from its document.")
@click.option("--resolved", is_flag=True, help="Write mode and URI instead of tags, to do without the macro.")
@click.option(
    "--timeout",
    type=click.IntRange(1, 900),
    default=120,
    show_default=True,
    help="Seconds, with --template/--resolved.",
)
@click.option("--cors", metavar="ORIGIN", help="Answer browsers' preflights for this origin, or *.")
@click.option("--app-dir", type=click.Path(path_type=Path), default=Path(), help="The app's folder  [default: .]")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python that has the app's dependencies.")
@click.option("--factory", is_flag=True, help="APP is a function that makes the app.")
@click.option("--details", is_flag=True, help="List every place of what was left out.")
@debug_option
def openapi(*, source: str, app_dir: Path, python: str, factory: bool, details: bool, **options: Any) -> int:
    """Write a definition that API Gateway imports, from a FastAPI app or an OpenAPI document.

    The app is imported in a process of its own, with its own Python. Its document is brought down to OpenAPI 3.0.1
    and to what API Gateway takes; each operation gets a proxy integration to the function, and those that stream
    the tag for the macro. DOCUMENT is a file (.json, .yaml) or an http address. What is left out is listed.
    """
    targets = _targets(options["output"], options["template"], force=options["force"])
    wiring = _wiring(options)
    read = read_source(source, Importing(app_dir, python, factory))
    conversion = convert(read, wiring, options["streams"], with_models=options["models"], hidden=options["hidden"])
    is_printed = STDOUT in targets.names
    console = report_console(sys.stderr if is_printed else sys.stdout)
    print_conversion(console, conversion, details=details)
    if any(not problem.rule.is_quota for problem in conversion.problems):
        click.echo("No definition was written.", err=True)
        return ExitCode.WOULD_FAIL
    _deliver(conversion, targets, wiring, app_dir)
    return ExitCode.OK


def _targets(output: str | None, template: str | None, *, force: bool) -> Targets:
    targets = Targets(output or (None if template else STDOUT), template)
    if targets.names.count(STDOUT) > 1:
        raise UsageError("definition and template can't both be printed", "Name a file for one of them.")
    files = [name for name in targets.names if name != STDOUT]
    if len({Path(name).resolve() for name in files}) < len(files):
        raise UsageError("definition and template can't be the same file", "Name two.")
    for name in files:
        check_target(Path(name), force=force, template=None)
    return targets


def _wiring(options: dict[str, Any]) -> Wiring:
    if not re.fullmatch(r"[A-Za-z0-9]{1,200}", options["function"]):
        raise UsageError(f"--function {options['function']!r} is no logical id", "It has letters and digits only.")
    if options["cors"] and not _ORIGIN.fullmatch(options["cors"]):
        raise UsageError(f"--cors {options['cors']!r} is no origin", "Write https://example.com, or * for all.")
    return Wiring(options["function"], options["resolved"], options["timeout"], options["cors"])


def _deliver(conversion: Conversion, targets: Targets, wiring: Wiring, app_dir: Path) -> None:
    if targets.output is not None:
        # AWS::Include reads no short forms.
        _put(targets.output, to_text(conversion.definition, format_of(targets.output), short_forms=False))
    if targets.template is not None:
        folder = Path() if targets.template == STDOUT else Path(targets.template).parent
        is_file = targets.output not in (None, STDOUT)
        body = included(_from(folder, Path(str(targets.output)))) if is_file else conversion.definition
        code = Code(
            _from(folder, app_dir),
            _has_target(app_dir / "Makefile", f"build-{wiring.function}"),
            any(endpoint.streams for endpoint in conversion.endpoints),
        )
        template = sam_template(body, conversion.definition["info"]["title"], wiring, code)
        _put(targets.template, to_text(template, format_of(targets.template)))
        if not (app_dir / START).exists():
            click.echo(f"note: the function starts {app_dir / START}, which isn't there yet. {_START_HINT}", err=True)


def _put(target: str, text: str) -> None:
    if target == STDOUT:
        click.echo(text, nl=False)
    else:
        write(Path(target), text)
        click.echo(f"Wrote {target}.", err=True)


def _from(folder: Path, path: Path) -> str:
    """The path as a template in that folder names it."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _has_target(makefile: Path, target: str) -> bool:
    """`sam build` then runs that target."""
    return makefile.is_file() and f"\n{target}:" in f"\n{makefile.read_text(encoding='utf-8', errors='replace')}"

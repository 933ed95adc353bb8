"""`samstream local`: a template's REST APIs and their functions on this machine."""

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

import click
from rich.text import Text

from samstream_cli.cloudformation import ACCOUNT_ID
from samstream_cli.errors import ExitCode, UsageError
from samstream_cli.local.adapter import find as find_adapter
from samstream_cli.local.functions import CREDENTIALS, RESERVED
from samstream_cli.local.limits import Options
from samstream_cli.local.project import Reader
from samstream_cli.local.reloading import TemplateWatch
from samstream_cli.local.session import Settings, run
from samstream_cli.local.terminal import Screen, voice_of
from samstream_cli.local.workers import LIMIT
from samstream_cli.options import debug_option, find_region
from samstream_cli.parameters import parse_assignments
from samstream_cli.tables import print_outcome, report_console
from samstream_cli.templates import STDIN, read_template

_EPILOG: Final = """\b
Exit codes:
  0    ended by Ctrl-C
  1    the deployment would fail: findings, or SAM or CloudFormation refuses
  2    wrong options, an unreadable template, a taken port, code that isn't here
  141  whoever read its output has gone
"""


@click.command(epilog=_EPILOG)
@click.argument("template")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one.")
@click.option(
    "--function", "names", multiple=True, metavar="NAME", help="Serve this function's routes alone; repeatable."
)
@click.option(
    "--env", "variables", multiple=True, metavar="NAME=VALUE", help="A variable of every function; repeatable."
)
@click.option("--env-file", type=click.Path(path_type=Path), help="Such variables, one a line.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter's value; repeatable.")
@click.option("--region", help="The Region to be in  [default: AWS_REGION, AWS_DEFAULT_REGION, us-east-1]")
@click.option("--macro-name", default="SamStream", show_default=True, help="The name the macro is installed by.")
@click.option(
    "--limit", default=LIMIT, show_default=True, type=click.IntRange(1), help="Workers of a function at once."
)
@click.option("--no-limits", is_flag=True, help="No pace of 2 MB/s and no idle limit.")
@click.option("--speedup", default=1.0, show_default=True, type=click.FloatRange(0.001), help="Timeouts run faster.")
@click.option("--hot-reload", is_flag=True, help="Start a function anew when a file in its folder has changed.")
@click.option("--allow-unauthenticated", is_flag=True, help="Let requests pass authorizers and API keys.")
@click.option("--credentials", is_flag=True, help="Hand the AWS credentials of this shell to the functions.")
@click.option("--adapter", type=click.Path(path_type=Path), help="The Lambda Web Adapter to use.")
@debug_option
def local(  # noqa: PLR0913  # one argument an option
    *,
    template: str,
    port: int,
    names: tuple[str, ...],
    variables: tuple[str, ...],
    env_file: Path | None,
    parameters: tuple[str, ...],
    region: str | None,
    macro_name: str,
    limit: int,
    no_limits: bool,
    speedup: float,
    hot_reload: bool,
    allow_unauthenticated: bool,
    credentials: bool,
    adapter: Path | None,
) -> int:
    """Serve TEMPLATE's REST APIs on this machine, streaming what will stream.

    Transforms the template as a deployment would, starts each function when a request needs it, and answers as
    API Gateway does: buffered routes whole, streaming ones as their bytes come, and what fails on AWS fails here,
    with the reason on this terminal. It listens on 127.0.0.1 alone and needs no AWS account. Ctrl-C ends it.
    """
    found_region, source = find_region(region)
    file = read_template(template)
    if template == STDIN:
        raise UsageError("the functions of a template on standard input can't be found", "Name its file.")
    given = _not_reserved({**_read_file(env_file), **parse_assignments(variables, "--env")})
    if adapter:
        find_adapter(adapter)
    reader = Reader(file, parse_assignments(parameters), found_region, macro_name)
    console = report_console(sys.stdout)
    console.print(Text(f"{file.name} in {found_region} ({source})", "dim"), soft_wrap=True)
    if reader.outcome.refusal:
        print_outcome(console, reader.outcome)
        return reader.outcome.exit_code
    options = Options(allow_unauthenticated, no_limits, speedup, account_id=ACCOUNT_ID, region=found_region)
    watch = TemplateWatch(Path(template)) if hot_reload else None
    with tempfile.TemporaryDirectory(prefix="samstream-") as scratch:
        project = reader.project(names, given, Path(scratch))
        stop = asyncio.Event()
        screen = Screen(console, stop)
        settings = Settings(port, options, limit, adapter, credentials, hot_reload)
        run(project.apis, project.functions, settings, voice_of(screen, project, watch), stop)
    screen.flush()
    if screen.failure:
        raise screen.failure
    return ExitCode.OK


def _not_reserved(variables: dict[str, str]) -> dict[str, str]:
    """Credentials are let through: on Lambda they come from the function's role, which isn't here."""
    refused = sorted(RESERVED - CREDENTIALS & variables.keys())
    if refused:
        message = f"{', '.join(refused)} can't be set, Lambda does it itself and refuses it in a template"
        raise UsageError(message, "Leave it out; --region sets the Region.")
    return variables


def _read_file(path: Path | None) -> dict[str, str]:
    """NAME=VALUE lines, taken as they are; empty ones and those that begin with # are passed over. Raises
    `UsageError`."""
    if path is None:
        return {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read as text", "Name a file with one NAME=VALUE a line.") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            match = re.fullmatch(r"\s*([A-Za-z_]\w*)=(.*)", line)
            if match is None:
                raise UsageError(f"{path}:{number}: this is no variable", "Write NAME=VALUE, without quotes or export.")
            found[match[1]] = match[2]
    return found

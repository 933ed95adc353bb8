"""`samstream local`: a template's REST APIs and their functions on this machine."""

import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from samstream.findings import nearest
from samstream.options import Options as MacroOptions
from samstream.transform import Stack, inspect
from samstream_cli.cloudformation import ACCOUNT_ID
from samstream_cli.errors import ExitCode, UsageError
from samstream_cli.local.access_log import Access, printable, rendered
from samstream_cli.local.apis import apis_of
from samstream_cli.local.functions import specs_of
from samstream_cli.local.launch import FunctionSpec
from samstream_cli.local.limits import Options
from samstream_cli.local.routing import Api, Route
from samstream_cli.local.session import Settings, Voice, run
from samstream_cli.local.workers import LIMIT
from samstream_cli.options import debug_option, find_region
from samstream_cli.parameters import parse_assignments, resolve_parameters
from samstream_cli.tables import print_outcome, report_console
from samstream_cli.templates import STDIN, read_template
from samstream_cli.transform import run as transformed

_EPILOG: Final = """\b
Exit codes:
  0    ended by Ctrl-C
  1    the deployment would fail: findings, or SAM or CloudFormation refuses
  2    wrong options, an unreadable template, a taken port, code that isn't here
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
    outcome = transformed(file, parse_assignments(parameters), found_region, macro_name)
    console = report_console(sys.stdout)
    console.print(Text(f"{file.name} in {found_region} ({source})", "dim"), soft_wrap=True)
    if outcome.refusal:
        print_outcome(console, outcome)
        return outcome.exit_code
    given = {**_read_file(env_file), **parse_assignments(variables, "--env")}
    options = Options(allow_unauthenticated, no_limits, speedup, account_id=ACCOUNT_ID, region=found_region)
    with tempfile.TemporaryDirectory(prefix="samstream-") as scratch:
        stack = Stack(found_region, ACCOUNT_ID, resolve_parameters(file.content, parse_assignments(parameters)).values)
        plan, _ = inspect(outcome.template, MacroOptions(), stack)
        specs = specs_of(plan, file.content, file.folder, found_region, Path(scratch))
        apis, chosen = _chosen(apis_of(plan), specs.functions, names)
        functions = [replace(spec, variables={**spec.variables, **given}) for spec in chosen]
        voice = _voice(console, apis, (*outcome.notes, *specs.notes))
        run(apis, functions, Settings(port, options, limit, adapter, credentials, hot_reload), voice)
    return ExitCode.OK


def _chosen(
    apis: Sequence[Api], functions: Sequence[FunctionSpec], names: Sequence[str]
) -> tuple[Sequence[Api], Sequence[FunctionSpec]]:
    """Those of the functions that were asked for, all if none was."""
    known = [spec.name for spec in functions]
    for name in names:
        if name not in known:
            near = nearest(name, known, 0.5)
            hint = f"Did you mean {near}? " if near else ""
            raise UsageError(f"no route invokes a function {name}", f"{hint}There are {', '.join(known) or 'none'}.")
    if not any(api.routes for api in apis):
        raise UsageError("the template makes no route of a REST API", "Give a function an event of Type: Api.")
    if not names:
        return apis, functions
    kept = [replace(api, routes=tuple(route for route in api.routes if route.function in names)) for api in apis]
    return [api for api in kept if api.routes], [spec for spec in functions if spec.name in names]


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


def _voice(console: Console, apis: Sequence[Api], notes: Sequence[str]) -> Voice:
    """Everything on the terminal; what functions print is theirs, so it is shown as it can be, by their name."""

    def ready(address: str, more: Sequence[str]) -> None:
        console.print(_table(address, apis))
        for note in (*notes, *more):
            console.print(Text.assemble(("note: ", "yellow"), printable(note)), soft_wrap=True)
        console.print(Text(f"Serving on {address}. Ctrl-C ends it.", "bold"))

    def access(done: Access) -> None:
        console.print(rendered(done), soft_wrap=True)

    def line(function: str, text: str) -> None:
        console.print(Text.assemble((f"[{function}] ", "dim"), printable(text)), soft_wrap=True)

    def step(message: str) -> None:
        console.print(Text(message, "dim"), soft_wrap=True)

    return Voice(access, line, step, ready)


def _table(address: str, apis: Sequence[Api]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for header in ("Route", "URL", "Mode", "Function", "Timeout"):
        table.add_column(header, overflow="fold", no_wrap=header != "URL")
    for api in apis:
        for route in api.routes:
            table.add_row(str(route), f"{address}{_base(api, apis)}{route.path}", *_cells(route))
    return table


def _base(api: Api, apis: Sequence[Api]) -> str:
    """The shortest way to an API: its first stage goes without saying."""
    return f"/{api.id}" if len(apis) > 1 else ""


def _cells(route: Route) -> tuple[Text, str, str]:
    mode = Text("STREAM", "green") if route.streaming else Text("BUFFERED" if route.kind in ("lambda", "http") else "-")
    seconds = 29 if route.timeout_in_millis is None else route.timeout_in_millis / 1000
    return mode, route.function or route.kind, f"{seconds:g} s"

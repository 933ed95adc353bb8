"""`samstream add`: tags and Transform entries into a template as it was written, and out of it again."""

import errno
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from samstream.template import Stack
from samstream.types import as_object
from samstream_cli.add_diff import diff_lines
from samstream_cli.add_plan import Edited, Order, add_tags, remove_tags
from samstream_cli.cloudformation import ACCOUNT_ID
from samstream_cli.errors import ExitCode, ParameterError, UsageError
from samstream_cli.options import DEFAULT_REGION, debug_option
from samstream_cli.parameters import assume_parameters, parse_assignments
from samstream_cli.positions import Source
from samstream_cli.tables import report_console
from samstream_cli.templates import STDIN, TemplateFile, read_bytes, template_file

_EPILOG: Final = """\b
Examples:
  samstream add template.yaml "POST /chat"          one route
  samstream add template.yaml Chat.Ask Chat.List    by function and event
  samstream add template.yaml --all Chat            all routes of a function
  samstream add template.yaml --remove              every tag and entry out

\b
Exit codes:
  0    the template is as asked for, or --diff showed what it would become
  2    nothing was written: nobody said yes, a route that isn't there,
       wrong options, or a template that can't be edited safely
  130  interrupted
"""

_BOM: Final = b"\xef\xbb\xbf"
_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


@click.command(epilog=_EPILOG)
@click.argument("template")
@click.argument("words", nargs=-1, metavar="[ROUTE]...")
@click.option("--all", "functions", multiple=True, metavar="FUNCTION", help="All routes of a function; repeatable.")
@click.option("--metadata", "in_metadata", is_flag=True, help="Tag in the functions' Metadata, not in their events.")
@click.option("--remove", is_flag=True, help="Take the tags out; with no ROUTE all of them.")
@click.option("--from-native", is_flag=True, help="Tag the events that have SAM's own ResponseTransferMode.")
@click.option("--diff", "only_diff", is_flag=True, help="Show what would change, write nothing.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--macro-name", default="SamStream", show_default=True, help="The name the macro is installed by.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter's value; repeatable.")
@debug_option
def add(  # noqa: PLR0913  # one argument an option
    *,
    template: str,
    words: tuple[str, ...],
    functions: tuple[str, ...],
    in_metadata: bool,
    remove: bool,
    from_native: bool,
    only_diff: bool,
    yes: bool,
    macro_name: str,
    parameters: tuple[str, ...],
) -> int:
    """Make each ROUTE of TEMPLATE stream: tags and Transform entries into the file, the rest of it as it is.

    A ROUTE is "POST /chat", "MyApi POST /chat" or Function.Event. YAML or JSON; comments, order and quotes stay. Shows
    the diff and asks before it writes. TEMPLATE may be - for standard input; the new text is then printed.
    """
    order = Order(words, functions, in_metadata, from_native, macro_name)
    _check(order, remove=remove, contradicts=only_diff and yes)
    data = sys.stdin.buffer.read() if template == STDIN else read_bytes(Path(template))
    file = template_file("<stdin>" if template == STDIN else template, Path(), data)
    source = Source(file.name, file.text)
    edited = (remove_tags if remove else add_tags)(source, file.content, _stack(file, parameters), order)
    console = report_console(sys.stderr if template == STDIN and yes else sys.stdout)
    _show(console, source, file, edited)
    new = (_BOM if data.startswith(_BOM) else b"") + edited.text.encode()
    if only_diff or (new == data and not (template == STDIN and yes)):
        return ExitCode.OK
    if not (yes or _is_confirmed(template)):
        return ExitCode.UNUSABLE
    if template == STDIN:
        click.echo(new, nl=False)
    else:
        _write(Path(template), new)
        console.print(f"Wrote {template}." + ("" if remove else f" Next: samstream check {template}"), soft_wrap=True)
    return ExitCode.OK


def _check(order: Order, *, remove: bool, contradicts: bool) -> None:
    names = order.words or order.functions
    if contradicts:
        raise UsageError("--diff writes nothing, so --yes has no meaning with it", "Leave one of them out.")
    if order.from_native and (remove or names or order.in_metadata):
        raise UsageError("--from-native is about all events, and puts tags there", "Give it no other option or route.")
    if not (names or remove or order.from_native):
        raise UsageError(
            "no route is named", 'Name one, such as "POST /chat" or Function.Event, or use --all FUNCTION.'
        )
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9:-]*", order.macro):
        raise UsageError(f"{order.macro!r} is no name of a macro", "Give the name that it is installed by.")


def _stack(file: TemplateFile, parameters: tuple[str, ...]) -> Stack:
    given = parse_assignments(parameters)
    for name in given:
        if name not in as_object(file.content.get("Parameters")):
            raise ParameterError(f"the template has no parameter {name}", "Check its spelling.")
    return Stack(DEFAULT_REGION, ACCOUNT_ID, assume_parameters(file.content, given).values)


def _show(console: Console, source: Source, file: TemplateFile, edited: Edited) -> None:
    for line in diff_lines(source, file.content, edited) if edited.splices else []:
        if console.is_terminal:
            console.print(Text(line, _COLOURS.get(line[:1], "")), soft_wrap=True)
        else:  # rich would make spaces of tabs
            click.echo(line, file=console.file)
    for note in edited.notes:
        console.print(Text(note), soft_wrap=True)
    if not edited.splices and not edited.notes:
        console.print("There is nothing to do.")


def _is_confirmed(template: str) -> bool:
    if template == STDIN or not sys.stdin.isatty():
        click.echo("Nothing was written. Add --yes to write it.", err=True)
        return False
    try:
        return click.confirm(f"Write {template}?", err=True)
    except click.Abort:
        raise KeyboardInterrupt from None


def _write(path: Path, data: bytes) -> None:
    """The whole file or none of it, with the permissions that it has; through a link the file behind it."""
    try:
        path = path.resolve()
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, "it is write-protected")
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123  # it is open already
                file.write(data)
            Path(draft).chmod(path.stat().st_mode)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}", "Check its permissions.") from error

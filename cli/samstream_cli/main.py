"""Where the command line starts: the group of verbs, and the one catch around them."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import version
from platform import python_version
from typing import Final

import click

from samstream import __version__
from samstream_cli.errors import ExitCode, SamstreamError, TemplateError
from samstream_cli.options import EXIT_CODES, debug_option, wants_traceback

VERBS: Final = {
    "transform": "samstream_cli.transform",
    "check": "samstream_cli.check",
    "add": "samstream_cli.add",
    "local": "samstream_cli.local.command",
    "probe": "samstream_cli.probe",
    "openapi": "samstream_cli.openapi.command",
    "install": "samstream_cli.install",
    "uninstall": "samstream_cli.uninstall",
    "status": "samstream_cli.status",
    "verify": "samstream_cli.verify.command",
    "repair": "samstream_cli.repair.command",
    "package": "samstream_cli.packaging.command",
    "demo": "samstream_cli.demo",
}
"""Each verb and the module that has its command, under the same name."""


class _Verbs(click.Group):
    """Imports a verb when it is called: none waits for what the others need."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = getattr(import_module(VERBS[name]), name)
        return command

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = [] if arguments[0] in VERBS else get_close_matches(arguments[0], VERBS, 1)
        if near:
            context.fail(f"No such command {arguments[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(context, arguments)


@click.group(
    cls=_Verbs,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    __version__,
    prog_name="samstream",
    message=f"%(prog)s %(version)s (SAM translator {version('aws-sam-translator')}, Python {python_version()})",
)
@debug_option
def cli() -> None:
    """Streaming responses through API Gateway, for everyone who writes SAM templates."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the result is the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    context: click.Context | None = None
    try:
        context = cli.make_context("samstream", list(sys.argv[1:] if arguments is None else arguments))
        with context:
            result = cli.invoke(context)
        if sys.stdout is not None:  # closed by who called: `>&-`
            sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except Exception as error:  # the one catch
        return _tell(error, debug=wants_traceback(context))
    return result if isinstance(result, int) else ExitCode.OK


def _tell(error: Exception, *, debug: bool) -> int:
    """Says what went wrong, for its reader; the result is the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    if debug:
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
        error = SamstreamError(f"the output can't be written: {error.strerror}", "Make room, or write elsewhere.")
    if isinstance(error, RecursionError):
        error = TemplateError("the template is nested too deeply to be worked on", "Flatten its deepest values.")
    if isinstance(error, SamstreamError):
        click.echo(f"samstream: {error.message}. {error.remedy}".rstrip(), err=True)
        return error.exit_code
    click.echo(f"samstream: this is a bug of samstream: {type(error).__name__}: {error}.", err=True)
    click.echo("Run the command again with --debug and report what it prints.", err=True)
    return ExitCode.UNUSABLE

"""Where the command line starts: the group of verbs, and the one catch around them."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from platform import python_version

import click

from samstream import __version__
from samstream_cli.add import add
from samstream_cli.check import check
from samstream_cli.demo import demo
from samstream_cli.errors import ExitCode, SamstreamError, TemplateError
from samstream_cli.local.command import local
from samstream_cli.options import EXIT_CODES, debug_option, wants_traceback
from samstream_cli.probe import probe
from samstream_cli.transform import transform


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(
    __version__,
    prog_name="samstream",
    message=f"%(prog)s %(version)s (SAM translator {version('aws-sam-translator')}, Python {python_version()})",
)
@debug_option
def cli() -> None:
    """Streaming responses through API Gateway, for everyone who writes SAM templates."""


cli.add_command(transform)
cli.add_command(check)
cli.add_command(local)
cli.add_command(add)
cli.add_command(probe)
cli.add_command(demo)


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
        sys.stdout.flush()
    except KeyboardInterrupt:
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
    if isinstance(error, RecursionError):
        error = TemplateError("the template is nested too deeply to be worked on", "Flatten its deepest values.")
    if isinstance(error, SamstreamError):
        click.echo(f"samstream: {error.message}. {error.remedy}".rstrip(), err=True)
        return error.exit_code
    click.echo(f"samstream: this is a bug of samstream: {type(error).__name__}: {error}.", err=True)
    click.echo("Run the command again with --debug and report what it prints.", err=True)
    return ExitCode.UNUSABLE

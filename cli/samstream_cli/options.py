"""Options and texts that several verbs share."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from samstream_cli.errors import UsageError

DEFAULT_REGION: Final = "us-east-1"

EXIT_CODES: Final = """\b
Exit codes:
  0    the deployment's transforms succeed
  1    the deployment would fail: findings, or SAM or CloudFormation refuses
  2    the command can't tell: wrong options, an unreadable template,
       a transform that runs on AWS only
  130  interrupted
"""

_DEBUG: Final = "samstream.debug"


def debug_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--debug`, which may stand before or after the verb."""
    return click.option(
        "--debug", is_flag=True, expose_value=False, callback=_remember, help="Show tracebacks of errors."
    )(command)


def wants_traceback(context: click.Context | None) -> bool:
    return context is not None and bool(context.meta.get(_DEBUG))


def find_region(
    given: str | None, environment: Mapping[str, str] = os.environ, configured: str | None = None
) -> tuple[str, str]:
    """The Region and where it comes from: the option, else the settings, else the environment, else the default."""
    names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    own = [(region, name) for region, name in ((given, "--region"), (configured, "the settings")) if region]
    found = [(environment[name], name) for name in names if environment.get(name)]
    region, source = (*own, *found, (DEFAULT_REGION, "the default"))[0]
    if not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-\d{1,2}", region):
        raise UsageError(f"{region!r} from {source} is no Region", "Write --region us-east-1, for example.")
    return region, source


def _remember(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_DEBUG] = True

"""`samstream demo`: the whole story in a minute, without an AWS account: the example's routes before and after, and how
they answer."""

import shutil
import sys
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from samstream_cli.cloudformation import Outcome
from samstream_cli.demo_race import compare, failure, picture
from samstream_cli.demo_session import DemoError
from samstream_cli.errors import ExitCode, TemplateError
from samstream_cli.options import DEFAULT_REGION, debug_option
from samstream_cli.probe_runs import Run
from samstream_cli.probe_verdict import seconds
from samstream_cli.tables import print_outcome, report_console
from samstream_cli.templates import TemplateFile, read_template
from samstream_cli.transform import run

_EPILOG: Final = """\b
Exit codes:
  0    the example streamed with its tags, and was buffered without them
  1    it wasn't so, or its packages can't be installed
  2    wrong options, or an installation without the example
  130  interrupted
"""

_INTRODUCTION: Final = """\
The example is a FastAPI app behind API Gateway, in a plain SAM template. Some of its events are tagged
Streaming: true. SamStream takes the tags off, SAM translates the template, and SamStream makes the tagged
routes stream and the API deploy anew, here as in CloudFormation.
"""

_SERVING: Final = """\
Now both are served on this machine, as API Gateway and Lambda would: the example without its tags, and as it is.
Each gets the same POST /chat, whose answer is written word by word:
"""

_NEXT_STEPS: Final = """\
Next:
  # every edit, with its place
  {samstream} transform {template} --plan
  # serve the example, to open it in a browser
  {samstream} local {template}
  # make a route of your own template stream
  {samstream} add template.yaml "POST /chat"
How to deploy the example: {readme}
"""


@click.command(epilog=_EPILOG)
@click.option("--no-serve", is_flag=True, help="Show the routes alone; nothing is installed or started.")
@debug_option
def demo(*, no_serve: bool) -> int:
    """Show the example's routes before and after, then serve it and show how they answer.

    The example is served on 127.0.0.1 twice, with its tags and without, and the answers to the same request are drawn
    on one axis. The first time its packages are installed into a virtual environment in ~/.cache/samstream (or
    XDG_CACHE_HOME), which takes up to a minute; later on all of it takes seconds. It needs no AWS account.
    """
    file = read_template(str(find_example() / "template.yaml"))
    console = report_console(sys.stdout)
    _print_paragraph(console, _INTRODUCTION)
    outcome = run(file, {}, DEFAULT_REGION)
    print_outcome(console, outcome)
    if outcome.refusal:
        return outcome.exit_code
    if not no_serve:
        _serve(console, file, outcome)
    _print_next_steps(console, Path(file.name))
    return ExitCode.OK


def find_example(package: Path = Path(__file__).parent) -> Path:
    """The example's folder: within the package where it is installed, at the top of a checkout."""
    for folder in (package / "example", package.parent.parent / "example"):
        if (folder / "template.yaml").is_file():
            return folder
    raise TemplateError("the example is missing from this installation", "Install samstream again.")


def _serve(console: Console, file: TemplateFile, outcome: Outcome) -> None:
    _print_paragraph(console, _SERVING)
    buffered, streaming = compare(file, outcome, console)
    console.print(picture(console, (buffered, streaming)))
    console.print()
    if why := failure(buffered, streaming):
        raise DemoError(why, "Please report it, with what stands above.")
    console.print(Text(_headline(buffered, streaming), "bold green"))
    console.print()


def _print_paragraph(console: Console, text: str) -> None:
    """Its lines as they are where they fit."""
    fits = console.width > max(map(len, text.splitlines()))
    console.print(text if fits else " ".join(text.splitlines()) + "\n")


def _headline(buffered: Run, streaming: Run) -> str:
    first, late = (seconds(at.first_byte or 0.0) for at in (streaming, buffered))
    return f"With the tag the first word is there after {first}, without it after {late}."


def _print_next_steps(console: Console, template: Path) -> None:
    on_path = shutil.which("samstream")
    shown = {
        "samstream": "samstream" if on_path else _shown(Path(sys.executable).with_name("samstream")),
        "template": _shown(template),
        "readme": _shown(template.with_name("README.md")),
    }
    console.print(Text(_NEXT_STEPS.format(**shown)), soft_wrap=True)


def _shown(path: Path) -> Path:
    """The path from here, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path

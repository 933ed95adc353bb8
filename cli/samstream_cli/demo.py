"""`samstream demo`: the example template before and after, in a few seconds and without an AWS account."""

import sys
from pathlib import Path

import click
from rich.text import Text

from samstream_cli.errors import TemplateError
from samstream_cli.options import DEFAULT_REGION, EXIT_CODES, debug_option
from samstream_cli.tables import print_outcome, report_console
from samstream_cli.templates import read_template
from samstream_cli.transform import run

_INTRODUCTION = """\
The example is a FastAPI app behind API Gateway, in a plain SAM template. Some of its events are tagged
Streaming: true. CloudFormation runs three transforms on it, and so does this demo, on this machine:

  1. SamStream takes the tags off, because SAM refuses them.
  2. SAM translates the template: its own translator, the one that CloudFormation hosts.
  3. SamStream makes the tagged routes stream, and the API deploy anew.
"""

_NEXT_STEPS = """\
Next:
  samstream transform {template} --plan        every edit, with its place
  samstream transform {template} --output -    the processed template
  {readme}   how to deploy it and try it with curl
"""


@click.command(epilog=EXIT_CODES)
@debug_option
def demo() -> int:
    """Show the example's routes before and after. Takes seconds, needs no AWS account."""
    template = find_example() / "template.yaml"
    console = report_console(sys.stdout)
    console.print(_INTRODUCTION, soft_wrap=True)
    outcome = run(read_template(str(template)), {}, DEFAULT_REGION)
    print_outcome(console, outcome)
    shown = {"template": _shown(template), "readme": _shown(template.with_name("README.md"))}
    console.print(Text(_NEXT_STEPS.format(**shown)), soft_wrap=True)
    return outcome.exit_code


def find_example(package: Path = Path(__file__).parent) -> Path:
    """The example's folder: within the package where it is installed, at the top of a checkout."""
    for folder in (package / "example", package.parent.parent / "example"):
        if (folder / "template.yaml").is_file():
            return folder
    raise TemplateError("the example is missing from this installation", "Install samstream again.")


def _shown(path: Path) -> Path:
    """The path from here, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path

"""Writes the README's pictures, docs/demo.svg and docs/timelines.svg: what `samstream demo` prints, and what it saw."""

import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from samstream_cli.demo import find_example
from samstream_cli.demo_race import compare, failure
from samstream_cli.options import DEFAULT_REGION
from samstream_cli.tables import report_console
from samstream_cli.templates import read_template
from samstream_cli.timeline import to_svg
from samstream_cli.transform import run

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "demo.svg"
TIMELINES = ROOT / "docs" / "timelines.svg"
TITLE = "The same app, the same request: when each word came"
COLUMNS = 130


def terminal_output() -> str:
    """The demo's own output with its colours."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    command = [str(Path(sys.executable).with_name("samstream")), "demo", "--no-serve"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def picture() -> str:
    """The table of routes and the new ids, drawn as a terminal."""
    lines = terminal_output().splitlines()
    first = next(number for number, line in enumerate(lines) if "API" in line and "Route" in line)
    last = next(number for number, line in enumerate(lines) if "Next:" in line)
    with Path(os.devnull).open("w") as nowhere:
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, _environ=terminal)
        console.print(Text("$ samstream demo\n"))
        console.print(Text.from_ansi("\n".join(lines[first:last]).rstrip()))
        return console.export_svg(title="samstream demo", unique_id="samstream")


def timelines() -> str:
    """The example's answers with and without its tags, measured now."""
    file = read_template(str(find_example() / "template.yaml"))
    runs = compare(file, run(file, {}, DEFAULT_REGION), report_console(sys.stdout))
    if why := failure(*runs):
        raise SystemExit(why)
    return to_svg(runs, TITLE)


if __name__ == "__main__":
    PICTURE.write_text(picture())
    TIMELINES.write_text(timelines())

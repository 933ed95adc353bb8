"""Writes docs/demo.svg, the README's picture: what `samstream demo` prints on a terminal."""

import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "demo.svg"
COLUMNS = 124


def terminal_output() -> str:
    """The demo's own output with its colours."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    command = [str(Path(sys.executable).with_name("samstream")), "demo"]
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


if __name__ == "__main__":
    PICTURE.write_text(picture())

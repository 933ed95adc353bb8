"""`python -m benchmarks`: measures, prints, writes docs/benchmarks.md."""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

from rich.console import Console

from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.report import Section, write

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def main() -> int:
    options = _arguments()
    console = Console(file=sys.stdout)
    console.width = max(console.width, 110)
    sections = []
    # The handler logs to standard output, and takes hold of it when it is imported.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        for section in _sections(QUICK if options.quick else FULL):
            section.show(console)
            sections.append(section)
    if options.docs:
        write(options.docs, _conditions(), sections)
    missed = [target for section in sections for target in section.targets if not target.met]
    return 1 if options.check and missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few rounds of small templates; writes no page")
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    parser.add_argument("--docs", type=Path, help=f"the page to write (default: {DOCS.relative_to(DOCS.parents[1])})")
    options = parser.parse_args()
    if options.docs is None and not options.quick:
        options.docs = DOCS
    return options


def _sections(effort: Effort) -> Iterator[Section]:
    from benchmarks import checks, imports, invocation, offline, serving, translation, work  # noqa: PLC0415

    yield from work.sections(effort)
    yield from translation.sections(effort)
    yield from checks.sections(effort)
    yield from imports.sections(effort)
    yield from invocation.sections(effort)
    yield from serving.sections(effort)
    yield from offline.sections(effort)


def _conditions() -> str:
    return f"Measured with Python {platform.python_version()} on {platform.system()} {platform.machine()}."


if __name__ == "__main__":
    sys.exit(main())

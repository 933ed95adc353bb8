"""Results as tables: on the terminal, and in docs/benchmarks.md between its markers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Target:
    """A promise about a figure: at most `limit`."""

    what: str
    measured: float
    limit: float
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.measured <= self.limit

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return f"{self.what}: {self.measured:.3g}{self.unit}, at most {self.limit:g}{self.unit}: {verdict}"


@dataclass(frozen=True)
class Section:
    """One table: what it shows, its cells as text, and what they must not exceed."""

    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = ()

    def show(self, console: Console) -> None:
        table = Table(title=escape(self.title), title_justify="left", title_style="bold")
        for number, column in enumerate(self.columns):
            table.add_column(escape(column), justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*map(escape, row))
        console.print(table)
        for target in self.targets:
            console.print(escape(str(target)), style="green" if target.met else "red")
        console.print()

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", self.note, "", *_markdown_table(self.columns, self.rows), ""]
        lines += [f"- {target}" for target in self.targets]
        return "\n".join(lines).rstrip() + "\n"


def write(path: Path, conditions: str, sections: Iterable[Section]) -> None:
    """Puts the tables between the page's markers."""
    page = path.read_text(encoding="utf-8") if path.exists() else f"{BEGIN}\n{END}\n"
    figures = "\n".join([conditions, "", *(section.markdown() for section in sections)])
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"{path} has no place for the figures: {BEGIN} ... {END}")
    path.write_text(pattern.sub(lambda _: f"{BEGIN}\n\n{figures}\n{END}", page), encoding="utf-8")


def _markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    alignment = [":--", *("--:" for _ in columns[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (columns, alignment, *rows)]

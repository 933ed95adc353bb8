"""What checking found, with its place in the source: the same values for every output format."""

from dataclasses import dataclass
from typing import Literal

from samstream.findings import Finding
from samstream.types import Place

FailOn = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """Where something stands in a file; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Located:
    """A finding, the place in the source template that it comes from, and the text there.

    `region` is None for what concerns the file as a whole (no text to show). `excerpt` is the one line to show, of
    which the characters `mark[0]:mark[1]` are what the finding is about. It shows nothing else of the file, since
    what stands beside may be a secret.
    """

    finding: Finding
    place: Place
    region: Region | None
    excerpt: str = ""
    mark: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Checked:
    """One template: its name as the user wrote it, what was found in the order to show, and notes on what
    couldn't be seen here."""

    name: str
    findings: tuple[Located, ...]
    notes: tuple[str, ...] = ()

    def count(self, severity: Literal["error", "warning"]) -> int:
        return sum(located.finding.severity == severity for located in self.findings)

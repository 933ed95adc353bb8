"""Everything that a run makes, written down before it is made: what an ended run left can still be found."""

import json
import os
from pathlib import Path
from typing import NamedTuple


class Made(NamedTuple):
    """One thing in AWS: a `stack`, a `stackset` or a `bucket`."""

    kind: str
    name: str
    region: str
    account: str


class Ledger:
    """A file of lines, only ever appended to, so that an end at any moment loses nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, made: Made) -> None:
        self._append("+", made)

    def remove(self, made: Made) -> None:
        self._append("-", made)

    def left(self) -> list[Made]:
        """What was made and not removed, the newest first; a line that was cut off counts for nothing."""
        left: list[Made] = []
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else ():
            try:
                sign, *fields = json.loads(line)
                made = Made(*fields)
            except (ValueError, TypeError):
                continue
            if made in left:
                left.remove(made)
            if sign == "+":
                left.insert(0, made)
        return left

    def _append(self, sign: str, made: Made) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([sign, *made]) + "\n")
            file.flush()
            os.fsync(file.fileno())


def default_path() -> Path:
    """Outside of any checkout, so that it outlives one."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "samstream" / "live.jsonl"

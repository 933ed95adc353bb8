"""What is wrong with a template, as values: the same for the macro, its report and the command line."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from samstream.types import JsonObject, Place

Severity = Literal["error", "warning"]


class Finding(NamedTuple):
    """One thing to tell: what is wrong, where, and the way out.

    `rule` is an id such as "E201"; `resource` the logical id it concerns (empty: the template as a whole);
    `place` where it stands; `message` one or two sentences, the remedy last.
    """

    rule: str
    resource: str
    place: Place
    message: str
    strict: bool = False
    """Warnings fail the deployment as errors do."""

    @property
    def severity(self) -> Severity:
        return "error" if self.strict or self.rule.startswith("E") else "warning"

    def to_json(self) -> JsonObject:
        return {"Rule": self.rule, "Resource": self.resource, "Message": self.message}

    def __str__(self) -> str:
        return f"{self.message} [{self.rule}]"


def summary(findings: Iterable[Finding]) -> str:
    """All findings as one message, the first one first: CloudFormation shows its beginning everywhere."""
    return " ".join(
        str(finding) if number == 1 else f"({number}) {finding}"
        for number, finding in enumerate(dict.fromkeys(findings), start=1)
    )


def nearest(word: str, known: Sequence[str], cutoff: float = 0.0) -> str | None:
    """Which of the known words a user probably meant."""
    import difflib  # noqa: PLC0415  (only what fails needs it, and a cold start needs it least)

    return next(iter(difflib.get_close_matches(word[:200], known, 1, cutoff)), None)

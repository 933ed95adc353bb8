"""How findings are put into words in every format, and how a stranger's text is made safe to print."""

import re

from samstream.findings import Finding


def sentence(finding: Finding) -> str:
    """The message, and before it the resource it concerns unless it names that itself."""
    named = not finding.resource or re.search(rf"\b{re.escape(finding.resource)}\b", finding.message)
    return finding.message if named else f"{finding.resource}: {finding.message}"


def plural(count: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count} {noun}{'s' * (count != 1)}"


def visible(text: str) -> str:
    """The text with what would steer a terminal or fool the eye written out: escape sequences, bidi marks, blanks
    other than the space, lone surrogates."""
    return text if text.isprintable() else "".join(map(_visible, text))


def one_line(text: str) -> str:
    """The same on one line."""
    return visible(" ".join(text.split()))


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")

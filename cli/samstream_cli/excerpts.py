"""The text that a finding is about, and nothing beside it: what else stands on its line may be a secret."""

from samstream.findings import Finding
from samstream.types import Place
from samstream_cli.checked import Located, Region
from samstream_cli.positions import Node, Source, Span


def locate(source: Source, finding: Finding, place: Place) -> Located:
    """The finding with the text at a place: a key with its value where that is on the same line, else the key."""
    if not place:
        return Located(finding, place, None)
    node = source.find(place)
    if not node.place:
        return Located(finding, place, None)
    span = _span(source, node, is_whole=node.place == place)
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    excerpt, mark = _excerpt(source.text, span)
    return Located(finding, node.place, Region(line, column, end_line, end_column), excerpt, mark)


def locate_line(source: Source, finding: Finding, line: int) -> Located:
    """The finding with a whole line, which is nothing but a comment of ours."""
    text = source.text.split("\n")[line - 1].rstrip()
    start = text.rindex("#")
    region = Region(line, start + 1, line, len(text) + 1)
    return Located(finding, (), region, text[start:], (0, len(text) - start))


def _span(source: Source, node: Node, *, is_whole: bool) -> Span:
    start = node.value.start if node.key is None else node.key.start
    end = node.value.end if node.key is None else node.key.end
    is_variable = "Variables" in node.place
    if is_whole and not is_variable and node.kind == "scalar" and "\n" not in source.text[start : node.value.end]:
        end = node.value.end
    return Span(start, min(end, _end_of_line(source.text, start)))


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end - (text[end - 1] == "\r")


def _excerpt(text: str, span: Span) -> tuple[str, tuple[int, int]]:
    """What stands before the span if it is indentation, an ellipsis if not, the span, and the colon of a key."""
    before = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    lead = before if not before.strip(" \t-") else "... "
    colon = ":" if text[span.end : span.end + 1] == ":" else ""
    excerpt = f"{lead}{text[span.start : span.end]}{colon}"
    return excerpt, (len(lead), len(lead) + span.end - span.start)

"""A module without what only its readers need: the same code on the same lines, so that tracebacks fit the repository.

What goes: comments, docstrings, annotations; of rules what only the command line reads; then private names and
imports that nothing refers to any more.
"""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final, NamedTuple

_OF_THE_COMMAND_LINE: Final = frozenset({"shortdesc", "description", "source_url", "tags", "check_source"})
"""The members of a rule that the macro never reads."""

_OMITTED: Final = b"..."
"""What the annotation of a field becomes: without one it would be no field."""


class _Cut(NamedTuple):
    """A piece of a text, in bytes, and what takes its place; line breaks within it stay."""

    start: int
    end: int
    instead: bytes = b""


class _Text:
    """A module's text, its syntax tree, and where in bytes a node of it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode()
        self.tree = ast.parse(text)
        self.starts = list(accumulate(map(len, self.data.splitlines(keepends=True)), initial=0))

    def cut(self, node: ast.stmt | ast.expr | ast.arg, instead: bytes = b"") -> _Cut:
        return _Cut(self.start(node), self.end(node), instead)

    def start(self, node: ast.stmt | ast.expr | ast.arg) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.stmt | ast.expr | ast.arg) -> int:
        return self.starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def without(self, cuts: Iterable[_Cut]) -> str:
        """The text with these cuts made, of which one may lie within another."""
        pieces: list[bytes] = []
        position = 0
        for start, end, instead in sorted(cuts, key=lambda cut: (cut.start, -cut.end)):
            if start >= position:
                pieces += self.data[position:start], instead, b"\n" * self.data.count(b"\n", start, end)
            position = max(position, end)
        lines = b"".join((*pieces, self.data[position:])).decode().splitlines()
        return "\n".join(map(str.rstrip, lines)).rstrip() + "\n"


def bare(text: str) -> str:
    """The same code on the same lines, for nobody to read."""
    whole = _Text(text)
    return _without_unused(whole.without((*_comments(whole), *_prose(whole), *_annotations(whole))))


def untyped(text: str) -> str:
    """The same text without annotations, what was imported for them alone, and comments for checkers."""
    whole = _Text(text)
    for_checkers = (cut for cut in _comments(whole) if whole.data.startswith((b"# type:", b"# noqa"), cut.start))
    return _without_unused(whole.without((*for_checkers, *_annotations(whole))))


def _comments(text: _Text) -> Iterator[_Cut]:
    for token in tokenize.generate_tokens(io.StringIO(text.text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            start = text.starts[row - 1] + len(token.line[:column].encode())
            yield _Cut(start, start + len(token.string.encode()))


def _prose(text: _Text) -> Iterator[_Cut]:
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            instead = b"pass" if len(node.body) == 1 else b""
            yield from (text.cut(statement, instead) for statement in node.body if _is_text(statement))
        if isinstance(node, ast.ClassDef) and "Rule" in map(ast.unparse, node.bases):
            yield from (text.cut(member) for member in node.body if _name(member) in _OF_THE_COMMAND_LINE)


def _annotations(text: _Text) -> Iterator[_Cut]:
    fields = [each for node in ast.walk(text.tree) if isinstance(node, ast.ClassDef) for each in node.body]
    for node in ast.walk(text.tree):
        if isinstance(node, ast.arg) and node.annotation:
            yield _Cut(text.start(node) + len(node.arg.encode()), text.end(node))
        if isinstance(node, ast.FunctionDef) and node.returns:
            arrow = text.data.rindex(b"->", 0, text.start(node.returns))
            yield _Cut(text.data.rindex(b")", 0, arrow) + 1, text.end(node.returns))
        if isinstance(node, ast.AnnAssign):
            if node not in fields and node.value:
                yield _Cut(text.end(node.target), text.end(node.annotation))
            elif node in fields and not ast.unparse(node.annotation).startswith("ClassVar"):
                yield text.cut(node.annotation, _OMITTED)


def _without_unused(text: str) -> str:
    """Again and again, because what goes may have been the last to refer to something else."""
    while True:
        module = _Text(text)
        used = {name for statement in module.tree.body for name in _names(statement) if name != _name(statement)}
        shorter = module.without(_unused(module, used))
        if shorter == text:
            return text
        text = shorter


def _unused(text: _Text, used: set[str]) -> Iterator[_Cut]:
    for statement in text.tree.body:
        name = _name(statement)
        if name.startswith("_") and not name.startswith("__") and name not in used:
            yield text.cut(statement)
        if isinstance(statement, ast.ImportFrom):
            kept = [alias for alias in statement.names if (alias.asname or alias.name) in used]
            if len(kept) < len(statement.names):
                names = ", ".join(map(ast.unparse, kept))
                yield text.cut(statement, f"from {statement.module} import {names}".encode() if kept else b"")


def _names(statement: ast.stmt) -> set[str]:
    """The names that a statement refers to, as `__all__` does by texts, and those that it binds."""
    nodes = list(ast.walk(statement))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts | {node.id for node in nodes if isinstance(node, ast.Name)}


def _name(statement: ast.stmt) -> str:
    """The name that a definition or an assignment binds; a decorated one may be registered elsewhere."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return "" if statement.decorator_list else statement.name
    targets = statement.targets if isinstance(statement, ast.Assign) else ()
    return targets[0].id if targets and isinstance(targets[0], ast.Name) else ""


def _is_text(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
        return False
    return isinstance(statement.value.value, str)

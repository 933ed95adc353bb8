"""What a packaged module loses, and that its code keeps its lines."""

import ast

import pytest

from samstream_cli.packaging import installed_sources
from samstream_cli.packaging.bare import bare, untyped

MODULE = '''\
"""What it is about."""

from collections.abc import Iterator, Mapping  # for annotations
from samstream.rules.base import Rule

NAMES: tuple[str, ...] = ("a",  # a name
    "# no comment")
"""The names."""
_UNUSED: int = 1


class Fields:
    size: int
    name: str = "x"


class Sorted(Rule):
    """A rule."""

    id = "W1"
    description = (
        "Told by the command line"  # alone
    )
    kind: ClassVar[str] = "rule"

    def check(self, plan: Mapping[str, int], *others: int, deep: bool = False, **more: str) -> Iterator[int]:
        """Looks."""
        found: list[int] = [_look(plan)]
        yield from found

    def check_source(self, source: str) -> None:
        _only_here(source)


def _look(plan: Mapping[str, int]) -> int:
    return len(plan)


def _only_here(source: str) -> None:
    """Nothing but prose."""


def empty() -> None:
    """Nothing but prose."""
'''

BARE = """\



from samstream.rules.base import Rule

NAMES = ("a",
    "# no comment")




class Fields:
    size: ...
    name: ... = "x"


class Sorted(Rule):


    id = "W1"



    kind: ClassVar[str] = "rule"

    def check(self, plan, *others, deep = False, **more):

        found = [_look(plan)]
        yield from found





def _look(plan):
    return len(plan)






def empty():
    pass
"""


def test_only_what_readers_need_goes_and_code_keeps_its_lines() -> None:
    assert bare(MODULE) == BARE


def test_what_all_names_stays() -> None:
    module = 'from samstream.plan import Plan, Route\n\n__all__ = ["Plan"]\n'
    assert bare(module) == 'from samstream.plan import Plan\n\n__all__ = ["Plan"]\n'


def test_a_decorated_name_stays_because_its_decorator_may_keep_it() -> None:
    module = "@registered\ndef _one():\n    pass\n"
    assert bare(module) == module


def test_untyped_keeps_prose_and_comments_but_those_for_checkers() -> None:
    module = (
        '"""Prose."""\nfrom typing import Any\ndef one(value: Any) -> Any:  # noqa: ANN401\n    return value  # so\n'
    )
    assert untyped(module) == '"""Prose."""\n\ndef one(value):\n    return value  # so\n'


@pytest.mark.parametrize("path", installed_sources())
def test_functions_of_the_macro_keep_their_names_and_lines(path: str) -> None:
    """What is left of a module is where it was."""
    source = installed_sources()[path]
    before, after = (
        {(node.name, node.lineno) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
        for text in (source, bare(source))
    )
    assert after <= before
    assert {name for name, _ in before - after} <= {"check_source"} | {name for name, _ in before if name[0] == "_"}

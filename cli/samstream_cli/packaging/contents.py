"""What is in a packaged file, whoever wrote it; nothing of it is run."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import samstream
from samstream.types import JsonObject, as_object
from samstream_cli.errors import TemplateError
from samstream_cli.packaging import installed_sources, package_macro
from samstream_cli.packaging.code import Code, code_of, read_code, write_code
from samstream_cli.packaging.template import code_in
from samstream_cli.templates import read_bytes, template

_MODULE: Final = re.compile(r"samstream(/[a-z_0-9]{1,80}){1,8}\.py")
_VERSION: Final = re.compile(r'^__version__ = "([0-9A-Za-z.+-]{1,40})"$', re.MULTILINE)


class Contents(NamedTuple):
    """A packaged template's bytes, its `index.py`, what that holds, and of which version."""

    data: bytes
    index_py: str
    code: Code
    version: str


def read_contents(name: str) -> Contents:
    """What is in this file. Raises `TemplateError`."""
    data = read_bytes(Path(name))
    index = code_in(template(data, name), name)
    code = read_code(index, name)
    for path in code.texts:
        if not _MODULE.fullmatch(path):
            raise TemplateError(f"{name} holds a module {path!r}, which is none of samstream's", "Don't deploy it.")
    version = _VERSION.search(code.texts.get("samstream/__init__.py", ""))
    return Contents(data, index, code, version[1] if version else "of no version")


def compare(contents: Contents) -> list[str]:
    """How the file differs from what this installation writes, nothing where it is the same to the byte."""
    ours = package_macro(readable=not contents.code.is_compressed).text.encode()
    if contents.data == ours:
        return []
    found = list(_differences(contents))
    if not found or _around(contents.data) != _around(ours):
        found.append("the template around the code")
    return found


def _around(data: bytes) -> JsonObject:
    """The template without its code, and without the hash that follows from it."""
    content = template(data, "template")
    del content["Resources"]["MacroFunction"]["Properties"]["Code"]["ZipFile"]
    as_object(content.get("Outputs")).pop("SourceHash", None)
    return content


def _differences(contents: Contents) -> Iterator[str]:
    if contents.version != samstream.__version__:
        yield f"the version: this is samstream {samstream.__version__}"
    theirs = contents.code.texts
    ours = code_of(installed_sources(), readable=not contents.code.is_compressed).texts
    for path in sorted({*ours, *theirs}):
        if theirs.get(path) != ours.get(path):
            yield path if path in theirs and path in ours else f"{path}, which only one of them has"
    if contents.index_py != write_code(contents.code):
        yield "the code around the modules: the loader, or what follows them"

"""`index.py`: the loader, and below it the texts of the macro's modules; and back."""

import ast
import bz2
import re
import textwrap
from base64 import b85decode, b85encode
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

from samstream_cli.errors import TemplateError
from samstream_cli.packaging.bare import bare, untyped
from samstream_cli.packaging.sources import Sources, digest, join, split

LOADER: Final = untyped(Path(__file__).with_name("loader.py").read_text(encoding="utf-8"))

_LARGEST: Final = 2_000_000
_LONGEST_WORD: Final = 40
"""A file of strangers may hold an archive that would fill the memory."""

_WORD: Final = re.compile("[A-Z]?[a-z]+")
_SPARE_CHARACTERS: Final = 128
"""A byte has as many above ASCII, and the macro's sources use none of them."""

_ENDING: Final = """
install(MODULES, "{checksum}")

from samstream.handler import lambda_handler
"""

_NOT_OURS: Final = (
    *(SyntaxError, ValueError, TypeError, AttributeError, LookupError, StopIteration),
    *(OSError, EOFError, MemoryError, RecursionError),
)
"""What reading the code of strangers may raise."""


class Code(NamedTuple):
    """What `index.py` holds: the text of each module, bare where they are compressed."""

    texts: Sources
    is_compressed: bool


def code_of(sources: Sources, *, readable: bool) -> Code:
    """What to write of these sources."""
    return Code(sources if readable else {path: bare(text) for path, text in sources.items()}, not readable)


def write_code(code: Code) -> str:
    """The text of `index.py`."""
    modules = f'unpack("""\n{_archive(code.texts)}\n""")' if code.is_compressed else _literal(code.texts)
    return f"{LOADER}\n\nMODULES = {modules}\n{_ENDING.format(checksum=digest(code.texts))}"


def read_code(text: str, name: str) -> Code:
    """What stands in an `index.py`, of which nothing is run. Raises `TemplateError`."""
    try:
        modules = next(node.value for node in ast.parse(text).body if isinstance(node, ast.Assign))
        is_compressed = isinstance(modules, ast.Call)
        texts = _unpacked(modules.args[0]) if isinstance(modules, ast.Call) else ast.literal_eval(modules)
        _check_texts(texts)
    except _NOT_OURS:
        raise TemplateError(
            f"{name}: its code isn't what samstream package writes, or it is damaged", "Package it anew."
        ) from None
    return Code(texts, is_compressed)


def _archive(texts: Sources) -> str:
    """Compressed, the most frequent words as single characters first, which saves a fortieth."""
    joined = join(texts).decode("ascii")
    counted = Counter(_WORD.findall(joined))
    words = sorted(sorted(counted, key=lambda word: (-counted[word] * (len(word) - 1), word))[:_SPARE_CHARACTERS])
    codes = dict(zip(words, map(chr, range(128, 256)), strict=False))
    shorter = _WORD.sub(lambda found: codes.get(found[0], found[0]), joined)
    data = bz2.compress(f"{' '.join(words)}\0{shorter}".encode("latin-1"))
    return textwrap.fill(b85encode(data).decode(), 2000, break_on_hyphens=False)


def _literal(texts: Sources) -> str:
    items = "".join(f'"{path}": {_raw(text)},\n' for path, text in texts.items())
    return f"{{\n{items}}}"


def _raw(text: str) -> str:
    """CloudFormation would take a dynamic reference in the code for one of the template's: it is written in two."""
    if "'''" in text or not text.endswith("\n"):
        return repr(text).replace("{{resolve:", "{{' 'resolve:")
    return "r'''" + text.replace("{{resolve:", "{{''' r'''resolve:") + "'''"


def _unpacked(argument: ast.expr) -> Sources:
    archive = ast.literal_eval(argument)
    unpacking = bz2.BZ2Decompressor()
    data = unpacking.decompress(b85decode("".join(archive.split())), _LARGEST)
    if not unpacking.eof:
        raise ValueError("cut off or too large")
    head, _, texts = data.decode("latin-1").partition("\0")
    words = head.split()
    if any(len(word) > _LONGEST_WORD for word in words):
        raise ValueError("no word")
    return split(texts.translate(dict(enumerate(words, 128))).encode())


def _check_texts(texts: object) -> None:
    if not isinstance(texts, dict) or not all(isinstance(text, str) for item in texts.items() for text in item):
        raise ValueError("no texts by path")
    join(texts)  # raises what a lone surrogate makes of it

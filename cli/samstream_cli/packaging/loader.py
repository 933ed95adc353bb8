"""The samstream macro, all its modules in one file: this loader, and below it their texts.

`samstream package --show FILE --extract FOLDER` writes them into files. In a compressed file they are without
comments, docstrings and annotations, on the lines where they stand in the repository.
"""

import sys
from base64 import b85decode
from bz2 import decompress
from hashlib import sha256
from importlib.machinery import ModuleSpec
from types import ModuleType


class Modules:
    """Imports modules from their texts, which are found by path."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        folder = name.replace(".", "/")
        for path in (f"{folder}/__init__.py", f"{folder}.py"):
            if path in self.texts:
                spec = ModuleSpec(name, self, origin=path, is_package=path.endswith("/__init__.py"))  # type: ignore[arg-type]
                spec.has_location = True  # so that the module has a __file__
                return spec
        return None

    def create_module(self, _spec: ModuleSpec) -> None:
        """Python's own way."""

    def exec_module(self, module: ModuleType) -> None:
        path = str(module.__file__)
        exec(compile(self.texts[path], path, "exec"), vars(module))  # noqa: S102

    def get_source(self, name: str) -> str | None:
        """Tracebacks show lines by this."""
        spec = self.find_spec(name)
        return self.texts[str(spec.origin)] if spec else None


def unpack(archive: str) -> dict[str, str]:
    """Each character above ASCII stands for a word of the list that the archive begins with."""
    data = decompress(b85decode("".join(archive.split()))).decode("latin-1")
    words, texts = data.split("\0", 1)
    parts = texts.translate(dict(enumerate(words.split(), 128))).split("\0")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def install(texts: dict[str, str], checksum: str) -> None:
    joined = "\0".join(part for item in texts.items() for part in item)
    if sha256(joined.encode()).hexdigest() != checksum:
        raise ImportError("The code of samstream is damaged: deploy the file anew as `samstream package` writes it.")
    sys.meta_path.insert(0, Modules(texts))

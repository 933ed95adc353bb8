"""What mkdocs needs to make a site of pages that are written for a checkout: links that leave `docs/` lead to copies.

A hook of `mkdocs.yml`: https://www.mkdocs.org/user-guide/configuration/#hooks
"""

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "example/README.md": "deploy-the-example.md",
}
"""Pages of the repository that are pages of the site, too."""

_LINK: Final = re.compile(r"(!?\[(?P<text>[^\]]*)\])\((?!https?:|#)(?P<target>[^)#]+)(?P<anchor>#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Puts pages with links of the site in place of those in `docs/`, and adds what else they link to."""
    written = {path.name: f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    for page, source in {**written, **{page: source for source, page in PAGES.items()}}.items():
        if page in files.src_uris:
            files.remove(files.src_uris[page])
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=led(dirname(source), text)))
        for path in _linked(dirname(source), text):
            if f"source/{path}" not in files.src_uris:
                files.append(File.generated(config, f"source/{path}", abs_src_path=str(ROOT / path)))
    return files


def _linked(folder: str, text: str) -> Iterator[str]:
    """The files outside of the site that a page in this folder links to."""
    for found in _LINK.finditer(text):
        path = normpath(join(folder, found["target"]))
        if (ROOT / path).is_file() and path not in PAGES and not path.startswith("docs/"):
            yield path


def led(folder: str, text: str) -> str:
    """The page with its links as they are in the site; a link to a folder becomes its text."""

    def replaced(found: re.Match[str]) -> str:
        path = normpath(join(folder, found["target"]))
        if (ROOT / path).is_dir():
            return found["text"]
        target = PAGES.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else f"source/{path}")
        return f"{found[1]}({target}{found['anchor'] or ''})"

    return _LINK.sub(replaced, text)

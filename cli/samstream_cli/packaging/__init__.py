"""The macro in one template that needs no bucket and no build: made of this installation, to the byte."""

from pathlib import Path
from typing import Final, NamedTuple

import samstream
from samstream_cli.errors import TemplateError
from samstream_cli.packaging.code import code_of, write_code
from samstream_cli.packaging.sources import Sources, digest, read_sources
from samstream_cli.packaging.template import with_code

INLINE_LIMIT: Final = 51_200
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


class Packaged(NamedTuple):
    """A packaged template, the version in it, and the hash of the sources it was made of."""

    text: str
    version: str
    source_hash: str


def package_macro(*, readable: bool = False) -> Packaged:
    """The installer with the macro's code inline: compressed, or `readable` as the sources are."""
    sources = installed_sources()
    source_hash = digest(sources)
    installer = find_installer()
    outputs = {"SourceHash": ("SHA-256 of the macro's sources, as samstream package prints it", source_hash)}
    text = with_code(
        installer.read_text(encoding="utf-8"), str(installer), write_code(code_of(sources, readable=readable)), outputs
    )
    return Packaged(text, samstream.__version__, source_hash)


def packaged_template() -> str:
    """The template that `install` deploys, small enough to be sent as it is."""
    return package_macro().text


def installed_sources() -> Sources:
    return read_sources(Path(samstream.__file__).parent)


def find_installer(package: Path = Path(__file__).parent.parent) -> Path:
    """The installer: within the package where it is installed, at the top of a checkout."""
    for file in (package / "installer" / "template.yaml", package.parent.parent / "template.yaml"):
        if file.is_file():
            return file
    raise TemplateError("the installer's template is missing from this installation", "Install samstream again.")

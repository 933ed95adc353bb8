"""A template as it was written, `Transform` included: what a macro isn't sent, and the command line sees."""

from collections.abc import Set
from typing import Final, NamedTuple

from samstream.template import Template

SAM: Final = "AWS::Serverless-2016-10-31"


class Listing(NamedTuple):
    """The names under `Transform` in their order, and the one that this macro is installed by."""

    names: tuple[str, ...]
    macro: str

    @property
    def lists_sam(self) -> bool:
        return SAM in self.names

    @property
    def before_sam(self) -> bool:
        """The macro is listed where it sees what SAM has yet to replace."""
        return self.lists_sam and self.macro in self.names[: self.names.index(SAM)]

    @property
    def after_sam(self) -> bool:
        """The macro is listed where it sees the API as it will be deployed."""
        return self.macro in self.names[self.names.index(SAM) + 1 if self.lists_sam else 0 :]


class Source(NamedTuple):
    """The written template; `streaming` are the API, method and path of each route that will stream in the end, None
    where a refusal keeps that unknown."""

    template: Template
    listing: Listing
    streaming: Set[tuple[str, str, str]] | None = None

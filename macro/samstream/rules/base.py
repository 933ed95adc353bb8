"""What every rule is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.routes import Route
from samstream.tags import Tag
from samstream.types import Place


class Rule(ABC):
    """A rule reads a plan and yields findings. It never prints, raises or edits.

    An id that begins with E is an error and fails the deployment, one with W a warning for the report. Warnings, and
    errors that are `ignorable`, can be named in `Ignore`.
    """

    id: ClassVar[str]
    shortdesc: ClassVar[str]
    description: ClassVar[str]
    source_url: ClassVar[str]
    tags: ClassVar[tuple[str, ...]]
    ignorable: ClassVar[bool] = False

    @abstractmethod
    def check(self, plan: Plan) -> Iterator[Finding]:
        """What this rule finds in the plan."""

    def finding(self, resource: str, place: Place, message: str) -> Finding:
        return Finding(self.id, resource, place, message)

    def of_tag(self, tag: Tag, message: str) -> Finding:
        return self.finding(tag.resource, tag.place, f"{tag.label[:1].upper()}{tag.label[1:]}: {message}")

    def of_route(self, route: Route, tag: Tag | None, message: str) -> Finding:
        by = f" ({tag.label})" if tag is not None and str(route) != tag.label else ""
        place = route.integration.place if route.integration else route.place
        return self.finding(route.owner, place, f"{route}{by}: {message}")

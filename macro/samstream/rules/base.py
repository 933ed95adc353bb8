"""What every rule is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from samstream.findings import Finding
from samstream.plan import Plan
from samstream.routes import Route
from samstream.source import Source
from samstream.tags import Tag
from samstream.template import Resource
from samstream.types import Place, mentions


def surely_invokes(route: Route) -> bool:
    """These parameter values make the route, and no `Fn::If` chooses what it invokes: an error may rely on it."""
    integration = route.integration
    return integration is not None and not mentions(integration.body.get(integration.dialect.uri), (b"Fn::If",))


def surely_has_adapter(function: Resource) -> bool:
    """Its layer or wrapper shows the Lambda Web Adapter, or it is an image, whatever the parameter values are. A
    variable alone doesn't: SAM's Globals give theirs to functions without the adapter too."""
    settings = [function.properties.get("Layers"), function.properties.get("Environment")]
    if mentions(settings, (b"Fn::If",)):
        return False
    return is_image(function) or mentions(settings, (b":layer:LambdaAdapterLayer", b"/opt/bootstrap"))


def is_image(function: Resource) -> bool:
    """Its image may set variables of its own, out of sight."""
    return bool(function.properties.get("PackageType") == "Image")


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

    def check_source(self, source: Source) -> Iterator[Finding]:  # noqa: ARG002
        """What it finds in the template as it was written, which only the command line sees."""
        yield from ()

    def finding(self, resource: str, place: Place, message: str) -> Finding:
        return Finding(self.id, resource, place, message)

    def of_tag(self, tag: Tag, message: str) -> Finding:
        return self.finding(tag.resource, tag.place, f"{tag.label[:1].upper()}{tag.label[1:]}: {message}")

    def of_route(self, route: Route, tag: Tag | None, message: str, setting: str | None = None) -> Finding:
        """About a route, or about a setting of its integration."""
        by = f" ({tag.label})" if tag is not None and str(route) != tag.label else ""
        place = route.integration.place if route.integration else route.place
        place = (*place, setting) if setting else place
        return self.finding(route.owner, place, f"{route}{by}: {message}")

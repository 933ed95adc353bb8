"""`Fn::Transform: {Name: SamStream}` inside a template: makes streaming just what it stands in.

CloudFormation sends the siblings of the `Fn::Transform` as the fragment, and puts the answer in their place.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html
"""

from samstream.edits import ABSENT, Edit, apply
from samstream.events import SAM_STREAMING, TRANSFER_MODE
from samstream.findings import Finding
from samstream.integration import CLOUDFORMATION, OPENAPI, OPENAPI_KEY, Dialect, read_integration
from samstream.intrinsics import Resolver
from samstream.options import Options
from samstream.types import Json, JsonObject, Place, as_object


def transform_snippet(
    fragment: Json, options: Options, resolver: Resolver
) -> tuple[tuple[Edit, ...], tuple[Finding, ...]]:
    """The edits that make a snippet stream, or why they can't be made."""
    fragment = as_object(fragment)
    if options.routes:
        message = "Routes has no meaning in a Fn::Transform, which makes streaming just what it stands in. Remove it."
        return (), (Finding("E001", "", (), message),)
    if isinstance(fragment.get("Path"), str | dict) and "Method" in fragment:
        return tuple(_event(fragment, options)), ()
    found = _integration(fragment)
    if found is None:
        return (), (Finding("E002", "", (), _UNKNOWN),)
    body, place, dialect = found
    integration = read_integration(body, place, dialect, resolver)
    if integration.problem is not None:
        message = f"What this Fn::Transform stands in can't stream: {integration.problem}."
        return (), (Finding("E202", "", place, message),)
    timeout = None if integration.sets_timeout else options.timeout_in_millis
    return tuple(integration.edits(timeout)), ()


_UNKNOWN = (
    "The fragment is neither a template with Resources nor what a Fn::Transform of SamStream "
    "may stand in: the Properties "
    "of an AWS::ApiGateway::Method, its Integration, an operation of an OpenAPI body or the Properties of an Api event."
)


def _event(fragment: JsonObject, options: Options) -> list[Edit]:
    wanted: list[tuple[str, Json]] = [(TRANSFER_MODE, SAM_STREAMING)]
    if options.timeout_in_millis is not None and "TimeoutInMillis" not in fragment:
        wanted.append(("TimeoutInMillis", options.timeout_in_millis))
    return [
        Edit((key,), fragment.get(key, ABSENT), value) for key, value in wanted if fragment.get(key, ABSENT) != value
    ]


def _integration(fragment: JsonObject) -> tuple[JsonObject, Place, Dialect] | None:
    """The integration in a snippet, where it stands, and in which spelling."""
    for key, dialect in (("Integration", CLOUDFORMATION), (OPENAPI_KEY, OPENAPI)):
        if isinstance(fragment.get(key), dict):
            return fragment[key], (key,), dialect
    for dialect in (CLOUDFORMATION, OPENAPI):
        if dialect.type in fragment and (dialect.uri in fragment or "httpMethod" in fragment):
            return fragment, (), dialect
    return None


def streamed(fragment: JsonObject, edits: tuple[Edit, ...]) -> JsonObject:
    return apply(fragment, edits, {})

"""`Fn::Transform: {Name: SamStream}` inside a template: makes streaming just what it stands in.

CloudFormation sends the siblings of the `Fn::Transform` as the fragment, and puts the answer in their place.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html
"""

from collections.abc import Iterator

from samstream.edits import ABSENT, Edit
from samstream.events import SAM_STREAMING, TAG, TRANSFER_MODE
from samstream.findings import Finding
from samstream.integration import CLOUDFORMATION, OPENAPI, OPENAPI_KEY, STREAMABLE, Dialect, Integration
from samstream.intrinsics import Resolver, branches
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
        problem = _event_problem(fragment)
        return ((), (problem,)) if problem else (tuple(_event(fragment, options)), ())
    found = [
        Integration(body, place, dialect, resolver)
        for value, at, dialect in _integrations(fragment)
        for body, place in branches(value, at)
        if isinstance(body, dict)
    ]
    if not found:
        return (), (Finding("E002", "", (), _UNKNOWN),)
    findings = [
        Finding("E202", "", item.place, f"What this Fn::Transform stands in can't stream: {item.problem}.")
        for item in found
        if item.problem is not None
    ]
    edits = [edit for item in found for edit in item.edits(None if item.sets_timeout else options.timeout_in_millis)]
    return tuple(edits), tuple(findings)


_UNKNOWN = (
    "The fragment is neither a template with Resources nor what a Fn::Transform of SamStream may stand in: "
    "the Properties of an AWS::ApiGateway::Method, its Integration, an operation of an OpenAPI body or the Properties "
    "of an Api event."
)


_TYPES = (*STREAMABLE, "AWS", "HTTP", "MOCK")


def _event_problem(fragment: JsonObject) -> Finding | None:
    if "ApiId" in fragment:
        message = "This Fn::Transform stands in an event of an HTTP API, and API Gateway streams REST APIs only."
        return Finding("E103", "", (), message)
    if TAG in fragment or fragment.get(TRANSFER_MODE, SAM_STREAMING) != SAM_STREAMING:
        message = f"{TAG} and {TRANSFER_MODE} beside this Fn::Transform say the same or the contrary; remove them."
        return Finding("E106", "", (), message)
    return None


def _event(fragment: JsonObject, options: Options) -> list[Edit]:
    wanted: list[tuple[str, Json]] = [(TRANSFER_MODE, SAM_STREAMING)]
    if options.timeout_in_millis is not None and "TimeoutInMillis" not in fragment:
        wanted.append(("TimeoutInMillis", options.timeout_in_millis))
    return [
        Edit((key,), fragment.get(key, ABSENT), value) for key, value in wanted if fragment.get(key, ABSENT) != value
    ]


def _integrations(fragment: JsonObject) -> Iterator[tuple[Json, Place, Dialect]]:
    """The integration in a snippet, where it stands, and in which spelling."""
    for key, dialect in (("Integration", CLOUDFORMATION), (OPENAPI_KEY, OPENAPI)):
        if key in fragment:
            yield fragment[key], (key,), dialect
            return
    for dialect in (CLOUDFORMATION, OPENAPI):
        if str(fragment.get(dialect.type)).upper() in _TYPES or (dialect.type in fragment and dialect.uri in fragment):
            yield fragment, (), dialect
            return

"""An integration of API Gateway: what it is now, and the edits that make it stream.

Mode and URI must change together: API Gateway refuses one without the other.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
"""

from typing import Final, NamedTuple

from samstream.edits import ABSENT, Edit
from samstream.intrinsics import Resolver, Unresolvable
from samstream.types import Json, JsonObject, Place, whole_number
from samstream.uri import LambdaUri, UnknownUri, read_uris


class Dialect(NamedTuple):
    """The names of an integration's settings, which OpenAPI and CloudFormation spell differently."""

    type: str
    uri: str
    mode: str
    timeout: str


OPENAPI: Final = Dialect("type", "uri", "responseTransferMode", "timeoutInMillis")
CLOUDFORMATION: Final = Dialect("Type", "Uri", "ResponseTransferMode", "TimeoutInMillis")

OPENAPI_KEY: Final = "x-amazon-apigateway-integration"

STREAMABLE: Final = ("AWS_PROXY", "HTTP_PROXY")


class Integration(NamedTuple):
    """An integration as the template has it. `type` is upper case, "" if unknown; `timeout` in milliseconds, None
    if it sets none or one that only the deployment knows; `problem` says why it can't be made to stream."""

    body: JsonObject
    place: Place
    dialect: Dialect
    type: str
    uris: tuple[LambdaUri, ...]
    streaming: bool
    timeout: int | None
    problem: str | None

    @property
    def sets_timeout(self) -> bool:
        return self.dialect.timeout in self.body

    def edits(self, timeout: int | None) -> list[Edit]:
        """What makes this integration stream, with the timeout given in milliseconds; None leaves it alone."""
        changes = [edit for uri in self.uris for edit in uri.edits]
        wanted: list[tuple[str, Json]] = [(self.dialect.mode, "STREAM")]
        if timeout is not None:
            wanted.append((self.dialect.timeout, timeout))
        for key, value in wanted:
            before = self.body.get(key, ABSENT)
            if before != value or isinstance(before, bool):
                changes.append(Edit((*self.place, key), before, value))
        return changes


def read_integration(body: JsonObject, place: Place, dialect: Dialect, resolver: Resolver) -> Integration:
    """Reads an integration of any type; what is wrong with it goes into `problem`."""
    kind = body.get(dialect.type)
    kind = kind if isinstance(kind, str) else _resolved(kind, resolver)
    kind = kind.upper() if isinstance(kind, str) else ""
    uris: tuple[LambdaUri, ...] = ()
    problem = None if kind in STREAMABLE else _why_not(kind)
    if kind in ("AWS_PROXY", "AWS"):
        try:
            uris = read_uris(body.get(dialect.uri), (*place, dialect.uri), resolver)
            if not uris and problem is None:
                problem = "it has no Uri"
        except UnknownUri as error:
            problem = problem or str(error)
    is_stream = dialect.mode in body and _resolved(body[dialect.mode], resolver) == "STREAM"
    streaming = is_stream and problem is None and all(uri.streaming for uri in uris)
    timeout = whole_number(_resolved(body[dialect.timeout], resolver)) if dialect.timeout in body else None
    return Integration(body, place, dialect, kind, uris, streaming, timeout, problem)


def _why_not(kind: str) -> str:
    if not kind:
        return "its type is not known before the deployment"
    return f"its integration is {kind}, and only AWS_PROXY and HTTP_PROXY integrations stream"


def _resolved(value: Json, resolver: Resolver) -> Json:
    if not isinstance(value, dict | list):
        return value
    try:
        return resolver.resolve(value)
    except Unresolvable:
        return None

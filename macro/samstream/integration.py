"""An integration of API Gateway: what it is now, and the edits that make it stream.

Mode and URI must change together: API Gateway refuses one without the other.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
"""

from typing import Final, NamedTuple

from samstream.edits import ABSENT, Edit
from samstream.intrinsics import NO_VALUE, Resolver, Unresolvable, chosen
from samstream.types import Json, JsonObject, Place, whole_number
from samstream.uri import LambdaUri, UnknownUri, read_uris, sam_function


class Dialect(NamedTuple):
    """The names of an integration's settings, which OpenAPI and CloudFormation spell differently."""

    type: str
    uri: str
    mode: str
    timeout: str
    credentials: str


OPENAPI: Final = Dialect("type", "uri", "responseTransferMode", "timeoutInMillis", "credentials")
CLOUDFORMATION: Final = Dialect("Type", "Uri", "ResponseTransferMode", "TimeoutInMillis", "Credentials")

OPENAPI_KEY: Final = "x-amazon-apigateway-integration"

STREAMABLE: Final = ("AWS_PROXY", "HTTP_PROXY")


class Integration:
    """An integration as the template has it, of any type; it is read when it is asked, since most never are."""

    def __init__(self, body: JsonObject, place: Place, dialect: Dialect, resolver: Resolver) -> None:
        self.body = body
        self.place = place
        self.dialect = dialect
        self._resolver = resolver
        self._known: tuple[tuple[LambdaUri, ...], str | None] | None = None

    @property
    def type(self) -> str:
        """In upper case; "" if it is not known."""
        kind = _resolved(self.body.get(self.dialect.type), self._resolver)
        return kind.upper() if isinstance(kind, str) else ""

    def _read(self) -> tuple[tuple[LambdaUri, ...], str | None]:
        kind = self.type
        problem = None if kind in STREAMABLE else _why_not(kind)
        if kind not in ("AWS_PROXY", "AWS"):
            return (), problem
        place = (*self.place, self.dialect.uri)
        try:
            uris = read_uris(self.body.get(self.dialect.uri), place, self._resolver)
        except UnknownUri as error:
            return (), problem or str(error)
        return uris, problem or (None if uris else "it has no Uri")

    @property
    def uris(self) -> tuple[LambdaUri, ...]:
        """A Lambda integration's; several where `Fn::If` chooses."""
        self._known = self._known or self._read()
        return self._known[0]

    @property
    def live_uris(self) -> tuple[LambdaUri, ...]:
        """Those of them that these parameter values choose."""
        uri = self.body.get(self.dialect.uri)
        live = chosen(uri, self._resolver)
        return self.uris if live is uri or not self.uris else read_uris(live, (), self._resolver)

    @property
    def problem(self) -> str | None:
        """Why it can't be made to stream."""
        self._known = self._known or self._read()
        return self._known[1]

    @property
    def sam_function(self) -> str | None:
        """The logical id that a buffered proxy's URI names in SAM's own form, without reading the rest."""
        if self.body.get(self.dialect.type) not in ("aws_proxy", "AWS_PROXY"):
            return None
        return sam_function(self.body.get(self.dialect.uri), self._resolver)

    @property
    def mode(self) -> Json:
        """Its transfer mode, as known before the deployment; None if it isn't."""
        mode = _resolved(self.body.get(self.dialect.mode, "BUFFERED"), self._resolver)
        return "BUFFERED" if mode is NO_VALUE else mode

    @property
    def streaming(self) -> bool:
        """It streams as it is: mode and every URI say so."""
        if not self.sets_mode or self.mode != "STREAM" or self.problem is not None:
            return False
        uris = self.live_uris
        return all(uri.streaming for uri in uris) and (bool(uris) or self.type == "HTTP_PROXY")

    @property
    def sets_mode(self) -> bool:
        return self.dialect.mode in self.body

    @property
    def has_credentials(self) -> bool:
        """It names a role to invoke with, or the caller's own."""
        return self.dialect.credentials in self.body

    @property
    def sets_timeout(self) -> bool:
        return self.dialect.timeout in self.body

    @property
    def timeout(self) -> int | None:
        """In milliseconds; None if it sets none or one that only the deployment knows."""
        if not self.sets_timeout:
            return None
        return whole_number(_resolved(self.body[self.dialect.timeout], self._resolver))

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

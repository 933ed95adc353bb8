"""The URI of a Lambda integration, in every shape that templates build it, and its streaming form.

    .../lambda:path/2015-03-31/functions/FUNCTION/invocations                        buffered
    .../lambda:path/2021-11-15/functions/FUNCTION/response-streaming-invocations     streaming

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
"""

import re
from typing import Final, NamedTuple

from samstream.edits import Edit
from samstream.intrinsics import Resolver, branches
from samstream.segments import Literal, Segment, Unknown, segments, spelt
from samstream.types import Json, Place

BUFFERED: Final = ("2015-03-31", "invocations")
STREAMING: Final = ("2021-11-15", "response-streaming-invocations")

# "\0" stands for a piece that only the deployment knows.
_URI = re.compile(
    r"arn:[^/]*:lambda:path//?(?P<version>2015-03-31|2021-11-15)/functions/(?P<function>[^/]+)"
    r"/(?P<action>response-streaming-invocations|invocations)/?"
)
_SAM_FORM = re.compile(
    r"arn:[^/]*:lambda:path/2015-03-31/functions/\$\{(?P<function>\w+)(?:\.Arn)?\}/invocations", re.ASCII
)
_FUNCTION_ARN = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?")


MIXED: Final = "its Uri mixes the API versions"


class UnknownUri(Exception):
    """A URI that can't be read or rewritten; the message says why."""


class LambdaUri(NamedTuple):
    """One URI. `resources` are the logical ids that its function part refers to (a function, alias or version);
    `name` and `qualifier` the literal ones of a written-out ARN."""

    streaming: bool
    resources: tuple[str, ...]
    name: str | None = None
    qualifier: str | None = None
    own_edits: tuple[Edit, ...] = ()
    sam_text: tuple[Place, str] | None = None

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What makes this URI a streaming one."""
        if self.sam_text is None:
            return self.own_edits
        place, text = self.sam_text
        after = text.replace(f"path/{BUFFERED[0]}/", f"path/{STREAMING[0]}/", 1)
        return (Edit(place, text, after.removesuffix(BUFFERED[1]) + STREAMING[1]),)


def read_uris(value: Json, place: Place, resolver: Resolver) -> tuple[LambdaUri, ...]:
    """The URIs between which `Fn::If` chooses, with the edits that make each streaming. Raises `UnknownUri`."""
    uri = _sam_uri(value, place, resolver)
    if uri is not None:
        return (uri,)
    return tuple(_sam_uri(item, at, resolver) or _read(item, at, resolver) for item, at in branches(value, place))


def sam_function(value: Json, resolver: Resolver) -> str | None:
    """The function or alias of a buffered URI in the form that SAM writes, None for any other."""
    text = value.get("Fn::Sub") if isinstance(value, dict) and len(value) == 1 else None
    match = _SAM_FORM.fullmatch(text) if isinstance(text, str) else None
    return None if match is None or match[1] in resolver else match[1]


def _sam_uri(value: Json, place: Place, resolver: Resolver) -> LambdaUri | None:
    """The shape that SAM writes, read in one step: most of any template's URIs."""
    function = sam_function(value, resolver)
    return LambdaUri(False, (function,), sam_text=((*place, "Fn::Sub"), value["Fn::Sub"])) if function else None


def _read(value: Json, place: Place, resolver: Resolver) -> LambdaUri:
    pieces = list(segments(value, place, resolver))
    text = "".join(piece.text if isinstance(piece, Literal) else "\0" for piece in pieces)
    match = _URI.fullmatch(text)
    if match is None:
        raise UnknownUri("its Uri is none of a Lambda function's")
    found = (match["version"], match["action"])
    if found not in (BUFFERED, STREAMING):
        raise UnknownUri(f"{MIXED}: {found[0]} with {found[1]}")
    name, qualifier = _written_out(pieces)
    return LambdaUri(
        streaming=found == STREAMING,
        resources=_resources_within(pieces, *match.span("function")),
        name=name,
        qualifier=qualifier,
        own_edits=() if found == STREAMING else _edits(value, place, pieces, match),
    )


def _written_out(pieces: list[Segment]) -> tuple[str | None, str | None]:
    """The function's name and qualifier, from "...:function:NAME:QUALIFIER/..." or "{Fn::GetAtt ...}:QUALIFIER/..."."""
    function = spelt(pieces).partition("/functions/")[2].partition("/")[0]
    match = _FUNCTION_ARN.fullmatch(function)
    if match is not None:
        return match["name"], match["qualifier"]
    return None, function.partition("}:")[2] or None


def _resources_within(pieces: list[Segment], start: int, end: int) -> tuple[str, ...]:
    found: list[str] = []
    position = 0
    for piece in pieces:
        if isinstance(piece, Unknown) and start <= position < end:
            found.extend(piece.resources)
        position += len(piece.text) if isinstance(piece, Literal) else 1
    return tuple(dict.fromkeys(found))


def _edits(value: Json, place: Place, pieces: list[Segment], match: re.Match[str]) -> tuple[Edit, ...]:
    changed: dict[Place, list[tuple[int, str, str]]] = {}
    for group, before, after in zip(("version", "action"), BUFFERED, STREAMING, strict=True):
        literal, offset = _literal_at(pieces, *match.span(group))
        if literal is None or literal.place is None:
            raise UnknownUri(
                f"the {before!r} in its Uri comes from a parameter or is put together from pieces; write it out"
            )
        changed.setdefault(literal.place, []).append((literal.start + offset, before, after))
    edits = []
    for text_place, replacements in changed.items():
        before = text = _text_at(value, place, text_place)
        for start, old, new in sorted(replacements, reverse=True):
            text = text[:start] + new + text[start + len(old) :]
        edits.append(Edit(text_place, before, text))
    return tuple(edits)


def _literal_at(pieces: list[Segment], start: int, end: int) -> tuple[Literal | None, int]:
    position = 0
    for piece in pieces:
        length = len(piece.text) if isinstance(piece, Literal) else 1
        if isinstance(piece, Literal) and position <= start and end <= position + length:
            return piece, start - position
        position += length
    return None, 0


def _text_at(value: Json, place: Place, text_place: Place) -> str:
    for key in text_place[len(place) :]:
        value = value[key]
    return str(value)

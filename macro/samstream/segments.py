"""Strings as the pieces that intrinsics build them of, each with the place where it can be edited."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from samstream.intrinsics import Resolver, Unresolvable, is_intrinsic, referenced, sub_arguments, sub_tokens
from samstream.types import Json, JsonObject, Place, is_number


class Literal(NamedTuple):
    """Known text. `place` and `start` say which string of the template it stands in, and from which character;
    no place: it comes from elsewhere (a parameter, a delimiter) and can't be edited."""

    text: str
    place: Place | None = None
    start: int = 0


class Unknown(NamedTuple):
    """Text that only the deployment knows, with the logical ids of the resources it is made from and the intrinsic
    itself as text without colons, so that two of the same compare equal."""

    resources: tuple[str, ...] = ()
    spelling: str = "?"


Segment = Literal | Unknown


def segments(value: Json, place: Place, resolver: Resolver) -> Iterator[Segment]:
    """A string value, however it is built (plain, Fn::Sub, Fn::Join, Ref, ...), as its pieces in order."""
    if isinstance(value, str):
        yield Literal(value, place)
    elif not is_intrinsic(value):
        yield Unknown()
    elif "Fn::Sub" in value:
        yield from _sub_segments(value, place, resolver)
    elif "Fn::Join" in value:
        yield from _join_segments(value, place, resolver)
    else:
        yield _other_segment(value, resolver)


def _sub_segments(value: JsonObject, place: Place, resolver: Resolver) -> Iterator[Segment]:
    try:
        pattern, variables = sub_arguments(value["Fn::Sub"])
    except Unresolvable:
        yield Unknown()
        return
    place = (*place, "Fn::Sub")
    text_place = place if isinstance(value["Fn::Sub"], str) else (*place, 0)
    end = 0
    for token in sub_tokens(pattern):
        if token.start() > end:
            yield Literal(pattern[end : token.start()], text_place, end)
        end = token.end()
        literal, name = token[1], token[2].strip()
        if literal:
            yield Literal("${" + name + "}")
        elif name in variables:
            yield from segments(variables[name], (*place, 1, name), resolver)
        else:
            yield _other_segment({"Ref": name} if "." not in name else {"Fn::GetAtt": name}, resolver)
    if end < len(pattern):
        yield Literal(pattern[end:], text_place, end)


def _join_segments(value: JsonObject, place: Place, resolver: Resolver) -> Iterator[Segment]:
    argument = value["Fn::Join"]
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
        yield Unknown()
        return
    delimiter, parts = argument
    if not isinstance(parts, list):
        yield _other_segment(value, resolver)
        return
    for index, part in enumerate(parts):
        if index and delimiter:
            yield Literal(delimiter)
        yield from segments(part, (*place, "Fn::Join", 1, index), resolver)


def _other_segment(value: JsonObject, resolver: Resolver) -> Segment:
    try:
        resolved = resolver.resolve(value)
    except Unresolvable:
        return Unknown(tuple(dict.fromkeys(referenced(value))), _spelling(value))
    if isinstance(resolved, str) or is_number(resolved):
        return Literal(str(resolved))
    return Unknown()


def _spelling(value: JsonObject) -> str:
    ((function, argument),) = value.items()
    if function == "Fn::GetAtt" and isinstance(argument, list):
        argument = ".".join(map(str, argument))
    return "{" + f"{function} {argument}".replace(":", "").replace("/", "") + "}"


def spelt(pieces: Iterable[Segment]) -> str:
    """A string's pieces as one text, what only the deployment knows by its spelling."""
    return "".join(piece.text if isinstance(piece, Literal) else piece.spelling for piece in pieces)

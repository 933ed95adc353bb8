"""Strings as the pieces that intrinsics build them of."""

from typing import Any

import pytest

from macro.samples import ACCOUNT, REGION
from samstream.intrinsics import Resolver
from samstream.segments import Literal, Unknown, segments


def resolver() -> Resolver:
    body = {"Resources": {"Chat": {"Type": "AWS::Lambda::Function"}}}
    return Resolver(body, REGION, ACCOUNT, {"Stage": "prod", "Zones": ["a", "b"]})


def pieces(value: Any) -> list[Any]:
    """The literals of a string, and what the unknown pieces between them refer to."""
    found = segments(value, ("p",), resolver())
    return [piece if isinstance(piece, Literal) else piece.resources for piece in found]


SEGMENTS: dict[str, tuple[Any, list[Any]]] = {
    "plain": ("text", [Literal("text", ("p",))]),
    "no text": (5, [()]),
    "a map": ({"a": 1, "b": 2}, [()]),
    "parameter": ({"Ref": "Stage"}, [Literal("prod")]),
    "number": ({"Fn::Length": {"Ref": "Zones"}}, [Literal("2")]),
    "list": ({"Ref": "Zones"}, [()]),
    "resource": ({"Ref": "Chat"}, [("Chat",)]),
    "attribute": ({"Fn::GetAtt": "Chat.Arn"}, [("Chat",)]),
    "sub": (
        {"Fn::Sub": "a/${Stage}/${Chat.Arn}/${!x}b"},
        [
            Literal("a/", ("p", "Fn::Sub"), 0),
            Literal("prod"),
            Literal("/", ("p", "Fn::Sub"), 10),
            ("Chat",),
            Literal("/", ("p", "Fn::Sub"), 22),
            Literal("${x}"),
            Literal("b", ("p", "Fn::Sub"), 28),
        ],
    ),
    "sub with a map": (
        {"Fn::Sub": ["${Own}!", {"Own": {"Fn::Sub": "x${Chat}"}}]},
        [
            Literal("x", ("p", "Fn::Sub", 1, "Own", "Fn::Sub"), 0),
            ("Chat",),
            Literal("!", ("p", "Fn::Sub", 0), 6),
        ],
    ),
    "broken sub": ({"Fn::Sub": ["a"]}, [()]),
    "join": (
        {"Fn::Join": ["/", ["a", {"Ref": "Chat"}, {"Fn::Join": ["", ["b", "c"]]}]]},
        [
            Literal("a", ("p", "Fn::Join", 1, 0)),
            Literal("/"),
            ("Chat",),
            Literal("/"),
            Literal("b", ("p", "Fn::Join", 1, 2, "Fn::Join", 1, 0)),
            Literal("c", ("p", "Fn::Join", 1, 2, "Fn::Join", 1, 1)),
        ],
    ),
    "join of a list parameter": ({"Fn::Join": ["/", {"Ref": "Zones"}]}, [Literal("a/b")]),
    "broken join": ({"Fn::Join": ["/"]}, [()]),
    "join by an intrinsic": ({"Fn::Join": [{"Ref": "Stage"}, ["a"]]}, [()]),
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_a_string_is_read_in_pieces_that_know_where_they_stand(name: str) -> None:
    value, expected = SEGMENTS[name]
    assert pieces(value) == expected


def test_a_piece_that_nobody_knows_is_no_literal() -> None:
    (piece,) = segments({"Ref": "Chat"}, ("p",), resolver())
    assert isinstance(piece, Unknown)

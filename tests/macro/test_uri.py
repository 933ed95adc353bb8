"""The URI of a Lambda integration, in every shape that templates build it."""

from collections.abc import Mapping
from typing import Any

import pytest

from macro.samples import ACCOUNT, PREFIX, REGION, buffered, streaming
from samstream.edits import apply
from samstream.intrinsics import Resolver
from samstream.uri import LambdaUri, UnknownUri, read_uris

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:chat"
START = "arn:aws:apigateway:eu-west-1:lambda:path"
ELSEWHERE = {"Fn::ImportValue": "Chat"}

PARAMETERS = {
    "Version": "2015-03-31",
    "Action": "invocations",
    "Name": "chat",
    "Uri": f"{START}/2015-03-31/functions/{ARN}/invocations",
    "Streaming": f"{START}/2021-11-15/functions/{ARN}/response-streaming-invocations",
}


def uris(value: Any, parameters: Mapping[str, Any] = PARAMETERS) -> list[LambdaUri]:
    resolver = Resolver({"Resources": {"Chat": {}, "Live": {}}}, REGION, ACCOUNT, parameters)
    return list(read_uris(value, ("uri",), resolver))


def rewritten(value: Any) -> Any:
    """The value with the edits of all its URIs made."""
    edits = [edit for uri in uris(value) for edit in uri.edits]
    return apply({"uri": value}, edits, {})["uri"]


def sub(text: str, **variables: Any) -> Any:
    return {"Fn::Sub": [text, variables] if variables else text}


def join(*parts: Any, by: str = "") -> Any:
    return {"Fn::Join": [by, list(parts)]}


ATTRIBUTE = {"Fn::GetAtt": ["Chat", "Arn"]}
LIVE = join({"Ref": "Chat"}, "live", by=":")

# What the template says, and what it says once it streams.
SHAPES: dict[str, tuple[Any, Any]] = {
    "as SAM writes it": (sub(buffered()), sub(streaming())),
    "as SAM writes an alias": (sub(buffered("${Live}")), sub(streaming("${Live}"))),
    "a trailing slash": (sub(f"{buffered()}/"), sub(f"{streaming()}/")),
    "a plain ARN": (
        f"{START}/2015-03-31/functions/{ARN}/invocations",
        f"{START}/2021-11-15/functions/{ARN}/response-streaming-invocations",
    ),
    "a plain ARN with a stage variable": (
        f"{START}/2015-03-31/functions/{ARN}:${{stageVariables.alias}}/invocations",
        f"{START}/2021-11-15/functions/{ARN}:${{stageVariables.alias}}/response-streaming-invocations",
    ),
    "a stage variable in a sub": (sub(buffered("${!stageVariables.fn}")), sub(streaming("${!stageVariables.fn}"))),
    "spaces in a sub": (sub(buffered("${ Chat.Arn }")), sub(streaming("${ Chat.Arn }"))),
    "a sub with a map": (
        sub(buffered("${Function}"), Function=ATTRIBUTE),
        sub(streaming("${Function}"), Function=ATTRIBUTE),
    ),
    "a sub whose map has the path": (
        sub("${Path}/${Chat.Arn}/invocations", Path=sub(f"{PREFIX}/2015-03-31/functions")),
        sub("${Path}/${Chat.Arn}/response-streaming-invocations", Path=sub(f"{PREFIX}/2021-11-15/functions")),
    ),
    "a sub whose map has both words": (
        sub(f"{PREFIX}/${{V}}/functions/${{Chat.Arn}}/${{A}}", V="2015-03-31", A="invocations"),
        sub(f"{PREFIX}/${{V}}/functions/${{Chat.Arn}}/${{A}}", V="2021-11-15", A="response-streaming-invocations"),
    ),
    "a sub whose map has it all": (sub("${It}", It=sub(buffered())), sub("${It}", It=sub(streaming()))),
    "a join, as the CDK writes it": (
        join(
            "arn:", {"Ref": "AWS::Partition"}, ":apigateway:", {"Ref": "AWS::Region"},
            ":lambda:path/2015-03-31/functions/", ATTRIBUTE, "/invocations",
        ),
        join(
            "arn:", {"Ref": "AWS::Partition"}, ":apigateway:", {"Ref": "AWS::Region"},
            ":lambda:path/2021-11-15/functions/", ATTRIBUTE, "/response-streaming-invocations",
        ),
    ),
    "a join by slashes": (
        join(START, "2015-03-31", "functions", ATTRIBUTE, "invocations", by="/"),
        join(START, "2021-11-15", "functions", ATTRIBUTE, "response-streaming-invocations", by="/"),
    ),
    "a join of a join and a sub": (
        join(sub(f"{PREFIX}/2015-03-31/functions/"), LIVE, "/invocations"),
        join(sub(f"{PREFIX}/2021-11-15/functions/"), LIVE, "/response-streaming-invocations"),
    ),
    "an imported function": (
        join(f"{START}/2015-03-31/functions/", ELSEWHERE, "/invocations"),
        join(f"{START}/2021-11-15/functions/", ELSEWHERE, "/response-streaming-invocations"),
    ),
    "an if": (
        {"Fn::If": ["A", sub(buffered()), {"Fn::If": ["B", sub(buffered("${Live}")), {"Ref": "AWS::NoValue"}]}]},
        {"Fn::If": ["A", sub(streaming()), {"Fn::If": ["B", sub(streaming("${Live}")), {"Ref": "AWS::NoValue"}]}]},
    ),
    "an if of which one streams": (
        {"Fn::If": ["A", sub(buffered()), sub(streaming("${Live}"))]},
        {"Fn::If": ["A", sub(streaming()), sub(streaming("${Live}"))]},
    ),
    "words of the path in the function's name": (
        f"{START}/2015-03-31/functions/{ARN}-path-2015-03-31-invocations/invocations",
        f"{START}/2021-11-15/functions/{ARN}-path-2015-03-31-invocations/response-streaming-invocations",
    ),
    "one that streams": (sub(streaming()), sub(streaming())),
    "one that streams by a parameter": ({"Ref": "Streaming"}, {"Ref": "Streaming"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_uri_is_rewritten_where_it_is_written(name: str) -> None:
    value, streams = SHAPES[name]
    assert rewritten(value) == streams


@pytest.mark.parametrize("name", SHAPES)
def test_a_uri_that_streams_has_nothing_to_edit(name: str) -> None:
    _, streams = SHAPES[name]
    assert [(uri.streaming, uri.edits) for uri in uris(streams)] == [(True, ()) for _ in uris(streams)]


REGION_OF_LIVE = {"Fn::GetAtt": "Live.Region"}

# What the function part says: logical ids, written name, qualifier.
FUNCTIONS: dict[str, tuple[Any, tuple[tuple[str, ...], str | None, str | None]]] = {
    "as SAM writes it": (sub(buffered()), (("Chat",), None, None)),
    "an alias": (sub(buffered("${Live}")), (("Live",), None, None)),
    "a qualifier": (sub(buffered("${Chat.Arn}:live")), (("Chat",), None, "live")),
    "a qualifier by a parameter": (sub(buffered("${Chat.Arn}:${Name}")), (("Chat",), None, "chat")),
    "a written ARN": (sub(buffered(ARN)), ((), "chat", None)),
    "a written ARN with a qualifier": (sub(buffered(f"{ARN}:live")), ((), "chat", "live")),
    "an ARN with the name of a parameter": (
        sub(buffered("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Name}")),
        ((), "chat", None),
    ),
    "a join with a qualifier": (
        join(f"{START}/2015-03-31/functions/", ATTRIBUTE, ":live", "/invocations"),
        (("Chat",), None, "live"),
    ),
    "references outside of the function part": (
        join(
            "arn:aws:apigateway:", {"Fn::GetAtt": "Live.Region"}, f":lambda:path/2015-03-31/functions/{ARN}/invocations"
        ),
        ((), "chat", None),
    ),
    "references before the function part and in it": (
        join("arn:aws:apigateway:", REGION_OF_LIVE, ":lambda:path/2015-03-31/functions/", ATTRIBUTE, "/invocations"),
        (("Chat",), None, None),
    ),
    "an imported function": (join(f"{START}/2015-03-31/functions/", ELSEWHERE, "/invocations"), ((), None, None)),
    "two resources": (
        sub(buffered("${F}"), F={"Fn::If": ["A", ATTRIBUTE, {"Ref": "Live"}]}),
        (("Chat", "Live"), None, None),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_uri_says_which_function_it_invokes(name: str) -> None:
    value, expected = FUNCTIONS[name]
    assert [(uri.resources, uri.name, uri.qualifier) for uri in uris(value)] == [expected]


@pytest.mark.parametrize("alias", ["${!stageVariables.alias}", "${Elsewhere}"])
def test_a_qualifier_that_nobody_knows_is_still_one(alias: str) -> None:
    (uri,) = uris(sub(buffered("${Chat.Arn}:" + alias)))
    assert uri.resources[:1] == ("Chat",)
    assert uri.qualifier


def test_a_parameter_of_a_functions_name_is_no_function() -> None:
    text = sub(buffered("${Chat}"))
    (uri,) = uris(text, {"Chat": ARN})
    assert (uri.resources, uri.name) == ((), "chat")
    assert rewritten(text) == sub(streaming("${Chat}"))


NOT_LAMBDA = "its Uri is none of a Lambda function's"
FROM_ELSEWHERE = "in its Uri comes from a parameter or is put together from pieces; write it out"

UNKNOWN: dict[str, tuple[Any, str]] = {
    "nothing": (None, NOT_LAMBDA),
    "a number": (5, NOT_LAMBDA),
    "a map": ({"a": 1}, NOT_LAMBDA),
    "another site": ("https://example.com", NOT_LAMBDA),
    "another service": ("arn:aws:apigateway:eu-west-1:sqs:path/queue", NOT_LAMBDA),
    "another version": (f"{START}/2014-11-11/functions/{ARN}/invocations", NOT_LAMBDA),
    "another action": (f"{START}/2015-03-31/functions/{ARN}/invoke-async", NOT_LAMBDA),
    "no function": (f"{START}/2015-03-31/functions//invocations", NOT_LAMBDA),
    "imported": (ELSEWHERE, NOT_LAMBDA),
    "an import within": (join(ELSEWHERE, "/invocations"), NOT_LAMBDA),
    "the new version alone": (
        f"{START}/2021-11-15/functions/{ARN}/invocations",
        "its Uri mixes the API versions: 2021-11-15 with invocations",
    ),
    "the new action alone": (
        f"{START}/2015-03-31/functions/{ARN}/response-streaming-invocations",
        "its Uri mixes the API versions: 2015-03-31 with response-streaming-invocations",
    ),
    "all of a parameter": ({"Ref": "Uri"}, f"the '2015-03-31' {FROM_ELSEWHERE}"),
    "a version by parameter": (
        sub(f"{PREFIX}/${{Version}}/functions/${{Chat.Arn}}/invocations"),
        f"the '2015-03-31' {FROM_ELSEWHERE}",
    ),
    "an action by parameter": (
        sub(f"{PREFIX}/2015-03-31/functions/${{Chat.Arn}}/${{Action}}"),
        f"the 'invocations' {FROM_ELSEWHERE}",
    ),
    "a version of two pieces": (
        join(f"{START}/2015-", "03-31/functions/", ATTRIBUTE, "/invocations"),
        f"the '2015-03-31' {FROM_ELSEWHERE}",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_uri_that_can_not_be_rewritten_says_why(name: str) -> None:
    value, why = UNKNOWN[name]
    with pytest.raises(UnknownUri) as caught:
        uris(value)
    assert str(caught.value) == why


def test_one_branch_that_can_not_be_rewritten_is_enough() -> None:
    with pytest.raises(UnknownUri):
        uris({"Fn::If": ["A", sub(buffered()), ELSEWHERE]})


def test_no_value_is_no_uri() -> None:
    assert uris({"Ref": "AWS::NoValue"}) == []

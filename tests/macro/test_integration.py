"""An integration as it is, and what makes it stream."""

from typing import Any

import pytest

from macro.samples import ACCOUNT, REGION, buffered, proxy, streamed, streaming
from samstream.edits import ABSENT, Edit, apply
from samstream.integration import CLOUDFORMATION, OPENAPI, Integration
from samstream.intrinsics import Resolver

PARAMETERS = {"Kind": "AWS_PROXY", "Timeout": "60000", "Mode": "STREAM"}


def read(body: Any) -> Integration:
    resolver = Resolver({}, REGION, ACCOUNT, PARAMETERS)
    return Integration(body, ("i",), CLOUDFORMATION if "Type" in body else OPENAPI, resolver)


SITE = {"type": "http_proxy", "uri": "https://example.com"}

# type, streams already, its timeout
READ: dict[str, tuple[dict[str, Any], tuple[str, bool, int | None]]] = {
    "buffered": (proxy(), ("AWS_PROXY", False, None)),
    "streaming": (streamed(), ("AWS_PROXY", True, None)),
    "type of a parameter": (proxy(type={"Ref": "Kind"}), ("AWS_PROXY", False, None)),
    "upper case type": (proxy(type="AWS_PROXY"), ("AWS_PROXY", False, None)),
    "timeout": (proxy(timeoutInMillis=1000), ("AWS_PROXY", False, 1000)),
    "timeout as text": (proxy(timeoutInMillis="1000"), ("AWS_PROXY", False, 1000)),
    "timeout of a parameter": (proxy(timeoutInMillis={"Ref": "Timeout"}), ("AWS_PROXY", False, 60_000)),
    "timeout nobody knows": (proxy(timeoutInMillis={"Fn::ImportValue": "T"}), ("AWS_PROXY", False, None)),
    "mode of a parameter": (streamed(responseTransferMode={"Ref": "Mode"}), ("AWS_PROXY", True, None)),
    "mode nobody knows": (streamed(responseTransferMode={"Fn::ImportValue": "M"}), ("AWS_PROXY", False, None)),
    "mode in lower case": (streamed(responseTransferMode="stream"), ("AWS_PROXY", False, None)),
    "mode alone": (proxy(responseTransferMode="STREAM"), ("AWS_PROXY", False, None)),
    "uri alone": (streamed(responseTransferMode="BUFFERED"), ("AWS_PROXY", False, None)),
    "site": (SITE, ("HTTP_PROXY", False, None)),
    "streaming site": ({**SITE, "responseTransferMode": "STREAM"}, ("HTTP_PROXY", True, None)),
    "mock": ({"type": "mock"}, ("MOCK", False, None)),
    "mock that says it streams": ({"type": "mock", "responseTransferMode": "STREAM"}, ("MOCK", False, None)),
    "no type": ({}, ("", False, None)),
}


@pytest.mark.parametrize("name", READ)
def test_an_integration_is_read(name: str) -> None:
    body, expected = READ[name]
    integration = read(body)
    assert (integration.type, integration.streaming, integration.timeout) == expected
    assert integration.sets_timeout is ("timeoutInMillis" in body)


PROBLEMS: dict[str, tuple[dict[str, Any], str | None]] = {
    "proxy": (proxy(), None),
    "site": (SITE, None),
    "mock": ({"type": "mock"}, "its integration is MOCK, and only AWS_PROXY and HTTP_PROXY integrations stream"),
    "no type": ({"uri": "https://a"}, "its type is not known before the deployment"),
    "a list for a type": ({"type": ["AWS_PROXY"]}, "its type is not known before the deployment"),
    "no uri": ({"type": "AWS_PROXY", "uri": {"Ref": "AWS::NoValue"}}, "it has no Uri"),
    "unknown uri": (proxy(uri="https://a"), "its Uri is none of a Lambda function's"),
    "mapping templates without a uri": (
        {"type": "AWS", "uri": {"Ref": "AWS::NoValue"}},
        "its integration is AWS, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ),
    "mapping templates, whatever their uri": (
        {"type": "AWS", "uri": "arn:aws:apigateway:eu-west-1:sqs:path/queue"},
        "its integration is AWS, and only AWS_PROXY and HTTP_PROXY integrations stream",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_why_an_integration_can_not_stream(name: str) -> None:
    body, problem = PROBLEMS[name]
    assert read(body).problem == problem


def test_mapping_templates_still_say_which_function_they_invoke() -> None:
    assert [uri.resources for uri in read(proxy(type="AWS")).uris] == [("Chat",)]


@pytest.mark.parametrize(
    ("body", "made"),
    [
        (proxy(), streamed(timeoutInMillis=60_000)),
        (proxy(timeoutInMillis=5), streamed(timeoutInMillis=60_000)),
        (proxy(responseTransferMode="BUFFERED"), streamed(timeoutInMillis=60_000)),
        (proxy(responseTransferMode={"Ref": "Mode"}), streamed(timeoutInMillis=60_000)),
        (streamed(), streamed(timeoutInMillis=60_000)),
        (SITE, {**SITE, "responseTransferMode": "STREAM", "timeoutInMillis": 60_000}),
        (
            {"Type": "AWS_PROXY", "Uri": {"Fn::Sub": buffered()}},
            {
                "Type": "AWS_PROXY",
                "Uri": {"Fn::Sub": streaming()},
                "ResponseTransferMode": "STREAM",
                "TimeoutInMillis": 60_000,
            },
        ),
    ],
)
def test_edits_make_mode_uri_and_timeout_those_of_streaming(body: dict[str, Any], made: dict[str, Any]) -> None:
    assert apply({"i": body}, read(body).edits(60_000), {}) == {"i": made}


def test_without_a_timeout_that_of_the_integration_stays() -> None:
    assert apply({"i": proxy(timeoutInMillis=5)}, read(proxy(timeoutInMillis=5)).edits(None), {}) == {
        "i": streamed(timeoutInMillis=5)
    }


def test_an_edit_says_what_was_there_before() -> None:
    assert read({**SITE, "timeoutInMillis": True}).edits(60_000) == [
        Edit(("i", "responseTransferMode"), ABSENT, "STREAM"),
        Edit(("i", "timeoutInMillis"), True, 60_000),
    ]


def test_what_streams_already_has_nothing_to_edit() -> None:
    assert read(streamed(timeoutInMillis=60_000)).edits(60_000) == []


def test_true_is_not_taken_for_the_number_one() -> None:
    assert read(streamed(timeoutInMillis=True)).edits(1) == [Edit(("i", "timeoutInMillis"), True, 1)]


MODES: list[tuple[dict[str, Any], Any]] = [
    ({}, "BUFFERED"),
    ({"responseTransferMode": "STREAM"}, "STREAM"),
    ({"responseTransferMode": {"Ref": "Mode"}}, "STREAM"),
    ({"responseTransferMode": {"Ref": "AWS::NoValue"}}, "BUFFERED"),
    ({"responseTransferMode": {"Fn::ImportValue": "M"}}, None),
    ({"responseTransferMode": None}, None),
    ({"responseTransferMode": "stream"}, "stream"),
    ({"responseTransferMode": ["STREAM"]}, ["STREAM"]),
    ({"responseTransferMode": 5}, 5),
]


@pytest.mark.parametrize(("body", "mode"), MODES)
def test_a_mode_is_what_is_written_as_far_as_it_is_known(body: dict[str, Any], mode: Any) -> None:
    integration = read(proxy(**body))
    assert (integration.mode, integration.sets_mode) == (mode, bool(body))


def test_only_the_uri_that_is_chosen_says_whether_it_streams() -> None:
    conditions = {"Conditions": {"Live": {"Fn::Equals": ["a", "a"]}}}
    both = [{"Fn::Sub": streaming()}, {"Fn::Sub": buffered()}]
    for uri, live in (
        ({"Fn::If": ["Live", *both]}, (True,)),
        ({"Fn::If": ["Live", *reversed(both)]}, (False,)),
        ({"Fn::If": ["Live", {"Fn::If": ["Live", *both]}, both[1]]}, (True,)),
        ({"Fn::If": ["Unknown", *both]}, (True, False)),
        ({"Fn::If": ["Live", {"Ref": "AWS::NoValue"}, both[1]]}, ()),
        ({"Fn::ImportValue": "Uri"}, ()),
    ):
        resolver = Resolver(conditions, REGION, ACCOUNT, PARAMETERS)
        integration = Integration(streamed(uri=uri), ("i",), OPENAPI, resolver)
        assert tuple(found.streaming for found in integration.live_uris) == live
        if live:
            assert integration.streaming is all(live)


def test_credentials_are_an_integrations_own() -> None:
    assert read(proxy()).has_credentials is False
    assert read(proxy(credentials="arn:aws:iam::*:user/*")).has_credentials is True
    method_body = {"Type": "AWS_PROXY", "Credentials": {"Fn::GetAtt": ["Role", "Arn"]}}
    assert read(method_body).has_credentials is True

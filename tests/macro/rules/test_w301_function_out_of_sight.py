"""W301: nothing can be said of a function that stands elsewhere."""

import pytest

from macro.samples import app, findings, function, look, operation, proxy, run, streamed, streams
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")
MESSAGE = (
    "Api POST /chat (Routes of the Transform entry): its function is not in this template, so nothing about it could "
    "be checked or set. It must write the streaming format (with the Lambda Web Adapter: "
    "AWS_LWA_INVOKE_MODE=response_stream)."
)
ROUTES = {"Routes": "POST /chat"}


@pytest.mark.parametrize(
    "elsewhere",
    [
        "arn:aws:lambda:eu-west-1:123456789012:function:chat",
        "${ChatArn}",
        "${!stageVariables.function}",
        "${Table.Arn}",
    ],
)
def test_a_function_of_elsewhere_is_told(elsewhere: str) -> None:
    table = {"Type": "AWS::DynamoDB::Table"}
    fragment = app({"/chat": {"post": operation(proxy(elsewhere))}}, Table=table)
    result = run(fragment, ROUTES, parameters={"ChatArn": "arn:aws:lambda:eu-west-1:1:function:chat"})
    assert result.findings == (Finding("W301", "Api", PLACE, MESSAGE),)
    assert streams(result) == ["Api POST /chat"]


def test_strict_refuses_it() -> None:
    fragment = app({"/chat": {"post": operation(proxy("${ChatArn}"))}})
    result = run(fragment, {**ROUTES, "Strict": True}, parameters={"ChatArn": "arn:aws:lambda:eu-west-1:1:function:f"})
    assert (result.template, result.message) == (fragment, f"{MESSAGE} [W301]")


def test_a_function_is_found_by_its_written_name() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:chat"
    fragment = app({"/chat": {"post": operation(proxy(arn))}}, Chat=function(FunctionName="chat"))
    assert findings(fragment, ROUTES) == []


def test_an_http_proxy_has_no_function_to_see() -> None:
    site = operation({"type": "http_proxy", "uri": "https://example.com", "timeoutInMillis": 60_000})
    assert findings(app({"/chat": {"post": site}}), ROUTES) == []


def test_a_route_that_streams_by_itself_is_told() -> None:
    elsewhere = streamed("arn:aws:lambda:eu-west-1:123456789012:function:chat")
    message = MESSAGE.replace(" (Routes of the Transform entry)", "")
    assert look(app({"/chat": {"post": operation(elsewhere)}})) == [Finding("W301", "Api", PLACE, message)]
    assert look(app({"/chat": {"post": operation(proxy("${Elsewhere}"))}})) == []

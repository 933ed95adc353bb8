"""W302: a version of elsewhere keeps the variables it was published with."""

import pytest

from macro.samples import alias, app, findings, function, operation, proxy, version, web_app
from samstream.findings import Finding

ROUTES = {"Routes": "POST /chat"}
PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")
MESSAGE = (
    "Api POST /chat: it invokes a version of Chat that this template doesn't publish; publish a new one after the "
    "deployment, else its callers get an error."
)
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:chat"


@pytest.mark.parametrize("named", ["${Chat.Arn}:live", "${Chat.Arn}:7", f"{ARN}:live", "${Elsewhere}"])
def test_a_version_that_this_template_does_not_publish_is_told(named: str) -> None:
    elsewhere = {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Chat"}, "Name": "blue", "FunctionVersion": "7"},
    }
    app_function = web_app()
    app_function["Properties"]["FunctionName"] = "chat"
    fragment = app({"/chat": {"post": operation(proxy(named))}}, Chat=app_function, Elsewhere=elsewhere)
    assert findings(fragment, ROUTES) == [Finding("W302", "Api", PLACE, MESSAGE)]


@pytest.mark.parametrize("named", ["${Chat.Arn}:live", "${Live}", "${Version1}", "${Chat.Arn}"])
def test_a_version_that_this_template_publishes_is_not(named: str) -> None:
    paths = {"/chat": {"post": operation(proxy(named))}}
    fragment = app(paths, Chat=web_app(), Live=alias("Version1"), Version1=version())
    assert findings(fragment, ROUTES) == []


def test_a_function_that_stays_as_it_is_needs_no_new_version() -> None:
    paths = {"/chat": {"post": operation(proxy("${Chat.Arn}:live"))}}
    for unchanged in (function(), web_app(AWS_LWA_INVOKE_MODE="response_stream")):
        assert findings(app(paths, Chat=unchanged), ROUTES) == []

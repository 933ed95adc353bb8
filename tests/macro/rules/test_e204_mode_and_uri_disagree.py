"""E204: API Gateway refuses a mode without its Uri, and a Uri without its mode."""

from typing import Any

import pytest

from macro.samples import NO_VALUE, app, buffered, look, method, operation, proxy, run, streamed, streaming, streams
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-amazon-apigateway-integration")
REMEDY = (
    "API Gateway refuses that. Tag the route, which sets both, or write the mode STREAM and a Uri that ends in "
    "/2021-11-15/functions/${Function.Arn}/response-streaming-invocations."
)
MODE_ALONE = "its responseTransferMode is STREAM, but its uri is the buffered one"
URI_ALONE = "its uri is the streaming one, but its responseTransferMode isn't STREAM"
UNKNOWN = "its responseTransferMode is neither STREAM nor BUFFERED"
HALF = streaming().replace("2021-11-15", "2015-03-31")
MIXED = "its Uri mixes the API versions: 2015-03-31 with response-streaming-invocations"
BOTH, ONE = {"Fn::Sub": streaming()}, {"Fn::Sub": buffered()}
CONDITIONS = {"Live": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}, "Hidden": {"Fn::Equals": [{"Ref": "Secret"}, "a"]}}


def check(integration: Any, stage: str = "live") -> list[Finding]:
    body = {**app({"/chat": {"post": operation(integration)}}), "Conditions": CONDITIONS}
    return [found for found in look(body, parameters={"Stage": stage, "Mode": "STREAM"}) if found.rule[0] == "E"]


def told(what: str, setting: str = "responseTransferMode") -> list[Finding]:
    return [Finding("E204", "Api", (*PLACE, setting), f"Api POST /chat: {what}. {REMEDY}")]


DISAGREE: dict[str, tuple[Any, str]] = {
    "mode alone": (proxy(responseTransferMode="STREAM"), MODE_ALONE),
    "mode by a parameter": (proxy(responseTransferMode={"Ref": "Mode"}), MODE_ALONE),
    "mode by a condition": (proxy(responseTransferMode={"Fn::If": ["Live", "STREAM", NO_VALUE]}), MODE_ALONE),
    "both Uris buffered": (proxy(responseTransferMode="STREAM", uri={"Fn::If": ["Hidden", ONE, ONE]}), MODE_ALONE),
    "Uri alone": (proxy(uri=BOTH), URI_ALONE),
    "Uri and the other mode": (streamed(responseTransferMode="BUFFERED"), URI_ALONE),
    "Uri and no mode after all": (streamed(responseTransferMode=NO_VALUE), URI_ALONE),
    "Uri by a condition": (proxy(uri={"Fn::If": ["Live", BOTH, ONE]}), URI_ALONE),
    "half a Uri": (proxy(uri={"Fn::Sub": HALF}), MIXED),
    "half a Uri and the mode": (proxy(uri={"Fn::Sub": HALF}, responseTransferMode="STREAM"), MIXED),
    "SAM's word": (proxy(responseTransferMode="RESPONSE_STREAM"), UNKNOWN),
    "no word": (proxy(responseTransferMode=True), UNKNOWN),
    "a list": (proxy(responseTransferMode=["STREAM"]), UNKNOWN),
    "a site's": ({"type": "http_proxy", "uri": "https://a", "responseTransferMode": "STREAMING"}, UNKNOWN),
}


@pytest.mark.parametrize("name", DISAGREE)
def test_what_api_gateway_refuses_is_told(name: str) -> None:
    integration, what = DISAGREE[name]
    setting = "responseTransferMode" if "responseTransferMode" in integration else "uri"
    assert check(integration) == told(what, setting)


AGREE: dict[str, Any] = {
    "buffered": proxy(),
    "buffered, and says so": proxy(responseTransferMode="BUFFERED"),
    "streaming": streamed(),
    "streaming by a parameter": streamed(responseTransferMode={"Ref": "Mode"}),
    "a site that streams": {"type": "http_proxy", "uri": "https://a", "responseTransferMode": "STREAM"},
    "a mode nobody knows": proxy(responseTransferMode={"Fn::ImportValue": "Mode"}),
    "a dynamic mode": proxy(responseTransferMode="{{resolve:ssm:mode}}"),
    "no mode at all": proxy(responseTransferMode=None),
    "both by one condition": streamed(
        uri={"Fn::If": ["Live", BOTH, ONE]}, responseTransferMode={"Fn::If": ["Live", "STREAM", "BUFFERED"]}
    ),
    "both by one condition, the other way": streamed(
        uri={"Fn::If": ["Live", ONE, BOTH]}, responseTransferMode={"Fn::If": ["Live", "BUFFERED", "STREAM"]}
    ),
    "a Uri by a condition nobody knows": streamed(uri={"Fn::If": ["Hidden", BOTH, ONE]}),
    "no Uri after all": proxy(uri={"Fn::If": ["Live", NO_VALUE, ONE]}, responseTransferMode="STREAM"),
    "a Uri nobody knows": proxy(uri={"Fn::ImportValue": "Uri"}, responseTransferMode="STREAM"),
    "a type nobody knows": proxy(type={"Fn::ImportValue": "Type"}, responseTransferMode="STREAM"),
    "lower case, which an import may take": streamed(responseTransferMode="stream"),
    "a preflight": {"type": "mock", "requestTemplates": {}},
}


@pytest.mark.parametrize("stage", ["live", "test"])
@pytest.mark.parametrize("name", AGREE)
def test_what_it_takes_or_nobody_knows_is_not(name: str, stage: str) -> None:
    if (name, stage) != ("no Uri after all", "test"):
        assert check(AGREE[name], stage) == []


def test_stage_variables_are_part_of_a_uri_like_any_other() -> None:
    alias = "arn:aws:lambda:eu-west-1:1:function:chat:${!stageVariables.alias}"
    assert check(proxy(alias, responseTransferMode="STREAM")) == told(MODE_ALONE)
    assert check(streamed(alias)) == []


def test_a_method_spells_its_settings_its_own_way() -> None:
    integration = {"Type": "AWS_PROXY", "Uri": ONE, "ResponseTransferMode": "STREAM"}
    message = f"Api GET /: its ResponseTransferMode is STREAM, but its Uri is the buffered one. {REMEDY}"
    assert look(app({}, Get=method(integration))) == [
        Finding("E204", "Get", ("Resources", "Get", "Properties", "Integration", "ResponseTransferMode"), message)
    ]


def test_a_method_has_no_import_that_may_take_lower_case() -> None:
    integration = {"Type": "AWS_PROXY", "Uri": BOTH, "ResponseTransferMode": "stream"}
    (found,) = look(app({}, Get=method(integration)))
    assert found.message == f"Api GET /: its ResponseTransferMode is neither STREAM nor BUFFERED. {REMEDY}"


def test_what_this_deployment_does_not_create_is_not_told() -> None:
    for dead in (
        {"Fn::If": ["Live", proxy(), proxy(responseTransferMode="STREAM")]},
        {"Fn::If": ["Live", NO_VALUE, proxy(uri=BOTH)]},
    ):
        assert check(dead) == []


def test_a_tag_sets_both() -> None:
    for integration in (proxy(responseTransferMode="STREAM"), proxy(uri=BOTH), streamed(responseTransferMode="stream")):
        result = run(app({"/chat": {"post": operation(integration)}}), {"Routes": "POST /chat"})
        assert (streams(result), result.findings) == (["Api POST /chat"], ())

"""Where in the source a place of the processed template comes from."""

from typing import Any

import pytest

from samstream_cli.origins import Origins

EVENTS = ("Resources", "Chat", "Properties", "Events")
BODY = ("Properties", "Body", "paths")
INTEGRATION = "x-amazon-apigateway-integration"

SOURCE: dict[str, Any] = {
    "Transform": ["SamStream", {"Name": "SamStream", "Parameters": {"Routes": ["GET /"]}}],
    "Globals": {"Function": {"Timeout": 9}, "Api": {"AccessLogSetting": {"Format": "x"}}},
    "Resources": {
        "Chat": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "nodejs22.x",
                "FunctionUrlConfig": {"AuthType": "NONE"},
                "Events": {
                    "Ask": {"Type": "Api", "Properties": {"Path": "/chat", "Method": "post", "Streaming": True}},
                    "AskMore": {
                        "Type": "Api",
                        "Properties": {
                            "Path": "/more",
                            "Method": "any",
                            "TimeoutInMillis": 9,
                            "RestApiId": {"Ref": "Own"},
                        },
                    },
                    "Http": {"Type": "HttpApi"},
                },
            },
        },
        "Own": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "live"}},
        "Written": {
            "Type": "AWS::Serverless::Api",
            "Properties": {"DefinitionBody": {"paths": {"/a": {"get": {INTEGRATION: {"uri": "x"}}}}}},
        },
        "Plain": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "Fn::ForEach::Each": ["Name", ["a"], {"Talk${Name}": {"Type": "AWS::Serverless::Function", "Properties": {}}}],
    },
}


@pytest.mark.parametrize(
    ("place", "origin"),
    [
        ((), ()),
        (("Metadata", "SamStream"), ()),
        (("Transform",), ("Transform",)),
        (("Transform", "Parameters", "Routes"), ("Transform", 1, "Parameters", "Routes")),
        (("Transform", "Parameters", "Strict"), ("Transform",)),
        (("Globals", "Api", "Streaming"), ("Globals", "Api")),
        (("Resources", "Plain", "Properties", "Timeout"), ("Resources", "Plain", "Properties")),
        (("Resources", "Chat", "Properties", "Runtime"), ("Resources", "Chat", "Properties", "Runtime")),
        (("Resources", "Chat", "Properties", "Timeout"), ("Globals", "Function", "Timeout")),
        (("Resources", "Chat", "Properties", "Layers"), ("Resources", "Chat", "Properties")),
        ((*EVENTS, "Ask"), (*EVENTS, "Ask", "Properties", "Streaming")),
        ((*EVENTS, "Http"), (*EVENTS, "Http")),
        (("Resources", "ServerlessRestApi", *BODY, "/chat", "post", INTEGRATION, "uri"), (*EVENTS, "Ask")),
        (("Resources", "ServerlessRestApi", *BODY, "/gone", "post"), ("Globals", "Api")),
        (("Resources", "ServerlessRestApi", "Properties", "EndpointConfiguration"), ("Globals", "Api")),
        (
            ("Resources", "ServerlessRestApiProdStage", "Properties", "AccessLogSetting", "Format"),
            ("Globals", "Api", "AccessLogSetting", "Format"),
        ),
        (("Resources", "ServerlessHttpApi"), (*EVENTS, "Http")),
        (("Resources", "ServerlessHttpApiApiGatewayDefaultStage"), (*EVENTS, "Http")),
        (
            (
                "Resources",
                "Own",
                *BODY,
                "/more",
                "Fn::If",
                1,
                "x-amazon-apigateway-any-method",
                INTEGRATION,
                "timeoutInMillis",
            ),
            (*EVENTS, "AskMore", "Properties", "TimeoutInMillis"),
        ),
        (("Resources", "Own", *BODY, "/gone", "get"), ("Resources", "Own")),
        (("Resources", "OwnliveStage", "Properties", "StageName"), ("Resources", "Own", "Properties", "StageName")),
        (
            ("Resources", "Written", *BODY, "/a", "get", INTEGRATION, "timeoutInMillis"),
            ("Resources", "Written", "Properties", "DefinitionBody", "paths", "/a", "get", INTEGRATION),
        ),
        (("Resources", "ChatAskMorePermissionProd"), (*EVENTS, "AskMore")),
        (("Resources", "ChatUrl", "Properties"), ("Resources", "Chat", "Properties", "FunctionUrlConfig")),
        (("Resources", "ChatAliaslive"), ("Resources", "Chat")),
        (
            ("Resources", "Talka", "Properties", "Timeout"),
            ("Globals", "Function", "Timeout"),
        ),
        (
            ("Resources", "Talka", "Type"),
            ("Resources", "Fn::ForEach::Each", 2, "Talk${Name}", "Type"),
        ),
        (
            ("Resources", "Fn::ForEach::Each", 2, "Talk${Name}", "Type", "x"),
            ("Resources", "Fn::ForEach::Each", 2, "Talk${Name}", "Type"),
        ),
        (("Resources", "Nobody"), ()),
    ],
)
def test_a_place_comes_from_the_deepest_that_the_source_has(place: tuple[Any, ...], origin: tuple[Any, ...]) -> None:
    assert Origins(SOURCE).of(place) == origin


@pytest.mark.parametrize("event", [None, 1, [], {"Properties": 1}, {"Type": "Api", "Properties": {"RestApiId": []}}])
def test_events_that_are_none_are_passed_over(event: Any) -> None:
    source = {"Resources": {"Chat": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Ask": event}}}}}
    assert Origins(source).of(("Resources", "ServerlessRestApi", *BODY, "/chat", "post")) in ((), (*EVENTS, "Ask"))

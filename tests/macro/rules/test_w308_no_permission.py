"""W308: a function that API Gateway may not invoke answers nobody."""

from typing import Any

import pytest

from macro.samples import alias, app, findings, function, look, operation, permission, streamed, version
from samstream.findings import Finding

STREAMED = {"/chat": {"post": operation(streamed())}}
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:chat"
TOLD = [
    Finding(
        "W308",
        "Chat",
        ("Resources", "Chat"),
        "Chat: no AWS::Lambda::Permission of this template lets apigateway.amazonaws.com invoke it. "
        "Add one, unless it stands elsewhere.",
    )
]


def check(allowed: Any = None, chat: Any = None, paths: Any = None, **more: Any) -> list[Finding]:
    chat = function(FunctionName="chat") if chat is None else chat
    body = app(STREAMED if paths is None else paths, Chat=chat, Permission=allowed, **more)
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    return look({**body, "Conditions": conditions}, parameters={"Name": "chat", "Service": "sns.amazonaws.com"})


def of(name: Any, **more: Any) -> dict[str, Any]:
    """A permission of the function that a FunctionName names."""
    made = permission()
    made["Properties"] |= {"FunctionName": name, **more}
    return made


def test_a_function_without_a_permission_is_told() -> None:
    assert check() == TOLD


NAMES: dict[str, Any] = {
    "by its logical id": {"Ref": "Chat"},
    "by its ARN": {"Fn::GetAtt": ["Chat", "Arn"]},
    "by its ARN, in short": {"Fn::GetAtt": "Chat.Arn"},
    "by a text around it": {"Fn::Sub": "${Chat}"},
    "by its name": "chat",
    "by its name with a qualifier": "chat:live",
    "by its written ARN": ARN,
    "by its written ARN with a qualifier": f"{ARN}:live",
    "by its ARN without the Region": "123456789012:function:chat",
    "by an ARN made of pieces": {"Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:chat"},
    "by a parameter": {"Ref": "Name"},
    "by an alias": {"Ref": "Live"},
    "by a version": {"Ref": "Published"},
    "by a choice": {"Fn::If": ["Hidden", {"Ref": "Chat"}, {"Ref": "Other"}]},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_permission_may_name_it(name: str) -> None:
    assert check(of(NAMES[name]), Live=alias("Published"), Published=version()) == []


def test_a_name_that_only_the_deployment_knows_compares_as_it_is_written() -> None:
    name = {"Fn::Sub": "${AWS::StackName}-chat"}
    assert check(of(name), function(FunctionName=name)) == []
    assert check(of({"Fn::Sub": "${AWS::StackName}-talk"}), function(FunctionName=name)) == TOLD


OTHERS: dict[str, Any] = {
    "another function's": of({"Ref": "Other"}),
    "another name's": of("chatter"),
    "an alias of another's": of({"Ref": "Live"}),
    "nobody's": of(None),
    "an empty name's": of(""),
    "that of S3": of({"Ref": "Chat"}, Principal="s3.amazonaws.com"),
    "that of a parameter's service": of({"Ref": "Chat"}, Principal={"Ref": "Service"}),
    "that of its function URL": of({"Ref": "Chat"}, Principal="*", Action="lambda:InvokeFunctionUrl"),
    "one that isn't created": {**permission(), "Condition": "Never"},
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_permission_is_none(name: str) -> None:
    more = {"Live": alias("Published", function="Other"), "Published": version(), "Other": function()}
    assert check(OTHERS[name], **more) == TOLD
    assert check(OTHERS[name], function(), **more) == TOLD


@pytest.mark.parametrize(
    "principal",
    [
        "apigateway.amazonaws.com",
        "*",
        {"Fn::Sub": "apigateway.${AWS::URLSuffix}"},
        {"Ref": "Unknown"},
        {"Fn::ImportValue": "Service"},
        None,
    ],
)
def test_a_principal_that_may_be_api_gateway_is_taken_for_it(principal: Any) -> None:
    assert check(of({"Ref": "Chat"}, Principal=principal)) == []


def test_credentials_need_no_permission() -> None:
    role = {"Fn::GetAtt": ["Role", "Arn"]}
    with_role, without = operation(streamed(credentials=role)), operation(streamed())
    assert check(paths={"/chat": {"post": with_role}}) == []
    assert check(paths={"/chat": {"post": with_role, "get": without}}) == TOLD


def test_permissions_of_a_loop_that_has_not_run_are_not_known() -> None:
    loop = ["Name", ["Chat"], {"${Name}Permission": permission("${Name}")}]
    assert check(**{"Fn::ForEach::Permissions": loop}) == []


def test_a_tagged_function_is_told() -> None:
    assert findings(app(Permission=None), {"Routes": "POST /chat"}) == TOLD


def test_a_function_whose_routes_stay_buffered_is_not() -> None:
    assert look(app(Permission=None)) == []


def test_a_function_that_this_deployment_does_not_create_is_not() -> None:
    assert check(chat=function({"Condition": "Never"})) == []

"""Service-managed stack sets refuse templates that reference macros, says
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html, which speaks of stacks and
self-managed stack sets where one is defined. The stack set is made without instances."""

from typing import Final

from samstream_cli.aws.errors import AccessDeniedError, AwsError
from scripts.live.lab import Answer, Experiment, Lab, quoted
from scripts.live.templates import macro_resource, template

_FUNCTION: Final = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:samstream-live"}


def observe(lab: Lab) -> str:
    """Why AWS refuses it; empty where it doesn't."""
    try:
        lab.account.create_stack_set(lab.name("set"), lab.templates["set"])
    except AccessDeniedError:
        raise
    except AwsError as error:
        return error.message
    return ""


def judge(refusal: str) -> Answer:
    if not refusal:
        return Answer("the stack set is made; its instances weren't tried", "CreateStackSet succeeded")
    words = refusal.lower()
    if "macro" in words or "transform" in words:
        return Answer("no", quoted(refusal))
    return Answer("this account can't tell: it needs an organisation's management account", quoted(refusal), False)


EXPERIMENT = Experiment(
    "stack-set",
    "May a service-managed stack set define a macro?",
    1,
    lambda names: {"set": template({"Macro": macro_resource(names.prefix, _FUNCTION)})},
    observe,
    judge,
)

"""What AWS says where a StackSet can't make a macro, in all the wordings that are likely."""

import pytest

from samstream_cli.aws.organization_refusals import is_of_model, is_of_role


@pytest.mark.parametrize(
    "message",
    [
        "Transform is not supported in SERVICE_MANAGED permission model",
        "Macro is not supported in SERVICE_MANAGED permission model",
        "StackSets with service-managed permissions can't use this template",
        "Resource type AWS::CloudFormation::Macro is not supported by StackSets",
        "Unsupported resource types: [AWS::CloudFormation::Macro]",
        "User is not authorized to create macros with this role",
    ],
)
def test_a_refusal_of_the_macro_is_recognised(message: str) -> None:
    assert is_of_model(message)


@pytest.mark.parametrize(
    "message",
    [
        "Template error: instance of Fn::GetAtt references undefined resource MacroFunction",
        "The runtime python3.13 is not supported.",
        "samstream-MacroLogs already exists",
        "Account 1 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role 'x'",
        "",
    ],
)
def test_another_failure_isnt(message: str) -> None:
    assert not is_of_model(message)


def test_a_missing_role_is_recognised() -> None:
    assert is_of_role("Account 1 should have 'Mine' role with trust relationship to CloudFormation service.")
    assert not is_of_role("The runtime is not supported.")

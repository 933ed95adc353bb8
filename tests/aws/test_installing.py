"""`samstream install` against an account in memory: what is deployed, what is said, and that nothing is half done."""

from collections.abc import Callable
from typing import Any

import click
import pytest

from aws.cloud import Cloud
from aws.running import Answers, install, no_sleep, report, template, text
from samstream_cli.aws.installation import Order
from samstream_cli.aws.installing import Manner, run

ADD = """
To make routes stream, list it in a template before SAM and after, and tag events:

Transform:
  - SamStream
  - AWS::Serverless-2016-10-31
  - SamStream

      Events:
        Ask:
          Type: Api
          Properties: {Path: /chat, Method: post, Streaming: true}

samstream add template.yaml "POST /chat" does both.
"""


def order(version: str = "2.0", **values: Any) -> Order:
    return Order(**{"template": template(version), "stack_name": "samstream", **values})


def installed(*regions: str, version: str = "2.0") -> Cloud:
    cloud = Cloud()
    assert install(cloud, regions or ("eu-west-1",), order(version)).code == 0
    cloud.calls.clear()
    cloud.requests.clear()
    return cloud


def test_the_first_installation_creates_the_stack_and_says_what_to_add() -> None:
    cloud = Cloud()
    ran = install(cloud)
    assert ran.out == (
        "Region      Stack       Macro       Version   What would change\n"
        "eu-west-1   samstream   SamStream   2.0       created with 3 resources\n"
        "\n"
        "eu-west-1\n"
        "   Add   Macro           AWS::CloudFormation::Macro\n"
        "   Add   MacroFunction   AWS::Lambda::Function\n"
        "   Add   MacroLogs       AWS::Logs::LogGroup\n"
        "\n"
        "SamStream is installed in eu-west-1 (2.0).\n" + ADD
    )
    assert ran.err == (
        "eu-west-1  samstream  CREATE_IN_PROGRESS  User Initiated\n"
        "eu-west-1  MacroFunction  CREATE_IN_PROGRESS\n"
        "eu-west-1  MacroFunction  CREATE_COMPLETE\n"
        "eu-west-1  samstream  CREATE_COMPLETE\n"
    )
    assert (ran.code, cloud.names()) == (0, [("eu-west-1", "samstream", "CREATE_COMPLETE")])


def test_only_the_capability_that_is_needed_is_given() -> None:
    cloud = Cloud()
    install(cloud)
    (request,) = [one for one in cloud.requests if one["operation"] == "CreateChangeSet"]
    assert (request["Capabilities"], request["ChangeSetType"]) == (["CAPABILITY_IAM"], "CREATE")


def test_a_second_run_changes_nothing() -> None:
    cloud = installed()
    asked = Answers()
    ran = install(cloud, ask=asked)
    assert ran.code == 0
    assert ran.out.splitlines()[1] == "eu-west-1   samstream   SamStream   2.0       nothing"
    assert "Nothing to change: SamStream is in eu-west-1 (2.0)." in ran.out
    assert (ran.err, asked.questions, cloud.stack().change_sets) == ("", [], {})


def test_an_update_shows_each_change_and_both_versions() -> None:
    cloud = installed(version="1.0")
    ran = install(cloud)
    assert ran.out.splitlines()[:7] == [
        "Region      Stack       Macro       Version      What would change",
        "eu-west-1   samstream   SamStream   1.0 -> 2.0   3 of its resources",
        "",
        "eu-west-1",
        "   Modify   Macro           AWS::CloudFormation::Macro",
        "   Modify   MacroFunction   AWS::Lambda::Function",
        "   Modify   MacroLogs       AWS::Logs::LogGroup",
    ]
    assert (ran.code, cloud.names()) == (0, [("eu-west-1", "samstream", "UPDATE_COMPLETE")])


def test_parameters_and_tags_are_kept_unless_they_are_given() -> None:
    cloud = Cloud()
    install(cloud, order=order("1.0", parameters={"Strict": "true", "LogLevel": "DEBUG"}, tags={"team": "a", "x": "1"}))
    install(cloud, order=order("2.0", parameters={"LogLevel": "INFO"}, tags={"x": "2"}))
    stack = cloud.stack()
    assert stack.parameters == {"MacroName": "SamStream", "Strict": "true", "LogLevel": "INFO"}
    assert stack.tags == {"team": "a", "x": "2"}
    updates = [one for one in cloud.requests if one["operation"] == "CreateChangeSet"]
    assert {"ParameterKey": "Strict", "UsePreviousValue": True} in updates[1]["Parameters"]


def test_no_value_of_a_parameter_is_printed() -> None:
    cloud = Cloud()
    ran = install(cloud, order=order(parameters={"LogLevel": "HUSH-HUSH"}))
    cloud.denied = {"ExecuteChangeSet"}
    again = install(cloud, order=order(parameters={"LogLevel": "HUSH-AGAIN"}))
    assert "HUSH" not in "".join((*ran[1:], *again[1:]))


def test_a_stack_that_has_another_name_keeps_its_macros_name() -> None:
    cloud = Cloud()
    install(cloud, order=order(stack_name="streaming", name="Own"))
    ran = install(cloud, order=order("3.0", stack_name="streaming"))
    assert (ran.code, cloud.stack(name="streaming").parameters["MacroName"]) == (0, "Own")
    assert "  - Own\n" in ran.out
    assert ran.out.endswith('samstream add template.yaml "POST /chat" --macro-name Own does both.\n')


def test_two_versions_stand_side_by_side() -> None:
    cloud = installed(version="1.0")
    ran = install(cloud, order=order(name="SamStream-v2", stack_name="samstream-v2"))
    assert ran.code == 0
    assert [stack.parameters["MacroName"] for stack in cloud.stacks.values()] == ["SamStream", "SamStream-v2"]


def test_a_macro_isnt_renamed_under_the_templates_that_use_it() -> None:
    ran = install(installed(), order=order(name="Other"))
    assert (ran.code, ran.err) == (
        1,
        (
            "eu-west-1: the stack samstream in eu-west-1 holds the macro SamStream, which templates may use. "
            "Install Other beside it with another --stack-name.\n"
        ),
    )


def test_a_name_that_another_stack_has_is_told_before_anything_is_made() -> None:
    cloud = installed()
    ran = install(cloud, order=order(stack_name="another"))
    assert (ran.code, ran.err) == (
        1,
        (
            "eu-west-1: the macro SamStream in eu-west-1 belongs to the stack samstream already. Update that one with "
            "--stack-name samstream, or install beside it with --name SamStream-v2.\n"
        ),
    )
    assert list(cloud.stacks) == [("eu-west-1", "samstream")]


def test_a_stack_of_something_else_is_left_alone() -> None:
    cloud = Cloud()
    cloud.add("samstream", status="CREATE_COMPLETE", parameters={"Stage": "prod"})
    ran = install(cloud)
    assert (ran.code, ran.err) == (
        1,
        (
            "eu-west-1: the stack samstream in eu-west-1 isn't samstream's: it has no parameter MacroName. "
            "Choose another name: --stack-name NAME\n"
        ),
    )
    assert ("cloudformation", "CreateChangeSet") not in cloud.calls


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("ROLLBACK_COMPLETE", ("could not be created, and what is left of it takes no update (ROLLBACK_COMPLETE). "
         "Remove what is left: samstream uninstall --stack-name samstream --region eu-west-1")),
        ("UPDATE_ROLLBACK_FAILED", ("failed in an update, and again on the way back (UPDATE_ROLLBACK_FAILED). Bring it "
         "back: aws cloudformation continue-update-rollback --stack-name samstream --region eu-west-1")),
        ("UPDATE_IN_PROGRESS", ("is being changed by someone else (UPDATE_IN_PROGRESS). Wait until that has ended; "
         "`samstream status` shows it.")),
        ("DELETE_FAILED", ("could not be deleted as a whole (DELETE_FAILED). Remove what is left: samstream uninstall "
         "--stack-name samstream --region eu-west-1")),
    ],
)  # fmt: skip
def test_a_state_that_takes_no_update_is_told_with_the_way_out(status: str, told: str) -> None:
    cloud = installed()
    cloud.stack().status = status
    ran = install(cloud)
    assert (ran.code, ran.err) == (1, f"eu-west-1: the stack samstream in eu-west-1 {told}\n")


def test_a_stack_that_waits_for_its_first_change_set_is_created() -> None:
    cloud = Cloud()
    cloud.add("samstream").record("samstream", "REVIEW_IN_PROGRESS")
    assert install(cloud).code == 0
    assert cloud.names() == [("eu-west-1", "samstream", "CREATE_COMPLETE")]


def test_regions_in_which_the_same_would_change_share_a_list() -> None:
    ran = install(Cloud(), ("eu-west-1", "us-east-1"), dry_run=True)
    assert ran.out.splitlines()[3:6] == [
        "",
        "eu-west-1, us-east-1",
        "   Add   Macro           AWS::CloudFormation::Macro",
    ]


def test_a_dry_run_leaves_nothing() -> None:
    cloud = Cloud()
    ran = install(cloud, dry_run=True)
    assert (ran.code, cloud.stacks) == (0, {})
    assert ran.out.endswith("\nNothing was changed: this is a dry run.\n")


def test_no_is_taken_for_an_answer() -> None:
    cloud = Cloud()
    asked = Answers(False)
    ran = install(cloud, ("eu-west-1", "us-east-1"), ask=asked)
    assert (ran.code, ran.err, cloud.stacks) == (1, "Nothing was changed.\n", {})
    assert asked.questions == ["Go ahead in eu-west-1, us-east-1?"]


def test_a_region_that_fails_doesnt_stop_the_others() -> None:
    cloud = Cloud()
    cloud.failing["eu-west-1"] = "The runtime parameter of python3.13 is not supported."
    ran = install(cloud, ("eu-west-1", "us-east-1"))
    assert ran.code == 1
    assert "SamStream is installed in us-east-1 (2.0)." in ran.out
    assert "installed in eu-west-1" not in ran.out
    assert ran.err.splitlines()[-1] == (
        "eu-west-1: the stack samstream in eu-west-1 ended as ROLLBACK_COMPLETE: "
        "MacroFunction (AWS::Lambda::Function): The runtime parameter of python3.13 is not supported. "
        "All events: aws cloudformation describe-stack-events --stack-name samstream --region eu-west-1"
    )


def test_a_resource_that_the_caller_may_not_make_names_the_policy() -> None:
    cloud = Cloud()
    cloud.failing["eu-west-1"] = "User: arn:x is not authorized to perform: iam:CreateRole on resource: arn:y"
    assert install(cloud).err.endswith(
        "iam:CreateRole on resource: arn:y. "
        "`samstream install --print-policy installer` prints a policy that allows it.\n"
    )


CALLS = ["DescribeStacks", "DescribeStackResources", "CreateChangeSet", "DescribeChangeSet", "DescribeStackEvents"]


@pytest.mark.parametrize("call", [*CALLS, "ExecuteChangeSet", "DeleteChangeSet", "DeleteStack"])
def test_a_refused_call_leaves_nothing_or_says_how_to_go_on(call: str) -> None:
    cloud = Cloud()
    cloud.denied = {call}
    if call in ("DeleteChangeSet", "DeleteStack"):
        cloud.denied.add("ExecuteChangeSet")
    ran = install(cloud)
    if call == "DescribeStackResources":  # the creation itself tells of a name that is taken
        assert ran.code == 0
        return
    assert ran.code == 1
    assert f"no permission in eu-west-1: cloudformation:{call} on arn:x. `samstream install --print-policy" in ran.err
    left = [(name, list(stack.change_sets)) for (_, name), stack in cloud.stacks.items()]
    if call == "DeleteChangeSet":
        ((_, (change_set,)),) = left
        assert ran.err.splitlines()[-1] == (
            "A change set that changes nothing may be left. Delete it: aws cloudformation delete-change-set "
            f"--change-set-name {change_set} --stack-name samstream --region eu-west-1"
        )
    elif call == "DeleteStack":
        assert left == [("samstream", [])]
    else:
        assert left == []


def test_all_regions_that_are_refused_are_told() -> None:
    cloud = Cloud()
    cloud.denied = {"CreateChangeSet"}
    ran = install(cloud, ("eu-west-1", "us-east-1"))
    assert (ran.code, [line.split(":")[0] for line in ran.err.splitlines()]) == (1, ["eu-west-1", "us-east-1"])
    assert (ran.out, cloud.stacks) == ("", {})


def test_events_that_may_not_be_seen_any_more_are_told_with_what_goes_on() -> None:
    cloud = Cloud()
    looks = []

    def look() -> None:
        looks.append(1)
        cloud.denied = {"DescribeStackEvents"} if len(looks) > 2 else set()

    cloud.before["DescribeStackEvents"] = look
    ran = install(cloud)
    assert ran.code == 1
    assert "The operation goes on in AWS: aws cloudformation describe-stack-events --stack-name samstream" in ran.err


def interrupting(times: int = 1) -> Callable[[], None]:
    left = [times]

    def interrupt() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    return interrupt


@pytest.mark.parametrize("call", CALLS)
def test_an_interruption_before_a_call_or_after_it_leaves_nothing(call: str) -> None:
    for moment in ("before", "after"):
        cloud = Cloud()
        getattr(cloud, moment)[call] = interrupting()
        with pytest.raises(KeyboardInterrupt):
            install(cloud)
        assert (call, moment, cloud.stacks) == (call, moment, {})


def test_an_interrupted_question_leaves_nothing() -> None:
    cloud = Cloud()

    def leave(_question: str) -> bool:
        raise click.Abort

    manner = Manner(report(), report(), ask=leave, sleep=no_sleep)
    with pytest.raises(click.Abort):
        run(cloud.clients(), ["eu-west-1"], order(), manner)
    assert cloud.stacks == {}


def test_an_interrupted_wait_says_what_goes_on_and_how_to_stop_it() -> None:
    cloud, err = Cloud(), report()
    cloud.before["DescribeStackEvents"] = interrupting(3)
    with pytest.raises(KeyboardInterrupt):
        run(cloud.clients(), ["eu-west-1"], order(), Manner(report(), err, is_agreed=True, sleep=no_sleep))
    assert text(err).splitlines()[-3:] == [
        "The creation of the stack samstream in eu-west-1 goes on in AWS.",
        "  Look:  aws cloudformation describe-stack-events --stack-name samstream --region eu-west-1",
        "  Stop:  aws cloudformation delete-stack --stack-name samstream --region eu-west-1",
    ]
    assert cloud.names() == [("eu-west-1", "samstream", "CREATE_IN_PROGRESS")]

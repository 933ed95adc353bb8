"""`samstream uninstall` against an account in memory: nothing goes that is in use or somebody else's."""

from typing import Any

import pytest

from aws.cloud import Cloud
from aws.running import Answers, install, no_sleep, report, running, text, uninstall
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.removing import Target, run

PLAN = (
    "Region      Stack       Macro       Version\n"
    "eu-west-1   samstream   SamStream   2.0\n"
    "\n"
    "The macro goes, with its function, role and logs. Stacks deployed with it go on streaming.\n"
    "Templates that list it can't be deployed any more: No transform named SamStream found.\n"
    "\n"
)


def installed(*regions: str) -> Cloud:
    cloud = Cloud()
    assert install(cloud, regions or ("eu-west-1",)).code == 0
    cloud.calls.clear()
    return cloud


def test_a_stack_is_removed_once_that_is_agreed() -> None:
    cloud, asked = installed(), Answers()
    ran = uninstall(cloud, ask=asked)
    assert (ran.code, ran.out) == (0, PLAN + "samstream is removed in eu-west-1.\n")
    assert ran.err == (
        "eu-west-1  samstream  DELETE_IN_PROGRESS  User Initiated\n"
        "eu-west-1  MacroFunction  DELETE_COMPLETE\n"
        "eu-west-1  samstream  DELETE_COMPLETE\n"
    )
    assert (asked.questions, cloud.stack().status) == (["Remove it in eu-west-1?"], "DELETE_COMPLETE")


def test_where_there_is_nothing_nothing_is_done() -> None:
    cloud = Cloud()
    ran = uninstall(cloud)
    assert ran == (0, "eu-west-1: there is no stack samstream, so there is nothing to remove.\n", "")


def test_no_is_taken_for_an_answer() -> None:
    cloud = installed()
    ran = uninstall(cloud, ask=Answers(False))
    assert (ran.code, ran.err, cloud.stack().status) == (1, "Nothing was changed.\n", "CREATE_COMPLETE")


def test_a_macro_in_use_stays_unless_it_is_forced() -> None:
    cloud = installed()
    for name, transforms in {
        "plain": [],
        "shop": ["SamStream", "AWS::Serverless-2016-10-31"],
        "other": ["SamStream-v2"],
        "chat": ["123456789012::SamStream"],
    }.items():
        cloud.add(name, status="UPDATE_COMPLETE", transforms=transforms)
    cloud.add("gone", status="DELETE_COMPLETE", transforms=["SamStream"])
    ran = uninstall(cloud)
    assert ran == (
        1,
        "",
        (
            "eu-west-1: 2 stacks in eu-west-1 use SamStream: shop, chat. "
            "--force removes it all the same; they go on as they are, and can't be updated until it is back.\n"
        ),
    )
    assert cloud.stack().status == "CREATE_COMPLETE"
    cloud.calls.clear()
    assert uninstall(cloud, target=Target("samstream", is_forced=True)).code == 0
    assert ("cloudformation", "ListStacks") not in cloud.calls


def test_stacks_that_cant_be_looked_into_are_told() -> None:
    cloud = installed()
    cloud.add("odd", status="CREATE_COMPLETE", transforms=["broken"])
    ran = uninstall(cloud)
    assert ran.code == 0
    assert ran.err.splitlines()[0] == "note: 1 of 2 stacks in eu-west-1 can't be looked into."


def test_an_account_of_too_many_stacks_isnt_guessed_about() -> None:
    cloud = installed()
    cloud.page = 500
    for number in range(1_000):
        cloud.add(f"s{number}", status="CREATE_COMPLETE")
    ran = uninstall(cloud)
    assert (ran.code, ran.err) == (
        1,
        (
            "eu-west-1: eu-west-1 has more than 1,000 stacks, too many to look into all of them. "
            "None of those uses SamStream. --force removes it all the same.\n"
        ),
    )


@pytest.mark.parametrize(
    ("stack", "target", "told"),
    [
        ({"status": "CREATE_COMPLETE", "parameters": {"Stage": "prod"}}, Target("samstream"),
         ("the stack samstream in eu-west-1 isn't samstream's: it has no parameter MacroName. "
         "Choose another name: --stack-name NAME")),
        ({"status": "UPDATE_IN_PROGRESS", "parameters": {"MacroName": "SamStream"}}, Target("samstream"),
         ("the stack samstream in eu-west-1 is being changed (UPDATE_IN_PROGRESS). "
         "Wait until that has ended; `samstream status` shows it.")),
        ({"status": "CREATE_COMPLETE", "parameters": {"MacroName": "SamStream"}}, Target("samstream", "Other"),
         ("the stack samstream in eu-west-1 holds the macro SamStream, not Other. "
         "Name that macro: --name SamStream --stack-name samstream")),
    ],
)  # fmt: skip
def test_a_stack_that_isnt_meant_stays(stack: dict[str, Any], target: Target, told: str) -> None:
    cloud = Cloud()
    cloud.add("samstream", **stack)
    assert uninstall(cloud, target=target) == (1, "", f"eu-west-1: {told}\n")
    assert ("cloudformation", "DeleteStack") not in cloud.calls


def test_what_a_failed_creation_left_is_removed() -> None:
    cloud = Cloud()
    cloud.failing["eu-west-1"] = "no"
    install(cloud)
    cloud.failing.clear()
    assert cloud.stack().status == "ROLLBACK_COMPLETE"
    assert uninstall(cloud).code == 0


def test_a_removal_that_fails_says_why_and_the_others_go_on() -> None:
    cloud = installed("eu-west-1", "us-east-1")
    cloud.failing["eu-west-1"] = "The role is used elsewhere."
    ran = uninstall(cloud, ("eu-west-1", "us-east-1"))
    assert ran.code == 1
    assert "ended as DELETE_FAILED: MacroRole (AWS::Lambda::Function): The role is used elsewhere." in ran.err
    assert ran.out.endswith("samstream is removed in us-east-1.\n")


CALLS = ["DescribeStacks", "ListStacks", "GetTemplateSummary", "DescribeStackEvents", "DeleteStack"]


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_call_removes_nothing_and_names_the_permission(call: str) -> None:
    cloud = installed()
    cloud.denied = {call}
    ran = uninstall(cloud)
    assert ran.code == 1
    assert f"no permission in eu-west-1: cloudformation:{call}" in ran.err
    assert cloud.stack().status == "CREATE_COMPLETE"


def test_an_interrupted_removal_says_what_goes_on() -> None:
    cloud, err, looks = installed(), report(), []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise KeyboardInterrupt

    cloud.before["DescribeStackEvents"] = look
    with pytest.raises(KeyboardInterrupt):
        run(cloud.clients(), ["eu-west-1"], Target("samstream"), Manner(report(), err, is_agreed=True, sleep=no_sleep))
    assert text(err).splitlines()[-2:] == [
        "The removal of the stack samstream in eu-west-1 goes on in AWS.",
        "  Look:  aws cloudformation describe-stack-events --stack-name samstream --region eu-west-1",
    ]


def test_a_stack_that_is_gone_before_its_last_event_is_seen_counts_as_removed() -> None:
    cloud = installed()
    cloud.after["DeleteStack"] = cloud.stacks.clear
    assert running(lambda manner: run(cloud.clients(), ["eu-west-1"], Target("samstream"), manner)).code == 0

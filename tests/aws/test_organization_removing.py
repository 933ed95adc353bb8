"""`samstream uninstall --organization` against an organization in memory."""

from typing import Any

import pytest

from aws.organization_cloud import (
    IRELAND,
    ONE,
    SALES,
    SHOPS,
    THREE,
    TWO,
    VIRGINIA,
    Organization,
    context,
    everywhere,
    install,
    uninstall,
    wish,
)
from aws.running import Answers, no_sleep, report, text
from samstream_cli.aws.errors import AccessDeniedError, AwsError
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.organization import Targets
from samstream_cli.aws.organization_removing import Removal, run
from samstream_cli.aws.removing import Target


def installed(**values: Any) -> Organization:
    cloud = Organization()
    assert install(cloud, wish("2.0.0", everywhere(**{"regions": (IRELAND,), **values}))).code == 0
    cloud.requests.clear()
    return cloud


def test_all_stacks_go_then_the_stack_set_then_the_management_accounts_stack() -> None:
    cloud = installed()
    ran = uninstall(cloud)
    assert ran.out.splitlines()[:11] == [
        "StackSet samstream in eu-west-1",
        "Account        Region      Unit               State",
        f"{ONE}   eu-west-1   {SALES}   SUCCEEDED",
        f"{TWO}   eu-west-1   {SALES}   SUCCEEDED",
        f"{THREE}   eu-west-1   {SALES}   SUCCEEDED",
        "",
        "The macro goes, with its function, role and logs, and the StackSet itself.",
        "Stacks deployed with it go on streaming, but templates that list it can't be deployed there any more.",
        "Which stacks of those accounts use it isn't looked into: that takes credentials of each.",
        "",
        "The StackSet is removed.",
    ]
    assert (ran.code, cloud.set, cloud.states()) == (0, {}, [])
    assert cloud.names() == [(IRELAND, "samstream", "DELETE_COMPLETE")]


@pytest.mark.parametrize(
    ("targets", "left"),
    [
        (Targets(regions=(VIRGINIA,)), [(one, IRELAND, "CURRENT") for one in (ONE, TWO, THREE)]),
        (Targets(units=(SALES,), regions=(IRELAND,)), [(one, VIRGINIA, "CURRENT") for one in (ONE, TWO, THREE)]),
        (
            Targets(accounts=(ONE, TWO)),
            [(THREE, IRELAND, "CURRENT"), (THREE, VIRGINIA, "CURRENT")],
        ),
        (
            Targets(excluded=(TWO,)),
            [(TWO, IRELAND, "CURRENT"), (TWO, VIRGINIA, "CURRENT")],
        ),
    ],
)
def test_a_part_is_removed_and_the_rest_stays(targets: Targets, left: list[tuple[str, str, str]]) -> None:
    cloud = installed(regions=(IRELAND, VIRGINIA))
    ran = uninstall(cloud, targets)
    assert (ran.code, cloud.states(), cloud.set != {}) == (0, left, True)


def test_a_unit_without_accounts_is_no_longer_covered() -> None:
    cloud = Organization()
    cloud.units[SHOPS] = set()
    install(cloud, wish("2.0.0", Targets(units=(SHOPS,), regions=(IRELAND,))))
    ran = uninstall(cloud)
    assert (ran.code, ran.out.splitlines()[1], cloud.set) == (0, "   has no stacks", {})
    assert cloud.asked("DeleteStackInstances") == [
        {
            "DeploymentTargets": {"OrganizationalUnitIds": [SHOPS]},
            "Regions": [IRELAND],
            "RetainStacks": False,
        }
    ]


def test_a_self_managed_one_is_removed_account_by_account() -> None:
    cloud = Organization(management="")
    there = Targets(accounts=(ONE, TWO), regions=(IRELAND,))
    install(cloud, wish("2.0.0", there, self_managed=True))
    assert (uninstall(cloud, self_managed=True).code, cloud.set) == (0, {})
    assert cloud.asked("DeleteStackInstances") == [
        {"Accounts": [ONE, TWO], "Regions": [IRELAND], "RetainStacks": False}
    ]


def test_a_stack_that_cant_be_removed_keeps_the_stack_set() -> None:
    cloud = installed()
    cloud.reasons[TWO, IRELAND] = "The role is gone."
    ran = uninstall(cloud)
    assert (ran.code, cloud.set != {}) == (1, True)
    assert f"{TWO}  eu-west-1  FAILED  The role is gone." in ran.err
    assert ran.err.endswith("Run the same command again when what is in the way is gone.\n")
    cloud.reasons.clear()
    assert (uninstall(cloud).code, cloud.set) == (0, {})


def test_no_is_taken_for_an_answer() -> None:
    cloud, asked = installed(), Answers(False)
    ran = uninstall(cloud, ask=asked)
    assert (ran.code, ran.err, len(cloud.states())) == (1, "Nothing was changed.\n", 3)


def test_what_isnt_there_is_said() -> None:
    ran = uninstall(Organization())
    assert (ran.code, ran.out.splitlines()) == (
        0,
        [
            "eu-west-1: there is no StackSet samstream, so there is nothing to remove.",
            "A stack of this account's own is removed by samstream uninstall --region R.",
        ],
    )
    assert "nothing there, so there is nothing to remove" in uninstall(installed(), Targets(regions=(VIRGINIA,))).out


def test_anothers_macro_and_anothers_stack_set_are_left_alone() -> None:
    cloud = installed()
    manner = Manner(report(), report(), is_agreed=True, sleep=no_sleep)
    with pytest.raises(AwsError, match="holds the macro SamStream, not Other"):
        run(context(cloud), Removal(Target("samstream", "Other")), manner)
    cloud.set["Parameters"] = []
    with pytest.raises(AwsError, match="isn't samstream's"):
        uninstall(cloud)


@pytest.mark.parametrize("call", ["DescribeStackSet", "ListStackInstances", "ListStackSetAutoDeploymentTargets"])
def test_a_look_that_is_refused_changes_nothing(call: str) -> None:
    cloud = installed()
    cloud.denied = {call}
    with pytest.raises(AccessDeniedError):
        uninstall(cloud)
    assert len(cloud.states()) == 3


@pytest.mark.parametrize("call", ["DeleteStackInstances", "DescribeStackSetOperation", "DeleteStackSet"])
def test_a_refused_removal_says_how_to_go_on(call: str) -> None:
    cloud = installed()
    cloud.denied = {call}
    ran = uninstall(cloud)
    assert (ran.code, cloud.set != {}) == (1, True)
    assert f"no permission in eu-west-1: cloudformation:{call}" in ran.err
    assert ran.err.endswith("What is left can be removed by the same command.\n")
    cloud.denied.clear()
    assert (uninstall(cloud).code, cloud.set) == (0, {})


def test_an_interruption_says_what_goes_on() -> None:
    cloud, err = installed(), report()

    def interrupt() -> None:
        raise KeyboardInterrupt

    cloud.after["DeleteStackInstances"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(context(cloud), Removal(Target("samstream")), Manner(report(), err, is_agreed=True, sleep=no_sleep))
    assert text(err).startswith("The removal of the StackSet samstream goes on in AWS.\n  Look:  aws cloudformation ")

"""`samstream install --organization` against an organization in memory."""

from typing import Any

import pytest

from aws.cloud import ACCOUNT
from aws.organization_cloud import (
    IRELAND,
    MACRO_REFUSED,
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
    wish,
)
from aws.running import Answers, no_sleep, report, running, template, text
from samstream_cli.aws.errors import AccessDeniedError, AwsError
from samstream_cli.aws.installation import Order
from samstream_cli.aws.installing import Manner
from samstream_cli.aws.organization import Targets, find_context
from samstream_cli.aws.organization_installing import run
from samstream_cli.aws.organization_plan import Wish
from samstream_cli.errors import UsageError

ELSEWHERE = "444444444444"
OF_TWO = Targets(accounts=(ONE, TWO), regions=(IRELAND,))


def installed(version: str = "2.0.0", targets: Targets | None = None) -> Organization:
    cloud = Organization(management=ELSEWHERE)
    assert install(cloud, wish(version, targets), call_as="DELEGATED_ADMIN").code == 0
    cloud.calls.clear()
    cloud.requests.clear()
    return cloud


def again(cloud: Organization, wanted: Wish | None = None, **values: Any) -> Any:
    return install(cloud, wanted or wish("2.0.0"), call_as="DELEGATED_ADMIN", **values)


def test_a_stack_set_is_made_and_each_account_and_region_is_told() -> None:
    cloud = Organization(management=ELSEWHERE)
    ran = install(cloud, wish("2.0.0", everywhere(regions=(IRELAND,))), call_as="DELEGATED_ADMIN")
    assert ran.out == (
        "StackSet samstream in eu-west-1, service-managed\n"
        "   created with the macro SamStream 2.0.0\n"
        "   added: every account of ou-abcd-sales111 in eu-west-1\n"
        "   accounts now: 3\n"
        "   accounts that join these units later get it by themselves\n"
        "AWS documents that a macro needs --self-managed or a custom execution role. This is tried all the same: if "
        "AWS refuses, both ways are printed with their commands.\n"
        "\n"
        "SamStream (2.0.0) is done in 3 of 3 stacks.\n"
        "\n"
        "The organization's management account 444444444444 isn't reached by a service-managed StackSet. Who needs the "
        "macro there runs samstream install in it.\n"
    )
    lines = [f"{account}  eu-west-1  {state}" for state in ("RUNNING", "SUCCEEDED") for account in (ONE, TWO, THREE)]
    assert (ran.code, ran.err.splitlines()) == (0, lines)


def test_what_is_asked_of_aws_is_automatic_parallel_and_tolerant() -> None:
    cloud = Organization(management=ELSEWHERE)
    install(cloud, wish("2.0.0", tags={"team": "a"}), call_as="DELEGATED_ADMIN")
    (made,) = cloud.asked("CreateStackSet")
    made.pop("TemplateBody")
    assert made == {
        "CallAs": "DELEGATED_ADMIN",
        "Parameters": [{"ParameterKey": "MacroName", "ParameterValue": "SamStream"}],
        "Capabilities": ["CAPABILITY_IAM"],
        "PermissionModel": "SERVICE_MANAGED",
        "ManagedExecution": {"Active": True},
        "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
        "Tags": [{"Key": "team", "Value": "a"}],
    }
    (request,) = [one for one in cloud.requests if one["operation"] == "CreateStackInstances"]
    assert request["OperationPreferences"] == {
        "RegionConcurrencyType": "PARALLEL",
        "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
        "MaxConcurrentCount": 10,
        "FailureTolerancePercentage": 100,
    }


def test_a_second_run_changes_nothing() -> None:
    cloud = installed()
    asked = Answers()
    ran = again(cloud, ask=asked)
    assert ran.out.splitlines()[:4] == [
        "StackSet samstream in eu-west-1, service-managed",
        "   unchanged",
        "",
        "Nothing to change: SamStream is in 6 stacks (2.0.0).",
    ]
    assert (ran.code, ran.err, asked.questions) == (0, "", [])
    assert not {name for _, name in cloud.calls if name.startswith(("Create", "Update", "Delete"))}


def test_without_targets_what_there_is_gets_the_new_version_and_keeps_its_parameters() -> None:
    cloud = Organization(management=ELSEWHERE)
    install(cloud, wish("1.0.0", parameters={"Strict": "true"}, tags={"a": "1"}), call_as="DELEGATED_ADMIN")
    ran = again(cloud, wish("2.0.0", Targets(), tags={"b": "2"}))
    assert ran.out.splitlines()[:5] == [
        "StackSet samstream in eu-west-1, service-managed",
        "   updated in 6 stacks: SamStream 1.0.0 -> 2.0.0",
        "",
        "SamStream (2.0.0) is done in 6 of 6 stacks.",
        "",
    ]
    (update,) = cloud.asked("UpdateStackSet")
    assert update["Parameters"] == [{"ParameterKey": key, "UsePreviousValue": True} for key in ("MacroName", "Strict")]
    assert (update["PermissionModel"], "DeploymentTargets" in update) == ("SERVICE_MANAGED", False)
    assert update["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]


def test_only_what_is_missing_is_added() -> None:
    cloud = installed(targets=everywhere(regions=(IRELAND,)))
    ran = again(cloud, wish("2.0.0", everywhere(units=(SALES, SHOPS), regions=(IRELAND, VIRGINIA))))
    assert ran.out.splitlines()[1] == f"   added: every account of {SALES}, {SHOPS} in us-east-1"
    assert (ran.code, cloud.asked("UpdateStackSet")) == (0, [])


def test_the_whole_unit_after_one_of_its_accounts_is_no_second_run() -> None:
    cloud = installed(targets=everywhere(accounts=(ONE,), regions=(IRELAND,)))
    assert cloud.states() == [(ONE, IRELAND, "CURRENT")]
    assert again(cloud, wish("2.0.0", everywhere(regions=(IRELAND,)))).code == 0
    assert cloud.states() == [(account, IRELAND, "CURRENT") for account in (ONE, TWO, THREE)]


def test_accounts_can_be_left_out() -> None:
    cloud = installed(targets=everywhere(excluded=(TWO,), regions=(IRELAND,)))
    assert cloud.states() == [(ONE, IRELAND, "CURRENT"), (THREE, IRELAND, "CURRENT")]
    assert again(cloud, wish("2.0.0", everywhere(excluded=(TWO,), regions=(IRELAND,)))).code == 0
    assert cloud.asked("CreateStackInstances") == []


def test_a_unit_without_accounts_is_covered_once() -> None:
    cloud = Organization(management=ELSEWHERE)
    cloud.units[SHOPS] = set()
    nowhere = wish("2.0.0", Targets(units=(SHOPS,), regions=(IRELAND,)))
    assert again(cloud, nowhere).code == 0
    assert again(cloud, nowhere).code == 0
    assert len(cloud.asked("CreateStackInstances")) == 1


def test_a_target_that_fails_is_told_with_its_reason_and_the_rest_goes_on() -> None:
    cloud = Organization(management=ELSEWHERE)
    cloud.reasons[TWO, VIRGINIA] = "The runtime is not supported."
    ran = again(cloud)
    assert (ran.code, "SamStream (2.0.0) is done in 5 of 6 stacks." in ran.out) == (1, True)
    assert f"{TWO}  us-east-1  FAILED  The runtime is not supported." in ran.err.splitlines()
    assert ran.err.splitlines()[-1] == (
        "Run the same command again when what is in the way is gone: it tries those that failed."
    )

    cloud.reasons.clear()
    ran = again(cloud)
    assert ran.out.splitlines()[1] == "   updated in 6 stacks, 1 of which aren't up to date: SamStream 2.0.0"
    assert (ran.code, {state for *_, state in cloud.states()}) == (0, {"CURRENT"})


@pytest.mark.parametrize("operation", ["CreateStackSet", "CreateStackInstances"])
def test_a_refusal_of_the_macro_leaves_nothing_and_offers_the_commands_that_work(operation: str) -> None:
    cloud = Organization()
    cloud.refused[operation] = MACRO_REFUSED
    ran = install(cloud)
    assert (ran.code, cloud.set, cloud.stacks) == (1, {}, {})
    assert ran.err.splitlines()[3] == (
        "  samstream install --organization --self-managed --stack-name samstream --home-region eu-west-1 "
        f"--account {ONE} --account {TWO} --account {THREE} --region eu-west-1 --region us-east-1"
    )
    assert "stacksets-custom-execution-role.html" in ran.err


def test_a_refusal_in_the_accounts_is_recognised_too_and_the_management_account_waits() -> None:
    cloud = Organization()
    cloud.reasons = {(account, IRELAND): "Macros are not supported." for account in (ONE, TWO, THREE)}
    ran = install(cloud, wish("2.0.0", everywhere(regions=(IRELAND,))))
    assert (ran.code, cloud.stacks) == (1, {})
    assert "  samstream uninstall --organization --stack-name samstream --home-region eu-west-1\n" in ran.err


def test_the_management_account_gets_a_stack_of_its_own() -> None:
    cloud = Organization()
    ran = install(cloud, wish("2.0.0", everywhere(regions=(IRELAND,))))
    assert "The management account 123456789012, which the StackSet doesn't reach, gets a stack of its own." in ran.out
    assert (ran.code, cloud.names()) == (0, [(IRELAND, "samstream", "CREATE_COMPLETE")])


@pytest.mark.parametrize("targets", [everywhere(excluded=(ACCOUNT,)), everywhere(accounts=(ONE,)), Targets()])
def test_the_management_account_is_left_out_where_it_isnt_meant(targets: Targets) -> None:
    cloud = Organization()
    install(cloud, wish("2.0.0", everywhere(accounts=(TWO,))))
    assert (install(cloud, wish("3.0.0", targets)).code, cloud.stacks) == (0, {})


def test_a_dry_run_changes_nothing() -> None:
    cloud = Organization()
    ran = install(cloud, dry_run=True)
    assert (ran.code, cloud.set, cloud.stacks) == (0, {}, {})
    assert "Nothing was changed: this is a dry run." in ran.out


def test_no_is_taken_for_an_answer() -> None:
    cloud, asked = Organization(), Answers(False)
    ran = install(cloud, ask=asked)
    assert (ran.code, ran.err, cloud.set) == (1, "Nothing was changed.\n", {})
    assert asked.questions == ["Go ahead in the organization?"]


def test_another_operation_is_waited_for() -> None:
    cloud = installed(version="1.0.0")
    cloud.busy = 2
    ran = again(cloud)
    assert ran.err.splitlines()[:2] == [
        "Another operation of the StackSet samstream goes on. Waiting for its end.",
        (
            "  Look:  aws cloudformation list-stack-set-operations --stack-set-name samstream --region eu-west-1 "
            "--call-as DELEGATED_ADMIN"
        ),
    ]
    assert (ran.code, len(cloud.asked("UpdateStackSet"))) == (0, 3)


def test_a_self_managed_stack_set_names_accounts_and_roles() -> None:
    cloud = Organization(management="")
    wanted = wish("2.0.0", OF_TWO, self_managed=True)
    ran = install(cloud, Wish(wanted.order, OF_TWO, self_managed=True, execution_role="Mine"))
    assert ran.out.splitlines()[:4] == [
        "StackSet samstream in eu-west-1, self-managed",
        "   created with the macro SamStream 2.0.0",
        f"   added: {ONE}, {TWO} in eu-west-1",
        "   accounts now: 2",
    ]
    (made,) = cloud.asked("CreateStackSet")
    assert (made["ExecutionRoleName"], made["PermissionModel"], "AutoDeployment" in made) == (
        "Mine",
        "SELF_MANAGED",
        False,
    )
    assert cloud.asked("CreateStackInstances") == [{"Accounts": [ONE, TWO], "Regions": [IRELAND]}]
    assert {service for service, _ in cloud.calls} == {"cloudformation", "sts"}
    more = Targets(accounts=(ONE, TWO, THREE), regions=(IRELAND, VIRGINIA))
    install(cloud, wish("2.0.0", more, self_managed=True))
    assert cloud.asked("CreateStackInstances")[1:] == [
        {"Accounts": [ONE, TWO], "Regions": [VIRGINIA]},
        {"Accounts": [THREE], "Regions": [IRELAND, VIRGINIA]},
    ]


def test_a_missing_role_leads_to_the_page_that_makes_it() -> None:
    cloud = Organization(management="")
    reason = f"Account {TWO} should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role"
    cloud.reasons[TWO, IRELAND] = reason
    ran = install(cloud, wish("2.0.0", OF_TWO, self_managed=True))
    assert ran.err.endswith("/UserGuide/stacksets-prereqs-self-managed.html\n")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (wish("2.0.0", OF_TWO, self_managed=True), "is service-managed, and that can't be changed"),
        (wish("2.0.0", name="Other"), "holds the macro SamStream, which templates may use"),
    ],
)
def test_what_a_stack_set_doesnt_take_is_refused_before_it_is_changed(wanted: Wish, message: str) -> None:
    cloud = installed()
    with pytest.raises(AwsError) as caught:
        install(cloud, wanted, call_as="SELF" if wanted.self_managed else "DELEGATED_ADMIN")
    assert caught.value.message == f"the StackSet samstream in eu-west-1 {message}"


@pytest.mark.parametrize(
    ("self_managed", "option"), [(False, "--ou (or --self-managed and --account)"), (True, "--account")]
)
def test_where_it_is_to_be_has_to_be_said_the_first_time(self_managed: bool, option: str) -> None:
    with pytest.raises(UsageError) as caught:
        install(Organization(), wish("2.0.0", Targets(), self_managed=self_managed))
    assert caught.value.remedy == f"Write {option} and --region, each as often as needed."


def test_units_and_regions_go_together() -> None:
    with pytest.raises(UsageError) as caught:
        again(installed(), wish("2.0.0", Targets(regions=(IRELAND,))))
    assert caught.value.message == "--ou and --region go together"


def test_a_stack_set_of_something_else_is_left_alone() -> None:
    cloud = installed()
    cloud.set["Parameters"] = []
    with pytest.raises(AwsError, match="isn't samstream's: it has no parameter MacroName"):
        again(cloud)


@pytest.mark.parametrize(
    ("cloud", "message"),
    [
        (Organization(management=""), "this account is in no organization"),
        (Organization(management=ELSEWHERE), f"the organization's management account is {ELSEWHERE}"),
        (Organization(access="DISABLED"), "StackSets have no trusted access to the organization (DISABLED)"),
    ],
)
def test_an_organization_that_cant_be_used_is_told(cloud: Organization, message: str) -> None:
    with pytest.raises(AwsError) as caught:
        context(cloud)
    assert (caught.value.message.startswith(message), caught.value.remedy != "") == (True, True)


def test_who_may_not_ask_for_the_organization_or_its_accounts_goes_on_without() -> None:
    cloud = Organization()
    cloud.denied = {"DescribeOrganization", "ListAccountsForParent"}
    ran = install(cloud)
    assert (ran.code, "accounts now" in ran.out, cloud.stacks) == (0, False, {})
    assert install(cloud).out.splitlines()[1] == "   unchanged"


READS = ["DescribeOrganizationsAccess", "DescribeStackSet", "ListStackInstances", "ListStackSetAutoDeploymentTargets"]


@pytest.mark.parametrize("call", READS)
def test_a_look_that_is_refused_names_the_policy(call: str) -> None:
    cloud = installed()
    cloud.denied = {call}
    with pytest.raises(AccessDeniedError) as caught:
        again(cloud)
    assert caught.value.action == f"cloudformation:{call}"
    assert caught.value.remedy == "`samstream install --print-policy organization` prints a policy that allows it."


@pytest.mark.parametrize("call", ["CreateStackSet", "CreateStackInstances"])
def test_a_refused_call_leaves_nothing(call: str) -> None:
    cloud = Organization()
    cloud.denied = {call}
    ran = install(cloud)
    assert (ran.code, cloud.set, cloud.stacks) == (1, {}, {})
    assert f"no permission in eu-west-1: cloudformation:{call} on arn:x. `samstream install --print-policy" in ran.err


def test_an_empty_stack_set_that_cant_be_deleted_is_told_with_the_command() -> None:
    cloud = Organization(management=ELSEWHERE)
    cloud.denied = {"CreateStackInstances", "DeleteStackSet"}
    assert (
        "  Delete it:  aws cloudformation delete-stack-set --stack-set-name samstream --region eu-west-1 "
        "--call-as DELEGATED_ADMIN\n" in again(cloud).err
    )


@pytest.mark.parametrize("call", ["DescribeStackSetOperation", "ListStackSetOperationResults"])
def test_an_operation_that_may_not_be_followed_is_told_with_the_command(call: str) -> None:
    cloud = Organization(management=ELSEWHERE)
    cloud.denied = {call}
    ran = again(cloud)
    assert (ran.code, cloud.set != {}) == (1, True)
    assert ran.err.startswith("The installation of the StackSet samstream goes on in AWS.\n  Look:  aws ")
    assert f"no permission in eu-west-1: cloudformation:{call} on arn:x. `samstream install --print-policy" in ran.err


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interruption_while_the_stack_set_is_made_leaves_nothing(when: str) -> None:
    cloud = Organization()
    getattr(cloud, when)["CreateStackSet"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        install(cloud)
    assert cloud.set == {}


def test_an_interrupted_operation_says_what_goes_on_and_how_to_stop_it() -> None:
    cloud, err = Organization(management=ELSEWHERE), report()
    cloud.before["DescribeStackSetOperation"] = interrupt
    manner = Manner(report(), err, is_agreed=True, sleep=no_sleep)
    with pytest.raises(KeyboardInterrupt):
        run(context(cloud, "DELEGATED_ADMIN"), wish("2.0.0"), manner)
    (operation,) = cloud.operations
    where = f"--stack-set-name samstream --operation-id {operation} --region eu-west-1 --call-as DELEGATED_ADMIN"
    assert text(err).splitlines() == [
        "The installation of the StackSet samstream goes on in AWS.",
        f"  Look:  aws cloudformation list-stack-set-operation-results {where}",
        f"  Stop:  aws cloudformation stop-stack-set-operation {where}",
    ]
    assert cloud.set != {}


def test_no_value_of_a_parameter_is_printed() -> None:
    cloud = Organization(management=ELSEWHERE)
    ran = again(cloud, wish("2.0.0", parameters={"LogLevel": "HUSH-HUSH"}))
    cloud.refused["UpdateStackSet"] = "No."
    more = again(cloud, wish("2.0.0", parameters={"LogLevel": "HUSH-AGAIN"}))
    assert (more.code, "HUSH" in "".join((*ran[1:], *more[1:]))) == (1, False)


def test_two_versions_stand_side_by_side_under_their_own_names() -> None:
    cloud = Organization(management=ELSEWHERE)
    order = Order(template("2.0.0"), "samstream-v2", "SamStream-v2")
    there = find_context(cloud.clients(), IRELAND, "samstream-v2", "DELEGATED_ADMIN", self_managed=False)
    ran = running(lambda manner: run(there, Wish(order, everywhere()), manner))
    assert (ran.code, cloud.set["StackSetName"]) == (0, "samstream-v2")
    assert "SamStream-v2 (2.0.0) is done in 6 of 6 stacks." in ran.out

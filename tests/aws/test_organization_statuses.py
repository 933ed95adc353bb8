"""`samstream status --organization` against an organization in memory."""

import json

import pytest

from aws.organization_cloud import IRELAND, ONE, SALES, THREE, TWO, Organization, context, everywhere, install, wish
from aws.running import no_sleep, report, text
from samstream_cli.aws.errors import AwsError
from samstream_cli.aws.organization import Targets
from samstream_cli.aws.organization_options import Choice
from samstream_cli.aws.organization_statuses import OrganizationStatus, print_organization, read_organization, to_json
from samstream_cli.aws.stacksets import Instance
from samstream_cli.status import tell_organization

HERE = everywhere(regions=(IRELAND,))


def cloud_with_one_behind() -> Organization:
    cloud = Organization()
    cloud.reasons[TWO, IRELAND] = "The runtime is not supported."
    install(cloud, wish("2.0.0", HERE))
    return cloud


def test_version_state_and_reason_are_told_by_account_and_region() -> None:
    out = report()
    print_organization(out, read_organization(context(cloud_with_one_behind()), Targets(), report()))
    assert text(out).splitlines() == [
        "StackSet samstream in eu-west-1, service-managed: SamStream 2.0.0",
        "Account        Region      Unit               State       Version   Drift",
        f"{ONE}   eu-west-1   {SALES}   SUCCEEDED   2.0.0     -",
        f"{TWO}   eu-west-1   {SALES}   FAILED      older     -",
        f"{THREE}   eu-west-1   {SALES}   SUCCEEDED   2.0.0     -",
        f"{TWO}  eu-west-1: The runtime is not supported.",
    ]


def test_the_same_is_told_as_json() -> None:
    found = read_organization(context(cloud_with_one_behind()), Targets(accounts=(TWO,)), report())
    assert to_json(found) == {
        "stack_set": "samstream",
        "region": "eu-west-1",
        "model": "SERVICE_MANAGED",
        "macro": "SamStream",
        "version": "2.0.0",
        "instances": [
            {
                "account": TWO,
                "region": IRELAND,
                "unit": SALES,
                "status": "FAILED",
                "is_current": False,
                "drift": "",
                "reason": "The runtime is not supported.",
                "version": "",
            }
        ],
    }


def test_drift_is_detected_when_asked_for() -> None:
    cloud = Organization()
    install(cloud, wish("2.0.0", HERE))
    cloud.drift = "DRIFTED"
    found = read_organization(context(cloud), Targets(), report(), no_sleep)
    assert [(one.account, one.drift) for one in found.instances] == [(one, "DRIFTED") for one in (ONE, TWO, THREE)]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (OrganizationStatus("samstream", IRELAND), "There is no StackSet samstream in eu-west-1.\n"),
        (
            OrganizationStatus("samstream", IRELAND, "SELF_MANAGED", "SamStream", "2.0.0"),
            "StackSet samstream in eu-west-1, self-managed: SamStream 2.0.0\nIt has no stack there.\n",
        ),
    ],
)
def test_what_isnt_there_is_said(found: OrganizationStatus, told: str) -> None:
    out = report()
    print_organization(out, found)
    assert text(out) == told


def test_nothing_is_found_before_it_is_installed() -> None:
    found = read_organization(context(Organization()), Targets(), report())
    assert found == OrganizationStatus("samstream", IRELAND)


@pytest.mark.parametrize("call", ["DescribeStackSet", "ListStackInstances", "DetectStackSetDrift"])
def test_a_refused_look_names_the_policy(call: str) -> None:
    cloud = cloud_with_one_behind()
    cloud.denied = {call}
    with pytest.raises(AwsError) as caught:
        read_organization(context(cloud), Targets(), report(), no_sleep)
    assert caught.value.remedy == "`samstream install --print-policy organization` prints a policy that allows it."


def test_an_interrupted_detection_says_what_goes_on() -> None:
    cloud, err = cloud_with_one_behind(), report()

    def interrupt() -> None:
        raise KeyboardInterrupt

    cloud.before["DescribeStackSetOperation"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        read_organization(context(cloud), Targets(), err, no_sleep)
    assert text(err).startswith("The drift detection of the StackSet samstream goes on in AWS.\n")


def test_suspended_accounts_and_stacks_that_cant_be_deleted_arent_behind() -> None:
    states = {"SUCCEEDED": True, "SKIPPED_SUSPENDED_ACCOUNT": False, "INOPERABLE": False, "FAILED": False}
    behind = [state for state, current in states.items() if Instance(ONE, IRELAND, "", state, current).is_behind]
    assert behind == ["FAILED"]


ALL = Choice(
    organization=True,
    units=(),
    accounts=(),
    excluded=(),
    self_managed=False,
    call_as=None,
    home_region=None,
)


def test_the_management_accounts_stack_is_told_beside_them(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = Organization()
    install(cloud, wish("2.0.0", HERE))
    assert tell_organization(cloud.clients(), ALL, (), "samstream", drift=False, as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[5:] == [
        "",
        "The management account 123456789012:",
        "Region      Stack       State             Macro       Version   Code        Drift",
        "eu-west-1   samstream   CREATE_COMPLETE   SamStream   2.0.0     another's   NOT_CHECKED",
    ]
    assert tell_organization(cloud.clients(), ALL, (), "samstream", drift=True, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["region"] for one in told["management"]["stacks"]] == [IRELAND]
    assert {one["drift"] for one in told["stack_set"]["instances"]} == {"IN_SYNC"}

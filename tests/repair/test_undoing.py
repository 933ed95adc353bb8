from pathlib import Path

import pytest

from aws.cloud import ACCOUNT
from repair.account import Account, proxy
from samstream_cli.aws.errors import AccessDeniedError
from samstream_cli.errors import UsageError
from samstream_cli.repair.plan import NEW, StageChange
from samstream_cli.repair.record import load
from samstream_cli.repair.undoing import make_undo_plan
from verify.account import HIDDEN

ROUTES = ("ANY /files/{proxy+}", "POST /chat", "GET /elsewhere")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    """After a repair, which itself is forgotten."""
    account = Account(tmp_path / "undo.json")
    assert account.repair(*ROUTES, function_too=True).code == 0
    account.calls.clear()
    account.requests.clear()
    return account


def refusals(account: Account) -> list[str]:
    plan = make_undo_plan(account.clients(), ACCOUNT, load(account.record), is_forced=False)
    return [one.message for one in plan.refusals]


def test_everything_is_as_before_and_the_stage_serves_its_old_deployment(account: Account, tmp_path: Path) -> None:
    assert account.undo().code == 0
    assert account.state() == Account(tmp_path / "other.json").state()
    assert account.changes() == [*["UpdateIntegration"] * 3, "UpdateFunctionConfiguration", "UpdateStage"]


def test_a_timeout_goes_before_the_mode_on_the_way_back(account: Account) -> None:
    account.undo()
    first = next(one for one in account.requests if one["operation"] == "UpdateIntegration")
    assert first["patchOperations"] == [
        {"op": "replace", "path": "/timeoutInMillis", "value": "29000"},
        {"op": "replace", "path": "/uri", "value": proxy("slow")["uri"]},
        {"op": "replace", "path": "/responseTransferMode", "value": "BUFFERED"},
    ]


def test_a_dry_run_changes_nothing(account: Account) -> None:
    before = account.state()
    ran = account.undo(dry_run=True)
    assert (ran.code, account.state(), account.changes()) == (0, before, [])
    assert "ANY /files/{proxy+}   STREAM -> BUFFERED   120 s -> 29 s   slow\n" in ran.out


def test_a_second_undo_has_nothing_to_do(account: Account) -> None:
    account.undo()
    account.calls.clear()
    ran = account.undo()
    assert (ran.code, account.changes()) == (0, [])
    assert ran.out.endswith("Nothing to do: what the repair changed is as it was before.\n")


def test_a_variable_of_before_comes_back(tmp_path: Path) -> None:
    account = Account(tmp_path / "undo.json")
    account.functions["chat"]["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] = "buffered"
    account.repair("POST /chat", function_too=True)
    assert account.undo().code == 0
    assert account.functions["chat"]["Environment"] == {"Variables": {"KEY": HIDDEN, "AWS_LWA_INVOKE_MODE": "buffered"}}


def test_variables_that_came_since_stay(account: Account) -> None:
    account.functions["chat"]["Environment"]["Variables"]["NEW"] = "value"
    assert account.undo().code == 0
    assert account.functions["chat"]["Environment"] == {"Variables": {"KEY": HIDDEN, "NEW": "value"}}


def test_a_route_that_was_changed_since_is_refused_or_forced(account: Account) -> None:
    account.api.live["POST /chat"]["timeoutInMillis"] = 77_000
    assert refusals(account) == ["POST /chat was changed since the repair"]
    assert account.undo().code == 2
    assert account.changes() == []
    assert account.undo(force=True).code == 0
    assert account.api.live["POST /chat"] == proxy("chat")


def test_a_route_that_was_deleted_since_is_refused_or_left_out(account: Account) -> None:
    del account.api.live["GET /elsewhere"]
    assert refusals(account) == ["GET /elsewhere was deleted or made anew since the repair"]
    assert account.undo(force=True).code == 0
    assert account.api.live["POST /chat"] == proxy("chat")


def test_a_variable_that_was_changed_since_is_refused_or_forced(account: Account) -> None:
    account.functions["chat"]["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] = "buffered"
    assert refusals(account) == ["the adapter's mode of chat was changed since the repair"]
    assert account.undo(force=True).code == 0
    assert account.functions["chat"]["Environment"] == {"Variables": {"KEY": HIDDEN}}


def test_a_stage_that_was_deployed_since_is_refused_or_deployed_anew(account: Account) -> None:
    account.api.live["GET /new"] = proxy("plain")
    account.CreateDeployment("", "abc123", "by hand")
    account.UpdateStage("", "abc123", "prod", [{"op": "replace", "path": "/deploymentId", "value": "new2"}])
    assert refusals(account) == ["the stage prod was deployed since the repair (new2)"]
    assert account.undo(force=True).code == 0
    assert account.api.stages["prod"]["deploymentId"] == "new3"
    assert account.api.served["prod"] == account.api.live
    assert (account.api.live["GET /new"], account.api.live["POST /chat"]) == (proxy("plain"), proxy("chat"))
    assert account.descriptions["new3"] == "samstream repair --undo"


def test_without_the_old_deployment_a_new_one_is_made(account: Account) -> None:
    del account.api.deployments["dep1"]
    plan = make_undo_plan(account.clients(), ACCOUNT, load(account.record), is_forced=False)
    assert plan.stage == StageChange("new1", NEW)
    assert account.undo().code == 0
    assert account.api.served["prod"]["POST /chat"] == proxy("chat")


def test_an_undo_file_of_another_account_is_refused(account: Account) -> None:
    with pytest.raises(
        UsageError, match="the undo file is of the account 123456789012, and these credentials are of 9"
    ):
        account.undoing(account="9")


@pytest.mark.parametrize("operation", ["GetRestApi", "GetStages", "GetResources", "GetExport", "GetDeployment"])
def test_a_read_that_is_refused_changes_nothing(account: Account, operation: str) -> None:
    account.denied = {operation}
    before = account.state()
    with pytest.raises(AccessDeniedError):
        account.undo()
    assert account.state() == before


@pytest.mark.parametrize("operation", ["UpdateIntegration", "UpdateFunctionConfiguration", "UpdateStage", "GetStage"])
def test_an_undo_that_was_stopped_goes_on_with_the_same_command(
    account: Account, tmp_path: Path, operation: str
) -> None:
    account.denied = {operation}
    ran = account.undo()
    assert (ran.code, "Go on:     samstream repair --undo\n" in ran.err, "Undo it:" in ran.err) == (1, True, False)
    account.denied = set()
    assert (account.undo().code, account.state()) == (0, Account(tmp_path / "other.json").state())

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from aws.running import Answers, no_sleep, report, text
from repair.account import Account, http, proxy, streaming
from samstream_cli.aws.errors import AccessDeniedError, AwsError, ThrottledError
from samstream_cli.aws.installing import Manner
from samstream_cli.errors import UsageError
from verify.account import API_ID, HIDDEN, REGION, function_arn

ROUTES = ("ANY /files/{proxy+}", "POST /chat", "GET /elsewhere")
CHANGES = [*["UpdateIntegration"] * 3, "CreateDeployment", "UpdateFunctionConfiguration", "UpdateStage"]
READS = ("GetRestApi", "GetStages", "GetDeployment", "GetResources", "GetExport")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path / "undo.json")


def stopped(work: Callable[[Manner], int]) -> str:
    """What is said on standard error when somebody presses Ctrl-C."""
    err = report()
    with pytest.raises(KeyboardInterrupt):
        work(Manner(report(), err, is_agreed=True, sleep=no_sleep))
    return text(err)


def interrupt() -> None:
    raise KeyboardInterrupt


def test_a_repair_streams_and_leaves_everything_else_alone(account: Account) -> None:
    before = account.state()
    ran = account.repair(*ROUTES, function_too=True)
    assert (ran.code, account.changes()) == (0, CHANGES)
    live = before["live"]
    after = {
        "GET /plain": live["GET /plain"],
        "ANY /files/{proxy+}": streaming(live["ANY /files/{proxy+}"], 120_000),
        "POST /chat": streaming(live["POST /chat"], 60_000),
        "GET /elsewhere": {**live["GET /elsewhere"], "responseTransferMode": "STREAM"},
    }
    assert account.state() == {
        "live": after,
        "stages": {"prod": {"stageName": "prod", "deploymentId": "new1"}},
        "served": {"prod": after},
        "variables": {
            "plain": None,
            "slow": None,
            "chat": {"Variables": {"KEY": HIDDEN, "AWS_LWA_INVOKE_MODE": "response_stream"}},
        },
    }
    assert [line for line in ran.out.splitlines() if line.startswith("streams: ")] == [
        f"streams: {route}: configured and deployed." for route in ROUTES
    ]


def test_a_deployment_that_cannot_be_kept_in_the_undo_file_reaches_no_caller(account: Account, tmp_path: Path) -> None:
    account.record = tmp_path / "folder" / "undo.json"
    account.record.parent.mkdir()
    account.after["CreateDeployment"] = lambda: shutil.rmtree(account.record.parent)
    ran = account.repair("GET /plain")
    assert (ran.code, account.api.stages["prod"]["deploymentId"]) == (1, "dep1")
    assert "undo.json can't be written: No such file or directory" in ran.err


def test_uri_mode_and_timeout_change_in_one_call(account: Account) -> None:
    account.repair("ANY /files/{proxy+}")
    (request,) = [one for one in account.requests if one["operation"] == "UpdateIntegration"]
    uri = streaming(proxy("slow"))["uri"]
    assert request == {
        "operation": "UpdateIntegration",
        "region": REGION,
        "restApiId": API_ID,
        "resourceId": "r2",
        "httpMethod": "ANY",
        "patchOperations": [
            {"op": "replace", "path": "/uri", "value": uri},
            {"op": "replace", "path": "/responseTransferMode", "value": "STREAM"},
            {"op": "replace", "path": "/timeoutInMillis", "value": "120000"},
        ],
    }


def test_of_a_http_proxy_the_mode_changes_without_its_uri(account: Account) -> None:
    ran = account.repair("GET /elsewhere")
    assert account.api.served["prod"]["GET /elsewhere"] == http(responseTransferMode="STREAM")
    assert HIDDEN not in ran.out + ran.err + account.record.read_text()


def test_a_timeout_that_the_change_of_mode_took_away_is_set_again(account: Account) -> None:
    account.forgets_timeouts = True
    assert account.repair("ANY /files/{proxy+}").code == 0
    assert account.api.served["prod"]["ANY /files/{proxy+}"]["timeoutInMillis"] == 120_000
    assert account.changes() == ["UpdateIntegration", "UpdateIntegration", "CreateDeployment", "UpdateStage"]


def test_a_second_run_has_nothing_to_do(account: Account) -> None:
    account.repair(*ROUTES, function_too=True)
    account.record.unlink()
    ran = account.repair(*ROUTES, function_too=True)
    assert (ran.code, account.changes(), account.record.exists()) == (0, CHANGES, False)
    assert ran.out.endswith("Nothing to do: the stage serves all of it already.\n")


@pytest.mark.parametrize("options", [{"dry_run": True}, {"ask": Answers(answer=False)}])
def test_a_dry_run_and_a_no_show_the_plan_and_change_nothing(account: Account, options: dict[str, Any]) -> None:
    before = account.state()
    ran = account.repair(*ROUTES, function_too=True, **options)
    assert (ran.code, account.changes(), account.state(), account.record.exists()) == (
        0 if "dry_run" in options else 1, [], before, False
    )  # fmt: skip
    assert ran.out.splitlines()[:7] == [
        "API abc123, stage prod, eu-west-1",
        "Route                 Transfer mode        Timeout         Function",
        "ANY /files/{proxy+}   BUFFERED -> STREAM   29 s -> 120 s   slow",
        "POST /chat            BUFFERED -> STREAM   29 s -> 60 s    chat",
        "GET /elsewhere        BUFFERED -> STREAM   29 s            -",
        "Function chat: AWS_LWA_INVOKE_MODE unset -> response_stream",
        "Stage prod: deployment dep1 -> a new one",
    ]
    assert "Nothing was changed" in ran.out + ran.err


def test_a_yes_goes_ahead(account: Account) -> None:
    answers = Answers()
    assert (account.repair("GET /plain", ask=answers).code, answers.questions) == (0, ["Go ahead?"])


def test_a_refusal_changes_nothing(account: Account) -> None:
    before = account.state()
    ran = account.repair("POST /chat")
    assert (ran.code, account.state(), account.record.exists(), ran.err) == (2, before, False, "Nothing was changed.\n")


def test_the_undo_file_is_there_before_the_first_change_and_its_owners_alone(account: Account) -> None:
    seen: list[tuple[bool, int]] = []
    account.before["UpdateIntegration"] = lambda: seen.append(
        (account.record.exists(), account.record.stat().st_mode & 0o777)
    )
    assert account.repair("POST /chat", function_too=True).code == 0
    assert seen == [(True, 0o600)]
    assert account.record.stat().st_mode & 0o777 == 0o600
    assert HIDDEN not in account.record.read_text()


def test_without_an_undo_file_nothing_changes(account: Account) -> None:
    account.record.write_text("mine")
    before = account.state()
    with pytest.raises(UsageError, match=r"undo\.json exists already"):
        account.repair("GET /plain")
    assert (account.state(), account.record.read_text()) == (before, "mine")


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(("code", "kind"), [("", AccessDeniedError), ("TooManyRequestsException", ThrottledError)])
def test_a_read_that_fails_changes_nothing(account: Account, operation: str, code: str, kind: type[AwsError]) -> None:
    account.denied, account.codes = ({operation}, {}) if not code else (set(), {operation: code})
    before = account.state()
    with pytest.raises(kind):
        account.repair(*ROUTES, function_too=True)
    assert account.state() == before


@pytest.mark.parametrize("operation", [*dict.fromkeys(CHANGES), "GetIntegration", "GetStage"])
@pytest.mark.parametrize("how", ["denied", "throttled", "before", "after"])
def test_whatever_stops_it_the_same_command_goes_on_and_undo_puts_all_back(
    account: Account, operation: str, how: str
) -> None:
    before = account.state()
    if how in ("before", "after"):
        getattr(account, how)[operation] = interrupt
        told = stopped(account.repairing(*ROUTES, function_too=True))
    else:
        account.denied, account.codes = ({operation}, {}) if how == "denied" else (set(), {operation: "Throttling"})
        ran = account.repair(*ROUTES, function_too=True)
        assert ran.code == 1
        told = ran.err
    again = "samstream repair --api abc123 --stage prod --region eu-west-1 --function-too"
    assert f"Go on:     {again} 'ANY /files/{{proxy+}}' 'POST /chat' 'GET /elsewhere'\n" in told
    assert f"Undo it:   samstream repair --undo {account.record}\n" in told
    account.denied, account.codes = set(), {}
    getattr(account, how, {}).clear()
    first, account.record = account.record, account.record.with_name("second.json")
    assert account.repair(*ROUTES, function_too=True).code == 0
    assert [one["responseTransferMode"] for one in account.api.served["prod"].values()] == ["BUFFERED", *["STREAM"] * 3]
    if account.record.exists():
        assert account.undo().code == 0
    account.record = first
    assert (account.undo().code, account.state()) == (0, before)


@pytest.mark.parametrize("operation", dict.fromkeys(CHANGES))
def test_whatever_stops_it_undo_alone_puts_all_back(account: Account, operation: str) -> None:
    before = account.state()
    account.denied = {operation}
    assert account.repair(*ROUTES, function_too=True).code == 1
    account.denied = set()
    assert (account.undo().code, account.state()) == (0, before)


def test_what_was_done_and_what_was_not_is_told(account: Account) -> None:
    account.denied = {"CreateDeployment"}
    told = account.repair("POST /chat", function_too=True).err
    assert told.splitlines()[2:8] == [
        (
            "samstream: no permission in eu-west-1: apigateway:GET on x. "
            "docs/repair.md has a policy that allows all that is called."
        ),
        "Done:      POST /chat: BUFFERED -> STREAM, 29 s -> 60 s",
        "Not done:  make a deployment",
        "Not done:  chat: AWS_LWA_INVOKE_MODE unset -> response_stream",
        "Not done:  point the stage prod to the deployment",
        "Not done:  wait until the stage serves it",
    ]


def test_of_an_interrupted_step_it_is_said_that_it_may_be_done(account: Account) -> None:
    account.after["UpdateStage"] = interrupt
    told = stopped(account.repairing("GET /plain"))
    assert "Not done:  point the stage prod to the deployment (this one perhaps)\n" in told
    assert "Not done:  wait until the stage serves it\n" in told


def test_of_a_call_without_an_answer_it_is_said_that_it_may_be_done(account: Account) -> None:
    def time_out() -> None:
        raise ReadTimeoutError(endpoint_url="https://apigateway.eu-west-1.amazonaws.com")

    account.after["CreateDeployment"] = time_out
    ran = account.repair("GET /plain")
    assert (ran.code, "Not done:  make a deployment (this one perhaps)\n" in ran.err) == (1, True)


def test_a_stage_that_never_serves_it_is_told(account: Account) -> None:
    stage = {"stageName": "prod", "deploymentId": "dep1"}  # as if it were never updated
    account.before["GetStage"] = lambda: account.api.stages.update(prod=stage)
    ran = account.repair("GET /plain")
    assert ran.code == 1
    assert "the stage prod doesn't serve the deployment new1 yet" in ran.err


def test_an_answer_with_another_state_stops_it(account: Account) -> None:
    integration = streaming(proxy("plain"))
    account.UpdateIntegration = lambda *_, **__: {**integration, "responseTransferMode": "BUFFERED"}  # type: ignore[method-assign]
    ran = account.repair("GET /plain")
    assert (ran.code, "but answers with another state" in ran.err) == (1, True)


def test_a_route_that_does_not_stream_afterwards_makes_the_exit_code_1(account: Account) -> None:
    account.after["UpdateStage"] = account.functions.clear
    ran = account.repair("GET /plain")
    assert ran.code == 1
    assert "disagrees: GET /plain: its function plain doesn't exist, so callers get an error." in ran.out


def test_a_repair_that_cannot_be_verified_says_so(account: Account) -> None:
    account.after["GetStage"] = lambda: account.codes.update(GetRestApi="ExpiredTokenException")
    ran = account.repair("GET /plain")
    assert ran.code == 1
    assert "All of it is done, but it couldn't be verified: the credentials have expired" in ran.err


def test_json_has_the_plan_and_what_became_of_it(account: Account) -> None:
    ran = account.repair("GET /plain", is_json=True)
    document = json.loads(ran.out)
    assert document["result"] == {
        "outcome": "done",
        "done": [
            "GET /plain: BUFFERED -> STREAM, 29 s",
            "make a deployment",
            "point the stage prod to the deployment",
            "wait until the stage serves it",
        ],
        "left": [],
        "problem": "",
        "undo_file": str(account.record),
        "deployment": "new1",
        "verdicts": [
            {"route": "GET /plain", "verdict": "streams", "why": "configured and deployed", "remedy": "", "rule": ""}
        ],
    }
    assert document["plan"]["routes"][0]["before"] == {
        "mode": "BUFFERED",
        "uri": proxy("plain")["uri"],
        "timeout": 29_000,
    }
    assert (document["version"], document["plan"]["stage"]) == (1, {"before": "dep1", "after": ""})


@pytest.mark.parametrize(
    ("route", "options", "denied", "outcome"),
    [
        ("GET /plain", {"dry_run": True}, set(), "planned"),
        ("GET /plain", {"ask": Answers(answer=False)}, set(), "declined"),
        ("POST /chat", {}, set(), "refused"),
        ("GET /plain", {}, {"UpdateStage"}, "failed"),
    ],
)
def test_json_tells_how_it_ended(
    account: Account, route: str, options: dict[str, Any], denied: set[str], outcome: str
) -> None:
    account.denied = denied
    assert json.loads(account.repair(route, is_json=True, **options).out)["result"]["outcome"] == outcome


def test_a_deployment_says_what_it_was_made_for(account: Account) -> None:
    account.repair("GET /plain", "GET /elsewhere")
    assert account.descriptions == {"new1": "samstream repair: GET /plain, GET /elsewhere"}


def test_a_long_description_is_cut_between_two_routes(account: Account) -> None:
    names = [f"GET /{number:03}{'x' * 40}" for number in range(30)]
    account.api.live |= {name: http() for name in names}
    account.api.stage("prod")
    account.repair(*names)
    described = account.descriptions["new1"].removeprefix("samstream repair: ").split(", ")
    assert (len(account.descriptions["new1"]) <= 1000, described) == (True, names[: len(described)])


def test_where_only_the_adapter_is_wrong_only_the_function_changes(account: Account) -> None:
    account.api.live["POST /chat"] = streaming(proxy("chat"), 60_000)
    account.api.stage("prod")
    before = account.state()
    assert account.repair("POST /chat", function_too=True).code == 0
    assert account.changes() == ["UpdateFunctionConfiguration"]
    assert (account.undo().code, account.state()) == (0, before)


def test_a_function_is_waited_for(account: Account) -> None:
    account.updates = ["InProgress", "InProgress"]
    assert account.repair("POST /chat", function_too=True).code == 0
    assert account.updates == []


def test_a_function_that_fails_to_update_stops_it_before_callers_see_anything(account: Account) -> None:
    account.updates = ["Successful", "Failed"]
    ran = account.repair("POST /chat", function_too=True)
    assert (ran.code, account.api.stages["prod"]["deploymentId"]) == (1, "dep1")
    assert "Lambda couldn't update chat: ImageDeleted. Mend the function first." in ran.err


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("PreconditionFailedException", "Somebody changed the function at the same time."),
        ("ResourceConflictException", "The function is being updated at the moment; wait for that."),
        ("SomethingElse", "the variables of chat can't be changed (SomethingElse)"),
    ],
)
def test_an_error_of_lambda_never_quotes_the_variables(account: Account, code: str, told: str) -> None:
    account.codes = {"UpdateFunctionConfiguration": code}
    ran = account.repair("POST /chat", function_too=True)
    assert (ran.code, told in ran.err, "it went wrong" in ran.err) == (1, True, False)


def test_a_change_between_read_and_write_is_not_lost(account: Account) -> None:
    account.before["UpdateFunctionConfiguration"] = lambda: account.functions["chat"].update(RevisionId="9")
    ran = account.repair("POST /chat", function_too=True)
    assert (ran.code, account.functions["chat"]["Environment"]) == (1, {"Variables": {"KEY": HIDDEN}})
    assert HIDDEN not in ran.out + ran.err


def test_a_mode_that_changed_since_the_plan_is_not_overwritten(account: Account) -> None:
    work = account.repairing("POST /chat", function_too=True)
    account.functions["chat"]["Environment"]["Variables"]["AWS_LWA_INVOKE_MODE"] = "buffered"
    err = report()
    assert work(Manner(report(), err, is_agreed=True, sleep=no_sleep)) == 1
    assert "AWS_LWA_INVOKE_MODE of chat has been changed since the plan was made" in text(err)


def test_an_integration_that_changed_since_the_plan_is_not_overwritten(account: Account) -> None:
    work = account.repairing("GET /plain")
    account.api.live["GET /plain"] = proxy("slow")
    err = report()
    assert work(Manner(report(), err, is_agreed=True, sleep=no_sleep)) == 1
    assert "somebody changed GET /plain since the plan was made. Run the command again to see the plan" in text(err)
    assert account.changes() == []


def test_a_stage_that_was_deployed_since_the_plan_stays_so(account: Account) -> None:
    account.after["CreateDeployment"] = lambda: account.api.stages["prod"].update(deploymentId="theirs")
    ran = account.repair("GET /plain")
    assert (ran.code, account.api.stages["prod"]["deploymentId"]) == (1, "theirs")
    assert "somebody changed the deployment of the stage prod since the plan was made" in ran.err


def test_a_timeout_alone_can_be_changed(account: Account) -> None:
    account.repair("GET /plain")
    account.record.unlink()
    account.requests.clear()
    assert account.repair("GET /plain", timeout=90_000).code == 0
    (request,) = [one for one in account.requests if one["operation"] == "UpdateIntegration"]
    assert request["patchOperations"] == [{"op": "replace", "path": "/timeoutInMillis", "value": "90000"}]
    assert account.api.served["prod"]["GET /plain"]["timeoutInMillis"] == 90_000
    assert account.undo().code == 0
    assert account.api.served["prod"]["GET /plain"] == streaming(proxy("plain"))


def test_variables_that_may_not_be_read_are_not_written(account: Account) -> None:
    work = account.repairing("POST /chat", function_too=True)
    account.functions["chat"]["Environment"] = {"Error": {"ErrorCode": "AccessDeniedException", "Message": HIDDEN}}
    err = report()
    assert work(Manner(report(), err, is_agreed=True, sleep=no_sleep)) == 1
    assert "the variables of chat can't be read. Allow kms:Decrypt with the function's key." in text(err)
    assert "UpdateFunctionConfiguration" not in account.changes()


def test_function_arns_are_those_of_the_uri(account: Account) -> None:
    account.repair("POST /chat", function_too=True)
    asked = {one["FunctionName"] for one in account.requests if one["operation"].endswith("FunctionConfiguration")}
    assert asked == {function_arn("chat")}

"""What is said of each route, and with which exit code, whatever was done by hand to API, stage or functions."""

from collections.abc import Callable
from typing import Any

import pytest

from samstream_cli.errors import UsageError
from samstream_cli.verify.report import Verified

from verify.account import API_ID, Account, FakeApi, buffered, function_arn, template  # isort: skip

CHAT, EVENTS, PLAIN, PROXY = "POST /chat", "GET /events/{id}", "ANY /plain", "GET /proxy"
ALL_STREAM = {CHAT: "streams", EVENTS: "streams", PROXY: "streams", PLAIN: "buffered"}
OTHER = "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/{}/response-streaming-invocations"


def verdicts(verified: Verified) -> dict[str, str]:
    return {one.case.route: str(one.verdict) for one in verified.verdicts}


def why(verified: Verified, route: str) -> str:
    return next(one.judgement.why for one in verified.verdicts if one.case.route == route)


def changed(**integration: Any) -> Callable[[Account], None]:
    """POST /chat, by hand, and deployed."""

    def change(account: Account) -> None:
        account.api.live[CHAT] |= integration
        account.api.stage("prod")

    return change


def test_a_stack_that_was_deployed_as_a_whole_streams() -> None:
    verified = Account().deploy().verify()
    assert verdicts(verified) == ALL_STREAM
    assert (verified.exit_code, verified.notes, verified.problems) == (0, [], ())


def test_a_stage_that_was_never_redeployed_is_told_with_its_deployment() -> None:
    account = Account().deploy()
    account.api.served["prod"] = {route: buffered(found) for route, found in account.api.live.items()}
    verified = account.verify()
    not_redeployed = dict.fromkeys((CHAT, EVENTS, PROXY), "not_redeployed")
    assert (verdicts(verified), verified.exit_code) == (ALL_STREAM | not_redeployed, 1)
    assert why(verified, CHAT) == (
        "the integration streams, but the route is still buffered on the stage: its deployment dep1 of "
        "2026-01-02 00:00 is the newest, none was made since. Its function writes the streaming format already, so "
        "callers get an error until then"
    )
    assert verified.verdicts[0].judgement.remedy == (
        f"Make a deployment: aws apigateway create-deployment --rest-api-id {API_ID} --stage-name prod "
        "--region eu-west-1"
    )


def test_a_stage_that_points_to_an_older_deployment_is_told() -> None:
    account = Account().deploy()
    del account.api.served["prod"][CHAT]
    account.api.deployments["dep2"] = 3
    assert why(account.verify(), CHAT).startswith(
        "the integration streams, but the route isn't on the stage yet: it points to deployment dep1 of "
        "2026-01-02 00:00, not to the newest, dep2"
    )


def _timeout_undeployed(account: Account) -> None:
    account.api.served["prod"][CHAT]["timeoutInMillis"] = 30000


def _function_undeployed(account: Account) -> None:
    account.api.served["prod"][CHAT]["uri"] = OTHER.format(function_arn("app-Plain"))


def _buffered_by_hand(account: Account) -> None:
    account.api.live[CHAT] = buffered(account.api.live[CHAT])


def _buffered_and_deployed(account: Account) -> None:
    _buffered_by_hand(account)
    account.api.stage("prod")


def _route_deleted(account: Account) -> None:
    del account.api.live[CHAT]


def _stage_deleted(account: Account) -> None:
    account.api.stages.clear()


def _api_deleted(account: Account) -> None:
    account.apis.clear()


def _function_deleted(account: Account) -> None:
    del account.functions["app-Chat"]


def _adapter(mode: str | None) -> Callable[[Account], None]:
    def change(account: Account) -> None:
        variables = account.functions["app-Chat"]["Environment"]["Variables"]
        variables.pop("AWS_LWA_INVOKE_MODE")
        variables.update({} if mode is None else {"AWS_LWA_INVOKE_MODE": mode})

    return change


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        (_timeout_undeployed, "not_redeployed", "its timeout is 120 s, but still 30 s on the stage"),
        (_function_undeployed, "not_redeployed", "the stage still has the URI of before: app-Plain, not app-Chat"),
        (_buffered_by_hand, "disagrees", "callers get it streamed until the next deployment of the API"),
        (_buffered_and_deployed, "buffered", "wants it to stream, but the integration and the stage are buffered"),
        (_route_deleted, "disagrees", "the API has no such route"),
        (_stage_deleted, "disagrees", "the API has no stage prod"),
        (_api_deleted, "disagrees", f"the API {API_ID} doesn't exist any more"),
        (_function_deleted, "disagrees", "its function app-Chat doesn't exist"),
        (_adapter("buffered"), "disagrees", "its AWS_LWA_INVOKE_MODE is buffered or missing"),
        (_adapter(None), "disagrees", "its AWS_LWA_INVOKE_MODE is buffered or missing"),
        (_adapter("respons_stream"), "disagrees", "its AWS_LWA_INVOKE_MODE is misspelt"),
        (_adapter("Response_Stream"), "streams", "configured and deployed"),
        (changed(timeoutInMillis=40000), "disagrees", "its timeout is 40 s, but 120 s in the template"),
        (
            changed(uri=OTHER.format(function_arn("other"))),
            "disagrees",
            "it invokes other, but app-Chat in the template",
        ),
        (changed(type="MOCK"), "buffered", "wants it to stream, but the integration and the stage are buffered"),
    ],
)
def test_what_somebody_did_by_hand_is_told(change: Callable[[Account], None], verdict: str, reason: str) -> None:
    account = Account().deploy()
    change(account)
    verified = account.verify()
    assert (verdicts(verified)[CHAT], verified.exit_code) == (verdict, 0 if verdict == "streams" else 1)
    assert reason in why(verified, CHAT)


def test_a_function_of_another_account_leaves_its_route_unknown() -> None:
    account = Account().deploy(untagged())
    account.api.live[CHAT]["uri"] = OTHER.format(function_arn("theirs", "210987654321"))
    account.api.live[CHAT]["responseTransferMode"] = "STREAM"
    account.api.stage("prod")
    verified = account.verify()
    assert (verdicts(verified)[CHAT], verified.exit_code) == ("unknown", 2)
    assert "no permission in eu-west-1: lambda:GetFunctionConfiguration" in why(verified, CHAT)


def test_an_environment_that_cant_be_decrypted_leaves_its_routes_unknown() -> None:
    account = Account().deploy()
    account.functions["app-Chat"]["Environment"] = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "x"}}
    verified = account.verify()
    assert (verdicts(verified)[CHAT], verified.exit_code) == ("unknown", 2)
    assert verified.verdicts[0].judgement.remedy == "Allow the caller kms:Decrypt with the function's key."


def test_a_proxy_whose_deployed_mode_isnt_exported_is_unknown_and_a_function_isnt() -> None:
    account = Account().deploy()
    account.exports_tell_mode = False
    verified = account.verify()
    assert (verdicts(verified), verified.exit_code) == (ALL_STREAM | {PROXY: "unknown"}, 2)
    assert why(verified, PROXY).endswith("the stage's export doesn't say which mode it was deployed with")


def untagged() -> dict[str, Any]:
    source = template()
    for name in ("Chat", "Api"):
        del source["Resources"][name]["Metadata"]
    return source


def test_nothing_to_stream_is_no_failure_and_is_said() -> None:
    verified = Account().deploy(untagged()).verify()
    assert (set(verdicts(verified).values()), verified.exit_code) == ({"buffered"}, 0)


def test_a_tag_that_no_macro_took_off_is_a_route_that_doesnt_stream() -> None:
    account = Account().deploy(untagged())
    account.template_body = template()
    verified = account.verify()
    assert (verdicts(verified)[CHAT], verdicts(verified)[PLAIN], verified.exit_code) == ("buffered", "buffered", 1)


def test_streaming_that_the_template_doesnt_know_is_told() -> None:
    account = Account().deploy(untagged())
    account.api.live[PROXY]["responseTransferMode"] = "STREAM"
    verified = account.verify()
    assert (verdicts(verified)[PROXY], verified.exit_code) == ("not_redeployed", 1)
    account.api.stage("prod")
    verified = account.verify()
    assert (verdicts(verified)[PROXY], verified.exit_code) == ("streams", 0)
    assert why(verified, PROXY) == "configured and deployed; the template doesn't say so: changed outside of it"
    account.api.live[PROXY]["responseTransferMode"] = "BUFFERED"
    assert (verdicts(account.verify())[PROXY], account.verify().exit_code) == ("disagrees", 1)


def test_a_route_that_was_taken_out_and_is_still_served_is_told() -> None:
    account = Account().deploy()
    account.api.served["prod"]["GET /gone"] = account.api.live[CHAT]
    verified = account.verify()
    assert (verdicts(verified)["GET /gone"], verified.exit_code) == ("not_redeployed", 1)
    assert why(verified, "GET /gone") == "the route was taken out of the API, but the stage still serves it"


def test_a_buffered_route_of_a_function_that_streams_is_broken() -> None:
    account = Account().deploy()
    account.api.live["GET /old"] = buffered(account.api.live[CHAT])
    account.api.stage("prod")
    verified = account.verify()
    assert (verdicts(verified)["GET /old"], verified.exit_code) == ("disagrees", 1)
    assert [one.judgement.rule for one in verified.verdicts if one.case.route == "GET /old"] == ["E303"]


def test_a_stage_variable_names_the_function_and_its_alias() -> None:
    account = Account().deploy(untagged())
    uri = OTHER.format(function_arn("app-Chat") + ":${stageVariables.alias}")
    account.api.live[CHAT] |= {"uri": uri, "responseTransferMode": "STREAM"}
    account.api.stage("prod")
    assert verdicts(account.verify())[CHAT] == "unknown"
    account.api.stages["prod"]["variables"] = {"alias": "live"}
    account.functions["app-Chat:live"] = account.functions["app-Chat"] | {"Layers": [], "Environment": {}}
    verified = account.verify()
    assert verdicts(verified)[CHAT] == "streams"
    assert str(verified.verdicts[0].case.ref) == "app-Chat:live"


def test_each_stage_is_judged_and_others_are_named() -> None:
    account = Account().deploy()
    account.api.stage("test")
    account.api.served["test"][CHAT] = buffered(account.api.live[CHAT])
    verified = account.verify()
    assert verdicts(verified) == ALL_STREAM
    assert [note.message for note in verified.notes] == ["Api has other stages: test. --stage NAME looks at one."]
    tested = account.verify(stages=["test"])
    assert verdicts(tested) == ALL_STREAM | {CHAT: "not_redeployed"}
    both = account.verify(stages=["prod", "test"])
    assert [one.case.stage.name for one in both.verdicts if one.case.route == CHAT] == ["prod", "test"]


def test_several_apis_are_told_apart() -> None:
    account = Account().deploy()
    account.resources["Second"] = ("AWS::ApiGateway::RestApi", "def456")
    account.apis["def456"] = FakeApi({PROXY: account.api.live[PROXY]})
    account.apis["def456"].stage("live")
    found = {(one.case.api.id, one.case.route): str(one.verdict) for one in account.verify().verdicts}
    assert found == {(API_ID, route): verdict for route, verdict in ALL_STREAM.items()} | {("def456", PROXY): "streams"}
    assert {one.case.api.id for one in account.verify(apis=["Second"]).verdicts} == {"def456"}
    assert {one.case.api.id for one in account.verify(apis=[API_ID]).verdicts} == {API_ID}


def test_an_api_without_any_stage_fails_its_routes() -> None:
    account = Account().deploy()
    account.resources.pop("Stage")
    account.template_body["Resources"].pop("Stage")
    account.api.stages.clear()
    verified = account.verify()
    assert (why(verified, CHAT), verified.exit_code) == ("the API has no stage", 1)


def test_an_api_that_another_stack_has_is_unknown() -> None:
    account = Account().deploy()
    del account.resources["Api"]
    verified = account.verify()
    assert (verdicts(verified), verified.exit_code) == (dict.fromkeys((CHAT, EVENTS, PROXY), "unknown"), 2)
    assert "the API isn't among the stack's resources" in why(verified, CHAT)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"apis": ["Nope"]}, "the stack has no REST API Nope"),
        ({"stages": ["nope"]}, "no API that is looked at has a stage nope"),
    ],
)
def test_a_name_that_isnt_there_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Account().deploy().verify(**options)
    assert caught.value.message == message


def test_every_call_only_reads() -> None:
    account = Account().deploy()
    account.verify()
    assert {operation for _, operation in account.calls} == {
        "DescribeStacks",
        "GetTemplate",
        "ListStackResources",
        "GetRestApi",
        "GetResources",
        "GetStages",
        "GetDeployments",
        "GetExport",
        "GetFunctionConfiguration",
    }

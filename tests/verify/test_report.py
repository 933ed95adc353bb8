"""What is printed, for people and for programs, and what never is."""

import json
from typing import Any

import pytest

from samstream_cli.errors import SamstreamError
from samstream_cli.verify.command import verify
from samstream_cli.verify.probes import Asking
from samstream_cli.verify.report import Verified, print_verified, to_json

from aws.running import report, text  # isort: skip
from cli.probe_servers import serving, whole  # isort: skip
from verify.account import HIDDEN, Account, buffered  # isort: skip
from verify.test_verdicts import CHAT, EVENTS  # isort: skip


def printed(verified: Verified) -> str:
    console = report()
    print_verified(console, verified)
    return text(console)


def test_people_get_a_table_for_each_stage() -> None:
    assert printed(Account().deploy().verify()) == (
        "API Api (abc123), stage prod\n"
        "Route              Verdict   Configured   Deployed   Timeout   Function\n"
        "POST /chat         streams   STREAM       STREAM     120 s     app-Chat\n"
        "GET /events/{id}   streams   STREAM       STREAM     120 s     app-Chat\n"
        "GET /proxy         streams   STREAM       STREAM     29 s      -\n"
        "\n"
        "3 of 3 routes of app stream. 1 other is buffered, as nothing says otherwise.\n"
    )


def test_a_reason_that_routes_share_is_told_once_and_with_its_remedy() -> None:
    account = Account().deploy()
    for route in (CHAT, EVENTS):
        account.api.served["prod"][route] = buffered(account.api.live[route])
    account.functions["app-Chat"]["Timeout"] = 60
    account.denied = {"GetDeployments"}
    lines = printed(account.verify()).splitlines()
    assert lines[2] == "POST /chat         not redeployed   STREAM       BUFFERED   29 s      app-Chat"
    reason = (
        "the integration streams, but the route is still buffered on the stage. Its function writes the streaming "
        "format already, so callers get an error until then."
    )
    command = "aws apigateway create-deployment --rest-api-id abc123 --stage-name prod --region eu-west-1"
    refusal = (
        "no permission in eu-west-1: apigateway:GET on x. docs/verify.md has a policy that allows all that is read."
    )
    note = (
        "it waits for 120 s, but app-Chat is stopped after 60 s, in the middle of an answer. Raise the function's "
        "Timeout."
    )
    assert lines[5:] == [
        f"POST /chat, GET /events/{{id}}: {reason}",
        f"  Make a deployment: {command}",
        "",
        f"not read: {refusal}",
        f"note W204: Api prod POST /chat, Api prod GET /events/{{id}}: {note}",
        "",
        "1 of 3 routes of app streams. 1 other is buffered, as nothing says otherwise.",
    ]


def test_nothing_to_stream_is_said() -> None:
    account = Account().deploy({"Resources": {"Chat": {"Type": "AWS::SNS::Topic"}} | _without_routes()})
    assert printed(account.verify()) == "No route of app is to stream, and none does.\n"


def _without_routes() -> dict[str, Any]:
    return {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"openapi": "3.0.1", "paths": {}}}}}


def test_programs_get_one_document() -> None:
    account = Account().deploy()
    account.api.served["prod"][CHAT] = buffered(account.api.live[CHAT])
    document = json.loads(to_json(account.verify()))
    assert document.keys() == {
        *("version", "exit_code", "stack", "region", "template_known", "routes", "notes", "problems", "probes")
    }
    assert (document["version"], document["exit_code"], document["template_known"]) == (1, 1, True)
    first = document["routes"][0]
    assert first.pop("why").startswith("the integration streams")
    assert first.pop("remedy").startswith("Make a deployment")
    assert first == {
        "api": "Api",
        "api_id": "abc123",
        "stage": "prod",
        "route": CHAT,
        "wanted": True,
        "tag": "Metadata of Chat",
        "verdict": "not_redeployed",
        "rule": "",
        "configured": {"mode": "STREAM", "timeout_in_millis": 120000},
        "deployed": {"mode": "BUFFERED", "timeout_in_millis": 29000},
        "function": "app-Chat",
    }


def test_a_probe_is_in_the_document_too() -> None:
    with serving(whole(b"{}", status=b"403 Forbidden")) as server:
        verified = Account().deploy().verify(asking=Asking(url=server.url))
    (probe,) = (one for one in json.loads(to_json(verified))["probes"] if one["request"] == "GET /proxy")
    assert (probe["outcome"], probe["status"], probe["http_version"]) == ("refused", 403, "HTTP/1.1")
    assert "refused: GET /proxy: status 403; --header passes a key or token along." in printed(verified)


def test_no_secret_of_the_account_or_of_a_request_is_shown() -> None:
    account = Account().deploy()
    account.template_body["Parameters"] = {"Key": {"Type": "String", "NoEcho": True}}
    account.stack(name="app").parameters["Key"] = HIDDEN
    account.api.stages["prod"]["variables"] = {"key": HIDDEN}
    account.api.served["prod"]["GET /proxy"]["uri"] = f"https://example.com/{HIDDEN}/2"
    asking = Asking(
        url="http://127.0.0.1:9", requests=(("POST", f"/chat?key={HIDDEN}"),), headers=(("x-key", HIDDEN),), data=b"x"
    )
    verified = account.verify(asking=asking)
    assert HIDDEN in str(account.functions)
    assert HIDDEN not in printed(verified) + to_json(verified)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["app", "--data", "x"], "these options are for calls, and none is made"),
        (["app", "--silence", "35"], "these options are for calls, and none is made"),
        (["app", "--request", "chat"], "a --request isn't a method and a path"),
        (["app", "--probe", "--url", "nonsense"], "that URL names no http or https host"),
        (["app", "--probe", "--path", "id"], "--path takes NAME=VALUE"),
        (["app", "--probe", "--data", "@/nowhere/x"], "/nowhere/x can't be read: No such file or directory"),
        (["app", "--region", "Ireland"], "'Ireland' from --region is no Region"),
    ],
)
def test_wrong_options_are_told(arguments: list[str], message: str) -> None:
    with pytest.raises(SamstreamError) as caught:
        verify.main(arguments, standalone_mode=False)
    assert caught.value.message == message


def test_a_profile_that_isnt_there_is_told() -> None:
    with pytest.raises(SamstreamError, match="there is no profile 'nobody'"):
        verify.main(["app", "--profile", "nobody"], standalone_mode=False)

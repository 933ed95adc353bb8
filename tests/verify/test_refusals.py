"""An account that refuses, throttles or answers nonsense: what can be told is told, and what is lacking is named."""

from typing import Any

import pytest

from samstream_cli.aws.errors import CredentialsError
from samstream_cli.errors import UsageError

from verify.account import API_ID, Account  # isort: skip
from verify.test_verdicts import ALL_STREAM, CHAT, EVENTS, PLAIN, PROXY, verdicts, why  # isort: skip

UNKNOWN = dict.fromkeys((CHAT, EVENTS, PROXY), "unknown")


@pytest.mark.parametrize(
    ("operation", "action", "found", "code"),
    [
        ("DescribeStacks", "cloudformation:DescribeStacks", ALL_STREAM, 0),
        ("GetTemplate", "cloudformation:GetTemplate", ALL_STREAM, 2),
        ("ListStackResources", "cloudformation:ListStackResources", UNKNOWN, 2),
        ("GetRestApi", "apigateway:GET", ALL_STREAM, 0),
        ("GetResources", "apigateway:GET", ALL_STREAM, 0),
        ("GetStages", "apigateway:GET", ALL_STREAM, 0),
        ("GetDeployments", "apigateway:GET", ALL_STREAM, 0),
        ("GetExport", "apigateway:GET", UNKNOWN | {PLAIN: "buffered"}, 2),
        (
            "GetFunctionConfiguration",
            "lambda:GetFunctionConfiguration",
            ALL_STREAM | {CHAT: "unknown", EVENTS: "unknown"},
            2,
        ),
    ],
)
def test_a_refused_read_leaves_its_part_unknown(operation: str, action: str, found: dict[str, str], code: int) -> None:
    account = Account().deploy()
    account.denied = {operation}
    verified = account.verify()
    assert (verdicts(verified), verified.exit_code) == (found, code)
    assert {problem.action for problem in verified.problems} == {action}


def test_an_api_that_is_asked_for_and_cant_be_found_out_is_told_with_the_reason() -> None:
    account = Account().deploy()
    account.denied = {"ListStackResources"}
    with pytest.raises(UsageError) as caught:
        account.verify(apis=[API_ID])
    assert caught.value.remedy == (
        "It has none that is known. Its resources aren't known: no permission in eu-west-1: "
        "cloudformation:ListStackResources on x."
    )


def test_a_stack_that_is_being_changed_is_told() -> None:
    account = Account().deploy()
    account.stack(name="app").status = "UPDATE_IN_PROGRESS"
    assert [note.message for note in account.verify().notes] == [
        "the stack is being changed (UPDATE_IN_PROGRESS), so this holds for the moment only."
    ]


def test_an_account_that_refuses_everything_is_no_success() -> None:
    account = Account().deploy()
    account.denied = {"DescribeStacks", "GetTemplate", "ListStackResources"}
    verified = account.verify()
    assert (verified.verdicts, verified.exit_code, len(verified.problems)) == ([], 2, 3)


@pytest.mark.parametrize("operation", ["GetTemplate", "GetResources", "GetExport", "GetFunctionConfiguration"])
def test_what_is_throttled_is_told(operation: str) -> None:
    account = Account().deploy()
    account.codes[operation] = "TooManyRequestsException"
    verified = account.verify()
    assert [problem.reason for problem in verified.problems] == [f"AWS throttles {operation} in eu-west-1"]


def test_credentials_that_have_expired_end_it_at_once() -> None:
    account = Account().deploy()
    account.codes["GetResources"] = "ExpiredTokenException"
    with pytest.raises(CredentialsError):
        account.verify()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("x", "the template of app has no map of Resources"),
        ("a: [", "the template of app:1: "),
        ([1], "the template of app has no map of Resources"),
        ({"Resources": []}, "the template of app has no map of Resources"),
    ],
)
def test_a_damaged_template_leaves_what_is_wanted_unknown(body: Any, reason: str) -> None:
    account = Account().deploy()
    account.template_body = body
    verified = account.verify()
    assert (verified.is_template_known, verified.exit_code) == (False, 2)
    assert [problem.reason.startswith(reason) for problem in verified.problems] == [True]
    assert verdicts(verified) == ALL_STREAM


@pytest.mark.parametrize(
    "report",
    ["x", [1], {"Routes": 1}, {"Routes": [1, {"Api": {}, "Route": None}]}, {"Routes": [{"Api": "Api", "Why": []}]}],
)
def test_a_damaged_report_is_no_crash(report: Any) -> None:
    account = Account().deploy()
    account.template_body["Metadata"] = {"SamStream": report}
    assert verdicts(account.verify()).items() >= ALL_STREAM.items()


def test_a_route_that_only_the_report_has_streaming_is_wanted() -> None:
    account = Account().deploy()
    account.template_body["Metadata"]["SamStream"]["Routes"].append({"Api": "Api", "Route": "ANY /plain"})
    verified = account.verify()
    assert (verdicts(verified)[PLAIN], verified.exit_code) == ("buffered", 1)


@pytest.mark.parametrize("export", [b"", b"[1]", b"{}", b"\xff", b'{"paths": 1}', b"[" * 100_000])
def test_an_export_that_is_no_definition_leaves_its_routes_unknown(export: bytes) -> None:
    account = Account().deploy()
    account.api.exports["prod"] = export
    verified = account.verify()
    assert (verdicts(verified)[CHAT], verified.exit_code) == ("unknown", 2)
    assert f"the export of {API_ID}'s stage prod isn't an OpenAPI document" in why(verified, CHAT)


def test_an_export_of_odd_values_is_no_crash() -> None:
    account = Account().deploy()
    account.api.exports["prod"] = (
        b'{"paths": {"/chat": {"post": 1, "parameters": []}, "/x": null, "/proxy": {"get":'
        b' {"x-amazon-apigateway-integration": {"type": 1, "uri": [], "responseTransferMode": 2}}}}}'
    )
    assert verdicts(account.verify())[CHAT] == "not_redeployed"


def test_a_stack_that_isnt_there_is_told() -> None:
    with pytest.raises(UsageError, match="there is no stack app in eu-west-1"):
        Account().verify()


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "DELETE_COMPLETE"])
def test_a_stack_with_nothing_in_it_is_told(status: str) -> None:
    account = Account().deploy()
    account.stack(name="app").status = status
    with pytest.raises(UsageError, match="eu-west-1"):
        account.verify()

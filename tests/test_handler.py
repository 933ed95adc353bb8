"""The handler called directly; tests/runtime runs it as Lambda does."""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any, NoReturn

import pytest

from samstream.handler import lambda_handler
from samstream.options import Options
from samstream.transform import Stack, transform

EVENTS = Path(__file__).parent / "events"


@dataclass(frozen=True)
class Context:
    """What Lambda passes beside the event."""

    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    function_name: str = "samstream-macro"
    function_version: str = "$LATEST"
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:samstream-macro"
    memory_limit_in_mb: int = 512


class Exploding(dict[str, Any]):
    """A fragment that no code can read; its error must not leave the handler."""

    def _explode(self, *_: object) -> NoReturn:
        raise RuntimeError("no way to read this")

    __getitem__ = __iter__ = __contains__ = get = items = keys = values = _explode


def event(name: str, **changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded | changes


def handle(sent: Any) -> Any:
    return lambda_handler(sent, Context())


@pytest.mark.parametrize("name", ["before", "after", "plain", "snippet"])
def test_success_has_the_request_id_and_the_new_fragment(name: str) -> None:
    sent = event(name)
    stack = Stack(sent["region"], sent["accountId"], sent["templateParameterValues"])
    result = transform(sent["fragment"], Options.load(sent["params"], {}), stack)
    assert handle(sent) == {
        "requestId": sent["requestId"],
        "status": "success",
        "fragment": result.template,
    }
    assert result.template != sent["fragment"]


@pytest.mark.parametrize("name", ["before", "after", "plain", "snippet"])
def test_the_event_is_left_as_it_came(name: str) -> None:
    sent = event(name)
    before = copy.deepcopy(sent)
    handle(sent)
    assert sent == before


def test_the_same_event_is_always_answered_alike() -> None:
    first, second = (handle(event("after")) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


def test_a_second_pass_changes_nothing() -> None:
    once = handle(event("after"))["fragment"]
    assert handle(event("after", fragment=once))["fragment"] == once


def test_a_template_without_tags_comes_out_identical() -> None:
    sent = event("plain", params={})
    assert json.dumps(handle(sent)["fragment"]) == json.dumps(sent["fragment"])


def test_failure_has_the_message_and_the_fragment_itself() -> None:
    sent = event("plain", params={"Routes": "POST /reports"})
    answer = handle(sent)
    assert answer["fragment"] is sent["fragment"]
    assert list(answer) == ["requestId", "status", "fragment", "errorMessage"]
    assert (answer["requestId"], answer["status"]) == (sent["requestId"], "failure")
    assert "POST /reports" in answer["errorMessage"]
    assert "GET /report" in answer["errorMessage"]


def test_a_crash_is_answered_as_a_failure_that_says_what_to_report(caplog: pytest.LogCaptureFixture) -> None:
    fragment = Exploding(Resources={})
    answer = handle(event("plain", fragment=fragment))
    assert answer["fragment"] is fragment
    assert answer["status"] == "failure"
    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "RuntimeError" in logged
    assert "no way to read this" not in logged + answer["errorMessage"]
    assert f"request id {answer['requestId']}" in answer["errorMessage"]


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 1e30, -1, 49, 900001, 50.5])
def test_a_number_that_is_no_timeout_fails(number: float) -> None:
    answer = handle(event("plain", params={"Routes": "GET /report", "TimeoutInMillis": number}))
    assert (answer["status"], "TimeoutInMillis" in answer["errorMessage"]) == ("failure", True)
    assert "E001" in answer["errorMessage"]


@pytest.mark.parametrize("missing", ["region", "accountId", "transformId", "params", "templateParameterValues"])
def test_an_event_without_one_of_its_keys_is_answered(missing: str) -> None:
    sent = event("plain")
    del sent[missing]
    answer = handle(sent)
    assert answer["requestId"] == sent["requestId"]
    assert answer["status"] == "success" or answer["errorMessage"]


@pytest.mark.parametrize("value", [None, 7, "text", [], [1], {"a": 1}, True])
@pytest.mark.parametrize("key", ["region", "accountId", "fragment", "params", "requestId", "templateParameterValues"])
def test_an_event_with_any_value_under_any_key_is_answered(key: str, value: Any) -> None:
    sent = event("after", **{key: value})
    answer = handle(sent)
    assert answer["requestId"] == sent["requestId"]
    if answer["status"] == "failure":
        assert answer["errorMessage"]
        assert answer["fragment"] is sent["fragment"]
    json.dumps(answer)


def test_without_a_context_there_is_an_answer() -> None:
    assert lambda_handler(event("plain"), None)["status"] == "success"


def test_the_organisations_settings_hold_where_the_template_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSTREAM_TIMEOUT_IN_MILLIS", "240000")

    def timeout(params: dict[str, Any]) -> Any:
        method = handle(event("plain", params=params))["fragment"]["Resources"]["GetReport"]
        return method["Properties"]["Integration"]["TimeoutInMillis"]

    routes = {"Routes": "GET /report"}
    assert (timeout(routes), timeout(routes | {"TimeoutInMillis": "120000"})) == (240000, 120000)


def test_a_setting_that_the_organisation_misspelt_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSTREAM_SIBLINGS", "stream")
    answer = handle(event("plain"))
    assert answer["status"] == "failure"
    assert "SAMSTREAM_SIBLING_ROUTES" in answer["errorMessage"]


@pytest.mark.parametrize("text", ["${" + " " * 1_000, "${a" * 8_000, "${!" * 8_000, "arn:" + ":lambda:path" * 8_000])
def test_a_uri_made_to_be_slow_to_read_is_told_at_once(text: str) -> None:
    sent = event("plain")
    sent["fragment"]["Resources"]["GetReport"]["Properties"]["Integration"]["Uri"] = {"Fn::Sub": text}
    started = process_time()
    answer = handle(sent)
    assert process_time() - started < 0.5
    assert (answer["status"], "its Uri" in answer["errorMessage"]) == ("failure", True)


def test_hundreds_of_wrong_routes_are_told_at_once() -> None:
    sent = event("plain", params={"Routes": [f"POST /wrong/{number}" for number in range(300)]})
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": "arn:aws:apigateway:eu-west-1:lambda:path/x"}
    operation = {"post": {"x-amazon-apigateway-integration": integration}}
    paths = {f"/right/{number}": operation for number in range(300)}
    sent["fragment"]["Resources"]["Api"]["Properties"]["Body"] = {"openapi": "3.0.1", "paths": paths}
    started = process_time()
    answer = handle(sent)
    assert process_time() - started < 1
    assert (answer["status"], "POST /wrong/0" in answer["errorMessage"]) == ("failure", True)

"""The handler as Lambda runs it: AWS's own runtime client, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samstream.options import Options
from samstream.transform import Stack, transform

from .server import Answer, Function, running

HANDLER = "samstream.handler.lambda_handler"
ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "tests" / "events"
NAMES = ("before", "after", "plain", "snippet")
CANARY = "CANARY"
ENVIRONMENT = {
    "POWERTOOLS_SERVICE_NAME": "samstream",
    "POWERTOOLS_METRICS_NAMESPACE": "SamStream",
    "SOME_TOKEN": f"{CANARY}-environment-of-the-macro",
}
STREAMED_URI = "/response-streaming-invocations"


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    with running(HANDLER, tmp_path_factory.mktemp("lambda"), ENVIRONMENT) as started:
        yield started


def event(name: str, **changes: Any) -> dict[str, Any]:
    """A whole event as CloudFormation sends it."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded | changes


def expected(sent: dict[str, Any]) -> Any:
    """The fragment that the core makes of an event."""
    stack = Stack(sent["region"], sent["accountId"], sent["templateParameterValues"])
    return transform(sent["fragment"], Options.load(sent["params"], {}), stack).template


def streaming_operations(fragment: dict[str, Any]) -> set[str]:
    """The operations of all bodies that stream."""
    return {
        f"{method} {path}"
        for resource in fragment["Resources"].values()
        if resource["Type"] == "AWS::ApiGateway::RestApi"
        for path, item in resource["Properties"]["Body"]["paths"].items()
        for method, operation in item.items()
        if STREAMED_URI in json.dumps(operation) and '"STREAM"' in json.dumps(operation)
    }


def metrics(answer: Answer) -> list[dict[str, Any]]:
    """The log lines that CloudWatch reads metrics from."""
    return [record for record in answer.records if "_aws" in record]


def log_text(answer: Answer) -> str:
    return "\n".join(answer.log)


def fails(function: Function, sent: Any, fragment: Any, request_id: Any, message: str) -> Answer:
    """Checks that an event is answered as a failure with nothing touched, and that the process lives on."""
    answer = function.invoke(sent)
    assert answer.kind == "response", answer
    told = answer.body.get("errorMessage", "")
    assert answer.body == {
        "requestId": request_id, "status": "failure", "fragment": fragment, "errorMessage": told
    }  # fmt: skip
    assert message in told
    assert function.process.poll() is None
    return answer


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_answered_with_what_the_core_makes_of_it(function: Function, name: str) -> None:
    sent = event(name)
    answer = function.invoke(sent)
    assert (answer.kind, answer.body) == (
        "response",
        {"requestId": sent["requestId"], "status": "success", "fragment": expected(sent)},
    )


def test_the_events_are_what_the_macro_and_sam_make() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "make_events.py"), "--check"]
    assert subprocess.run(check, check=False).returncode == 0


def test_before_sam_the_tags_are_gone(function: Function) -> None:
    resources = function.invoke(event("before")).body["fragment"]["Resources"]
    events = [resources[name]["Properties"]["Events"] for name in ("Chat", "Files")]
    assert [sorted(one["Properties"]) for each in events for one in each.values()] == [
        ["Method", "Path", "RestApiId"]
    ] * 3


def test_after_sam_the_tagged_routes_stream_and_the_adapters_siblings(function: Function) -> None:
    fragment = function.invoke(event("after")).body["fragment"]
    assert streaming_operations(fragment) == {
        "post /chat",
        "get /chat/{id}",
        "x-amazon-apigateway-any-method /files/{proxy+}",
    }


def test_a_route_named_in_the_parameters_streams(function: Function) -> None:
    resources = function.invoke(event("plain")).body["fragment"]["Resources"]
    assert resources["GetReport"]["Properties"]["Integration"] == {
        "Type": "AWS_PROXY",
        "IntegrationHttpMethod": "POST",
        "Uri": {
            "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/"
            "${Report.Arn}/response-streaming-invocations"
        },
        "ResponseTransferMode": "STREAM",
        "TimeoutInMillis": 300000,
    }
    assert resources["GetStatus"] == event("plain")["fragment"]["Resources"]["GetStatus"]


def test_a_snippet_streams(function: Function) -> None:
    sent = event("snippet")
    integration = sent["fragment"]["Integration"]
    uri = integration["Uri"]["Fn::Sub"].replace("2015-03-31", "2021-11-15")
    streaming = {
        **integration,
        "Uri": {"Fn::Sub": uri.replace("/invocations", STREAMED_URI)},
        "ResponseTransferMode": "STREAM",
        "TimeoutInMillis": 600000,
    }
    assert function.invoke(sent).body["fragment"] == sent["fragment"] | {"Integration": streaming}


def test_no_content_of_a_template_reaches_the_log(function: Function) -> None:
    for name in NAMES:
        sent = event(name)
        assert json.dumps(sent).count(CANARY) > 3
        assert CANARY not in log_text(function.invoke(sent))


def test_no_content_of_a_failing_template_reaches_the_log(function: Function) -> None:
    sent = event("after", params={"Routes": "POST /nowhere"})
    answer = fails(function, sent, sent["fragment"], sent["requestId"], "POST /nowhere")
    assert CANARY not in log_text(answer)
    sent = event("after", params={f"{CANARY}-name": f"{CANARY}-value", "TimeoutInMillis": f"{CANARY}-timeout"})
    answer = fails(function, sent, sent["fragment"], sent["requestId"], "Allowed: ")
    assert CANARY not in log_text(answer)


def test_the_log_has_request_account_and_routes_in_json(function: Function) -> None:
    sent = event("after")
    answer = function.invoke(sent)
    records = [record for record in answer.records if "_aws" not in record]
    assert records
    for record in records:
        assert record["service"] == "samstream"
        assert sent["requestId"] in record.values()
        assert sent["accountId"] in record.values()
    for said in ("Api", "POST /chat", "GET /chat/{id}", "ANY /files/{proxy+}"):
        assert said in log_text(answer)


def test_routes_that_stream_are_counted(function: Function) -> None:
    (counted,) = metrics(function.invoke(event("after")))
    assert (counted["service"], counted["RoutesStreamed"]) == ("samstream", [3.0])
    (directive,) = counted["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "SamStream"
    assert {"RoutesStreamed", "Findings"} <= {metric["Name"] for metric in directive["Metrics"]}


def test_failures_are_counted_by_rule(function: Function) -> None:
    sent = event("after", params={"Strct": "true"})
    counted = metrics(fails(function, sent, sent["fragment"], sent["requestId"], "Strct"))
    assert [record["Failures"] for record in counted if "Failures" in record] == [[1.0]]
    assert [record["rule"] for record in counted if "Failures" in record] == ["E001"]


def test_metrics_of_one_invocation_are_not_in_the_next(function: Function) -> None:
    function.invoke(event("after", params={"Strct": "true"}))
    (counted,) = metrics(function.invoke(event("after")))
    assert "rule" not in counted
    assert "Failures" not in counted


@pytest.mark.parametrize(
    ("fragment", "message"),
    [
        ([], "template"),
        (["Resources"], "template"),
        ("Resources", "template"),
        (7, "template"),
        (True, "template"),
        (None, "template"),
        ({}, "Resources"),
        ({"Resources": []}, "Resources"),
        ({"Resources": None}, "Resources"),
    ],
)
def test_a_fragment_that_is_no_template_fails(function: Function, fragment: Any, message: str) -> None:
    sent = event("after", fragment=fragment)
    fails(function, sent, fragment, sent["requestId"], message)


def test_an_event_without_a_fragment_fails(function: Function) -> None:
    sent = event("after")
    del sent["fragment"]
    answer = function.invoke(sent).body
    assert (answer["requestId"], answer["status"]) == (sent["requestId"], "failure")
    assert "fragment" in answer["errorMessage"]


@pytest.mark.parametrize("sent", [None, [], "event", 1, {}, {"requestId": 7}])
def test_an_event_that_is_none_of_cloudformation_is_answered(function: Function, sent: Any) -> None:
    answer = function.invoke(sent)
    assert (answer.kind, answer.body["status"]) == ("response", "failure")
    assert answer.body["errorMessage"]
    assert function.process.poll() is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"params": {"Strct": True}}, "Strict"),
        ({"params": {"Strict": "perhaps"}}, "Strict"),
        ({"params": {"Routes": {"POST": "/chat"}}}, "Routes"),
        ({"params": {"Routes": ["chat"]}}, "Routes"),
        ({"params": {"TimeoutInMillis": "soon"}}, "TimeoutInMillis"),
        ({"params": {"TimeoutInMillis": 900001}}, "TimeoutInMillis"),
        ({"params": {"SiblingRoutes": ["stream"]}}, "SiblingRoutes"),
        ({"params": {"Ignore": "everything"}}, "Ignore"),
        ({"params": []}, "Parameters"),
        ({"params": "Strict"}, "Parameters"),
    ],
)  # fmt: skip
def test_parameters_that_are_wrong_fail(function: Function, changes: dict[str, Any], message: str) -> None:
    sent = event("after", **changes)
    fails(function, sent, sent["fragment"], sent["requestId"], message)


def test_every_reason_is_told_at_once(function: Function) -> None:
    sent = event("after", params={"Strct": True, "TimeoutInMillis": 1, "Ignore": "all"})
    answer = fails(function, sent, sent["fragment"], sent["requestId"], "Strct")
    assert "TimeoutInMillis" in answer.body["errorMessage"]
    assert "Ignore" in answer.body["errorMessage"]


@pytest.mark.parametrize(
    "conditions",
    [
        {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}},
        {"A": {"Condition": "A"}},
        {"A": {"Fn::And": [{"Condition": "A"}, {"Condition": "A"}]}},
    ],
)
def test_a_condition_that_needs_itself_fails(function: Function, conditions: dict[str, Any]) -> None:
    sent = event("plain", params={})
    sent["fragment"]["Conditions"] = conditions
    sent["fragment"]["Resources"]["Report"]["Metadata"] = {"Streaming": {"Fn::If": ["A", True, False]}}
    fails(function, sent, sent["fragment"], sent["requestId"], "depends on itself")


def test_a_number_beyond_all_floats_fails(function: Function) -> None:
    sent = event("after", params={"TimeoutInMillis": "NUMBER"})
    answer = function.invoke(json.dumps(sent).replace('"NUMBER"', "1e400").encode())
    assert (answer.kind, answer.body["status"], answer.body["fragment"]) == (
        "response",
        "failure",
        sent["fragment"],
    )
    assert "TimeoutInMillis" in answer.body["errorMessage"]


@pytest.fixture
def _deep_recursion() -> Iterator[None]:
    """So that the test itself can read whatever the function can."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(5_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("_deep_recursion")
@pytest.mark.parametrize("kind", ["maps", "lists", "conditions"])
def test_whatever_nesting_the_runtime_can_read_is_answered(function: Function, kind: str) -> None:
    """Beyond some depth the runtime client itself refuses the event; up to there the macro answers."""
    refused = False
    for depth in (
        50,
        100,
        200,
        300,
        400,
        500,
        600,
        700,
        800,
        850,
        900,
        920,
        940,
        960,
        970,
        980,
        990,
        5_000,
        100_000,
    ):
        body = nested_event(kind, depth)
        answer = function.invoke(body.encode())
        assert function.process.poll() is None
        if answer.kind == "error":
            assert answer.body["errorType"] == "Runtime.UnmarshalError", (depth, answer)
            refused = True
        else:
            assert not refused
            assert answer.body["fragment"] == json.loads(body)["fragment"]
            assert answer.body["status"] in ("success", "failure")
    assert refused
    assert function.invoke(event("plain")).body["status"] == "success"


def nested_event(kind: str, depth: int) -> str:
    """An event as text, for `json.dumps` can't nest that deep."""
    opening, closing = {
        "maps": ('{"Fn::Sub":', "}"),
        "lists": ("[", "]"),
        "conditions": ('{"Fn::Not":[', "]}"),
    }[kind]
    nested = opening * depth + '"end"' + closing * depth
    condition = nested if kind == "conditions" else '{"Fn::Equals": ["a", "a"]}'
    environment = "{}" if kind == "conditions" else f'{{"Variables": {{"DEEP": {nested}}}}}'
    tag = '{"Streaming": {"Fn::If": ["Deep", true, false]}}'
    function = f'{{"Type": "AWS::Lambda::Function", "Metadata": {tag}, "Properties": {{"Environment": {environment}}}}}'
    fragment = f'{{"Conditions": {{"Deep": {condition}}}, "Resources": {{"Function": {function}}}}}'
    return f'{{"requestId": "1", "params": {{}}, "fragment": {fragment}}}'


def test_after_an_event_that_is_no_json_the_next_one_is_answered(function: Function) -> None:
    answer = function.invoke(b'{"fragment": {')
    assert (answer.kind, answer.body["errorType"]) == ("error", "Runtime.UnmarshalError")
    assert function.invoke(event("plain")).body["status"] == "success"


def test_a_wrong_setting_of_the_organisation_fails_every_transform_and_names_itself(tmp_path: Path) -> None:
    settings = ENVIRONMENT | {"SAMSTREAM_STRCT": "true"}
    with running(HANDLER, tmp_path, settings) as function:
        sent = event("plain")
        fails(function, sent, sent["fragment"], sent["requestId"], "SAMSTREAM_STRICT")


def test_the_organisations_settings_are_the_default_of_the_parameters(tmp_path: Path) -> None:
    settings = ENVIRONMENT | {"SAMSTREAM_TIMEOUT_IN_MILLIS": "240000"}
    with running(HANDLER, tmp_path, settings) as function:
        sent = event("plain", params={"Routes": ["GET /report"]})
        of_organisation = function.invoke(sent).body["fragment"]["Resources"]["GetReport"]
        sent = event("plain", params={"Routes": ["GET /report"], "TimeoutInMillis": 120000})
        of_template = function.invoke(sent).body["fragment"]["Resources"]["GetReport"]
    assert (
        of_organisation["Properties"]["Integration"]["TimeoutInMillis"],
        of_template["Properties"]["Integration"]["TimeoutInMillis"],
    ) == (240000, 120000)

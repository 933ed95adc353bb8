"""The pipeline as a whole: what is answered, in which order, and what is left as it came."""

import copy
from typing import Any

import pytest

from macro.samples import (
    api,
    app,
    event,
    function,
    look,
    method,
    operation,
    permission,
    plan_of,
    proxy,
    run,
    sam_app,
    sam_function,
    stack,
    streamed,
    streams,
    tagged,
)
from samstream.findings import Finding
from samstream.options import Options
from samstream.rules import ALL
from samstream.transform import Result, Stack, inspect, transform

Json = dict[str, Any]

MOCK = operation({"type": "mock"}, **{"x-samstream-streaming": True})


@pytest.mark.parametrize(
    "fragment",
    [
        {"Resources": {}},
        app(),
        app(Get=method(Metadata={"Owner": "me"})),
        {"Resources": {"Chat": sam_function({"Ask": event()})}},
    ],
    ids=["nothing", "a body", "a method", "SAM"],
)
@pytest.mark.parametrize("settings", [{}, {"Strict": True, "TimeoutInMillis": 500, "SiblingRoutes": "error"}])
def test_without_a_tag_the_template_comes_out_identical(fragment: Json, settings: Json) -> None:
    result = run(fragment, settings)
    assert (result.template, result.findings, result.edits, result.report) == (fragment, (), (), None)


@pytest.mark.parametrize("fragment", [tagged(), sam_app(Streaming=True), tagged("nonsense")])
def test_the_fragment_itself_is_never_changed(fragment: Json) -> None:
    sent = copy.deepcopy(fragment)
    run(sent)
    assert sent == fragment


@pytest.mark.parametrize("fragment", [tagged(), sam_app(Streaming=True), tagged("nonsense")])
def test_the_same_fragment_gives_the_same_answer(fragment: Json) -> None:
    first, second = (run(copy.deepcopy(fragment)) for _ in range(2))
    assert (first.template, first.findings) == (second.template, second.findings)


def test_a_failure_answers_with_the_fragment_itself_and_every_reason() -> None:
    paths = {
        "/chat": {"post": operation(**{"x-samstream-streaming": 5}), "get": MOCK},
        "/fine": {"get": operation(**{"x-samstream-streaming": True})},
    }
    fragment = app(paths, Chat=function({"Metadata": {"Streaming": "GET /nowhere"}}))
    result = run(fragment)
    assert result.template is fragment
    assert (result.failed, result.edits, result.report) == (True, (), None)
    assert [finding.rule for finding in result.findings] == ["E101", "E201", "E202", "W304"]
    errors = [str(finding) for finding in result.findings[:3]]
    assert result.message == f"{errors[0]} (2) {errors[1]} (3) {errors[2]}"


def test_errors_come_before_warnings_even_where_warnings_fail() -> None:
    fragment = app(
        {"/chat": {"post": MOCK}, "/": {"get": operation(**{"x-samstream-streaming": True})}}, Deployment=None
    )
    for strict in (False, True):
        result = run(fragment, {"Strict": strict})
        assert [finding.rule for finding in result.findings] == ["E202", "W401"]
        assert ("W401" in result.message) is strict


def test_warnings_alone_do_not_fail() -> None:
    result = run(tagged(Deployment=None))
    assert ([finding.rule for finding in result.findings], result.failed, result.message) == (["W401"], False, "")
    assert streams(result) == ["Api POST /chat"]


def test_strict_makes_warnings_fail() -> None:
    fragment = tagged(Deployment=None)
    for more in ({"settings": {"Strict": "true"}}, {"environment": {"SAMSTREAM_STRICT": "true"}}):
        result = run(fragment, **more)  # type: ignore[arg-type]
        assert (result.template is fragment, [found.severity for found in result.findings]) == (True, ["error"])
    own = run(fragment, {"Strict": False}, environment={"SAMSTREAM_STRICT": "true"})
    assert streams(own) == ["Api POST /chat"]


def test_a_warning_that_is_ignored_is_not_even_reported() -> None:
    result = run(tagged(Deployment=None), {"Ignore": ["W401"], "Strict": True})
    assert (result.findings, streams(result)) == ((), ["Api POST /chat"])


@pytest.mark.parametrize("rule", ["E202", "W999", "E001"])
def test_what_can_not_be_ignored_is_told(rule: str) -> None:
    names = ["E401", *(known.id for known in ALL if known.id.startswith("W"))]
    message = f"Ignore may name {', '.join(names)}, and not {rule}."
    assert run(tagged(), {"Ignore": [rule, "W401"]}).findings == (
        Finding("E001", "", ("Transform", "Parameters", "Ignore"), message),
    )


def test_a_finding_is_told_once() -> None:
    fragment = app({"/chat": {"post": operation(proxy(uri=5))}})
    fragment["Resources"]["Api"]["Metadata"] = fragment["Resources"]["Chat"]["Metadata"] = {"Streaming": True}
    result = run(fragment)
    assert len(set(result.findings)) == len(result.findings)


NEVER = {"Conditions": {"Never": {"Fn::Equals": [{"Ref": "Stage"}, "none"]}}}


@pytest.mark.parametrize(
    "dead",
    [
        {"Get": method({"Type": "MOCK"}, Condition="Never", Metadata={"Streaming": True})},
        {"Api": api({"/chat": {"post": MOCK}}, Condition="Never")},
        {"Chat": function({"Condition": "Never", "Metadata": {"Streaming": 5}})},
        {"Old": {"Type": "AWS::ApiGatewayV2::Api", "Condition": "Never", "Metadata": {"Streaming": True}}},
    ],
    ids=["method", "API", "function", "HTTP API"],
)
def test_what_this_deployment_does_not_create_can_not_fail_it(dead: Json) -> None:
    fragment = {**app(**dead), **NEVER}
    assert not run(fragment, parameters={"Stage": "prod"}).failed
    assert run(fragment, parameters={"Stage": "none"}).failed


def test_what_can_not_stream_is_left_as_it_is_where_it_is_not_created() -> None:
    fragment = {**app(Get=method({"Type": "MOCK"}, Condition="Never", Metadata={"Streaming": True})), **NEVER}
    made = run(fragment, parameters={"Stage": "prod"}).template
    assert made["Resources"]["Get"] == method({"Type": "MOCK"}, Condition="Never")


def test_a_route_of_a_branch_that_this_deployment_does_not_take_can_not_fail_it() -> None:
    chosen = {"Fn::If": ["Never", {"post": MOCK}, {"post": operation(**{"x-samstream-streaming": True})}]}
    fragment = {**app({"/chat": chosen}), **NEVER}
    assert streams(run(fragment, parameters={"Stage": "prod"})) != []
    assert not run(fragment, parameters={"Stage": "prod"}).failed
    assert run(fragment, parameters={"Stage": "none"}).failed


def test_a_template_nested_too_deeply_is_told() -> None:
    value: Any = True
    for _ in range(100_000):
        value = [value]
    fragment = tagged(Table={"Type": "AWS::DynamoDB::Table", "Metadata": {"Streaming": 1}, "Properties": {"A": value}})
    fragment["Resources"]["Api"]["Properties"]["Body"]["paths"]["/chat"]["post"]["x-deep"] = value
    result = run(fragment)
    assert result.template is fragment
    assert result.findings == (Finding("E003", "", (), "The template is nested too deeply to be read."),)


def test_a_result_without_findings_has_no_message() -> None:
    assert (Result(None).failed, Result(None).message, Result(None).routes) == (False, "", ())


def test_the_pipeline_needs_nothing_but_the_fragment_its_options_and_the_stack() -> None:
    result = transform(tagged(), Options(), Stack("eu-west-1", "123456789012", {}))
    assert streams(result) == ["Api POST /chat"]


def test_no_parameters_value_is_told() -> None:
    secret = "s3cr3t"  # noqa: S105
    for value in (
        {"Ref": "Secret"},
        {"Fn::If": ["C", {"Ref": "Secret"}, 1]},
        {"Fn::FindInMap": ["M", {"Ref": "Secret"}, "x"]},
    ):
        fragment = tagged(value)
        fragment["Conditions"] = {"C": {"Fn::Equals": [1, 1]}}
        result = run(fragment, parameters={"Secret": secret})
        assert result.failed
        assert secret not in result.message


def test_both_listings_in_a_template_without_sam_are_as_good_as_one() -> None:
    once = run(tagged())
    assert run(once.template).template == once.template


def test_what_a_tag_needs_is_in_the_template_it_makes_and_nothing_else() -> None:
    places = {edit.place[:2] for edit in run(tagged(Table={"Type": "AWS::DynamoDB::Table"})).edits}
    assert places == {("Resources", "Api"), ("Metadata", "SamStream")}


BY_ITSELF = {"/chat": {"post": operation(streamed())}}


def test_a_template_without_a_tag_is_looked_at_all_the_same() -> None:
    fragment = app(BY_ITSELF, Permission=permission("Other"))
    assert run(fragment).findings == ()
    assert [found.rule for found in look(fragment)] == ["W308"]


def test_looking_changes_nothing_and_plans_no_edit() -> None:
    fragment = app(BY_ITSELF)
    before = copy.deepcopy(fragment)
    plan = plan_of(fragment)
    assert (fragment, plan.edits) == (before, [])
    assert [str(found.route) for found in plan.all_streaming] == ["Api POST /chat"]


def test_looking_at_a_tagged_template_tells_what_transforming_it_does() -> None:
    fragment = tagged(Deployment=None, Permission=None)
    result = run(fragment)
    plan, found = inspect(fragment, Options(), stack())
    assert result.plan is not None
    assert (plan.edits, found) == (result.plan.edits, result.findings)


def test_looking_knows_what_to_ignore_and_what_warnings_that_fail_are() -> None:
    fragment = app(BY_ITSELF, Deployment=None, Permission=None)
    assert [found.rule for found in look(fragment)] == ["W308", "W401"]
    (strict,) = look(fragment, {"Ignore": "W308", "Strict": True})
    assert (strict.rule, strict.severity) == ("W401", "error")


def test_what_this_deployment_does_not_create_is_not_looked_at() -> None:
    fragment = app(BY_ITSELF, Api=api(BY_ITSELF, Condition="Never"), Deployment=None)
    fragment["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    assert look(fragment) == []


def test_a_template_that_streams_and_has_all_it_needs_is_clean() -> None:
    assert look(app(BY_ITSELF)) == []

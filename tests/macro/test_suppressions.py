"""What a template itself asks to leave out."""

from typing import Any

import pytest

from macro.samples import (
    app,
    findings,
    function,
    look,
    method,
    operation,
    plan_of,
    proxy,
    run,
    sam_app,
    streamed,
    tagged,
)
from samstream.findings import Finding
from samstream.suppressions import Suppressions, read_suppressions

WARNINGS = {"W301", "W401"}
MAY = "Ignore may name W301, W401, and not "


def of(*rules: Any) -> dict[str, Any]:
    return {"SamStream": {"Ignore": list(rules)}}


def suppressions(body: Any) -> Suppressions:
    return read_suppressions(plan_of(body), WARNINGS)


def test_a_template_without_any_leaves_nothing_out() -> None:
    assert suppressions(app()) == Suppressions(frozenset(), {}, ())


@pytest.mark.parametrize("value", [["W301", "W401"], ["W401", "W301", "W301"]])
def test_a_template_names_rules_for_all_of_it(value: list[str]) -> None:
    assert suppressions({**app(), "Metadata": of(*value)}) == Suppressions(frozenset(WARNINGS), {}, ())


def test_one_rule_needs_no_list() -> None:
    body = {**app(), "Metadata": {"SamStream": {"Ignore": "W401"}}}
    assert suppressions(body).everywhere == {"W401"}


def test_a_resource_names_rules_for_itself() -> None:
    body = app(Chat=function({"Metadata": of("W301")}), Get=method(Metadata=of("W401")))
    assert suppressions(body) == Suppressions(
        frozenset(), {"Chat": frozenset({"W301"}), "Get": frozenset({"W401"})}, ()
    )


def test_those_of_the_transform_entry_count_with_those_of_the_template() -> None:
    body = tagged(Deployment=None, Permission=None)
    assert [found.rule for found in findings(body)] == ["W308", "W401"]
    assert findings({**body, "Metadata": of("W308")}, {"Ignore": "W401"}) == []


@pytest.mark.parametrize(
    "metadata", ["text", ["W401"], {"SamStream": "W401"}, {"SamStream": {}}, {"SamStream": {"Routes": []}}, {}]
)
def test_metadata_of_another_shape_says_nothing(metadata: Any) -> None:
    assert suppressions({**app(), "Metadata": metadata}) == Suppressions(frozenset(), {}, ())
    assert suppressions(app(Chat=function({"Metadata": metadata}))) == Suppressions(frozenset(), {}, ())


@pytest.mark.parametrize("value", [None, 5, True, {}, "W40", "w401", ["W401", 5], [["W401"]], {"Ref": "Rules"}])
def test_what_is_no_rule_is_told_where_it_stands(value: Any) -> None:
    holder = {"SamStream": {"Ignore": value}}
    must = "must be a list of rule ids such as W301."
    of_template = Finding(
        "E001", "", ("Metadata", "SamStream", "Ignore"), f"Ignore in the Metadata of the template {must}"
    )
    place = ("Resources", "Chat", "Metadata", "SamStream", "Ignore")
    of_chat = Finding("E001", "Chat", place, f"Ignore in the Metadata of Chat {must}")
    assert suppressions({**app(), "Metadata": holder}) == Suppressions(frozenset(), {}, (of_template,))
    assert suppressions(app(Chat=function({"Metadata": holder}))) == Suppressions(frozenset(), {}, (of_chat,))


def test_rules_that_can_not_be_left_out_are_told_in_order() -> None:
    body = {**app(Chat=function({"Metadata": of("W301", "E204", "E101")})), "Metadata": of("W999", "W401")}
    at = ("Resources", "Chat", "Metadata", "SamStream", "Ignore")
    assert suppressions(body).problems == (
        Finding("E001", "", ("Metadata", "SamStream", "Ignore"), f"{MAY}W999."),
        Finding("E001", "Chat", at, f"{MAY}E101."),
        Finding("E001", "Chat", at, f"{MAY}E204."),
    )


def test_problems_fail_a_transform_with_the_others() -> None:
    result = run({**tagged(), "Metadata": of("E204")})
    assert (result.failed, [found.rule for found in result.findings]) == (True, ["E001"])


PATHS = {
    "/chat": {"post": operation(streamed("${ChatArn}"))},
    "/talk": {"post": operation(streamed("${ChatArn}")), "get": operation({"type": "mock"})},
}


def told(body: Any) -> list[tuple[str, str]]:
    found = look(body, parameters={"ChatArn": "arn:aws:lambda:eu-west-1:1:function:f"})
    return [(finding.rule, finding.message.partition(":")[0]) for finding in found]


def test_an_api_leaves_out_what_concerns_its_routes() -> None:
    assert told(app(PATHS)) == [("W301", "Api POST /chat"), ("W301", "Api POST /talk")]
    body = app(PATHS)
    body["Resources"]["Api"]["Metadata"] = of("W301")
    assert told(body) == []


def test_a_function_leaves_out_what_concerns_its_routes_and_no_others() -> None:
    paths = {
        "/chat": {"post": operation(streamed()), "get": operation()},
        "/talk": {"post": operation(streamed("${Talk.Arn}")), "get": operation(proxy("${Talk.Arn}"))},
    }
    body = app(paths, Talk=function(), Permission=None)
    everything = [("W304", "Api GET /chat"), ("W304", "Api GET /talk"), ("W308", "Chat"), ("W308", "Talk")]
    assert told(body) == everything
    body["Resources"]["Chat"]["Metadata"] = of("W304")
    assert told(body) == everything[1:]
    body["Resources"]["Talk"]["Metadata"] = of("W308")
    assert told(body) == everything[1:3]


def test_a_resource_of_something_else_leaves_nothing_out() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Metadata": of("W301")}
    assert told(app(PATHS, Table=table)) == told(app(PATHS))


def test_a_findings_rule_counts_and_no_other() -> None:
    body = app(PATHS)
    body["Resources"]["Api"]["Metadata"] = of("W304")
    assert told(body) == told(app(PATHS))


def test_a_finding_of_no_place_is_left_out_for_all_only() -> None:
    plan = plan_of(app())
    finding = Finding("W401", "", (), "It has no place.")
    held = {
        "for all": Suppressions(frozenset({"W401"}), {}, ()),
        "for Chat": Suppressions(frozenset(), {"Chat": frozenset({"W401"})}, ()),
        "for another rule": Suppressions(frozenset({"W301"}), {}, ()),
    }
    assert {name: found.hold(finding, plan) for name, found in held.items()} == {
        "for all": True,
        "for Chat": False,
        "for another rule": False,
    }


def test_a_template_before_sam_may_name_them_too() -> None:
    body = {**sam_app(), "Globals": {"Function": {"Streaming": True}}}
    body["Resources"]["Chat"]["Properties"]["Events"]["Ask"]["Type"] = "Schedule"
    assert [found.rule for found in findings(body)] == ["W202"]
    assert findings({**body, "Metadata": of("W202")}) == []


def test_a_second_pass_still_knows_them() -> None:
    body = {**tagged(Deployment=None), "Metadata": of("W401")}
    once = run(body)
    assert once.findings == ()
    assert once.template["Metadata"]["SamStream"]["Ignore"] == ["W401"]
    again = run(once.template, {"Routes": "POST /chat", "Strict": True})
    assert (again.template, again.findings) == (once.template, ())

"""The contract's promises, each held on every template of the corpus, on templates that hypothesis mixes, and on
whatever JSON it makes up."""

import copy
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from logging import StreamHandler
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from corpus import BAD, GOOD, Case
from reading import dangling, ids, integrations, operations, routes, untagged, without_streaming
from sam import (
    ACCOUNT,
    MACRO,
    SAM,
    Template,
    all_parameters,
    baseline,
    defaults,
    deploy,
    deploy_case,
    macro,
    sam,
)
from samstream.handler import lambda_handler, logger
from samstream.options import Options
from samstream.rules import ALL
from samstream.source import Listing, Source
from samstream.template import Stack, is_template
from samstream.template import Template as Read
from samstream.transform import Result, inspect
from samstream.types import as_object
from strategies import Mixed, any_json, damaged, method_templates, open_api_templates, sam_templates

STREAMING = [case for case in GOOD if case.streams]
DEPLOYMENT = "AWS::ApiGateway::Deployment"
VERSION = "AWS::Lambda::Version"


def passes(case: Case) -> list[tuple[Template, Template, dict[str, Any]]]:
    """Each run of the macro on the way of a template: what it was given, what it made, its settings."""
    entries = case.body["Transform"]
    entries = entries if isinstance(entries, list) else [entries]
    steps = deploy_case(case).steps
    found = []
    for entry, (_, before), (_, after) in zip(entries, steps[:-1], steps[1:], strict=True):
        name, given_ = (entry, {}) if isinstance(entry, str) else (entry["Name"], entry.get("Parameters", {}))
        if name == MACRO:
            found.append((before, after, given_))
    return found


def again(case: Case, template: Template, parameters: dict[str, Any]) -> Result:
    """The macro once more, with these Parameters of its Transform entry."""
    return macro(copy.deepcopy(template), all_parameters(case), case.region, parameters)


def text(template: Any) -> str:
    """The template to the last comma: the order of its keys is part of it."""
    return json.dumps(template)


def deployments_of(template: Template, api: str) -> set[str]:
    found = ids(template, DEPLOYMENT)
    return {name for name in found if template["Resources"][name]["Properties"]["RestApiId"] == {"Ref": api}}


# No tag: the template comes out identical.


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_template_without_tags_comes_out_identical_before_sam(case: Case) -> None:
    plain = untagged(case.template())

    assert text(macro(plain, all_parameters(case), case.region).template) == text(plain)


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_template_without_tags_comes_out_identical_after_sam(case: Case) -> None:
    made = baseline(case)

    result = macro(made, all_parameters(case), case.region)

    assert text(result.template) == text(made)
    assert (result.findings, result.edits, result.report) == ((), (), None)


# A second pass changes nothing.


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_second_pass_changes_nothing(case: Case) -> None:
    for _, after, parameters in passes(case):
        assert text(again(case, after, parameters).template) == text(after)


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_listed_once_more_at_the_end_the_macro_changes_nothing(case: Case) -> None:
    final = deploy_case(case).template

    assert text(again(case, final, {}).template) == text(final)


# What is not a route to stream, its function, its deployment or a reference to that, comes out identical.


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_nothing_else_is_touched(case: Case) -> None:
    adapters = case.notes.get("adapter", ())

    ours = without_streaming(deploy_case(case).template, case.streams, adapters)

    assert ours == without_streaming(baseline(case), case.streams, adapters)


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_apis_and_functions_that_are_left_alone_keep_their_deployments_and_versions(case: Case) -> None:
    before, after = baseline(case), deploy_case(case).template
    streaming = {route.split(" ")[0] for route in case.streams}

    for api in ids(before, "AWS::ApiGateway::RestApi") - streaming:
        assert deployments_of(after, api) == deployments_of(before, api)
    if not case.notes.get("adapter"):
        assert ids(after, VERSION) == ids(before, VERSION)


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_resources_keep_their_order(case: Case) -> None:
    before, after, _ = passes(case)[-1]
    renamed = after.get("Metadata", {}).get("SamStream", {})
    renamed = renamed.get("NewLogicalIds", {}) if isinstance(renamed, dict) else {}
    staying = [name for name, resource in before["Resources"].items() if "SamStream" not in resource["Type"]]

    assert [renamed.get(name, name) for name in staying] == list(after["Resources"])


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_every_reference_still_has_its_resource(case: Case) -> None:
    assert dangling(deploy_case(case).template) == dangling(baseline(case))


# The same input gives the same output; a change of a streaming route always means a redeployment, no change none.


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_the_same_input_gives_the_same_output_and_stays_as_it_is(case: Case) -> None:
    for before, after, parameters in passes(case):
        given_ = copy.deepcopy(before)
        assert text(macro(given_, all_parameters(case), case.region, parameters).template) == text(after)
        assert text(given_) == text(before)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_process_with_other_hashes_makes_the_same(seed: str) -> None:
    cases = [case for case in GOOD if case.kind != "sam"]
    code = (
        "import json, corpus, sam\n"
        "for case in corpus.GOOD:\n"
        "    if case.kind != 'sam':\n"
        "        print(json.dumps(sam.deploy_case(case).template))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
    there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    made = [hashlib.sha256(line.encode()).hexdigest() for line in there.stdout.splitlines()]
    assert made == [hashlib.sha256(text(deploy_case(case).template).encode()).hexdigest() for case in cases]


@pytest.mark.parametrize("case", STREAMING, ids=str)
def test_each_api_that_begins_to_stream_is_deployed_under_a_new_id(case: Case) -> None:
    before, after = baseline(case), deploy_case(case).template

    for api in {route.split(" ")[0] for route in case.streams}:
        assert deployments_of(after, api)
        if _of_api(before, api, case) != _of_api(after, api, case):
            assert deployments_of(after, api).isdisjoint(deployments_of(before, api))


def _of_api(template: Template, api: str, case: Case) -> list[str]:
    found = integrations(template)
    return sorted(text(item) for route, item in found if route in case.streams and route.split(" ")[0] == api)


@pytest.mark.parametrize("case", STREAMING, ids=str)
def test_a_changed_streaming_route_is_deployed_again(case: Case) -> None:
    before, after, parameters = passes(case)[-1]

    for route in case.streams - set(case.notes.get("by_themselves", ())):
        changed = copy.deepcopy(before)
        for name, operation in operations(changed):
            if name == route and "Integration" in operation:
                operation["RequestParameters"] = {"method.request.header.Changed": True}
            elif name == route:
                operation["description"] = "changed"
        result = again(case, changed, parameters)
        api = route.split(" ")[0]
        assert not result.failed
        assert deployments_of(result.template, api)
        assert deployments_of(result.template, api).isdisjoint(deployments_of(after, api)), route


@pytest.mark.parametrize("case", STREAMING, ids=str)
def test_another_timeout_is_deployed_and_only_where_it_is_one(case: Case) -> None:
    before, _, parameters = passes(case)[-1]
    one = again(case, before, {**parameters, "TimeoutInMillis": 31_000}).template
    other = again(case, before, {**parameters, "TimeoutInMillis": 32_000}).template

    for api in {route.split(" ")[0] for route in case.streams}:
        same = _of_api(one, api, case) == _of_api(other, api, case)
        assert (deployments_of(one, api) == deployments_of(other, api)) == same


@pytest.mark.parametrize("case", STREAMING, ids=str)
def test_a_change_elsewhere_deploys_nothing(case: Case) -> None:
    before, after, parameters = passes(case)[-1]
    changed = {**copy.deepcopy(before), "Description": "changed"}
    changed["Resources"]["Queue1"] = {"Type": "AWS::SQS::Queue"}

    made = again(case, changed, parameters).template

    assert ids(made, DEPLOYMENT) == ids(after, DEPLOYMENT)
    assert ids(made, VERSION) == ids(after, VERSION)


@pytest.mark.parametrize("case", [case for case in STREAMING if case.notes.get("adapter")], ids=str)
def test_a_function_that_begins_to_stream_gets_a_new_version(case: Case) -> None:
    before, after = baseline(case), deploy_case(case).template
    was = _adapter_settings(before, case)

    assert (ids(before, VERSION) == ids(after, VERSION)) == (
        not ids(before, VERSION) or was == _adapter_settings(after, case)
    )


def _adapter_settings(template: Template, case: Case) -> list[Any]:
    return [template["Resources"][name]["Properties"].get("Environment") for name in case.notes["adapter"]]


# Nothing is half done, and it never deploys buffered in silence.


def kept_promises(mixed: Mixed) -> None:
    """All of the above on one template that nobody has seen before."""
    given_ = copy.deepcopy(mixed.template)
    deployment = deploy(given_, {})
    event("refused" if mixed.streams is None else f"{min(len(mixed.streams), 3)} or more routes stream")
    assert given_ == mixed.template
    if mixed.streams is None:
        assert deployment.refused
        assert "E099" not in deployment.refused
        assert text(deployment.results[-1].template) == text(deployment.steps[-1][1])
        return
    final = deployment.template
    assert routes(final, "streaming") == mixed.streams
    assert routes(final, "broken") == set()
    assert SAM not in text(final)

    values = defaults(mixed.template)
    for name, template in deployment.steps:
        if name == MACRO:
            assert text(macro(copy.deepcopy(template), values).template) == text(template)
    plain = untagged(mixed.template)
    before = sam(plain, values) if SAM in text(mixed.template) else plain
    assert text(macro(before, values).template) == text(before)
    assert without_streaming(final, mixed.streams, mixed.adapters) == without_streaming(
        before, mixed.streams, mixed.adapters
    )
    assert dangling(final) == dangling(before)
    for api in {route.split(" ")[0] for route in mixed.streams}:
        assert deployments_of(final, api)
        assert deployments_of(final, api).isdisjoint(deployments_of(before, api))


@given(sam_templates())
@settings(max_examples=2 * settings().max_examples)
def test_every_promise_holds_on_mixed_sam_templates(mixed: Mixed) -> None:
    kept_promises(mixed)


@given(open_api_templates())
@settings(max_examples=3 * settings().max_examples)
def test_every_promise_holds_on_mixed_definitions(mixed: Mixed) -> None:
    kept_promises(mixed)


@given(method_templates())
@settings(max_examples=3 * settings().max_examples)
def test_every_promise_holds_on_mixed_methods(mixed: Mixed) -> None:
    kept_promises(mixed)


# Nothing of a template's contents or parameter values is logged, but logical ids and routes.


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the handler logs."""
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    text = io.StringIO()
    before = handler.setStream(text)
    yield text
    if before is not None:
        handler.setStream(before)


@pytest.mark.parametrize("case", [*GOOD, *BAD], ids=str)
def test_no_contents_and_no_parameter_values_are_logged(
    case: Case, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    fragment = copy.deepcopy(deploy_case(case).steps[-2 if case in GOOD else -1][1])
    fragment["Description"] = "secret-1"
    fragment["Parameters"] = {**fragment.get("Parameters", {}), "Secret": {"Type": "String", "NoEcho": True}}
    for resource in fragment["Resources"].values():
        if isinstance(resource, dict) and resource.get("Type") == "AWS::Lambda::Function":
            resource["Properties"]["Description"] = "secret-2"
            resource.setdefault("Metadata", {}).setdefault("Streaming", {"Ref": "Secret"})

    answered(fragment, {}, {**all_parameters(case), "Secret": "secret-3"})

    assert '"findings":' in log.getvalue()
    assert "secret-" not in log.getvalue() + capsys.readouterr().out


# Any JSON gets an answer.


def answered(fragment: Any, parameters: Any = None, values: Any = None) -> dict[str, Any]:
    """The macro's answer, checked for the form that CloudFormation wants."""
    before = text(fragment)
    answer: dict[str, Any] = lambda_handler(
        {
            "region": "eu-west-1",
            "accountId": ACCOUNT,
            "transformId": f"{ACCOUNT}::SamStream",
            "requestId": "request-1",
            "params": {} if parameters is None else parameters,
            "templateParameterValues": {} if values is None else values,
            "fragment": fragment,
        },
        None,
    )
    assert answer["requestId"] == "request-1"
    assert json.loads(json.dumps(answer)) == answer
    assert text(fragment) == before
    if answer["status"] == "success":
        assert set(answer) == {"requestId", "status", "fragment"}
    else:
        assert set(answer) == {"requestId", "status", "fragment", "errorMessage"}
        assert text(answer["fragment"]) == before
        assert answer["errorMessage"]
        assert "E099" not in answer["errorMessage"], "a crash"
    return answer


@cache
def fragments() -> list[Template]:
    """What the macro is given for the templates of the corpus, before SAM and after it."""
    on_the_way = (deploy_case(case).steps for case in (*GOOD, *BAD) if case.kind != "cdk")
    return [template for steps in on_the_way for name, template in steps if name in ("", SAM)]


@given(any_json, any_json, any_json)
def test_any_json_gets_an_answer(fragment: Any, parameters: Any, values: Any) -> None:
    answered(fragment, parameters, values)
    answered({"Resources": fragment}, {}, values)
    answered({"Resources": {"A": fragment, "B": parameters}, "Conditions": values}, {})


@given(any_json)
def test_any_event_gets_an_answer(anything: Any) -> None:
    answer = lambda_handler(anything, None)

    assert answer["status"] == "failure"
    assert answer["errorMessage"]


@given(damaged(fragments), any_json)
@settings(max_examples=15 * settings().max_examples)
def test_any_damaged_template_gets_an_answer(fragment: Template, values: Any) -> None:
    answered(fragment, {}, values)


@given(damaged(fragments), any_json)
@settings(max_examples=5 * settings().max_examples)
def test_any_damaged_template_can_be_looked_at(fragment: Template, value: Any) -> None:
    if not is_template(fragment):
        return
    stack = Stack("eu-west-1", ACCOUNT, dict.fromkeys(as_object(fragment.get("Parameters")), value))
    before = text(fragment)
    inspect(fragment, Options(), stack)
    source = Source(Read(fragment, stack), Listing((SAM,), MACRO), frozenset())
    assert [rule for rule in ALL if not all(found.rule == rule.id for found in rule.check_source(source))] == []
    assert text(fragment) == before


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_what_comes_out_has_no_error_when_it_is_looked_at(case: Case) -> None:
    template = {name: value for name, value in deploy_case(case).template.items() if name != "Transform"}

    plan, findings = inspect(template, Options(), Stack(case.region, ACCOUNT, case.parameters))

    assert [finding for finding in findings if finding.severity == "error"] == []
    assert plan.edits == []
    assert {f"{found.route.api} {found.route.name}" for found in plan.all_streaming} <= case.streams


@given(st.sampled_from(GOOD), any_json)
def test_any_parameter_values_get_an_answer(case: Case, value: Any) -> None:
    fragment = passes(case)[-1][0]

    answered(copy.deepcopy(fragment), {}, dict.fromkeys(case.body.get("Parameters", {}), value))


@pytest.mark.parametrize("depth", [50, 500, 5000, 50_000])
@pytest.mark.parametrize("key", ["Fn::If", "Fn::Not", "paths", "Streaming", "Fn::Sub"])
def test_a_template_nested_this_deeply_gets_an_answer(depth: int, key: str) -> None:
    value: Any = True
    for _ in range(depth):
        value = {key: ["Yes", value, True]} if key == "Fn::If" else {key: [value]}
    body = {"paths": {"/a": {"get": value}}}
    function = {"Type": "AWS::Lambda::Function", "Metadata": {"Streaming": value}}
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}
    event_ = {"requestId": "1", "fragment": {"Resources": {"Api": api, "Fn": function}, "Conditions": {"Yes": value}}}

    answer = lambda_handler(event_, None)

    assert answer["requestId"] == "1"
    assert "E099" not in answer.get("errorMessage", "")

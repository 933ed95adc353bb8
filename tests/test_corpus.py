"""Each template comes out as its first comment says, or is refused as it says."""

import json
from collections import Counter
from typing import Any

import pytest

from corpus import BAD, GOOD, SAM, Case
from reading import adapter_modes, integrations, routes
from sam import deploy, deploy_case


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_template_streams_the_routes_that_its_comment_lists_and_no_others(case: Case) -> None:
    template = deploy_case(case).template

    assert routes(template, "streaming") == case.streams
    assert routes(template, "broken") == set()
    assert case.streams | routes(template, "buffered") == {route for route, _ in integrations(template)}


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_an_adapter_streams_where_the_comment_says_and_nowhere_else(case: Case) -> None:
    wanted = set(case.notes.get("adapter", ()))

    for name, modes in adapter_modes(deploy_case(case).template).items():
        lowered = {str(mode).lower() for mode in modes}
        assert lowered == ({"response_stream"} if name in wanted else {"none"}), name


@pytest.mark.parametrize("case", [case for case in GOOD if "timeouts" in case.notes], ids=str)
def test_a_route_gets_the_timeout_that_its_comment_says(case: Case) -> None:
    template = deploy_case(case).template
    timeouts = {
        route: integration.get("timeoutInMillis", integration.get("TimeoutInMillis"))
        for route, integration in integrations(template)
    }

    assert {route: timeouts[route] for route in case.notes["timeouts"]} == case.notes["timeouts"]


@pytest.mark.parametrize("case", BAD, ids=str)
def test_a_bad_template_is_refused_with_its_rules_and_a_telling_message(case: Case) -> None:
    deployment = deploy_case(case)

    assert deployment.refused is not None
    assert set(deployment.rules) == set(case.notes["rules"])
    assert [text for text in case.notes["says"] if str(text) not in deployment.refused] == []


@pytest.mark.parametrize("case", [case for case in BAD if not case.name.startswith("setting_of")], ids=str)
def test_a_refused_fragment_comes_back_as_it_came(case: Case) -> None:
    deployment = deploy_case(case)

    for result in deployment.results:
        if result.failed:
            assert json.dumps(result.template) == json.dumps(deployment.steps[-1][1])


@pytest.mark.parametrize("case", [case for case in SAM if isinstance(case.body["Transform"], list)], ids=str)
def test_listed_before_sam_only_a_tagged_template_can_not_be_deployed(case: Case) -> None:
    template = case.template()
    entries = [entry for entry in template["Transform"] if isinstance(entry, str)]
    if len(entries) < len(template["Transform"]) or entries.count("SamStream") < 2 or not case.streams:
        return
    template["Transform"] = entries[:-1]

    made = deploy(template, case.parameters, case.region).template

    unknown = {resource["Type"] for resource in made["Resources"].values() if "SamStream" in resource["Type"]}
    assert len(unknown) == 1, "CloudFormation refuses a type that it doesn't know, by name"
    assert "ListItAgainAfter" in unknown.pop()


@pytest.mark.parametrize("case", [case for case in GOOD if case.streams], ids=str)
def test_a_processed_template_reports_its_routes_and_keeps_nothing_of_the_way_there(case: Case) -> None:
    template = deploy_case(case).template

    report = template["Metadata"]["SamStream"]
    made = case.streams - set(case.notes.get("by_themselves", ()))
    assert {f"{row['Api']} {row['Route']}" for row in report["Routes"]} == made
    rest = json.dumps({**template, "Metadata": None})
    assert "SamStream" not in rest
    assert "samstream" not in rest


def test_the_corpus_is_as_large_as_it_should_be_and_no_shape_comes_twice() -> None:
    kinds = Counter(case.kind for case in (*GOOD, *BAD))
    shapes = Counter((case.kind, case.notes["shape"]) for case in (*GOOD, *BAD))

    assert {kind: min(number, wanted[kind]) for kind, number in kinds.items()} == wanted
    assert [shape for shape, number in shapes.items() if number > 1] == []
    assert len({skeleton(case.body) for case in GOOD}) == len(GOOD)


wanted = {"sam": 55, "plain": 25, "cdk": 8, "bad": 30}


def skeleton(value: Any) -> str:
    """A template's form: its keys and lists, and of its texts only what CloudFormation reads."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{skeleton(item)}" for key, item in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(skeleton, value)) + "]"
    return str(value)

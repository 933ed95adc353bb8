"""The Lambda Web Adapter: who has it, and what makes it stream."""

from collections.abc import Mapping
from typing import Any

import pytest

from macro.samples import app, at, function, read, run, streams, tagged, web_app
from samstream.adapter import Adapter, live_variables, read_adapter
from samstream.edits import apply

Json = dict[str, Any]

LAYER = "arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerX86:30"
WRAPPER = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}
STREAM = {"AWS_LWA_INVOKE_MODE": "response_stream"}
NO_VALUE = {"Ref": "AWS::NoValue"}
PARAMETERS = {
    "Layer": LAYER,
    "Layers": ["arn:aws:lambda:eu-west-1:1:layer:own:1", LAYER],
    "Mode": "response_stream",
    "Wrapper": "/opt/bootstrap",
    "Others": ["arn:aws:lambda:eu-west-1:1:layer:own:1"],
    "Odd": [5, None],
}
ENVIRONMENT = ("Resources", "Chat", "Properties", "Environment")


def adapter(properties: Json, parameters: Mapping[str, Any] = PARAMETERS) -> Adapter | None:
    template = read({"Resources": {"Chat": {"Type": "AWS::Lambda::Function", "Properties": properties}}}, parameters)
    return read_adapter(template, template.resources["Chat"])


def either(one: Any, other: Any) -> Json:
    return {"Fn::If": ["A", one, other]}


HAVE_IT: dict[str, Json] = {
    "a layer": {"Layers": [LAYER]},
    "a layer in any case": {"Layers": [LAYER.lower()]},
    "one of many layers": {"Layers": ["arn:aws:lambda:eu-west-1:1:layer:own:1", LAYER]},
    "a layer of a parameter": {"Layers": [{"Ref": "Layer"}]},
    "layers of a parameter": {"Layers": {"Ref": "Layers"}},
    "layers joined": {"Layers": [{"Fn::Join": [":", ["arn", {"Ref": "X"}, "layer:LambdaAdapterLayerArm64", "30"]]}]},
    "a layer of its Region": {
        "Layers": [{"Fn::Sub": "arn:aws:lambda:${AWS::Region}:1:layer:LambdaAdapterLayerArm64:30"}]
    },
    "a layer of one branch": {"Layers": [either(LAYER, NO_VALUE)]},
    "layers of one branch": {"Layers": either(NO_VALUE, [LAYER])},
    "its wrapper": {"Environment": {"Variables": WRAPPER}},
    "its wrapper by a parameter": {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": {"Ref": "Wrapper"}}}},
    "one of its variables": {"Environment": {"Variables": {"AWS_LWA_PORT": "8000"}}},
    "a variable of one branch": {"Environment": {"Variables": either({"A": "1"}, {"AWS_LWA_PORT": "8000"})}},
    "an environment of one branch": {"Environment": either({"Variables": WRAPPER}, NO_VALUE)},
}


@pytest.mark.parametrize("name", HAVE_IT)
def test_a_function_with_the_adapter_is_known(name: str) -> None:
    found = adapter(HAVE_IT[name])
    assert found is not None
    assert (found.function, found.problem) == ("Chat", None)


HAVE_NOT: dict[str, Json] = {
    "nothing": {},
    "other layers": {"Layers": ["arn:aws:lambda:eu-west-1:1:layer:own:1", {"Ref": "Own"}, {"Fn::ImportValue": "x"}]},
    "other layers of a parameter": {"Layers": {"Ref": "Others"}},
    "a list of no layers": {"Layers": {"Ref": "Odd"}},
    "layers that are none": {"Layers": [None, 5, {}]},
    "another wrapper": {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/otel"}}},
    "a wrapper of elsewhere": {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": {"Fn::ImportValue": "W"}}}},
    "the old name of a variable": {"Environment": {"Variables": {"PORT": "8080"}}},
    "an environment nobody knows": {"Environment": {"Fn::ImportValue": "x"}},
}


@pytest.mark.parametrize("name", HAVE_NOT)
def test_a_function_without_the_adapter_is_left_alone(name: str) -> None:
    assert adapter(HAVE_NOT[name]) is None


VARIABLES = {**WRAPPER, "A": "1"}

# An environment, and what it is once the adapter streams.
MADE: dict[str, tuple[Any, Any]] = {
    "variables": ({"Variables": VARIABLES}, {"Variables": {**VARIABLES, **STREAM}}),
    "no variables": ({}, {"Variables": STREAM}),
    "null": (None, {"Variables": STREAM}),
    "null variables": ({"Variables": None}, {"Variables": STREAM}),
    "empty variables": ({"Variables": {}}, {"Variables": STREAM}),
    "no value": (NO_VALUE, {"Variables": STREAM}),
    "no value for variables": ({"Variables": NO_VALUE}, {"Variables": STREAM}),
    "a mode of no value": ({"Variables": {"AWS_LWA_INVOKE_MODE": NO_VALUE}}, {"Variables": STREAM}),
    "a mode that streams": ({"Variables": STREAM}, {"Variables": STREAM}),
    "a mode of a parameter that streams": (
        {"Variables": {"AWS_LWA_INVOKE_MODE": {"Ref": "Mode"}}},
        {"Variables": {"AWS_LWA_INVOKE_MODE": {"Ref": "Mode"}}},
    ),
    "an if around the environment": (
        either({"Variables": VARIABLES}, NO_VALUE),
        either({"Variables": {**VARIABLES, **STREAM}}, {"Variables": STREAM}),
    ),
    "an if around the variables": (
        {"Variables": either(VARIABLES, either(STREAM, {}))},
        {"Variables": either({**VARIABLES, **STREAM}, either(STREAM, STREAM))},
    ),
    "an if around an environment without variables": (
        either({}, {"Variables": VARIABLES}),
        either({"Variables": STREAM}, {"Variables": {**VARIABLES, **STREAM}}),
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_the_mode_is_set_wherever_the_variables_are_written(name: str) -> None:
    before, after = MADE[name]
    found = adapter({"Layers": [LAYER], "Environment": before})
    assert found is not None
    assert found.problem is None
    template = {"Resources": {"Chat": {"Properties": {"Environment": before}}}}
    assert at(apply(template, found.edits, {}), *ENVIRONMENT) == after


def test_without_an_environment_one_is_made() -> None:
    found = adapter({"Layers": [LAYER]})
    assert found is not None
    template: Json = {"Resources": {"Chat": {"Properties": {}}}}
    assert at(apply(template, found.edits, {}), *ENVIRONMENT) == {"Variables": STREAM}


PROBLEMS: dict[str, tuple[Any, str]] = {
    "buffered": ({"Variables": {"AWS_LWA_INVOKE_MODE": "buffered"}}, "its AWS_LWA_INVOKE_MODE is buffered"),
    "misspelt": (
        {"Variables": {"AWS_LWA_INVOKE_MODE": "stream"}},
        "its AWS_LWA_INVOKE_MODE is misspelt, which the adapter takes for buffered",
    ),
    "no text": (
        {"Variables": {"AWS_LWA_INVOKE_MODE": True}},
        "its AWS_LWA_INVOKE_MODE is misspelt, which the adapter takes for buffered",
    ),
    "a dynamic reference": (
        {"Variables": {"AWS_LWA_INVOKE_MODE": "{{resolve:ssm:mode}}"}},
        "its AWS_LWA_INVOKE_MODE is a dynamic reference, which can't be checked",
    ),
    "nobody knows": (
        {"Variables": {"AWS_LWA_INVOKE_MODE": {"Fn::GetAtt": ["A", "B"]}}},
        "its AWS_LWA_INVOKE_MODE can't be checked: Fn::GetAtt is not known before the deployment",
    ),
    "in the first of two branches": (
        {"Variables": either({"AWS_LWA_INVOKE_MODE": "BUFFERED"}, STREAM)},
        "its AWS_LWA_INVOKE_MODE is buffered",
    ),
    "in one branch": (
        {"Variables": either(STREAM, {"AWS_LWA_INVOKE_MODE": "BUFFERED"})},
        "its AWS_LWA_INVOKE_MODE is buffered",
    ),
    "an environment of elsewhere": ({"Fn::ImportValue": "x"}, "its Variables is not written as a map"),
    "variables of elsewhere": ({"Variables": {"Fn::ImportValue": "x"}}, "its Variables is not written as a map"),
    "variables in a list": ({"Variables": ["A"]}, "its Variables is not written as a map"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_someone_set_is_a_problem_and_not_overwritten(name: str) -> None:
    environment, problem = PROBLEMS[name]
    found = adapter({"Layers": [LAYER], "Environment": environment})
    assert found is not None
    assert found.problem == problem


def test_the_branch_that_this_deployment_does_not_take_may_be_buffered() -> None:
    variables = either(STREAM, {"AWS_LWA_INVOKE_MODE": "buffered"})
    fragment = tagged(Chat=web_app())
    fragment["Resources"]["Chat"]["Properties"]["Environment"] = {"Variables": variables}
    fragment["Conditions"] = {"A": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    assert streams(run(fragment, parameters={"Stage": "prod"})) == ["Api POST /chat"]
    assert [found.rule for found in run(fragment, parameters={"Stage": "dev"}).findings] == ["E301"]
    variables["Fn::If"][1:] = [{"AWS_LWA_INVOKE_MODE": "buffered"}, {"AWS_LWA_INVOKE_MODE": "misspelt"}]
    (finding,) = run(fragment, parameters={"Stage": "prod"}).findings
    assert "its AWS_LWA_INVOKE_MODE is buffered" in finding.message


@pytest.mark.parametrize(
    "properties",
    [
        {"Layers": [either(LAYER, NO_VALUE)]},
        {"Layers": either([LAYER], [])},
        {"Environment": {"Variables": either(WRAPPER, {"B": "1"})}},
        {"Environment": either({"Variables": {"AWS_LWA_PORT": "8000"}}, NO_VALUE)},
    ],
    ids=["a layer", "layers", "variables", "environment"],
)
def test_an_adapter_that_this_deployment_does_not_take_is_none(properties: Json) -> None:
    fragment = tagged(Chat=function(**properties))
    fragment["Conditions"] = {"A": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    for stage, adapters in (("prod", ("Chat",)), ("dev", ())):
        report = run(fragment, parameters={"Stage": stage}).report
        assert report is not None
        assert report.adapters == adapters


def test_only_functions_whose_routes_stream_are_touched() -> None:
    fragment = tagged(Quiet=web_app(), Chat=function())
    result = run(fragment)
    assert result.template["Resources"]["Quiet"] == web_app()
    assert result.report is not None
    assert result.report.adapters == ()


ONE, TWO = {"A": "1"}, {"B": "2"}
WRITTEN: list[tuple[Any, list[tuple[Any, tuple[Any, ...]]]]] = [
    (None, []),
    ({}, []),
    ("text", []),
    ({"Ref": "Environment"}, []),
    ({"Variables": None}, []),
    ({"Variables": {"Ref": "Variables"}}, []),
    ({"Variables": ["A"]}, []),
    ({"Variables": {}}, [({}, ("Variables",))]),
    ({"Variables": ONE}, [(ONE, ("Variables",))]),
    ({"Variables": {"Fn::If": ["Prod", ONE, TWO]}}, [(ONE, ("Variables", "Fn::If", 1))]),
    ({"Fn::If": ["Prod", NO_VALUE, {"Variables": TWO}]}, []),
    ({"Fn::If": ["Prod", {"Variables": ONE}, NO_VALUE]}, [(ONE, ("Fn::If", 1, "Variables"))]),
    (
        {"Variables": {"Fn::If": ["Unknown", ONE, TWO]}},
        [(ONE, ("Variables", "Fn::If", 1)), (TWO, ("Variables", "Fn::If", 2))],
    ),
]


@pytest.mark.parametrize(("environment", "expected"), WRITTEN)
def test_the_variables_of_this_deployment_are_found_where_they_are_written(
    environment: Any, expected: list[tuple[Any, tuple[Any, ...]]]
) -> None:
    body = {**app(Chat=function(Environment=environment)), "Conditions": {"Prod": {"Fn::Equals": ["a", "a"]}}}
    template = read(body)
    place = ("Resources", "Chat", "Properties", "Environment")
    found = list(live_variables(template, template.resources["Chat"]))
    assert found == [(variables, (*place, *at)) for variables, at in expected]

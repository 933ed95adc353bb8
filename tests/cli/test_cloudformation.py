"""A template's transforms run as CloudFormation runs them: in its order, with its parameters, and refused as there."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.samples import SAM, STREAMING, sam_template
from samstream_cli.cloudformation import Outcome, Settings, process
from samstream_cli.errors import ExitCode
from samstream_cli.sam import SamRefusal

SETTINGS = Settings("eu-west-1")

INTEGRATION_URI = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:chat/invocations"
)


def modes(outcome: Outcome) -> dict[str, tuple[str, str]]:
    return {route.route: (route.before, route.after) for route in outcome.routes}


def no_sam(*_: Any) -> dict[str, Any]:
    raise AssertionError("SAM is not listed")


def plain_template(**sections: Any) -> dict[str, Any]:
    """A REST API with one route, without SAM."""
    integration = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": INTEGRATION_URI}
    method = {"RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "HttpMethod": "GET"}
    return {
        "Resources": {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
            "Get": {"Type": "AWS::ApiGateway::Method", "Properties": {**method, "Integration": integration}},
            "Deployment": {
                "Type": "AWS::ApiGateway::Deployment",
                "DependsOn": "Get",
                "Properties": {"RestApiId": {"Ref": "Api"}},
            },
        },
        **sections,
    }


def test_a_tagged_route_streams_and_the_others_do_not() -> None:
    outcome = process(STREAMING, SETTINGS)
    assert modes(outcome) == {"GET /": ("BUFFERED", "BUFFERED"), "POST /chat": ("BUFFERED", "STREAM")}
    assert (outcome.refusal, outcome.notes) == (None, ())
    assert [finding.severity for finding in outcome.findings] == ["warning"]
    assert [run.where for run in outcome.runs] == ["Transform entry 1, before SAM", "Transform entry 3, after SAM"]
    assert len(outcome.renamed) == 1
    assert set(outcome.renamed.values()) <= outcome.template["Resources"].keys()
    assert "Transform" not in outcome.template


def test_the_template_is_not_changed() -> None:
    template = copy.deepcopy(STREAMING)
    process(template, SETTINGS)
    assert template == STREAMING


def test_sam_gets_the_fragment_of_the_first_pass_with_parameters_and_region() -> None:
    seen: list[tuple[Any, Any, str]] = []

    def translate(fragment: dict[str, Any], parameters: Mapping[str, Any], region: str) -> dict[str, Any]:
        seen.append((fragment, parameters, region))
        raise SamRefusal(("enough",))

    template = sam_template("SamStream", SAM, "SamStream", Parameters={"Stage": {"Type": "String"}})
    outcome = process(template, Settings("eu-west-1", {"Stage": "prod"}), translate)
    [(fragment, parameters, region)] = seen
    event = fragment["Resources"]["Chat"]["Properties"]["Events"]["Ask"]["Properties"]
    assert (event, parameters, region) == ({"Path": "/chat", "Method": "post"}, {"Stage": "prod"}, "eu-west-1")
    assert "Transform" not in fragment
    assert outcome.refusal is not None
    assert (outcome.refusal.source, outcome.refusal.reasons) == (f"Transform {SAM}", ("enough",))
    assert outcome.exit_code == ExitCode.WOULD_FAIL


def test_the_macro_listed_before_sam_only_is_refused() -> None:
    outcome = process(sam_template("SamStream", SAM), SETTINGS)
    assert outcome.refusal is not None
    assert outcome.refusal.source == "CloudFormation"
    assert outcome.refusal.reasons[0].startswith("Unrecognized resource types: [SamStream::")
    assert outcome.refusal.remedy.startswith(f"List SamStream after {SAM} too")
    assert modes(outcome) == {"GET /": ("BUFFERED", "BUFFERED"), "POST /chat": ("BUFFERED", "BUFFERED")}


def test_the_macro_listed_after_sam_only_is_told_to_stand_before_it_too() -> None:
    outcome = process(sam_template(SAM, "SamStream"), SETTINGS)
    assert outcome.refusal is not None
    assert outcome.refusal.reasons == (
        "Resource with id [ChatAsk] is invalid. property Streaming not defined for resource of type Api",
    )
    assert outcome.refusal.remedy.startswith(f"List SamStream before {SAM} too")


def test_serverless_resources_without_sam_are_refused() -> None:
    outcome = process(sam_template("SamStream"), SETTINGS, no_sam)
    assert outcome.refusal is not None
    assert outcome.refusal.reasons == ("Unrecognized resource types: [AWS::Serverless::Function]",)
    assert outcome.refusal.remedy == f"List {SAM} under Transform, with SamStream before and after it."


def test_a_tag_that_no_listing_of_the_macro_reads_is_told() -> None:
    template = sam_template(SAM)
    template["Resources"]["Chat"]["Metadata"] = {"Streaming": True}
    outcome = process(template, SETTINGS)
    assert (outcome.exit_code, outcome.runs) == (ExitCode.OK, ())
    assert outcome.notes == (
        f"Transform: SamStream isn't listed after {SAM}, where it makes the routes stream. List it there.",
    )
    assert modes(outcome) == {"GET /": ("BUFFERED", "BUFFERED"), "POST /chat": ("BUFFERED", "BUFFERED")}


def test_a_tag_in_a_template_without_sam_needs_one_listing() -> None:
    template = plain_template()
    template["Resources"]["Api"]["Metadata"] = {"Streaming": True}
    assert process(template, SETTINGS, no_sam).notes == (
        "Transform: the template's tags do nothing, because SamStream isn't listed. List it.",
    )


def test_a_template_without_tags_needs_no_listing() -> None:
    assert process(sam_template(SAM), SETTINGS).notes == ()


def test_findings_of_the_macro_are_the_refusal() -> None:
    template = plain_template(Transform=[{"Name": "SamStream", "Parameters": {"Routes": ["GET /nowhere"]}}])
    outcome = process(template, SETTINGS, no_sam)
    assert outcome.refusal is not None
    assert outcome.refusal.source == "Transform 123456789012::SamStream"
    assert (outcome.refusal.findings, outcome.refusal.reasons) == (outcome.findings, ())
    assert any("/nowhere" in finding.message for finding in outcome.findings)
    assert outcome.template == {"Resources": template["Resources"]}


def test_settings_that_cannot_be_used_are_the_refusal() -> None:
    template = plain_template(Transform={"Name": "SamStream", "Parameters": {"Rutes": []}})
    outcome = process(template, SETTINGS, no_sam)
    assert outcome.refusal is not None
    assert [finding.rule for finding in outcome.findings] == ["E001"]
    assert outcome.refusal.findings == outcome.findings


def test_settings_come_from_the_entry_and_from_the_environment() -> None:
    routes = {"Name": "SamStream", "Parameters": {"Routes": {"Ref": "Wanted"}}}
    settings = Settings("eu-west-1", {"Wanted": ["GET /"]}, environment={"SAMSTREAM_TIMEOUT_IN_MILLIS": "45000"})
    [route] = process(plain_template(Transform=routes), settings, no_sam).routes
    assert (route.after, route.timeout_in_millis) == ("STREAM", 45_000)


def test_a_ref_to_nothing_is_refused() -> None:
    routes = {"Name": "SamStream", "Parameters": {"Routes": {"Ref": "Nope"}}}
    outcome = process(plain_template(Transform=routes), SETTINGS, no_sam)
    assert outcome.refusal is not None
    assert outcome.refusal.source == "CloudFormation, in the Transform section"


def test_a_snippet_makes_streaming_what_it_stands_in() -> None:
    template = plain_template()
    template["Resources"]["Get"]["Properties"]["Fn::Transform"] = {"Name": "SamStream"}
    outcome = process(template, SETTINGS, no_sam)
    integration = outcome.template["Resources"]["Get"]["Properties"]["Integration"]
    assert integration["ResponseTransferMode"] == "STREAM"
    assert integration["Uri"].endswith("/response-streaming-invocations")
    assert [run.where for run in outcome.runs] == ["Fn::Transform in Resources/Get/Properties"]
    assert (modes(outcome), outcome.notes) == ({"GET /": ("STREAM", "STREAM")}, ())


def test_a_snippet_without_a_name_is_refused() -> None:
    template = plain_template()
    template["Resources"]["Get"]["Properties"]["Fn::Transform"] = {"Parameters": {}}
    refusal = process(template, SETTINGS, no_sam).refusal
    assert refusal is not None
    assert refusal.source == "CloudFormation, at Fn::Transform in Resources/Get/Properties"


def test_a_snippet_that_fails_names_its_place() -> None:
    template = plain_template()
    template["Resources"]["Api"]["Properties"]["Fn::Transform"] = {"Name": "SamStream"}
    outcome = process(template, SETTINGS, no_sam)
    assert outcome.exit_code == ExitCode.WOULD_FAIL
    assert [run.where for run in outcome.runs] == ["Fn::Transform in Resources/Api/Properties"]


def test_local_files_are_included_nested_and_listed(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("Name: from a file")
    (tmp_path / "more.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}")
    listed = {"Name": "AWS::Include", "Parameters": {"Location": "more.yaml"}}
    template = plain_template(Transform=[listed, "SamStream"])
    nested = {"Name": "AWS::Include", "Parameters": {"Location": "api.yaml"}}
    template["Resources"]["Api"]["Properties"] = {"Fn::Transform": nested}
    outcome = process(template, Settings("eu-west-1", folder=tmp_path), no_sam)
    assert outcome.template["Resources"]["Topic"] == {"Type": "AWS::SNS::Topic"}
    assert outcome.template["Resources"]["Api"]["Properties"] == {"Name": "from a file"}
    assert outcome.notes == ()


@pytest.mark.parametrize("name", ["AWS::SecretsManager-2020-07-23", "Acme"])
def test_other_macros_are_named_and_skipped(name: str) -> None:
    template = plain_template(Transform=[name, "SamStream"])
    outcome = process(template, SETTINGS, no_sam)
    assert outcome.notes == (f"Transform entry 1: {name} can't run here and was skipped.",)
    assert (outcome.refusal, outcome.template) == (None, {"Resources": template["Resources"]})


def test_a_nested_macro_of_somebody_else_stays_as_it_stood() -> None:
    template = plain_template(Transform="SamStream")
    template["Resources"]["Api"]["Properties"]["Fn::Transform"] = {"Name": "Acme"}
    outcome = process(template, SETTINGS, no_sam)
    assert outcome.notes == ("Fn::Transform in Resources/Api/Properties: Acme can't run here and was skipped.",)
    assert outcome.template == {"Resources": template["Resources"]}


def test_an_include_from_s3_is_named_and_skipped() -> None:
    include = {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/more.yaml"}}
    outcome = process(plain_template(Transform=[include, "SamStream"]), SETTINGS, no_sam)
    assert outcome.notes == (
        "Transform entry 1: AWS::Include takes local files only here; its content is missing below.",
    )


def test_the_macro_by_another_name_runs_when_named() -> None:
    template = plain_template(Transform={"Name": "OurSamStream", "Parameters": {"Routes": ["GET /"]}})
    outcome = process(template, SETTINGS, no_sam)
    [note] = outcome.notes
    assert note.endswith("If it is SamStream by another name, add --macro-name OurSamStream.")
    named = process(template, Settings("eu-west-1", macro_name="OurSamStream"), no_sam)
    assert modes(named) == {"GET /": ("BUFFERED", "STREAM")}


def test_what_a_skipped_macro_may_have_changed_is_not_certain() -> None:
    def refuse(*_: Any) -> dict[str, Any]:
        raise SamRefusal(("no loops",))

    outcome = process(sam_template("Acme", "SamStream", SAM, "SamStream"), SETTINGS, refuse)
    assert outcome.refusal is not None
    assert outcome.refusal.remedy == "Acme didn't run, which may be the reason."
    assert outcome.exit_code == ExitCode.UNUSABLE


def test_a_route_that_a_skipped_macro_may_add_is_not_certainly_missing() -> None:
    wanted = {"Name": "SamStream", "Parameters": {"Routes": ["GET /nowhere"]}}
    outcome = process(plain_template(Transform=["Acme", wanted]), SETTINGS, no_sam)
    assert (outcome.exit_code, [finding.rule for finding in outcome.findings]) == (ExitCode.UNUSABLE, ["E201"])
    assert outcome.refusal is not None
    assert outcome.refusal.remedy == "Acme didn't run, which may be the reason."


def test_routes_stand_in_the_order_of_their_paths() -> None:
    template = copy.deepcopy(STREAMING)
    events = template["Resources"]["Chat"]["Properties"]["Events"]
    events |= {
        name: {"Type": "Api", "Properties": {"Path": f"/{name}", "Method": method}}
        for name, method in {"z": "get", "a": "put"}.items()
    }
    events["A2"] = {"Type": "Api", "Properties": {"Path": "/a", "Method": "get"}}
    outcome = process(template, SETTINGS)
    assert [route.route for route in outcome.routes] == ["GET /", "GET /a", "PUT /a", "POST /chat", "GET /z"]

"""One template, checked: what is told, where, and what isn't."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from samstream_cli.checked import Checked
from samstream_cli.checking import CheckSettings, check, unreadable
from samstream_cli.errors import TemplateError
from samstream_cli.templates import template_file

SETTINGS = CheckSettings("eu-west-1", environment={})

CLEAN = """
    Transform: [SamStream, AWS::Serverless-2016-10-31, SamStream]
    Globals: {Api: {EndpointConfiguration: REGIONAL}}
    Resources:
      Chat:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: nodejs22.x
          Handler: index.handler
          CodeUri: .
          Timeout: 29
          Events:
            Ask:
              Type: Api
              Properties:
                Path: /chat
                Method: post
                Streaming: true
    """


def checked(text: str, settings: CheckSettings = SETTINGS, name: str = "t.yaml", folder: Path = Path()) -> Checked:
    return check(template_file(name, folder, dedent(text).lstrip().encode()), settings)


def told(text: str, settings: CheckSettings = SETTINGS, **more: Any) -> list[tuple[str, int | None]]:
    """The rules that tell something, each with its line."""
    found = checked(text, settings, **more).findings
    return [(located.finding.rule, located.region.line if located.region else None) for located in found]


def test_a_template_that_streams_has_nothing_to_tell() -> None:
    assert checked(CLEAN) == Checked("t.yaml", ())


def test_findings_of_every_stage_come_in_the_order_of_the_file() -> None:
    text = CLEAN.replace("Streaming: true", "Streaming: true\n        Metadata: {Streaming: GET /nowhere}")
    assert told(text.replace("REGIONAL", "EDGE").replace("Timeout: 29", "Timeout: 3")) == [
        ("W402", 2),
        ("W306", 10),
        ("E201", 18),
    ]


def test_what_sam_generated_is_told_where_it_comes_from() -> None:
    text = CLEAN.replace(
        "Streaming: true", "ResponseTransferMode: RESPONSE_STREAM\n                TimeoutInMillis: 60000"
    )
    assert told(text) == [("W204", 18)]


def test_a_template_that_streams_without_the_macro_is_checked_too() -> None:
    text = CLEAN.replace("[SamStream, AWS::Serverless-2016-10-31, SamStream]", "AWS::Serverless-2016-10-31")
    native = text.replace("Streaming: true", "ResponseTransferMode: RESPONSE_STREAM")
    assert told(native) == []
    assert told(native.replace("Timeout: 29", "Timeout: 120")) == [("W203", 12)]
    assert told(native.replace("RESPONSE_STREAM", "STREAM")) == [("E108", 17)]
    assert told(text.replace("                Streaming: true\n", "")) == []


def test_a_template_with_a_wrong_listing_is_checked_as_if_it_were_right() -> None:
    text = CLEAN.replace(
        "[SamStream, AWS::Serverless-2016-10-31, SamStream]", "[SamStream, AWS::Serverless-2016-10-31]"
    )
    assert told(text) == [("E107", 1)]
    assert told(text.replace("Timeout: 29", "Timeout: 3")) == [("E107", 1), ("W306", 10)]


def test_a_default_in_globals_is_told_once_for_all_events() -> None:
    text = CLEAN.replace("Globals: {", "Globals: {Function: {Streaming: maybe}, ")
    second = "\n            Again: {Type: Api, Properties: {Path: /again, Method: get}}"
    assert told(text.replace("\n            Ask:", second + "\n            Ask:")) == [("E101", 2)]


def test_a_finding_of_both_listings_is_told_once() -> None:
    text = """
    Transform: [SamStream, AWS::Serverless-2016-10-31, SamStream]
    Resources:
      Api:
        Type: AWS::ApiGateway::RestApi
        Metadata: {Streaming: true}
        Properties:
          EndpointConfiguration: {Types: [REGIONAL]}
          Body:
            paths:
              /chat:
                post:
                  x-amazon-apigateway-integration:
                    type: aws_proxy
                    uri: URI
      Deployment:
        Type: AWS::ApiGateway::Deployment
        Properties: {RestApiId: !Ref Api}
    """
    function = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations"
    assert told(text.replace("URI", uri)) == [("W301", 12)]


def test_what_is_to_be_ignored_is_left_out() -> None:
    text = CLEAN.replace("Timeout: 29", "Timeout: 3")
    ignoring = CheckSettings("eu-west-1", ignore=frozenset({"W306"}), environment={})
    everywhere = text + "Metadata: {SamStream: {Ignore: [W306]}}"
    assert told(text, ignoring) == []
    assert told(dedent(text) + "Metadata: {SamStream: {Ignore: [W306]}}\n") == []
    assert (
        told(
            text.replace("Runtime:", "Architectures: [arm64]\n          Runtime:").replace(
                "        Properties:\n          Arch",
                "        Metadata: {SamStream: {Ignore: W306}}\n        Properties:\n          Arch",
            )
        )
        == []
    )
    assert told(text.replace("Timeout: 3", "Timeout: 3  # samstream: ignore W306")) == []
    assert told(text.replace("          Timeout: 3", "          # samstream: ignore W306\n          Timeout: 3")) == []
    assert told(text.replace("Timeout: 3", "Timeout: 3  # samstream: ignore W305")) == [("W306", 10)]
    assert told(text.replace("Timeout: 3", "Timeout: 3  # samstream: please")) == [("W306", 10), ("E001", 10)]
    assert everywhere


def test_a_rule_that_can_not_be_ignored_in_a_template_is_told_there() -> None:
    assert told(dedent(CLEAN) + "Metadata:\n  SamStream:\n    Ignore: [E201]\n") == [("E001", 20)]


@pytest.mark.parametrize(
    ("declaration", "given", "rules"),
    [
        ("{Type: String}", {}, [("W001", 18)]),
        ("{Type: String}", {"On": "true"}, []),
        ("{Type: String}", {"On": "maybe"}, [("E101", 18)]),
        ("{Type: String, Default: maybe}", {}, [("E101", 18)]),
        ("{Type: String, AllowedValues: ['true', maybe]}", {}, []),
        ("{Type: AWS::SSM::Parameter::Value<String>, Default: /on}", {}, [("W001", 18)]),
        ("{Type: String, Default: [1]}", {}, [("E005", 2)]),
    ],
)
def test_parameters_have_the_values_given_or_declared_or_allowed(
    declaration: str, given: dict[str, str], rules: list[tuple[str, int]]
) -> None:
    text = CLEAN.replace("Streaming: true", "Streaming: !Ref On").replace(
        "Globals:", f"Parameters: {{On: {declaration}}}\n    Globals:"
    )
    assert told(text, CheckSettings("eu-west-1", {**given, "Elsewhere": "x"}, environment={})) == rules


def test_a_secret_that_is_assumed_is_not_shown() -> None:
    text = CLEAN.replace(
        "Globals:", "Parameters: {Key: {Type: String, NoEcho: true, AllowedValues: [hunter2]}}\n    Globals:"
    )
    assert checked(text).notes == ("Checked with Key, the first of what each allows. --parameter takes another.",)


def test_settings_that_depend_on_a_parameter_without_a_value_are_not_wrong() -> None:
    entry = "{Name: SamStream, Parameters: {Routes: !Ref Routes}}"
    text = CLEAN.replace("SamStream]", f"{entry}]\n    Parameters: {{Routes: {{Type: CommaDelimitedList}}}}")
    assert told(text) == [("W001", 1)]
    assert told(text, CheckSettings("eu-west-1", {"Routes": "POST /chat"}, environment={})) == []


def test_what_sam_refuses_is_told_at_its_event() -> None:
    assert told(CLEAN.replace("Path: /chat", "Path: {}")) == [("E004", 12)]


def test_what_cloudformation_refuses_is_told() -> None:
    assert told(CLEAN.replace("[SamStream, AWS::Serverless-2016-10-31, SamStream]", "[1]")) == [("E005", 1)]
    assert told(CLEAN.replace("[SamStream, AWS::Serverless-2016-10-31, SamStream]", "SamStream")) == [("E005", 1)]


def test_what_another_macro_may_have_made_right_is_a_warning() -> None:
    text = CLEAN.replace("[SamStream,", "[Acme, SamStream,")
    assert checked(text).notes == ("Transform entry 1, before SAM: Acme can't run here and was skipped.",)
    assert told(text.replace("Path: /chat", "Path: {}")) == [("W001", 12)]


def test_a_file_that_can_not_be_included_is_told(tmp_path: Path) -> None:
    text = CLEAN.replace(
        "CodeUri: .", "CodeUri: .\n          Fn::Transform: {Name: AWS::Include, Parameters: {Location: no.yaml}}"
    )
    found = checked(text, folder=tmp_path).findings
    assert [(located.finding.rule, located.finding.message) for located in found] == [
        ("E006", f"{tmp_path / 'no.yaml'}: there is no such file. Check the path.")
    ]


def test_a_template_nested_too_deeply_is_told() -> None:
    deep = '{"Resources": {"A": {"Type": "T", "X": ' + "[" * 900 + "]" * 900 + "}}}"
    assert told(deep, name="t.json") in ([], [("E003", None)])


def test_a_file_that_is_no_template_is_told_with_its_line() -> None:
    error = TemplateError("t.yaml:7: a tab in the indentation", "Indent with spaces.", 7)
    found = unreadable("t.yaml", error).findings[0]
    assert (found.finding.rule, found.finding.message, found.region and found.region.line) == (
        "E006",
        "a tab in the indentation. Indent with spaces.",
        7,
    )
    assert unreadable("t.yaml", TemplateError("t.yaml is empty", "Fill it.")).findings[0].region is None


def test_without_the_macro_a_map_named_streaming_may_be_anybodys() -> None:
    plain = CLEAN.replace("[SamStream, AWS::Serverless-2016-10-31, SamStream]", "AWS::Serverless-2016-10-31")
    plain = plain.replace("                Streaming: true\n", "")
    foreign = plain.replace(
        "        Properties:\n          Runtime",
        "        Metadata: {Streaming: {Source: kinesis}}\n        Properties:\n          Runtime",
    )
    assert told(foreign) == []
    assert told(foreign.replace("{Source: kinesis}", "POST /chat")) == [("E107", 1)]


def test_the_macro_by_another_name_is_asked_for() -> None:
    text = CLEAN.replace("SamStream", "OrgSamStream")
    assert told(text) == [("W001", 1), ("W001", 12)]
    assert told(text, CheckSettings("eu-west-1", macro_name="OrgSamStream", environment={})) == []


def test_what_a_skipped_macro_may_bring_is_not_missing_for_certain() -> None:
    text = CLEAN.replace("[SamStream,", "[AddRoutes, SamStream,").replace("Streaming: true", "Streaming: GET /")
    found = checked(text).findings[0].finding
    assert (found.rule, found.message.endswith("AddRoutes didn't run here, which may be the reason.")) == ("W001", True)


def test_sam_is_content_with_a_parameter_that_has_no_value_here() -> None:
    text = CLEAN.replace("Globals:", "Parameters: {Commit: {Type: String}}\n    Globals:").replace(
        "Timeout: 29", "Timeout: 29\n          AutoPublishAlias: live\n          AutoPublishCodeSha256: !Ref Commit"
    )
    assert told(text) == []

"""cfn-lint with samstream's rules appended finds what `samstream check` finds, at the same place, as editors run it."""

import subprocess
from functools import cache
from pathlib import Path

import pytest
from cfnlint.config import ConfigMixIn  # type: ignore[import-untyped]
from cfnlint.rules import Rules  # type: ignore[import-untyped]
from cfnlint.runner.template import run_template_by_file_path  # type: ignore[import-untyped]

from corpus import TEMPLATES
from samstream_cli.checking import CheckSettings, check
from samstream_cli.formats.wording import one_line, sentence
from samstream_cli.rule_texts import TEXTS
from samstream_cli.templates import read_template
from tools import BIN

MODULE = "samstream_cli.cfn_lint_rules"
APPEND = ("--append-rules", MODULE)

GOOD = """\
Transform: [AWS::Serverless-2016-10-31, SamStream]
Globals:
  Api: {EndpointConfiguration: REGIONAL}
Resources:
  Chat:
    Type: AWS::Serverless::Function
    Metadata:
      Streaming: true
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: s3://bucket/key
      Timeout: 60
      Events:
        Ask:
          Type: Api
          Properties: {Path: /chat, Method: post}
"""
WRONG_ROUTE = GOOD.replace("Streaming: true", "Streaming: POST /caht")
NO_ROUTE = "Metadata of Chat: there is no route POST /caht in ServerlessRestApi. The nearest is POST /chat. [E201]"
EVENT = GOOD.replace("[AWS", "[SamStream, AWS").replace("Method: post", "Method: post, Streaming: maybe")
UNTAGGED = GOOD.replace("    Metadata:\n      Streaming: true\n", "").replace(", SamStream", "")
IGNORED_MODE = UNTAGGED.replace("Method: post", "Method: post, ResponseTransferMode: STREAM")
SAM_IGNORES = (
    "Event Ask of Chat: SAM ignores this ResponseTransferMode, and the route stays buffered. Write RESPONSE_STREAM in "
    "the event's Properties, or list SamStream before and after AWS::Serverless-2016-10-31, and it streams. [E108]"
)
PLAIN = """\
{
  "Resources": {
    "Api": {
      "Type": "AWS::ApiGateway::RestApi",
      "Properties": {
        "EndpointConfiguration": {"Types": ["REGIONAL"]},
        "Body": {
          "openapi": "3.0.1",
          "info": {"title": "plain", "version": "1"},
          "paths": {
            "/chat": {
              "post": {
                "x-amazon-apigateway-integration": {
                  "type": "http_proxy",
                  "httpMethod": "POST",
                  "uri": "https://example.com/chat",
                  "responseTransferMode": "STREAM",
                  "timeoutInMillis": 900001
                }
              }
            }
          }
        }
      }
    },
    "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}}
  }
}
"""
TOO_LONG = "Api POST /chat: its timeout is out of range; set timeoutInMillis from 50 to 900000. [E203]"


def lint(folder: Path, *arguments: str, text: str | None = None) -> tuple[int, list[str]]:
    """The exit code of cfn-lint and the lines it prints; an editor shows what stands on standard error as well."""
    ran = subprocess.run(
        [BIN / "cfn-lint", "--format", "parseable", *arguments],
        cwd=folder,
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.stderr == ""
    return ran.returncode, [line for line in ran.stdout.splitlines() if line]


def write(folder: Path, **templates: str) -> None:
    for name, text in templates.items():
        (folder / f"{name}.yaml").write_text(text)


@cache
def own_rules() -> Rules:
    return Rules.create_from_module(MODULE)


def appended_id(rule: str) -> str:
    return rule[0] + ("9" if rule[1] == "0" else "") + "9" + rule[1:].removeprefix("0")


def files() -> list[Path]:
    found = (path for pattern in ("*.yaml", "*.json") for path in TEMPLATES.rglob(pattern))
    return sorted(path for path in found if path.name != "expect.yaml")


def test_cfn_lint_shows_findings_at_their_lines_in_yaml_and_json(tmp_path: Path) -> None:
    write(tmp_path, good=GOOD, mode=IGNORED_MODE, route=WRONG_ROUTE)
    (tmp_path / "plain.json").write_text(PLAIN)

    assert lint(tmp_path, "good.yaml", "mode.yaml", "plain.json", "route.yaml", *APPEND) == (
        2,
        [
            f"mode.yaml:15:51:15:79:E9108:{SAM_IGNORES}",
            f"plain.json:18:19:18:44:E9203:{TOO_LONG}",
            f"route.yaml:8:7:8:28:E9201:{NO_ROUTE}",
        ],
    )


def test_cfn_lints_own_ways_leave_findings_out(tmp_path: Path) -> None:
    (tmp_path / ".cfnlintrc").write_text(f"append_rules: [{MODULE}]\nignore_checks: [W9203]\n")
    config = "cfn-lint: {config: {ignore_checks: [E9201]}}"
    template = f"Metadata:\n  {config}\n{WRONG_ROUTE}"
    resource = WRONG_ROUTE.replace("Metadata:", f"Metadata:\n      {config}")
    write(tmp_path, route=WRONG_ROUTE, template=template, resource=resource)

    assert lint(tmp_path, "route.yaml", "template.yaml", "resource.yaml") == (
        2,
        [f"route.yaml:8:7:8:28:E9201:{NO_ROUTE}"],
    )
    assert lint(tmp_path, "route.yaml", "--ignore-checks", "E9201") == (0, [])


def test_an_event_with_a_tag_is_checked_beside_what_cfn_lint_says_of_it(tmp_path: Path) -> None:
    write(tmp_path, event=EVENT)

    code, printed = lint(tmp_path, "event.yaml", *APPEND)

    rules = [line.split(":")[5] for line in printed]
    assert (code, set(rules), rules.count("E9101")) == (2, {"E3002", "E3003", "E3017", "E3030", "E9101"}, 1)


def test_what_comes_by_a_pipe_is_said_to_be_unchecked(tmp_path: Path) -> None:
    message = "samstream can't check what cfn-lint reads from a pipe, of which it keeps no text. Name the file. [W001]"

    assert lint(tmp_path, *APPEND, text=WRONG_ROUTE) == (4, [f"None:1:1:1:2:W9901:{message}"])


def test_settings_that_cannot_be_used_are_told_in_the_template(tmp_path: Path) -> None:
    write(tmp_path, route=WRONG_ROUTE)
    (tmp_path / ".samstream.toml").write_text("[check]\nregion = 1\n")
    keys = "templates, ignore, fail-on, format, region, macro-name, parameters"
    message = f"{tmp_path}/.samstream.toml: check.region must be text. The keys of [check] are {keys}. [E001]"

    assert lint(tmp_path, "route.yaml", *APPEND) == (2, [f"route.yaml:1:1:1:2:E9901:{message}"])


def test_a_failure_of_samstream_is_told_once() -> None:
    class Unexpected:
        """What no cfn-lint gives today."""

        filename = "template.yaml"
        regions = ()

    template = Unexpected()
    told = {rule.id: [match.message for match in rule.match(template)] for rule in own_rules().values()}

    assert {rule: messages for rule, messages in told.items() if messages} == {
        "E9999": ["samstream failed with IndexError, which is a bug to report. [E099]"]
    }


@pytest.mark.parametrize("folder", ["bad", "cdk", "plain", "rules", "sam"])
def test_cfn_lint_finds_of_any_template_what_check_finds(folder: str) -> None:
    config = ConfigMixIn([], regions=["eu-west-1"])
    for path in (path for path in files() if path.relative_to(TEMPLATES).parts[0] == folder):
        expected = {
            (
                appended_id(rule),
                f"{one_line(sentence(located.finding))} [{rule}]",
                located.region.line if located.region else 1,
                located.region.column if located.region else 1,
                located.region.end_line if located.region else 1,
                located.region.end_column if located.region else 2,
            )
            for located in check(read_template(str(path)), CheckSettings("eu-west-1")).findings
            for rule in [located.finding.rule]
        }
        found = {
            (
                match.rule.id,
                match.message,
                match.linenumber,
                match.columnnumber,
                match.linenumberend,
                match.columnnumberend,
            )
            for match in run_template_by_file_path(str(path), config, own_rules(), ignore_bad_template=False)
        }

        assert found == expected, path


def test_each_rule_is_one_of_cfn_lint_with_all_there_is_to_read_of_it() -> None:
    described = {
        (rule.id, rule.shortdesc, rule.description, rule.source_url, tuple(rule.tags)) for rule in own_rules().values()
    }

    assert described == {
        (
            appended_id(text.id),
            text.shortdesc,
            text.description,
            text.source_url,
            ("samstream", *text.tags),
        )
        for text in TEXTS.values()
    }

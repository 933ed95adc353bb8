"""`samstream transform`: where the result goes, what it says, and the exit code."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.samples import SAM, STREAMING, call, sam_template, samstream, working_in, written
from samstream_cli.yaml_loader import load_yaml

REGION = ("--region", "eu-west-1")


@pytest.fixture
def template(tmp_path: Path) -> str:
    return written(tmp_path, STREAMING)


def test_the_report_alone_is_printed_without_an_output(template: str, tmp_path: Path, capsys: Any) -> None:
    ran = call(capsys, "transform", template, *REGION)
    assert ran.code == 0
    assert ran.out.startswith(f"{template} in eu-west-1 (--region)\n\nAPI  ")
    line = r"ServerlessRestApi +POST /chat +Chat +BUFFERED +STREAM +default +event Ask of Chat$"
    assert re.search(line, ran.out, re.MULTILINE)
    assert "New logical ids, so that callers get the change:\n  ServerlessRestApiDeployment" in ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["template.json"]


@pytest.mark.parametrize("arguments", [("--output", "-"), ("--format", "yaml")])
def test_the_template_is_printed_alone_and_the_report_beside_it(template: str, arguments: Any, capsys: Any) -> None:
    ran = call(capsys, "transform", template, *REGION, *arguments)
    assert (ran.code, "POST /chat" in ran.err) == (0, True)
    processed = load_yaml(ran.out)
    assert processed["Resources"]["Chat"]["Type"] == "AWS::Lambda::Function"
    assert processed == json.loads(call(capsys, "transform", template, *REGION, "--format", "json").out)


@pytest.mark.parametrize(("name", "load"), [("out.json", json.loads), ("out.yaml", load_yaml), ("out", load_yaml)])
def test_a_file_gets_the_format_of_its_name(template: str, tmp_path: Path, name: str, load: Any, capsys: Any) -> None:
    path = tmp_path / name
    ran = call(capsys, "transform", template, *REGION, "--output", str(path))
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"Wrote {path}.")
    assert load(path.read_text()) == load_yaml(call(capsys, "transform", template, *REGION, "--output", "-").out)


def test_a_file_that_exists_is_kept_without_force(template: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "out.yaml"
    path.write_text("precious")
    ran = call(capsys, "transform", template, *REGION, "--output", str(path))
    assert (ran.code, ran.out, path.read_text()) == (2, "", "precious")
    assert ran.err == f"samstream: {path} exists already. Name another file, or overwrite it with --force.\n"
    assert call(capsys, "transform", template, *REGION, "--output", str(path), "--force").code == 0
    assert path.read_text() != "precious"


def test_a_template_that_fails_is_not_written(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "out.yaml"
    failing = written(tmp_path, sam_template("SamStream", SAM))
    ran = call(capsys, "transform", failing, *REGION, "--output", str(path))
    assert (ran.code, ran.err, path.exists()) == (1, "No template was written.\n", False)
    assert "The deployment would fail. CloudFormation:\n  Unrecognized resource types: [SamStream::" in ran.out


def test_a_plan_prints_every_edit_and_writes_nothing(template: str, capsys: Any) -> None:
    ran = call(capsys, "transform", template, *REGION, "--plan")
    assert ran.code == 0
    assert "Transform entry 1, before SAM: " in ran.out
    assert "  Resources/Chat/Properties/Events/Ask/Properties/Streaming\n    - true\n" in ran.out
    assert '/responseTransferMode\n    + "STREAM"\n' in ran.out


def test_a_plan_can_be_read_by_programs(template: str, capsys: Any) -> None:
    ran = call(capsys, "transform", template, *REGION, "--plan", "--format", "json")
    plan = json.loads(ran.out)
    assert {name: plan[name] for name in ("exit_code", "refused_by", "reasons", "notes")} == {
        "exit_code": 0,
        "refused_by": None,
        "reasons": [],
        "notes": [],
    }
    place = ["Resources", "Chat", "Properties", "Events", "Ask", "Properties", "Streaming"]
    assert {"place": place, "before": True} in plan["runs"][0]["edits"]
    assert [(route["route"], route["before"], route["after"]) for route in plan["routes"]] == [
        ("GET /", "BUFFERED", "BUFFERED"),
        ("POST /chat", "BUFFERED", "STREAM"),
    ]
    assert [(finding["severity"], finding["resource"]) for finding in plan["findings"]] == [
        ("warning", "ServerlessRestApi")
    ]
    assert plan == load_yaml(call(capsys, "transform", template, *REGION, "--plan", "--format", "yaml").out)


def test_a_plan_of_a_template_that_fails_says_why(tmp_path: Path, capsys: Any) -> None:
    failing = written(tmp_path, sam_template(SAM, "SamStream"))
    ran = call(capsys, "transform", failing, *REGION, "--plan", "--format", "json")
    plan = json.loads(ran.out)
    assert (ran.code, plan["exit_code"], plan["refused_by"]) == (1, 1, f"Transform {SAM}")
    assert "property Streaming not defined" in plan["reasons"][0]


def test_a_plan_has_no_file(template: str, tmp_path: Path, capsys: Any) -> None:
    ran = call(capsys, "transform", template, "--plan", "--output", str(tmp_path / "x"))
    assert (ran.code, ran.err[:39]) == (2, "samstream: --plan writes nothing, so --")


def test_parameters_decide_what_streams(tmp_path: Path, capsys: Any) -> None:
    template = sam_template("SamStream", SAM, "SamStream", Parameters={"On": {"Type": "String", "Default": "true"}})
    template["Resources"]["Chat"]["Properties"]["Events"]["Ask"]["Properties"]["Streaming"] = {"Ref": "On"}
    path = written(tmp_path, template)
    assert "1 of 2 routes streams." in call(capsys, "transform", path, *REGION).out
    assert "0 of 2 routes stream." in call(capsys, "transform", path, *REGION, "--parameter", "On=false").out


def test_a_secret_is_nowhere_in_what_is_printed_or_written(tmp_path: Path, capsys: Any) -> None:
    template = sam_template(
        "SamStream", SAM, {"Name": "SamStream", "Parameters": {"Routes": {"Ref": "Secret"}}},
        Parameters={"Secret": {"Type": "String", "NoEcho": True}},
    )  # fmt: skip
    template["Resources"]["Chat"]["Properties"]["AutoPublishAlias"] = {"Ref": "Secret"}
    path = written(tmp_path, template)
    for arguments in ((), ("--plan",), ("--format", "json"), ("--plan", "--format", "yaml"), ("--debug",)):
        ran = call(capsys, "transform", path, *REGION, "--parameter", "Secret=hunter2", *arguments)
        assert "hunter2" not in ran.out + ran.err


def test_a_template_is_read_from_standard_input() -> None:
    ran = samstream("transform", "-", "--format", "json", stdin=json.dumps(STREAMING), AWS_REGION="cn-north-1")
    assert (ran.code, "<stdin> in cn-north-1 (AWS_REGION)\n" in ran.err) == (0, True)
    permission = json.loads(ran.out)["Resources"]["ChatAskPermissionProd"]["Properties"]["SourceArn"]
    assert permission["Fn::Sub"][0].startswith("arn:aws-cn:")


def test_the_organisations_defaults_come_from_the_environment(template: str) -> None:
    ran = samstream("transform", template, SAMSTREAM_TIMEOUT_IN_MILLIS="45000")
    assert re.search(r"POST /chat .* STREAM +45 s ", ran.out)


def test_two_runs_of_the_installed_command_answer_the_same(template: str) -> None:
    arguments = ("transform", template, "--output", "-")
    first, second = samstream(*arguments, PYTHONHASHSEED="1"), samstream(*arguments, PYTHONHASHSEED="2")
    assert (first.code, first.out) == (0, second.out)


def test_no_colour_reaches_a_file(template: str) -> None:
    ran = samstream("transform", template)
    assert "\x1b" not in ran.out + ran.err


def test_the_page_on_the_command_shows_what_it_prints() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "transform.md").read_text()
    shown = page.partition("$ samstream transform example/template.yaml\n")[2].partition("```")[0]
    with working_in(root):
        printed = samstream("transform", "example/template.yaml").out
    ids = re.compile(r"(?<=Deployment)[0-9a-f]{10}")
    assert ids.sub("...", shown).strip() == ids.sub("...", printed).strip()


def test_included_files_stand_beside_the_template(tmp_path: Path, capsys: Any) -> None:
    template = copy.deepcopy(STREAMING)
    include = {"Name": "AWS::Include", "Parameters": {"Location": "events.yaml"}}
    template["Resources"]["Chat"]["Properties"]["Events"] = {"Fn::Transform": include}
    (tmp_path / "events.yaml").write_text("Ask: {Type: Api, Properties: {Path: /in, Method: get, Streaming: true}}")
    ran = call(capsys, "transform", written(tmp_path, template), *REGION)
    assert (ran.code, "1 of 1 route streams." in ran.out) == (0, True)

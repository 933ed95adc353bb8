"""`template.yaml`, which installs the macro, and what `sam build` makes of it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import cfn_flip
import pytest

from samstream import __version__
from samstream.findings import Finding
from samstream.intrinsics import Resolver
from samstream.options import Options, OptionsError, RouteName
from tools import BIN, ROOT, run

TEMPLATE = ROOT / "template.yaml"
INSTALLER: dict[str, Any] = json.loads(cfn_flip.to_json(TEMPLATE.read_text()))
PARAMETERS: dict[str, dict[str, Any]] = INSTALLER["Parameters"]
RESOURCES: dict[str, dict[str, Any]] = INSTALLER["Resources"]
FUNCTION: dict[str, Any] = RESOURCES["MacroFunction"]["Properties"]


def resolve(value: object, region: str = "eu-west-1", **parameters: str) -> Any:
    """What CloudFormation makes of a value in the installer; parameters not given have their defaults."""
    defaults = {name: parameter["Default"] for name, parameter in PARAMETERS.items()}
    return Resolver(INSTALLER, region, "123456789012", defaults | parameters).resolve(value)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `sam build` writes, from a copy in which Python has left a cache."""
    folder = tmp_path_factory.mktemp("installer")
    shutil.copy(TEMPLATE, folder)
    shutil.copytree(ROOT / "macro", folder / "macro")
    (folder / "macro/samstream/__pycache__").mkdir(exist_ok=True)
    (folder / "macro/samstream/__pycache__/stale.pyc").touch()
    template = folder / "template.yaml"
    build = run(BIN / "sam", "build", "--template", template, "--build-dir", folder / "built", HOME=str(folder))
    assert build.returncode == 0, build.stderr
    return folder / "built"


def test_has_no_transform_so_that_anything_can_deploy_it() -> None:
    assert [line for line in TEMPLATE.read_text().splitlines() if re.match(r"\s*(Fn::)?Transform:", line)] == []


def test_cfn_lint_finds_nothing_not_even_what_is_informational() -> None:
    lint = run(BIN / "cfn-lint", "-c", "I", "--template", TEMPLATE)

    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_checkov_finds_nothing_and_each_skip_says_why() -> None:
    scan = run(BIN.parent / "checkov/bin/checkov", "--skip-download", "-f", TEMPLATE, "--output", "json")
    results = json.loads(scan.stdout)["results"]

    assert results["failed_checks"] == []
    assert sorted((check["check_id"], check["resource"]) for check in results["skipped_checks"]) == [
        ("CKV_AWS_115", "AWS::Lambda::Function.MacroFunction"),
        ("CKV_AWS_116", "AWS::Lambda::Function.MacroFunction"),
        ("CKV_AWS_117", "AWS::Lambda::Function.MacroFunction"),
        ("CKV_AWS_158", "AWS::Logs::LogGroup.MacroLogs"),
        ("CKV_AWS_173", "AWS::Lambda::Function.MacroFunction"),
    ]
    assert all(check["check_result"]["suppress_comment"] for check in results["skipped_checks"])


def test_sam_validates_it() -> None:
    validation = run(BIN / "sam", "validate", "--lint", "--template", TEMPLATE)

    assert "is a valid SAM Template" in validation.stdout, validation.stderr


def test_the_role_writes_the_log_group_and_nothing_else() -> None:
    assert RESOURCES["MacroRole"]["Properties"] == {
        "Description": "Lets the samstream macro write its own log group and nothing else",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        },
        "PermissionsBoundary": {
            "Fn::If": ["BoundaryIsGiven", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]
        },
        "Policies": [
            {
                "PolicyName": "WriteOwnLogs",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                            "Resource": {"Fn::GetAtt": ["MacroLogs", "Arn"]},
                        }
                    ],
                },
            }
        ],
    }
    assert FUNCTION["LoggingConfig"] == {"LogGroup": {"Ref": "MacroLogs"}}


def test_every_parameter_is_described_constrained_and_shown_in_one_group() -> None:
    groups = INSTALLER["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(PARAMETERS)
    for name, parameter in PARAMETERS.items():
        assert {"Description", "Default", "ConstraintDescription"} < set(parameter), name
        assert {"AllowedPattern", "AllowedValues"} & set(parameter), name


def test_the_version_is_the_packages() -> None:
    application = INSTALLER["Metadata"]["AWS::ServerlessRepo::Application"]

    assert (INSTALLER["Outputs"]["Version"]["Value"], application["SemanticVersion"]) == (__version__, __version__)


def test_the_application_repository_takes_its_metadata() -> None:
    """By the lengths and patterns of the page that docs/publish.md names; the files are beside the template."""
    application = INSTALLER["Metadata"]["AWS::ServerlessRepo::Application"]

    assert re.fullmatch(r"[a-zA-Z0-9-]{1,140}", application["Name"])
    assert re.fullmatch(r"[a-z0-9](([a-z0-9]|-(?!-)){0,125}[a-z0-9])?", application["Author"])
    assert 1 <= len(application["Description"]) <= 256
    assert [label for label in application["Labels"] if not re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label)] == []
    assert len(application["Labels"]) <= 10
    assert [(ROOT / application[name]).is_file() for name in ("LicenseUrl", "ReadmeUrl")] == [True, True]
    assert application["SpdxLicenseId"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"]


def test_only_the_accounts_of_the_given_organisation_may_call_the_function() -> None:
    assert RESOURCES["MacroPermission"] == {
        "Type": "AWS::Lambda::Permission",
        "Condition": "OrganizationIsGiven",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "MacroFunction"},
            "Principal": "*",
            "PrincipalOrgID": {"Ref": "OrganizationId"},
        },
    }
    assert resolve({"Fn::If": ["OrganizationIsGiven", "given", "none"]}) == "none"
    assert resolve({"Fn::If": ["OrganizationIsGiven", "given", "none"]}, OrganizationId="o-a1b2c3d4e5") == "given"


@pytest.mark.parametrize(
    ("region", "layer"),
    [
        ("eu-west-1", "arn:aws:lambda:eu-west-1:017000801446:layer:{}:37"),
        ("cn-north-1", "arn:aws-cn:lambda:cn-north-1:498634801083:layer:{}:37"),
        ("us-gov-west-1", "arn:aws-us-gov:lambda:us-gov-west-1:165093116878:layer:{}:27"),
        ("us-gov-east-1", "arn:aws-us-gov:lambda:us-gov-east-1:165087284144:layer:{}:27"),
    ],
)
def test_the_powertools_layer_is_pinned_for_each_partition(region: str, layer: str) -> None:
    assert resolve(FUNCTION["Layers"], region) == [layer.format("AWSLambdaPowertoolsPythonV3-python313-arm64")]


def test_a_layer_of_ones_own_replaces_the_pinned_one() -> None:
    own = "arn:aws-cn:lambda:cn-northwest-1:123456789012:layer:powertools:1"

    assert resolve(FUNCTION["Layers"], "cn-northwest-1", PowertoolsLayerArn=own) == [own]


def settings(**parameters: str) -> Options:
    """What the macro reads of the environment that the installer gives it."""
    variables = resolve(FUNCTION["Environment"]["Variables"], **parameters)
    return Options.load({}, variables)


def test_a_setting_left_empty_is_unset() -> None:
    assert settings() == Options()


def test_every_setting_reaches_the_macro() -> None:
    options = settings(
        Strict="true",
        SiblingRoutes="error",
        TimeoutInMillis="60000",
        Ignore="W301, W302",
        Routes="POST /chat, ANY /events/{proxy+}",
    )

    assert options == Options(
        default_routes=(RouteName("POST", "/chat"), RouteName("ANY", "/events/{proxy+}")),
        timeout_in_millis=60_000,
        strict=True,
        sibling_routes="error",
        ignore=frozenset({"W301", "W302"}),
    )


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("MacroName", ["SamStream", "sam-stream-2"], ["", "2sam", "Sam Stream", "S" * 65]),
        ("TimeoutInMillis", ["", "50", "99", "29000", "900000"], ["49", "0", "900001", "1000000", "1m"]),
        ("Ignore", ["", "W301", "W301,W302", "W301, E204"], ["W3", "W301;W302", "W301,"]),
        ("Routes", ["", "POST /chat", "MyApi GET /a/{b}, ANY /"], ["/chat", "POST chat", "POST /a,", "POST"]),
        ("PowertoolsLayerArn", ["", "arn:aws:lambda:eu-west-1:123456789012:layer:own:3"],
         ["arn:aws:lambda:eu-west-1:123456789012:layer:own", "own:3"]),
        ("OrganizationId", ["", "o-a1b2c3d4e5"], ["*", "o-a1b2", "a1b2c3d4e5", "o-A1B2C3D4E5", "o-" + "a" * 33]),
        ("PermissionsBoundaryArn", ["", "arn:aws:iam::123456789012:policy/a/b", "arn:aws:iam::aws:policy/X"],
         ["bound", "arn:aws:iam::123456789012:role/bound"]),
        ("LogKmsKeyArn", ["", "arn:aws:kms:eu-west-1:123456789012:key/mrk-1a2b"],
         ["1a2b", "arn:aws:kms:eu-west-1:123456789012:alias/logs"]),
    ],
)  # fmt: skip
def test_a_parameter_takes_what_can_be_used_and_refuses_the_rest(
    name: str, accepted: list[str], refused: list[str]
) -> None:
    pattern = re.compile(PARAMETERS[name]["AllowedPattern"])

    assert [text for text in accepted + refused if pattern.fullmatch(text)] == accepted


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Strict", PARAMETERS["Strict"]["AllowedValues"]),
        ("SiblingRoutes", PARAMETERS["SiblingRoutes"]["AllowedValues"]),
        ("TimeoutInMillis", ["50", "900000"]),
        ("Ignore", ["W301", "W301 , E204"]),
        ("Routes", ["POST /chat", "MyApi GET /a/{b} , any /"]),
    ],
)
def test_the_macro_takes_what_its_parameter_takes(name: str, values: list[str]) -> None:
    def refusals(value: str) -> tuple[Finding, ...]:
        try:
            settings(**{name: value})
        except OptionsError as error:
            return error.findings
        return ()

    assert [found for value in values for found in refusals(value)] == []


def test_the_docs_list_the_parameters_with_their_defaults() -> None:
    page = (ROOT / "docs/install.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\S+)` )?\| ", page, re.MULTILINE)

    assert rows == [(name, str(parameter["Default"])) for name, parameter in PARAMETERS.items()]


def test_sam_build_leaves_only_the_package(built: Path) -> None:
    artifact = built / "MacroFunction"
    sources = {path.relative_to(ROOT / "macro") for path in (ROOT / "macro/samstream").rglob("*.py")}

    assert {path.relative_to(artifact) for path in artifact.rglob("*") if path.is_file()} == {
        *sources,
        Path("samstream/py.typed"),
    }


def test_the_built_artifact_answers_an_event_with_powertools_alone(built: Path, tmp_path: Path) -> None:
    """Zipped and unzipped as Lambda does it, in a Python that sees the layer's packages and no others."""
    archive = shutil.make_archive(str(tmp_path / "macro"), "zip", built / "MacroFunction")
    task = tmp_path / "task"
    shutil.unpack_archive(archive, task)
    layer = tmp_path / "layer"
    for package in ("aws-lambda-powertools", "jmespath", "typing-extensions"):
        copy_distribution(package, layer)
    event = {"requestId": "1", "region": "eu-west-1", "accountId": "123456789012", "params": {},
             "transformId": "123456789012::SamStream", "templateParameterValues": {},
             "fragment": {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}}  # fmt: skip
    environment = resolve(FUNCTION["Environment"]["Variables"]) | {"AWS_LAMBDA_FUNCTION_NAME": "macro"}

    answer = subprocess.run(
        [sys.executable, "-S", "-c", ANSWER, FUNCTION["Handler"]],
        input=json.dumps(event),
        env={**environment, "PYTHONPATH": f"{task}{os.pathsep}{layer}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=task,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1]) == {
        "requestId": "1",
        "status": "success",
        "fragment": event["fragment"],
    }


ANSWER = """
import importlib, json, sys, types
module, function = sys.argv[1].rsplit(".", 1)
context = types.SimpleNamespace(
    function_name="macro", memory_limit_in_mb=512, aws_request_id="2",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:macro",
)
print("\\n" + json.dumps(getattr(importlib.import_module(module), function)(json.load(sys.stdin), context)))
"""


def copy_distribution(name: str, target: Path) -> None:
    for file in distribution(name).files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), target / file)

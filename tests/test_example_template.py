"""The example's template through the macro, SAM and the macro, and what `sam build` makes of it."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import cfn_flip
import pytest
from samtranslator.translator.transform import transform as sam_translate

from samstream.options import Options
from samstream.template import Stack
from samstream.transform import transform
from tools import BIN, ROOT, run

TEMPLATE = ROOT / "example/template.yaml"
SAM = "AWS::Serverless-2016-10-31"
AARCH64 = 183
"""`e_machine` of an ELF file for 64-bit Arm."""


class NoManagedPolicies:
    """The example names none, and nothing here may ask AWS for them."""

    def load(self) -> dict[str, str]:
        return {}


def macro(fragment: dict[str, Any], model_id: str) -> dict[str, Any]:
    stack = Stack("eu-west-1", "123456789012", {"BedrockModelId": model_id})
    template: dict[str, Any] = transform(fragment, Options.load({}, {}), stack).template
    return template


def packaged(path: Path = TEMPLATE) -> dict[str, Any]:
    """The template as `sam deploy` sends it, which has put the code into S3."""
    template: dict[str, Any] = json.loads(cfn_flip.to_json(path.read_text()))
    app = template["Resources"]["App"]
    app["Properties"]["CodeUri"] = "s3://bucket/app.zip"
    app["Metadata"].pop("SamResourceId", None)  # `sam build` adds it
    return template


def processed(model_id: str = "") -> dict[str, Any]:
    """What CloudFormation makes of the template's Transform list."""
    fragment = packaged()
    assert fragment.pop("Transform") == ["SamStream", SAM, "SamStream"]
    translated = sam_translate(macro(fragment, model_id), {"BedrockModelId": model_id}, NoManagedPolicies())
    return macro(translated, model_id)


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")  # SAM asks boto3


def test_every_route_streams_for_as_long_as_the_function_runs() -> None:
    resources = processed()["Resources"]
    integrations = {
        f"{method.upper()} {path}": operation["x-amazon-apigateway-integration"]
        for path, operations in resources["ServerlessRestApi"]["Properties"]["Body"]["paths"].items()
        for method, operation in operations.items()
    }
    streaming = {
        "httpMethod": "POST",
        "type": "aws_proxy",
        "responseTransferMode": "STREAM",
        "timeoutInMillis": 120_000,
        "uri": {
            "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${App.Arn}"
            "/response-streaming-invocations"
        },
    }

    assert integrations == {
        "GET /": streaming,
        "GET /static/{file}": streaming,
        "GET /about": streaming,
        "POST /chat": streaming,
        "GET /download": streaming,
        "GET /progress": streaming,
    }
    assert resources["App"]["Properties"]["Environment"]["Variables"] == {
        "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
        "AWS_LWA_INVOKE_MODE": "response_stream",
        "BEDROCK_MODEL_ID": {"Ref": "BedrockModelId"},
    }


def test_the_stage_is_regional_throttled_and_the_only_one() -> None:
    resources = processed()["Resources"]

    assert [
        (name, resource["Properties"]["StageName"], resource["Properties"]["MethodSettings"])
        for name, resource in resources.items()
        if resource["Type"] == "AWS::ApiGateway::Stage"
    ] == [
        (
            "ServerlessRestApiProdStage",
            "Prod",
            [
                {
                    "ResourcePath": "/*",
                    "HttpMethod": "*",
                    "ThrottlingRateLimit": 5,
                    "ThrottlingBurstLimit": 20,
                }
            ],
        )
    ]
    assert resources["ServerlessRestApi"]["Properties"]["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_only_a_model_id_gives_the_function_permission_to_call_that_model() -> None:
    policies = processed()["Resources"]["AppRole"]["Properties"]["Policies"]
    profile = {
        "Fn::Sub": "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:inference-profile/${BedrockModelId}"
    }
    model = {"Fn::Sub": "arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/${BedrockModelId}"}
    statements = [
        {"Effect": "Allow", "Action": "bedrock:InvokeModelWithResponseStream", "Resource": [model, profile]},
        {
            "Effect": "Allow",
            "Action": "bedrock:InvokeModelWithResponseStream",
            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:bedrock:*::foundation-model/*"},
            "Condition": {"StringEquals": {"bedrock:InferenceProfileArn": profile}},
        },
    ]
    policy = {
        "PolicyName": "AppRolePolicy0",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
    }

    assert policies == [{"Fn::If": ["ModelIsGiven", policy, {"Ref": "AWS::NoValue"}]}]


def test_cfn_lint_finds_nothing_in_the_processed_template_which_a_model_id_leaves_as_it_is(tmp_path: Path) -> None:
    assert processed("eu.amazon.nova-lite-v1:0") == processed()

    template = tmp_path / "processed.json"
    template.write_text(json.dumps(processed()))
    lint = run(BIN / "cfn-lint", "--template", template)

    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_the_access_log_of_the_docs_fits_the_template(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/example.md").read_text(), re.DOTALL)
    fragment = packaged() | {"Transform": SAM}
    fragment["Globals"]["Api"] |= json.loads(cfn_flip.to_json(snippet))
    fragment["Resources"]["App"]["Properties"]["Events"] = {
        "About": {"Type": "Api", "Properties": {"Path": "/", "Method": "get"}}
    }
    template = tmp_path / "template.json"
    template.write_text(json.dumps(fragment))
    lint = run(BIN / "cfn-lint", "--template", template)

    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


def test_the_readme_calls_every_route_but_those_of_the_page() -> None:
    events = packaged()["Resources"]["App"]["Properties"]["Events"].values()
    called = re.findall(r"^curl.* \"?\$URL(/\w*)", (ROOT / "example/README.md").read_text(), re.MULTILINE)

    assert sorted([*called, "/", "/static/{file}"]) == sorted(event["Properties"]["Path"] for event in events)


def test_sam_validates_the_template_only_after_the_macros_first_pass(tmp_path: Path) -> None:
    fragment = packaged()
    del fragment["Transform"]
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Transform": SAM} | macro(fragment, "")))
    before = run(BIN / "sam", "validate", "--template", TEMPLATE, HOME=str(tmp_path))
    after = run(BIN / "sam", "validate", "--template", template, HOME=str(tmp_path))

    assert "property Streaming not defined for resource of type Api" in before.stderr
    assert "is a valid SAM Template" in after.stdout, after.stderr


def test_cfn_lint_finds_only_the_tripwire_between_the_passes(tmp_path: Path) -> None:
    """That resource makes CloudFormation refuse the template where the listing after SAM is missing."""
    template = tmp_path / "template.json"
    fragment = packaged()
    del fragment["Transform"]
    template.write_text(json.dumps({"Transform": SAM} | macro(fragment, "")))
    lint = run(BIN / "cfn-lint", "--format", "parseable", "--template", template)

    assert re.findall(r":(E\d+):.*'(SamStream::\w+)::", lint.stdout) == [("E3006", "SamStream::ListedBeforeSAMOnly")]
    assert len(lint.stdout.splitlines()) == 1


def test_sam_build_fetches_what_the_function_needs_for_arm64(tmp_path: Path) -> None:
    build = run(BIN / "sam", "build", "--template", TEMPLATE, "--build-dir", tmp_path / "built", HOME=str(tmp_path))
    assert build.returncode == 0, build.stderr
    artifact = tmp_path / "built/App"
    libraries = list(artifact.rglob("*.so"))
    pinned = (ROOT / "example/requirements.txt").read_text().split()

    assert {path.name for path in artifact.iterdir()} >= {"main.py", "run.sh", "fastapi", "uvicorn", "boto3"}
    assert {path.name for path in (artifact / "static").iterdir()} == {"index.html", "chat.css", "chat.js", "events.js"}
    assert (artifact / "run.sh").stat().st_mode & 0o111 == 0o111
    assert {machine(path) for path in libraries} == {AARCH64}
    assert all("cpython-313-aarch64" in path.name for path in libraries)
    assert {path.name for path in artifact.glob("*.dist-info")} >= {
        f"{pin.replace('==', '-')}.dist-info" for pin in pinned
    }
    assert sum(path.stat().st_size for path in artifact.rglob("*")) < 250 * 2**20  # Lambda's limit, layers included
    assert packaged(tmp_path / "built/template.yaml") == packaged()


def machine(library: Path) -> int:
    (number,) = struct.unpack_from("<H", library.read_bytes(), 18)
    return int(number)

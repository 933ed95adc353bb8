"""Every template that is deployed: cfn-lint finds no error, it fits a request, and its functions do their part."""

import json
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from cfnlint.config import ConfigMixIn  # type: ignore[import-untyped]
from cfnlint.decode import decode_str  # type: ignore[import-untyped]
from cfnlint.runner import Runner  # type: ignore[import-untyped]
from scripts.live import story
from scripts.live.experiments import EXPERIMENTS
from scripts.live.experiments.message_length import EXPERIMENT as MESSAGE_LENGTH
from scripts.live.lab import Names
from scripts.live.templates import write

from samstream.types import JsonObject
from samstream_cli.cloudformation import Settings, process
from samstream_cli.packaging import INLINE_LIMIT

NAMES = Names("samstream-live-1234abcd")
TEMPLATES = {
    f"{experiment.id}-{key}": template
    for experiment in EXPERIMENTS.values()
    for key, template in experiment.templates(experiment.own(NAMES)).items()
}


@cache
def linter() -> Runner:
    return Runner(ConfigMixIn([], regions=["eu-west-1"], ignore_checks=["W", "I"]))


def errors(template: JsonObject) -> list[str]:
    decoded, unreadable = decode_str(write(template))
    assert not unreadable
    return [f"{match.rule.id}: {match.message}" for match in linter().validate_template(decoded)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_cfn_lint_finds_no_error(name: str) -> None:
    assert errors(TEMPLATES[name]) == []


@pytest.mark.parametrize("macro", [None, NAMES.prefix])
def test_the_story_streams_the_tagged_routes_just_with_the_macro(macro: str | None) -> None:
    template = story.example("samstream-live-1", macro=macro)
    outcome = process(template, Settings("eu-west-1", {"BedrockModelId": ""}, macro_name=NAMES.prefix))

    assert outcome.refusal is None
    assert errors(outcome.template) == []
    modes = [json.dumps(outcome.template).count(f'"responseTransferMode": "{mode}"') for mode in ("STREAM", "BUFFERED")]
    assert modes == [6 if macro else 0, 0]
    resources: Any = outcome.template["Resources"]
    assert resources["App"]["Properties"]["Code"] == {"S3Bucket": "samstream-live-1", "S3Key": "app.zip"}


def test_every_template_fits_a_request() -> None:
    assert [name for name, template in TEMPLATES.items() if len(write(template).encode()) > INLINE_LIMIT] == []


def inline(name: str) -> Any:
    scope: dict[str, Any] = {}
    resources: Any = TEMPLATES[name]["Resources"]
    exec(resources["Function"]["Properties"]["Code"]["ZipFile"], scope)  # noqa: S102  # Lambda runs it just so
    return scope["handler"]


def test_the_macro_of_message_length_says_its_own_positions() -> None:
    answer = inline("message-length-macro")({"requestId": "1"}, None)
    assert (answer["status"], len(answer["errorMessage"])) == ("failed", 100_000)
    assert MESSAGE_LENGTH.judge(answer["errorMessage"]).text == "at least 100,000 characters"
    assert MESSAGE_LENGTH.judge(answer["errorMessage"][:4096]).text == "about 4,090 characters"


def test_the_macro_of_an_alias_refuses_with_what_it_was_invoked_as() -> None:
    answer = inline("macro-alias-macro")({"requestId": "1"}, SimpleNamespace(invoked_function_arn="arn:x:live"))
    assert answer == {"requestId": "1", "status": "failed", "fragment": {}, "errorMessage": "invoked as arn:x:live"}


def test_the_macro_that_sleeps_returns_what_it_got() -> None:
    answer = inline("macro-timeout-macro")({"requestId": "1", "params": {"Seconds": "0"}, "fragment": {"a": 1}}, None)
    assert answer == {"requestId": "1", "status": "success", "fragment": {"a": 1}}


def test_the_function_of_python_bz2_imports_what_it_tells_of() -> None:
    found = inline("python-bz2-arm64")({}, None)
    assert {name: found[name] for name in ("bz2", "lzma", "zlib")} == dict.fromkeys(("bz2", "lzma", "zlib"), "there")

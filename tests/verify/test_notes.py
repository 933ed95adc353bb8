"""What else is said of routes that stream."""

from collections.abc import Callable

import pytest

from samstream_cli.verify.notes import Note

from verify.account import Account  # isort: skip
from verify.test_verdicts import CHAT  # isort: skip


def _edge(account: Account) -> None:
    account.api.settings["endpointConfiguration"] = {"types": ["EDGE"]}


def _compressing(account: Account) -> None:
    account.api.settings["minimumCompressionSize"] = 0


def _cached(account: Account) -> None:
    account.api.stages["prod"] |= {
        "cacheClusterEnabled": True,
        "methodSettings": {"chat/POST": {"cachingEnabled": True}},
    }


def _canary(account: Account) -> None:
    account.api.stages["prod"]["canarySettings"] = {"deploymentId": "dep0", "percentTraffic": 12.5}


def _short_function(account: Account) -> None:
    account.functions["app-Chat"]["Timeout"] = 60


def _without_adapter(account: Account) -> None:
    account.functions["app-Chat"] |= {"Layers": [], "Environment": {"Variables": {}}}


def _nested(account: Account) -> None:
    account.resources["Inner"] = ("AWS::CloudFormation::Stack", "arn:aws:cloudformation:eu-west-1:1:stack/inner/1")


def _on_route(message: str, rule: str, route: str = CHAT) -> Note:
    return Note(message, rule, "Api", "prod", route)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            _edge,
            Note(
                "Api is edge-optimized, which cuts a stream that is silent for 30 s. Make it REGIONAL.", "W402", "Api"
            ),
        ),
        (_compressing, Note("Api compresses, which API Gateway doesn't do with streams. Turn it off.", "W404", "Api")),
        (_cached, _on_route("the stage caches it, which API Gateway doesn't support with streaming.", "W403")),
        (
            _canary,
            Note(
                "the stage has a canary, deployment dep0 for 12.5% of requests, which an export doesn't show.",
                "",
                "Api",
                "prod",
            ),
        ),
        (
            _short_function,
            _on_route(
                "it waits for 120 s, but app-Chat is stopped after 60 s, in the middle of an answer. Raise the "
                "function's Timeout.",
                "W204",
            ),
        ),
        (
            _without_adapter,
            _on_route(
                "python3.13 doesn't stream by itself, and app-Chat has no Lambda Web Adapter that is to be seen. See "
                "how it answers: --probe.",
                "W303",
            ),
        ),
        (_nested, Note("nested stacks aren't looked into, verify each by itself: Inner.")),
    ],
)
def test_a_setting_that_harms_streams_is_noted(change: Callable[[Account], None], expected: Note) -> None:
    account = Account().deploy()
    change(account)
    verified = account.verify()
    assert [note for note in verified.notes if note.route in ("", CHAT)] == [expected]
    strict = account.verify(is_strict=True)
    assert (verified.exit_code, strict.exit_code) == (0, 1 if expected.rule else 0)


def test_the_default_timeout_of_a_function_that_runs_longer_is_noted() -> None:
    account = Account().deploy()
    for integrations in (account.api.live, account.api.served["prod"]):
        integrations[CHAT] = {**integrations[CHAT], "timeoutInMillis": 29000}
    path = account.template_body["Resources"]["Api"]["Properties"]["Body"]["paths"]["/chat"]
    del path["post"]["x-amazon-apigateway-integration"]["timeoutInMillis"]
    message = "it ends after 29 s, the default, though app-Chat may run for 120 s. Set its timeout."
    assert account.verify().notes == [_on_route(message, "W203")]

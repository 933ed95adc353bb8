"""E301: a mode of the adapter that someone set is never overwritten."""

from typing import Any

import pytest

from macro.samples import at, findings, run, streams, tagged, web_app
from samstream.findings import Finding

PLACE = ("Resources", "Chat", "Properties", "Environment")
REMEDY = "Write its Environment.Variables as a map without AWS_LWA_INVOKE_MODE, or with response_stream there."
MISSPELT = "its AWS_LWA_INVOKE_MODE is misspelt, which the adapter takes for buffered"

BAD: dict[str, tuple[Any, str]] = {
    "buffered": ("buffered", "its AWS_LWA_INVOKE_MODE is buffered"),
    "any case of it": ("Buffered", "its AWS_LWA_INVOKE_MODE is buffered"),
    "SAM's word": ("STREAM", MISSPELT),
    "a dash": ("response-stream", MISSPELT),
    "a space": ("response_stream ", MISSPELT),
    "a number": (1, MISSPELT),
    "a parameter": ({"Ref": "Mode"}, "its AWS_LWA_INVOKE_MODE is buffered"),
    "an import": (
        {"Fn::ImportValue": "Mode"},
        "its AWS_LWA_INVOKE_MODE can't be checked: Fn::ImportValue is not known before the deployment",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mode_that_is_not_streaming_is_told(name: str) -> None:
    mode, why = BAD[name]
    fragment = tagged(Chat=web_app(AWS_LWA_INVOKE_MODE=mode))
    message = f"Chat: {why}, but its routes are to stream. {REMEDY}"
    assert findings(fragment, parameters={"Mode": "buffered"}) == [
        Finding("E301", "Chat", (*PLACE, "Variables"), message)
    ]


@pytest.mark.parametrize("mode", ["response_stream", "RESPONSE_STREAM", {"Ref": "Mode"}])
def test_a_mode_that_streams_stays_as_it_is_written(mode: Any) -> None:
    function = web_app(AWS_LWA_INVOKE_MODE=mode)
    result = run(tagged(Chat=function), parameters={"Mode": "response_stream"})
    assert streams(result) == ["Api POST /chat"]
    assert at(result.template, "Resources", "Chat") == function


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"Fn::ImportValue": "Environment"}, ()),
        ({"Variables": {"Ref": "Variables"}}, ("Variables",)),
        ("AWS_LWA_PORT=8080", ()),
        ({"Variables": ["AWS_LWA_PORT"]}, ("Variables",)),
    ],
)
def test_an_environment_that_is_no_map_is_told(environment: Any, place: tuple[str, ...]) -> None:
    function = web_app()
    function["Properties"]["Environment"] = environment
    message = f"Chat: its Variables is not written as a map, but its routes are to stream. {REMEDY}"
    assert findings(tagged(Chat=function)) == [Finding("E301", "Chat", (*PLACE, *place), message)]


def test_a_function_without_the_adapter_may_say_what_it_likes() -> None:
    fragment = tagged(Other=web_app(AWS_LWA_INVOKE_MODE="buffered"))
    assert findings(fragment) == []

"""W202: a default of Globals that no event takes."""

from typing import Any

import pytest

from macro.samples import event, findings, run, sam_function
from samstream.findings import Finding

QUIET = sam_function({"Queue": {"Type": "SQS"}})


def template(section: str, value: Any, chat: dict[str, Any]) -> dict[str, Any]:
    return {"Globals": {section: {"Streaming": value}}, "Resources": {"Chat": chat}}


@pytest.mark.parametrize("section", ["Function", "Api"])
@pytest.mark.parametrize("value", [True, "POST /chat", 5, {"Ref": "Nobody"}])
@pytest.mark.parametrize("chat", [QUIET, sam_function({"Ask": event()}, IgnoreGlobals="*")], ids=["queue", "ignored"])
def test_a_default_that_no_event_takes_is_told(section: str, value: Any, chat: dict[str, Any]) -> None:
    message = (
        f"Globals.{section}.Streaming: no Api event takes it, so nothing streams by it. "
        "Remove it, or make a route an Api event."
    )
    result = run(template(section, value, chat))
    assert result.findings == (Finding("W202", "", ("Globals", section, "Streaming"), message),)
    assert result.template["Globals"] == {section: {}}


@pytest.mark.parametrize("value", [False, {"Ref": "AWS::NoValue"}])
def test_a_default_that_says_no_needs_no_event(value: Any) -> None:
    assert findings(template("Api", value, QUIET)) == []


def test_a_default_that_an_event_takes_is_not_told() -> None:
    assert findings(template("Function", True, sam_function({"Ask": event()}))) == []

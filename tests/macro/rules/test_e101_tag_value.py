"""E101: what is no tag's value is told with what would be one."""

from typing import Any

import pytest

from macro.samples import findings, run, sam_app, streams, tagged
from samstream.findings import Finding

PLACE = ("Resources", "Api", "Properties", "Body", "paths", "/chat", "post", "x-samstream-streaming")

ROUTE = 'a method and a path such as "POST /chat" or "ANY /files/{proxy+}"'
ANYTHING = f"it must be true, false, routes or a map of Enabled, Routes, TimeoutInMillis; a route is {ROUTE}"
TIMEOUT = "TimeoutInMillis must be a whole number of milliseconds from 50 to 900000"

BAD: dict[str, tuple[Any, str]] = {
    "a word": ("yes please", ANYTHING),
    "a number": (1, ANYTHING),
    "a path without a method": ("/chat", ANYTHING),
    "a list with a number": (["POST /chat", 5], ANYTHING),
    "null": (None, "it is empty; give it true, false, a route or a list of routes"),
    "an empty text": ("", "it is empty; give it true, false, a route or a list of routes"),
    "an empty list": ([], "it is empty; give it true, false, a route or a list of routes"),
    "a map with a misspelt key": (
        {"Enable": True, "Routs": "POST /chat"},
        "a map may have Enabled, Routes, TimeoutInMillis, and not 'Enable', 'Routs' (did you mean Enabled?)",
    ),
    "a map with a wrong route": ({"Routes": "chat"}, f"each of its Routes must be {ROUTE}"),
    "a map with a wrong switch": ({"Enabled": "on"}, "its Enabled must be true or false"),
    "a timeout too short": ({"TimeoutInMillis": 49}, TIMEOUT),
    "a timeout too long": ({"TimeoutInMillis": 900_001}, TIMEOUT),
    "a timeout of true": ({"TimeoutInMillis": True}, TIMEOUT),
    "a timeout in words": ({"TimeoutInMillis": "15 min"}, TIMEOUT),
    "a timeout of half a millisecond": ({"TimeoutInMillis": 50.5}, TIMEOUT),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_value_of_a_tag_is_told(name: str) -> None:
    value, reason = BAD[name]
    assert findings(tagged(value)) == [Finding("E101", "Api", PLACE, f"Api POST /chat: {reason}.")]


@pytest.mark.parametrize("value", [True, "true", " True ", "POST /chat", ["POST /chat"], {}, {"Enabled": "true"}])
def test_what_is_a_value_is_not(value: Any) -> None:
    assert streams(run(tagged(value))) == ["Api POST /chat"]


@pytest.mark.parametrize("value", ["SREAM", "", 1, True, ["STREAM"], None])
def test_a_transfer_mode_that_nobody_understands_is_told(value: Any) -> None:
    place = ("Resources", "Chat", "Properties", "Events", "Ask", "Properties", "ResponseTransferMode")
    message = (
        "ResponseTransferMode of event Ask of Chat: a ResponseTransferMode is RESPONSE_STREAM or BUFFERED, "
        "and SAM ignores anything else silently."
    )
    assert findings(sam_app(ResponseTransferMode=value)) == [Finding("E101", "Chat", place, message)]

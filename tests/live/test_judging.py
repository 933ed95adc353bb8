from typing import Any

import pytest
from scripts.live.experiments import EXPERIMENTS
from scripts.live.experiments.macro_account import Seen as AccountSeen
from scripts.live.experiments.macro_id import Seen as IdSeen
from scripts.live.experiments.macro_timeout import Attempt
from scripts.live.lab import Answer
from scripts.live.sending import Reply

OK = Reply(200, body="payload")
BAD = Reply(502, body="no")
EDGE = Reply(200, body="..end", last=45)
FAILED = "Transform 123456789012::x failed with: "
LIVE = "arn:aws:lambda:eu-west-1:123456789012:function:f:live"
TWO = {"x-two": "b"}

ANSWERS: list[tuple[str, Any, tuple[str, bool]]] = [
    ("malformed", {"a": BAD, "b": BAD}, ("502 in all cases", True)),
    ("malformed", {"a": Reply(500), "b": BAD}, ("it depends on what is wrong: 500, 502", True)),
    ("buffered-prelude", BAD, ("502", True)),
    (
        "buffered-prelude",
        Reply(201, {"x-seen": "yes"}),
        ("the function's status with its headers and without a body", True),
    ),
    (
        "buffered-prelude",
        Reply(201, {}, "payload"),
        ("the function's status without its headers and with its body", True),
    ),
    ("header-arrays", {"headers": BAD, "multiValueHeaders": OK}, ("no: callers get 502", True)),
    ("header-arrays", {"headers": Reply(200, TWO), "multiValueHeaders": OK}, ("yes", True)),
    ("header-arrays", {"headers": OK, "multiValueHeaders": OK}, ("no: the header is left out", True)),
    ("header-arrays", {"headers": OK, "multiValueHeaders": BAD}, ("multiValueHeaders don't work here either", False)),
    ("prelude-size", {15_000: 200, 16_376: 200, 16_377: 502}, ("16,384 bytes with the eight NUL", True)),
    ("prelude-size", {16_000: 200, 16_001: 500}, ("16,000 bytes before the first NUL", True)),
    ("prelude-size", {16_100: 200, 16_101: 500}, ("16,100 bytes before the first NUL", True)),
    ("prelude-size", {15_000: 502}, ("the limit isn't between 15,000 and 17,000 bytes", False)),
    ("prelude-size", {15_000: 200, 16_000: 502}, ("sizes are taken and refused without order", False)),
    ("midstream-error", BAD, ("502 in place of the answer", True)),
    (
        "midstream-error",
        Reply(200, body="first", ending="cut"),
        ("the connection is cut, so HTTP tells that the answer isn't whole", True),
    ),
    ("midstream-error", Reply(200, body="first"), ("the answer ends as if it were whole", True)),
    (
        "midstream-error",
        Reply(200, body="first{}"),
        ("text is added to the answer, which ends as if it were whole", True),
    ),
    ("edge-timeout", "Timeout should be ...", ("no: the API can't be deployed so", True)),
    (
        "edge-timeout",
        {"talking": EDGE, "silent": Reply(200, body=".", ending="cut"), "late": Reply(504)},
        ("yes, for 45 s; it may not be silent for 40 s and may not begin after 35 s", True),
    ),
    (
        "edge-timeout",
        {"talking": Reply(200, body="...", ending="cut", last=29.2), "silent": EDGE, "late": EDGE},
        ("no: it ends after 29 s", True),
    ),
    ("macro-alias", f"{FAILED}invoked as {LIVE}", ("yes, and the alias is what runs", True)),
    ("macro-alias", f"{FAILED}invoked as {LIVE[:-5]}.", ("yes, but not the alias is what runs", True)),
    ("macro-alias", "the stack ended as ROLLBACK_COMPLETE", ("no", True)),
    (
        "message-length",
        f"{FAILED}" + "".join(f"{at:09}." for at in range(0, 1_000, 10)),
        ("about 1,000 characters", True),
    ),
    (
        "message-length",
        (FAILED + "".join(f"{at:09}." for at in range(0, 100_000, 10))).rstrip("."),
        ("at least 100,000 characters", True),
    ),
    ("message-length", "failed without an error message", ("a message of that length isn't shown at all", True)),
    ("macro-timeout", [Attempt(25, 30, ""), Attempt(50, 41, "failed")], ("between 25 and 50 s", True)),
    ("macro-timeout", [Attempt(25, 2, "no")], ("even the shortest sleep failed", False)),
    ("macro-timeout", [Attempt(25, 30, ""), Attempt(50, 55, "")], ("at least 50 s", True)),
    ("macro-account", AccountSeen(True, "", ""), ("yes", True)),
    ("macro-account", AccountSeen(True, "", "denied"), ("it can be made, but its use fails", True)),
    ("macro-account", AccountSeen(True, "no", ""), ("no: the macro can't be made", True)),
    ("macro-account", AccountSeen(False, "no", ""), ("no: the macro can't be made", False)),
    (
        "macro-account",
        AccountSeen(False, "", "no function"),
        (
            "the macro can be made; for its use, name a function that this account may invoke with --other-function",
            False,
        ),
    ),
    ("macro-id", IdSeen("a", "a", ("s",), ""), ("it is its name, and the stack is found by the name", True)),
    ("macro-id", IdSeen("a", "b", (), "no"), ("it is something else, and the stack is not found by the name", True)),
    ("python-bz2", {"arm64": {"bz2": "there"}, "x86_64": {"bz2": "there"}}, ("yes", True)),
    ("python-bz2", {"arm64": {"bz2": "there"}, "x86_64": {"bz2": "No module"}}, ("not on x86_64", True)),
    ("stack-set", "", ("the stack set is made; its instances weren't tried", True)),
    ("stack-set", "Service-managed stack sets don't support macros", ("no", True)),
    (
        "stack-set",
        "You must be the management account",
        ("this account can't tell: it needs an organisation's management account", False),
    ),
]


@pytest.mark.parametrize(("name", "seen", "expected"), ANSWERS, ids=lambda value: value if type(value) is str else "")
def test_an_answer_follows_from_what_was_seen(name: str, seen: Any, expected: tuple[str, bool]) -> None:
    answer = EXPERIMENTS[name].judge(seen)
    assert (answer.text, answer.is_settled) == expected


def test_every_experiment_is_judged_here() -> None:
    assert {name for name, _, _ in ANSWERS} == set(EXPERIMENTS)


def test_what_aws_says_does_not_break_the_table() -> None:
    assert EXPERIMENTS["macro-alias"].judge("a | b\nc") == Answer("no", "a \\| b c")

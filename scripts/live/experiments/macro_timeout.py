"""How long a macro may take, within the 15 minutes that Lambda allows: it sleeps, longer each time, until
that fails."""

from typing import Final, NamedTuple

from scripts.live.lab import Answer, Experiment, Lab, quoted
from scripts.live.templates import macro, use_of

_CODE: Final = """\
import time

def handler(event, context):
    time.sleep(int(event["params"]["Seconds"]))
    return {"requestId": event["requestId"], "status": "success", "fragment": event["fragment"]}
"""
_SECONDS: Final = (25, 50, 100, 280, 800)


class Attempt(NamedTuple):
    """How long the macro slept, how long CloudFormation took, and why it gave up."""

    slept: int
    took: float
    reason: str


def observe(lab: Lab) -> list[Attempt]:
    lab.deploy("macro")
    seen: list[Attempt] = []
    for seconds in _SECONDS:
        began = lab.clock()
        reason = lab.refusal(f"use-{seconds}")
        seen.append(Attempt(seconds, lab.clock() - began, reason))
        if reason:
            break
    return seen


def judge(seen: list[Attempt]) -> Answer:
    evidence = "; ".join(f"{one.slept} s: {quoted(one.reason, 100) or 'taken'} after {one.took:.0f} s" for one in seen)
    failed = [one for one in seen if one.reason]
    passed = max((one.slept for one in seen if not one.reason), default=0)
    if not failed:
        return Answer(f"at least {passed} s", evidence)
    if not passed:
        return Answer("even the shortest sleep failed", evidence, is_settled=False)
    return Answer(f"between {passed} and {failed[0].slept} s", evidence)


EXPERIMENT = Experiment(
    "macro-timeout",
    "How long may a macro take?",
    25,
    lambda names: {
        "macro": macro(names.prefix, _CODE, timeout=900),
        **{f"use-{seconds}": use_of(names.prefix, Seconds=str(seconds)) for seconds in _SECONDS},
    },
    observe,
    judge,
)

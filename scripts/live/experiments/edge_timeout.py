"""Edge-optimized endpoints cut a stream that is silent for 30 seconds, says the documentation; whether one may take
longer than the old 29 seconds altogether, it doesn't."""

from typing import Final

from scripts.live.lab import Answer, Experiment, Lab, Script, Step, prelude
from scripts.live.sending import Reply
from scripts.live.templates import gateway

_BEAT: Final[list[Step]] = [["write", "."], ["wait", 5000]]
_SCRIPTS: Final[dict[str, Script]] = {
    "talking": [prelude("{}"), *(_BEAT * 9), ["write", "end"]],
    "silent": [prelude("{}"), ["write", "."], ["wait", 40_000], ["write", "end"]],
    "late": [["wait", 35_000], prelude("{}"), ["write", "end"]],
}


def observe(lab: Lab) -> dict[str, Reply] | str:
    """What came of each script, or why the API can't be deployed."""
    if failure := lab.failure("api", "AWS::ApiGateway::RestApi"):
        return failure
    url = lab.open("api")
    return {case: lab.ask(f"{url}/stream", script) for case, script in _SCRIPTS.items()}


def judge(seen: dict[str, Reply] | str) -> Answer:
    if isinstance(seen, str):
        return Answer("no: the API can't be deployed so", seen)
    evidence = "; ".join(f"{case}: {reply}, last byte at {reply.last:.0f} s" for case, reply in seen.items())
    whole = {case for case, reply in seen.items() if reply.ending == "complete" and reply.body.endswith("end")}
    if "talking" not in whole:
        return Answer(f"no: it ends after {seen['talking'].last:.0f} s", evidence)
    silent = "may be silent for 40 s" if "silent" in whole else "may not be silent for 40 s"
    late = "may begin after 35 s" if "late" in whole else "may not begin after 35 s"
    return Answer(f"yes, for 45 s; it {silent} and {late}", evidence)


EXPERIMENT = Experiment(
    "edge-timeout",
    "May a stream of an edge-optimized API take longer than 29 seconds?",
    6,
    lambda _: {"api": gateway(endpoint="EDGE", timeout_in_millis=60_000)},
    observe,
    judge,
)

"""The documentation says 500, field reports say 502:
https://docs.aws.amazon.com/apigateway/latest/developerguide/response-streaming-lambda-configure.html"""

from scripts.live.lab import Answer, Experiment, Lab, Script, prelude
from scripts.live.sending import Reply
from scripts.live.templates import gateway

_SCRIPTS: dict[str, Script] = {
    "no delimiter": [["write", "hello"]],
    "no JSON": [prelude("{nope"), ["write", "hello"]],
    "empty metadata": [prelude(""), ["write", "hello"]],
    "unknown key": [prelude('{"status":200}'), ["write", "hello"]],
    "nothing at all": [],
}


def observe(lab: Lab) -> dict[str, Reply]:
    url = lab.open("api")
    return {case: lab.ask(f"{url}/stream", script) for case, script in _SCRIPTS.items()}


def judge(seen: dict[str, Reply]) -> Answer:
    evidence = "; ".join(f"{case}: {reply}" for case, reply in seen.items())
    statuses = sorted({reply.status for reply in seen.values()})
    if len(statuses) == 1:
        return Answer(f"{statuses[0]} in all cases", evidence)
    return Answer(f"it depends on what is wrong: {', '.join(map(str, statuses))}", evidence)


EXPERIMENT = Experiment(
    "malformed",
    "What do callers get of a streaming route whose function doesn't write the format?",
    3,
    lambda _: {"api": gateway()},
    observe,
    judge,
)

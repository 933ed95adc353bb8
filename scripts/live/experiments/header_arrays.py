"""Arrays belong into `multiValueHeaders`; one field report says that callers get 502 where they stand in `headers`."""

from scripts.live.lab import Answer, Experiment, Lab, prelude
from scripts.live.sending import Reply
from scripts.live.templates import gateway


def observe(lab: Lab) -> dict[str, Reply]:
    url = f"{lab.open('api')}/stream"
    return {
        place: lab.ask(url, [prelude(f'{{"{place}":{{"x-two":["a","b"]}}}}'), ["write", "payload"]])
        for place in ("headers", "multiValueHeaders")
    }


def judge(seen: dict[str, Reply]) -> Answer:
    shown = ((place, reply, reply.headers.get("x-two", "nothing")) for place, reply in seen.items())
    evidence = "; ".join(f"{place}: {reply}, x-two is {value}" for place, reply, value in shown)
    if seen["multiValueHeaders"].status != 200:
        return Answer("multiValueHeaders don't work here either", evidence, is_settled=False)
    reply = seen["headers"]
    if reply.status != 200:
        return Answer(f"no: callers get {reply.status}", evidence)
    return Answer("yes" if "x-two" in reply.headers else "no: the header is left out", evidence)


EXPERIMENT = Experiment(
    "header-arrays",
    "Does API Gateway take arrays in the metadata's `headers`?",
    3,
    lambda _: {"api": gateway()},
    observe,
    judge,
)

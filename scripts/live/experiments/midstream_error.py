"""A function that throws after bytes have gone: Lambda has trailers for it, which a caller of the API may not see."""

from scripts.live.lab import Answer, Experiment, Lab, prelude
from scripts.live.sending import Reply
from scripts.live.templates import gateway


def observe(lab: Lab) -> Reply:
    script = [prelude("{}"), ["write", "first"], ["wait", 2000], ["throw", "on purpose"]]
    return lab.ask(f"{lab.open('api')}/stream", script)


def judge(reply: Reply) -> Answer:
    if reply.status != 200:
        return Answer(f"{reply.status} in place of the answer", str(reply))
    if reply.ending == "cut":
        return Answer("the connection is cut, so HTTP tells that the answer isn't whole", str(reply))
    if reply.body == "first":
        return Answer("the answer ends as if it were whole", str(reply))
    return Answer("text is added to the answer, which ends as if it were whole", str(reply))


EXPERIMENT = Experiment(
    "midstream-error",
    "What does a caller see when the function fails after its first bytes?",
    3,
    lambda _: {"api": gateway()},
    observe,
    judge,
)

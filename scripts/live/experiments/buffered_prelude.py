"""The documentation says headers and status without a body;
https://github.com/cdklabs/cdk-nextjs/issues/192 saw 502."""

from scripts.live.lab import Answer, Experiment, Lab, prelude
from scripts.live.sending import Reply
from scripts.live.templates import gateway


def observe(lab: Lab) -> Reply:
    script = [prelude('{"statusCode":201,"headers":{"x-seen":"yes"}}'), ["write", "payload"]]
    return lab.ask(f"{lab.open('api')}/buffered", script)


def judge(reply: Reply) -> Answer:
    if reply.status != 201:
        return Answer(f"{reply.status}", str(reply))
    body = "with its body" if reply.body == "payload" else "with another body" if reply.body else "without a body"
    headers = "with its headers" if reply.headers.get("x-seen") == "yes" else "without its headers"
    return Answer(f"the function's status {headers} and {body}", str(reply))


EXPERIMENT = Experiment(
    "buffered-prelude",
    "What do callers get of a buffered route whose function writes the streaming format?",
    3,
    lambda _: {"api": gateway()},
    observe,
    judge,
)

"""No limit of errorMessage is documented. The macro's is made of its own positions: the last one says where it ends."""

import re
from typing import Final

from scripts.live.lab import Answer, Experiment, Lab, quoted
from scripts.live.templates import macro, use_of

_LENGTH: Final = 100_000
_CODE: Final = f"""\
def handler(event, context):
    message = "".join(f"{{position:09}}." for position in range(0, {_LENGTH}, 10))
    return {{"requestId": event["requestId"], "status": "failed", "fragment": {{}}, "errorMessage": message}}
"""


def observe(lab: Lab) -> str:
    lab.deploy("macro")
    return lab.refusal("use")


def judge(seen: str) -> Answer:
    positions = re.findall(r"(\d{9})(?=\.|$)", seen)
    if not positions:
        return Answer("a message of that length isn't shown at all", quoted(seen))
    end = int(positions[-1]) + 10
    evidence = f"{len(seen):,} characters in all: {quoted(seen, 80)}"
    if end >= _LENGTH:
        return Answer(f"at least {_LENGTH:,} characters", evidence)
    return Answer(f"about {end:,} characters", evidence)


EXPERIMENT = Experiment(
    "message-length",
    "How much of a macro's errorMessage does CloudFormation show?",
    3,
    lambda names: {
        "macro": macro(names.prefix, _CODE),
        "use": use_of(names.prefix),
    },
    observe,
    judge,
)

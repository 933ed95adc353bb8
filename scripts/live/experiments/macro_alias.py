"""A macro names its function by an ARN; whether that of an alias does, by which versions could be rolled back.

The macro refuses with the ARN it was invoked by, so its refusal is the answer.
"""

from typing import Final

from scripts.live.lab import Answer, Experiment, Lab, quoted
from scripts.live.templates import MACRO, macro, use_of

_CODE: Final = """\
def handler(event, context):
    message = "invoked as " + context.invoked_function_arn
    return {"requestId": event["requestId"], "status": "failed", "fragment": {}, "errorMessage": message}
"""


def observe(lab: Lab) -> str:
    return lab.failure("macro", MACRO) or lab.refusal("use")


def judge(seen: str) -> Answer:
    if "invoked as " not in seen:
        return Answer("no", quoted(seen))
    invoked = seen.partition("invoked as ")[2].split()[0]
    is_alias = invoked.rstrip(".").endswith(":live")
    return Answer("yes, and the alias is what runs" if is_alias else "yes, but not the alias is what runs", invoked)


EXPERIMENT = Experiment(
    "macro-alias",
    "May a macro's FunctionName be the ARN of an alias?",
    3,
    lambda names: {
        "macro": macro(names.prefix, _CODE, is_alias=True),
        "use": use_of(names.prefix),
    },
    observe,
    judge,
)

"""Whether one central function can serve macros of other accounts. Without --other-function only this is seen: whether
the resource is made, and what its use says of a function that isn't there."""

from typing import Final, NamedTuple

from scripts.live.lab import Answer, Experiment, Lab, Names, quoted
from scripts.live.templates import MACRO, macro_resource, template, use_of

_NOBODYS: Final = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:111122223333:function:samstream-live"}


class Seen(NamedTuple):
    """Whether there is a function, why the macro can't be made, and why it can't be used."""

    is_real: bool
    creation: str
    use: str


def observe(lab: Lab) -> Seen:
    is_real = lab.names.other_function is not None
    failure = lab.failure("macro", MACRO)
    return Seen(is_real, failure, "" if failure else lab.refusal("use", is_denial_told=True))


def judge(seen: Seen) -> Answer:
    if seen.creation:
        return Answer("no: the macro can't be made", quoted(seen.creation), is_settled=seen.is_real)
    if not seen.use:
        return Answer("yes", "a template was processed by a function of another account")
    if seen.is_real:
        return Answer("it can be made, but its use fails", quoted(seen.use))
    remedy = "name a function that this account may invoke with --other-function"
    return Answer(f"the macro can be made; for its use, {remedy}", quoted(seen.use), is_settled=False)


def _templates(names: Names) -> dict[str, dict[str, object]]:
    name = names.prefix
    resource = macro_resource(name, names.other_function or _NOBODYS)
    return {"macro": template({"Macro": resource}), "use": use_of(name)}


EXPERIMENT = Experiment(
    "macro-account",
    "May a macro name a function of another account?",
    3,
    _templates,
    observe,
    judge,
)

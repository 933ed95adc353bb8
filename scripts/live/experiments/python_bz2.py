"""The packaged macro is compressed by bz2, a part of Python that a build may leave out."""

from typing import Any, Final

from scripts.live.lab import Answer, Experiment, Lab
from scripts.live.templates import function, template

_CODE: Final = """\
import importlib
import sys

def handler(event, context):
    found = {}
    for name in ("bz2", "lzma", "zlib"):
        try:
            importlib.import_module(name)
            found[name] = "there"
        except ImportError as error:
            found[name] = str(error)
    return {"python": sys.version.split()[0], **found}
"""
_PROCESSORS: Final = ("arm64", "x86_64")
Seen = dict[str, dict[str, Any]]


def observe(lab: Lab) -> Seen:
    return {processor: lab.invoke(lab.deploy(_key(processor))["Function"]) for processor in _PROCESSORS}


def judge(seen: Seen) -> Answer:
    evidence = "; ".join(
        f"{processor}: " + ", ".join(f"{name} {value}" for name, value in found.items())
        for processor, found in seen.items()
    )
    without = [processor for processor, found in seen.items() if found.get("bz2") != "there"]
    return Answer(f"not on {' and '.join(without)}" if without else "yes", evidence)


def _key(processor: str) -> str:
    return processor.replace("_", "-")


EXPERIMENT = Experiment(
    "python-bz2",
    "Has Lambda's Python 3.13 bz2?",
    3,
    lambda _: {
        _key(processor): template(function(_CODE, processor=processor), {"Function": {"Ref": "Function"}})
        for processor in _PROCESSORS
    },
    observe,
    judge,
)

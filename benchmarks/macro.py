"""The macro's handler as Lambda calls it, timed."""

import gc
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import process_time
from types import SimpleNamespace
from typing import Any, TypeVar

from samstream.handler import lambda_handler

REGION = "eu-west-1"
ACCOUNT = "123456789012"
PARAMETERS = {"Stage": "prod"}
CONTEXT = SimpleNamespace(
    aws_request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    function_name="samstream-macro",
    function_version="$LATEST",
    invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:samstream-macro",
    memory_limit_in_mb=512,
)


Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Case:
    """A template to handle, and the Transform entry's `Parameters`."""

    template: Mapping[str, Any]
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """Processor seconds that one template took: read as JSON, handled, written as JSON."""

    reading: float
    handling: float
    writing: float

    @property
    def json(self) -> float:
        return self.reading + self.writing


@dataclass(frozen=True)
class Timing:
    """Many rounds of one template, which has `size` bytes as JSON."""

    size: int
    rounds: tuple[Round, ...]

    @property
    def handling(self) -> float:
        return median(one.handling for one in self.rounds)

    @property
    def json(self) -> float:
        return median(one.json for one in self.rounds)

    @property
    def best(self) -> float:
        return min(one.handling for one in self.rounds)

    @property
    def best_json(self) -> float:
        return min(one.json for one in self.rounds)

    @property
    def ratio(self) -> float:
        return median(one.handling / one.json for one in self.rounds)


def handle(template: Mapping[str, Any], params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The macro's output. A benchmark of failures would be of no use, so they stop it."""
    answer: dict[str, Any] = lambda_handler(event(template, params or {}), CONTEXT)
    if answer["status"] != "success":
        raise ValueError(answer.get("errorMessage", "failed without an error message"))
    fragment: dict[str, Any] = answer["fragment"]
    return fragment


def event(template: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "region": REGION,
        "accountId": ACCOUNT,
        "fragment": template,
        "transformId": f"{ACCOUNT}::SamStream",
        "params": params,
        "requestId": "6d0bde21-6fd1-4bf5-8a12-1f9a0f0d6f3c",
        "templateParameterValues": PARAMETERS,
    }


def timings(cases: Mapping[Key, Case], rounds: int) -> dict[Key, Timing]:
    """All cases in turns, so that a busy moment of the machine hits none of them alone.

    Each round reads the template anew, so nothing that the handler keeps of the last one can help it. The collector
    runs as it does in Lambda; what is alive before a round isn't its concern.
    """
    texts = {key: json.dumps(case.template) for key, case in cases.items()}
    found: dict[Key, list[Round]] = {key: [] for key in cases}
    gc.collect()
    for number in range(rounds + 1):
        for key, case in cases.items():
            one = _round(texts[key], case.params)
            if number:  # The first warms up.
                found[key].append(one)
    gc.unfreeze()
    return {key: Timing(len(texts[key]), tuple(several)) for key, several in found.items()}


def _round(text: str, params: Mapping[str, Any]) -> Round:
    gc.freeze()
    started = process_time()
    template = json.loads(text)
    read = process_time()
    handle(template, params)
    handled = process_time()
    json.dumps(template)
    return Round(read - started, handled - read, process_time() - handled)

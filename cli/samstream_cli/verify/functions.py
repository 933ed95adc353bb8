"""The function behind a route, as far as streaming goes: of its environment nothing leaves here but a word on the
adapter's mode."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from samstream.adapter import INVOKE_MODE, STREAM, WRAPPER
from samstream_cli.verify.live import FunctionRef

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_LAYER: Final = ":layer:lambdaadapterlayer"


class Adapter(StrEnum):
    """What the Lambda Web Adapter does with a function's answers."""

    ABSENT = "absent"
    STREAMS = "streams"
    BUFFERS = "buffers"
    MISSPELT = "misspelt"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """A function's settings; `timeout` in seconds, `runtime` empty for an image."""

    ref: FunctionRef
    timeout: int
    runtime: str
    adapter: Adapter

    @property
    def writes_by_itself(self) -> bool:
        """It may write the streaming format without the adapter, as far as its runtime shows.
        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html"""
        return self.runtime.startswith(("nodejs", "provided")) or not self.runtime


def read_function(client: "LambdaClient", ref: FunctionRef) -> FunctionFacts:
    """The settings of the very alias or version that is invoked."""
    found = client.get_function_configuration(FunctionName=ref.arn)
    environment = found.get("Environment", {})
    layers = [layer.get("Arn", "") for layer in found.get("Layers", [])]
    adapter = Adapter.UNKNOWN if environment.get("Error") else _adapter(environment.get("Variables", {}), layers)
    return FunctionFacts(ref, found.get("Timeout", 3), found.get("Runtime", ""), adapter)


def _adapter(variables: Mapping[str, str], layers: list[str]) -> Adapter:
    """As `samstream.adapter` recognises it in a template."""
    is_there = (
        any(_LAYER in arn.lower() for arn in layers)
        or variables.get(WRAPPER[0]) == WRAPPER[1]
        or any(name.startswith("AWS_LWA_") for name in variables)
    )
    if not is_there:
        return Adapter.ABSENT
    mode = variables.get(INVOKE_MODE, "buffered").lower()
    return {STREAM: Adapter.STREAMS, "buffered": Adapter.BUFFERS}.get(mode, Adapter.MISSPELT)

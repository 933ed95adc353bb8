"""What the gateway and a function say to each other: an event in, bytes out as they come, or an error."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


class FunctionError(Exception):
    """What a function did instead of answering, or in the middle of its answer.

    `kind` is Lambda's name for it, such as "Runtime.ExitError" or "Sandbox.Timedout"; `message` is for the terminal.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """A function's answer from its first byte on.

    `streaming` says that the runtime posts it as a stream (`Lambda-Runtime-Function-Response-Mode: streaming`).
    `chunks` raises `FunctionError` where the function fails in the middle. It must be read to its end or closed
    (`aclose`), which drops what is still to come, as AWS does when a client has left; the function isn't stopped.
    Nobody reads ahead: a reader that waits makes the function wait.
    """

    streaming: bool
    content_type: str | None
    chunks: AsyncIterator[bytes]


class Function(Protocol):
    """A function that can be invoked, many times at once up to its limit."""

    @property
    def name(self) -> str: ...

    @property
    def timeout(self) -> float:
        """Seconds, as the template says."""
        ...

    async def invoke(self, event: bytes) -> Answer:
        """Waits for a free worker and for the answer's first byte, or its end. Raises `FunctionError`."""
        ...

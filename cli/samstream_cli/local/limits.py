"""What API Gateway allows, in size, time and pace, and what of it may be changed here.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal

from samstream_cli.local.routing import Api, Route

PAYLOAD: Final = 10 * 1024 * 1024
"""The largest request, and the largest buffered answer of an HTTP integration."""

LAMBDA_PAYLOAD: Final = 6_291_556
"""The largest event and the largest buffered answer that Lambda takes."""

UNTHROTTLED: Final = 10 * 1024 * 1024
PACE: Final = 2 * 1024 * 1024

_DEFAULT_TIMEOUT: Final = 29.0
_IDLE: Final = {"EDGE": 30.0, "REGIONAL": 300.0, "PRIVATE": 300.0}


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose.

    `no_limits` lifts sizes, pace and idle limits, not timeouts; `speedup` makes all times that much shorter.
    Where it is not known what AWS does: `buffered_prelude` is a buffered route's answer to the streaming format,
    `malformed_stream` the status of a streaming route without a valid prelude, `prelude_limit` the bytes within which
    the last NUL of its delimiter must come, `decode_path_parameters` whether `pathParameters` are decoded.
    """

    allow_unauthenticated: bool = False
    no_limits: bool = False
    speedup: float = 1
    buffered_prelude: Literal["502", "no-body"] = "502"
    malformed_stream: Literal["502", "500"] = "502"
    prelude_limit: int = 16_384
    decode_path_parameters: bool = False
    account_id: str = "123456789012"
    region: str = "us-east-1"

    def timeout(self, route: Route) -> float:
        """Seconds that an integration has for its whole answer."""
        millis = route.timeout_in_millis
        return (_DEFAULT_TIMEOUT if millis is None else millis / 1000) / self.speedup

    def idle(self, api: Api) -> float | None:
        """Seconds that a stream may be quiet."""
        return None if self.no_limits else _IDLE[api.endpoint] / self.speedup

    def throttle(self) -> "Throttle | None":
        """The pace of one stream."""
        return None if self.no_limits else Throttle(PACE * self.speedup)


class Throttle:
    """Lets a stream's first 10 MB pass, and the rest at 2 MB/s."""

    def __init__(
        self,
        pace: float = PACE,
        free: int = UNTHROTTLED,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pace = pace
        self._free = free
        self._clock = clock
        self._sleep = sleep
        self._due = 0.0

    async def spend(self, size: int) -> None:
        """Waits until that many bytes may go."""
        paced = max(0, size - self._free)
        self._free -= size - paced
        if paced:
            self._due = max(self._due, self._clock()) + paced / self._pace
            await self._sleep(max(0.0, self._due - self._clock()))


class Deadline:
    """Ends an answer that takes too long as a whole, or is quiet for too long."""

    def __init__(self, total: float, idle: float | None) -> None:
        self._total = total
        self._idle = idle
        self._end = asyncio.get_running_loop().time() + total
        self._timeout = asyncio.timeout_at(self._next())

    async def __aenter__(self) -> "Deadline":
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._timeout.__aexit__(kind, error, traceback)

    def stir(self) -> None:
        """Says that the stream isn't quiet."""
        if self._idle is not None and not self.expired:
            self._timeout.reschedule(self._next())

    @property
    def expired(self) -> bool:
        return self._timeout.expired()

    def why(self) -> str:
        """What has run out."""
        if self._timeout.when() == self._end:
            return f"the integration's timeout of {self._total:g} s ran out (timeoutInMillis)"
        return f"the stream was quiet for {self._idle:g} s, the idle limit of this endpoint type"

    def _next(self) -> float:
        idle = self._end if self._idle is None else asyncio.get_running_loop().time() + self._idle
        return min(self._end, idle)

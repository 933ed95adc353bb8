"""Sizes, times and pace."""

import asyncio

from local_gateway.serving import api, case
from samstream_cli.local.limits import Deadline, Options, Throttle
from samstream_cli.local.routing import Route


class Time:
    """A clock that only sleeping and `now` move."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@case
async def test_the_first_10_mb_pass_and_the_rest_goes_at_2_mb_a_second() -> None:
    time, mb = Time(), 1024 * 1024
    throttle = Throttle(clock=time, sleep=time.sleep)
    at = []
    for size in (4 * mb, 6 * mb, 1 * mb, 3 * mb):
        await throttle.spend(size)
        at.append(time.now - 100)
    assert at == [0, 0, 0.5, 2]


@case
async def test_a_chunk_across_the_limit_is_paced_for_what_is_beyond_it() -> None:
    time = Time()
    throttle = Throttle(pace=10, free=100, clock=time, sleep=time.sleep)
    await throttle.spend(120)
    assert time.now == 102
    time.now += 60  # a pause earns no credit
    await throttle.spend(10)
    assert time.now == 163


def test_options_set_times_by_route_and_endpoint() -> None:
    fast = Options(speedup=10)
    assert [Options().timeout(Route("GET", "/")), fast.timeout(Route("GET", "/"))] == [29, 2.9]
    assert Options().timeout(Route("GET", "/", timeout_in_millis=900_000)) == 900
    apis = [api(endpoint=endpoint) for endpoint in ("EDGE", "REGIONAL", "PRIVATE")]
    assert [Options().idle(one) for one in apis] == [30, 300, 300]
    assert [fast.idle(one) for one in apis] == [3, 30, 30]
    assert Options(no_limits=True).idle(apis[0]) is None
    assert Options(no_limits=True).throttle() is None
    assert isinstance(fast.throttle(), Throttle)


@case
async def test_a_deadline_moves_while_a_stream_is_not_quiet() -> None:
    deadline = Deadline(10, 0.2)
    try:
        async with deadline:
            for _ in range(10):
                await asyncio.sleep(0.04)
                deadline.stir()
            await asyncio.sleep(5)
    except TimeoutError:
        why = deadline.why()
        deadline.stir()
    assert why == "the stream was quiet for 0.2 s, the idle limit of this endpoint type"


@case
async def test_a_deadline_ends_what_never_rests() -> None:
    deadline = Deadline(0.1, 10)
    why = ""
    try:
        async with deadline:
            while True:
                await asyncio.sleep(0.01)
                deadline.stir()
    except TimeoutError:
        why = deadline.why()
    assert why == "the integration's timeout of 0.1 s ran out (timeoutInMillis)"

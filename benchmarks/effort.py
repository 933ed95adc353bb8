"""How much is done in one run of the benchmarks."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Serving:
    """`requests` for small answers and a `stream` of so many bytes in each round; then once a stream
    over which memory has to stay `flat`, and so many `clients` of events at once. Whether what is measured beside it
    is installed where it isn't yet."""

    rounds: int
    requests: int
    stream: int
    flat: int
    clients: int
    installs: bool


@dataclass(frozen=True)
class Effort:
    """`sizes` of processed templates in bytes and `shares` of their functions tagged; `teams` of
    ten functions each for SAM to translate; how often all that is measured."""

    sizes: tuple[int, int, int]
    shares: tuple[float, float, float]
    rounds: int
    teams: tuple[int, ...]
    translations: int
    imports: int
    serving: Serving


FULL = Effort(
    sizes=(MEGABYTE // 10, MEGABYTE // 2, MEGABYTE),
    shares=(0.05, 0.5, 1.0),
    rounds=25,
    teams=(3, 10),
    translations=3,
    imports=25,
    serving=Serving(rounds=5, requests=400, stream=100 * MEGABYTE, flat=1000 * MEGABYTE, clients=200, installs=True),
)
QUICK = Effort(
    sizes=(MEGABYTE // 50, MEGABYTE // 15, MEGABYTE // 8),
    shares=(0.05, 0.5, 1.0),
    rounds=3,
    teams=(1,),
    translations=1,
    imports=2,
    serving=Serving(rounds=1, requests=40, stream=5 * MEGABYTE, flat=20 * MEGABYTE, clients=4, installs=False),
)

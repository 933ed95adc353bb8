"""How much is done in one run of the benchmarks."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


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


FULL = Effort(
    sizes=(MEGABYTE // 10, MEGABYTE // 2, MEGABYTE),
    shares=(0.05, 0.5, 1.0),
    rounds=25,
    teams=(3, 10),
    translations=3,
    imports=25,
)
QUICK = Effort(
    sizes=(MEGABYTE // 50, MEGABYTE // 15, MEGABYTE // 8),
    shares=(0.05, 0.5, 1.0),
    rounds=3,
    teams=(1,),
    translations=1,
    imports=2,
)

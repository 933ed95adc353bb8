"""The documentation says 16 KB: 16,000 or 16,384 bytes, and whether the eight NUL count, is found by halving.

The metadata is JSON with spaces in it, as headers have a limit of their own.
"""

from typing import Final

from scripts.live.lab import Answer, Experiment, Lab, prelude
from scripts.live.templates import gateway

_SMALL: Final = 15_000
_LARGE: Final = 17_000
_MEANINGS: Final = {
    15_992: "16,000 bytes with the eight NUL",
    16_000: "16,000 bytes before the first NUL",
    16_376: "16,384 bytes with the eight NUL",
    16_384: "16,384 bytes before the first NUL",
}


def observe(lab: Lab) -> dict[int, int]:
    """Status by size of the metadata."""
    url = lab.open("api")
    seen: dict[int, int] = {}

    def is_taken(size: int) -> bool:
        script = [prelude("{" + " " * (size - 2) + "}"), ["write", "payload"]]
        seen[size] = lab.ask(f"{url}/stream", script).status
        return seen[size] == 200

    small, large = _SMALL, _LARGE
    if is_taken(small) and not is_taken(large):
        while large - small > 1:
            middle = (small + large) // 2
            small, large = (middle, large) if is_taken(middle) else (small, middle)
    return seen


def judge(seen: dict[int, int]) -> Answer:
    taken = [size for size, status in seen.items() if status == 200]
    refused = [size for size, status in seen.items() if status != 200]
    evidence = ", ".join(f"{size:,}: {status}" for size, status in sorted(seen.items()))
    if not taken or not refused:
        return Answer(f"the limit isn't between {_SMALL:,} and {_LARGE:,} bytes", evidence, is_settled=False)
    if max(taken) + 1 != min(refused):
        return Answer("sizes are taken and refused without order", evidence, is_settled=False)
    limit = max(taken)
    return Answer(_MEANINGS.get(limit, f"{limit:,} bytes before the first NUL"), evidence)


EXPERIMENT = Experiment(
    "prelude-size",
    "Within how many bytes must the delimiter come?",
    4,
    lambda _: {"api": gateway()},
    observe,
    judge,
)

"""The handler's work on a processed template, next to reading and writing that template as JSON."""

from collections.abc import Iterator, Sequence
from itertools import product

from benchmarks.effort import MEGABYTE, Effort
from benchmarks.macro import Case, Timing, handle, timings
from benchmarks.report import Section, Target
from benchmarks.templates import SHAPES, Place, Shape, functions, processed, route_names, streaming

LINEAR = 1.8
"""The growth that passes as linear; that of a quadratic cost is 2.5 to 3."""

PLACES: tuple[Place, ...] = ("functions", "events", "operations", "Parameters")

Measured = dict[tuple[Shape, float, int], Timing]


def sections(effort: Effort) -> Iterator[Section]:
    keys = list(product(SHAPES, (0.1, 1.0), effort.sizes))
    measured = timings({key: Case(processed(key[0], key[2], key[1])) for key in keys}, effort.rounds)
    yield _ratios(measured)
    yield _growth_with_size(measured, effort.sizes)
    yield _growth_with_routes(effort)


def _ratios(measured: Measured) -> Section:
    rows = []
    for (shape, share, size), time in measured.items():
        template = processed(shape, size, share)
        routes = streaming(handle(template))
        rows.append((
            shape.name,
            f"{time.size / MEGABYTE:.2f}",
            f"{len(template['Resources'])}",
            f"{sum(1 for _ in functions(template))}",
            f"{routes}",
            f"{time.json * 1e3:.2f}",
            f"{time.handling * 1e3:.2f}",
            f"{time.ratio:.2f}",
            f"{time.best / time.best_json:.2f}",
            f"{time.handling * 1e6 / routes:.0f}",
        ))  # fmt: skip
    worst = {share: max(time.ratio for key, time in measured.items() if key[1] == share) for share in (0.1, 1.0)}
    return Section(
        "The handler and JSON",
        "The handler's time for one event over the time that `json.loads` and `json.dumps` take for the same template, "
        "read anew in each round: medians, and the best of all rounds. A tenth of the functions is tagged, or all.",
        ("shape", "MB", "resources", "functions", "routes", "JSON ms", "handler ms", "ratio", "best", "µs per route"),
        rows,
        [
            Target("the largest ratio with a tenth of the functions tagged", worst[0.1], 1.0),
            Target("the largest ratio with every function tagged", worst[1.0], 1.0),
        ],
    )


def _growth_with_size(measured: Measured, sizes: Sequence[int]) -> Section:
    rows, growths = [], []
    for shape, share in dict.fromkeys((shape, share) for shape, share, _ in measured):
        times = [measured[shape, share, size] for size in sizes]
        exact = [time.size for time in times]
        growths.append(_growth(exact, [time.best for time in times]))
        per_megabyte = (f"{time.best * 1e3 / time.size * MEGABYTE:.1f}" for time in times)
        of_json = _growth(exact, [time.best_json for time in times])
        rows.append((shape.name, f"{share:.0%}", *per_megabyte, f"{growths[-1]:.2f}", f"{of_json:.2f}"))
    return Section(
        "Growth with the template's size",
        "Milliseconds per megabyte at each size, the best of all rounds. Growth is what a further megabyte costs "
        "in the upper interval over what it costs in the lower one: 1 where it is linear, 2.5 were it quadratic; "
        "and JSON's own beside it.",
        ("shape", "tagged", *(f"{size / MEGABYTE:g} MB" for size in sizes), "growth", "JSON's growth"),
        rows,
        [Target("the largest growth", max(growths), LINEAR)],
    )


def _growth_with_routes(effort: Effort) -> Section:
    kinds: list[tuple[Shape, Place]] = [(SHAPES[0], place) for place in PLACES]
    kinds.extend((shape, "functions") for shape in SHAPES[1:])
    size = effort.sizes[-1]
    cases = {
        (shape, place, share): _tagged(shape, size, share, place)
        for (shape, place), share in product(kinds, (0.0, *effort.shares))
    }
    measured = timings(cases, effort.rounds)
    rows, growths = [], []
    for shape, place in kinds:
        idle, *times = (measured[shape, place, share].best for share in (0.0, *effort.shares))
        tagged = [cases[shape, place, share] for share in effort.shares]
        routes = [streaming(handle(case.template, case.params)) for case in tagged]
        growths.append(_growth(routes, times))
        each = (f"{count}: {time * 1e3:.1f}" for count, time in zip(routes, times, strict=True))
        marginal = (times[-1] - times[0]) * 1e6 / (routes[-1] - routes[0])
        rows.append((shape.name, place, f"{idle * 1e3:.1f}", *each, f"{marginal:.1f}", f"{growths[-1]:.2f}"))
    return Section(
        "Growth with the streaming routes",
        f"At {size / MEGABYTE:g} MB, by the place where the tags stand: milliseconds without a tag, then the number of "
        "streaming routes and the milliseconds with them, the best of all rounds; what each further route adds; and "
        "the growth of that from the lower interval to the upper one: 1 where it is linear, 2.7 were it quadratic.",
        ("shape", "tags", "none", *(f"{share:.0%}" for share in effort.shares), "µs per route", "growth"),
        rows,
        [Target("the largest growth", max(growths), LINEAR)],
    )


def _tagged(shape: Shape, size: int, share: float, place: Place) -> Case:
    template = processed(shape, size, share, place)
    return Case(template, {"Routes": route_names(template, share)} if place == "Parameters" and share else {})


def _growth(amounts: Sequence[float], times: Sequence[float]) -> float:
    """Of three points: the slope from the second to the third over that from the first to the second."""
    lower, upper = ((times[index + 1] - times[index]) / (amounts[index + 1] - amounts[index]) for index in range(2))
    return upper / lower if lower > 0 else float("inf")

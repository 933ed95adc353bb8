"""The macro's two passes next to the SAM translation between them."""

import json
from collections.abc import Iterator
from statistics import median
from time import process_time

from benchmarks.effort import Effort
from benchmarks.macro import PARAMETERS, REGION, handle
from benchmarks.report import Section, Target
from benchmarks.templates import (
    SHAPES,
    Shape,
    Template,
    functions,
    source,
    streaming,
    tag_events,
)
from samstream_cli.sam import translate

LIMIT = 0.02


def sections(effort: Effort) -> Iterator[Section]:
    translate(source(SHAPES[0], 1), PARAMETERS, REGION)  # imports SAM, which takes a second
    templates = {(shape, teams): _with_tags(shape, teams) for teams in effort.teams for shape in SHAPES[:2]}
    rounds: dict[tuple[Shape, int], list[tuple[float, float, float]]] = {key: [] for key in templates}
    for _ in range(effort.translations):
        for key, template in templates.items():
            rounds[key].append(_round(template))
    rows, ratios = [], []
    for (shape, teams), times in rounds.items():
        before, sam, after = (median(column) for column in zip(*times, strict=True))
        ratios.append(median((first + last) / between for first, between, last in times))
        rows.append((
            shape.name,
            f"{sum(1 for _ in functions(templates[shape, teams]))}",
            f"{before * 1e3:.1f}",
            f"{sam * 1e3:.0f}",
            f"{after * 1e3:.1f}",
            f"{ratios[-1]:.4f}",
        ))  # fmt: skip
    yield Section(
        "The handler and SAM",
        "Every Api event tagged: the handler before SAM, the SAM translator, the handler after it; medians.",
        ("shape", "functions", "before ms", "SAM ms", "after ms", "ratio"),
        rows,
        [Target("the largest ratio", max(ratios), LIMIT)],
    )


def _with_tags(shape: Shape, teams: int) -> Template:
    """SAM ignores events where the API has a definition of its own, so the shapes here have none."""
    template = source(shape, teams)
    tag_events(template)
    return template


def _round(template: Template) -> tuple[float, float, float]:
    template = json.loads(json.dumps(template))
    started = process_time()
    tagless = handle(template)
    handled = process_time()
    translated = translate(tagless, PARAMETERS, REGION)
    sam = process_time()
    streamed = handle(translated)
    ended = process_time()
    if not streaming(streamed):
        raise ValueError("nothing streams")
    return handled - started, sam - handled, ended - sam

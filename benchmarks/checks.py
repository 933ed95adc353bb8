"""`samstream check` next to reading the template it checks."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time

from benchmarks.effort import Effort
from benchmarks.macro import PARAMETERS, REGION
from benchmarks.report import Section, Target
from benchmarks.templates import SHAPES, Template, processed
from samstream_cli.checking import CheckSettings, check
from samstream_cli.templates import template_file
from samstream_cli.writing import to_text

LIMIT = 3.0


def sections(effort: Effort) -> Iterator[Section]:
    size = effort.sizes[-1]
    rows, ratios = [], []
    for form, rounds in (("json", effort.rounds), ("yaml", max(1, effort.translations))):
        for shape in SHAPES:
            data = _data(processed(shape, size, 0.1), form)
            times = [_round(data, f"template.{form}") for _ in range(rounds)]
            reading, whole = (median(column) for column in zip(*times, strict=True))
            ratios.append(median(all_ / read for read, all_ in times))
            found = _findings(data, f"template.{form}")
            rows.append((
                f"{shape.name}, {form}",
                f"{len(data) / 1e6:.2f}",
                f"{found}",
                f"{reading * 1e3:.0f}",
                f"{whole * 1e3:.0f}",
                f"{ratios[-1]:.2f}",
            ))  # fmt: skip
    yield Section(
        "The check and reading",
        "Reading a processed template as `samstream check` does, and reading and checking it, a tenth of its functions "
        "tagged; medians. SAM has no part in it.",
        ("template", "MB", "findings", "reading ms", "whole ms", "ratio"),
        rows,
        [Target("the largest ratio", max(ratios), LIMIT)],
    )


def _data(template: Template, form: str) -> bytes:
    content = {**template, "Transform": "SamStream"}
    return (json.dumps(content, indent=1) if form == "json" else to_text(content, "yaml")).encode()


def _round(data: bytes, name: str) -> tuple[float, float]:
    """Seconds to read the template, and to read and check it."""
    started = process_time()
    template_file(name, Path(), data)
    read = process_time()
    _findings(data, name)
    return read - started, process_time() - read


def _findings(data: bytes, name: str) -> int:
    settings = CheckSettings(REGION, {key: str(value) for key, value in PARAMETERS.items()}, environment={})
    return len(check(template_file(name, Path(), data), settings).findings)

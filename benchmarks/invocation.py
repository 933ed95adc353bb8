"""What one whole invocation takes, the first of a fresh environment: behind the installer's memory and timeout.

The peak is read from /proc, which Linux alone has.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.effort import MEGABYTE, Effort
from benchmarks.macro import event
from benchmarks.report import Section
from benchmarks.templates import SHAPES, processed

FULL_PROCESSOR = 1769
"""Megabytes of memory with which Lambda gives a function one whole processor.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

INSTALLED = 512
"""The MemorySize of template.yaml."""

_CHILD = """
import json, re, sys, time
from pathlib import Path
from samstream.handler import lambda_handler
answer = json.dumps(lambda_handler(json.loads(Path(sys.argv[1]).read_text()), None))
assert '"status": "success"' in answer
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps([int(peak[1]) / 1024, time.process_time()]), file=sys.stderr)
"""


def sections(effort: Effort) -> Iterator[Section]:
    rows = []
    for size in effort.sizes:
        template = processed(SHAPES[0], size, 1.0)
        memory, seconds = _invocation(json.dumps(event(template, {})))
        estimate = seconds * FULL_PROCESSOR / INSTALLED
        megabytes = len(json.dumps(template)) / MEGABYTE
        rows.append((f"{megabytes:.2f}", f"{memory:.0f}", f"{seconds:.2f}", f"{estimate:.1f}"))
    yield Section(
        "One invocation",
        "A fresh interpreter that imports the handler, reads an event in which every function is tagged, handles it "
        "and writes the answer: its peak memory, its processor time, and what that makes at "
        f"{INSTALLED} MB, where Lambda gives {INSTALLED}/{FULL_PROCESSOR} of a processor.",
        ("template MB", "peak MB", "seconds", f"seconds at {INSTALLED} MB"),
        rows,
    )


def _invocation(text: str) -> tuple[float, float]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "event.json"
        file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", _CHILD, str(file)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    memory, seconds = json.loads(done.stderr.splitlines()[-1])
    return memory, seconds

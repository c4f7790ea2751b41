"""The most memory that `summary` and `check` take on ResNet-50."""

import resource
import sys

from benchmarks.processes import costs, specmodel
from benchmarks.section import Section
from benchmarks.spread import spread
from benchmarks.workloads import WORKLOADS

MOST_MEGABYTES = 60


def measure(rounds: int) -> Section:
    file = str(WORKLOADS["resnet50"].spec)
    found = costs({name: specmodel(name, file) for name in ("check", "summary")}, rounds)
    rows, figures = [], {}
    for name, own in found.items():
        memory, wall = spread([one.memory / 1e6 for one in own]), spread([1e3 * one.wall for one in own])
        rows.append((name, memory.text(".1f"), wall.text(".0f")))
        figures[name] = {"memory_mb": memory.figures(), "wall_ms": wall.figures()}
    met = {f"summary in under {MOST_MEGABYTES} MB": figures["summary"]["memory_mb"]["median"] < MOST_MEGABYTES}
    remarks: list[str] = []
    # A process begins its life as a copy of its parent, whose size is its own peak if it stays smaller.
    itself = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    if itself > figures["summary"]["memory_mb"]["median"]:
        remarks.append(f"no figure: the benchmark itself takes {itself:.0f} MB")
    return Section("Memory: a ResNet-50 spec", ("process", "peak MB", "wall ms"), rows, remarks, figures, met)

"""The most memory that `summary` and `check` take on a flat ResNet-50."""

import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.as_spec import spec_text
from benchmarks.networks import resnet50
from benchmarks.processes import costs, specmodel
from benchmarks.section import Section
from benchmarks.spread import spread

MOST_MEGABYTES = 60


def measure(rounds: int) -> Section:
    with TemporaryDirectory() as folder:
        file = Path(folder, "resnet50.yaml")
        text = spec_text(resnet50, (224, 224, 3))
        file.write_text(text)
        found = costs({name: specmodel(name, str(file)) for name in ("check", "summary")}, rounds)
    rows, figures = [], {}
    for name, own in found.items():
        memory, wall = spread([one.memory / 1e6 for one in own]), spread([1e3 * one.wall for one in own])
        rows.append((name, memory.text(".1f"), wall.text(".0f")))
        figures[name] = {"memory_mb": memory.figures(), "wall_ms": wall.figures()}
    met = {f"summary in under {MOST_MEGABYTES} MB": figures["summary"]["memory_mb"]["median"] < MOST_MEGABYTES}
    remarks = [f"{text.count('- name:')} layers"]
    # A process begins its life as a copy of its parent, whose size is its own peak if it stays smaller.
    itself = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    if itself > figures["summary"]["memory_mb"]["median"]:
        remarks.append(f"no figure: the benchmark itself takes {itself:.0f} MB")
    return Section("Memory: a ResNet-50 spec", ("process", "peak MB", "wall ms"), rows, remarks, figures, met)

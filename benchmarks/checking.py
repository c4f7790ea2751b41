"""`check` as CI uses it: a thousand small specs on one core and on all, one of 20,000 lines, memory over many files."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import Cost, costs, specmodel
from benchmarks.scaling import chain_text
from benchmarks.section import Section
from benchmarks.spread import ratio, spread

MANY = 1_000
MOST_MILLISECONDS = 5.0
"""For each of many small specs, on one core."""
MOST_MORE_WORK = 1.25
"""What two processes may cost together, of what one costs: on two idle cores they take 0.63 of its time."""
MOST_SECONDS = 3.0
"""For 20,000 lines."""
MOST_MEMORY = 2.0
"""What a folder may take, of what the largest file in it takes, above what an empty check does."""
SMALL = """\
inputs: [28, 28, 1]
layers:
  - Conv2D: {{filters: {filters}, kernel_size: 3, activation: relu}}
  - MaxPooling2D: 2
  - Flatten
  - Dense: {{units: 64, activation: relu}}
  - Dropout: 0.5
  - Dense: {{units: 10, activation: softmax}}
"""
ON_ONE_CORE = (
    "import os, sys; "
    "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]) if hasattr(os, 'sched_setaffinity') else None; "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def measure(rounds: int) -> Section:
    with TemporaryDirectory() as name:
        folder = Path(name)
        commands = {
            "one small spec": specmodel("check", *_small(folder / "one", 1)),
            f"{MANY:,} small specs, one core": _on_one_core(specmodel("check", *_small(folder / "many", MANY))),
            f"{MANY:,} small specs": specmodel("check", str(folder / "many")),
            "10,000 layers, 20,000 lines": specmodel("check", _chain(folder, 10_000)),
            "20,000 layers, 20,000 lines": specmodel("check", _lines(folder, 20_000)),
            "the largest of a folder": specmodel("check", _chain(folder, 2_000)),
            "the folder": _on_one_core(specmodel("check", *_folder(folder / "mixed"))),
        }
        found = costs(commands, rounds)
    rows = [_row(name, own) for name, own in found.items()]
    one, alone, shared = (found[name] for name in list(commands)[:3])
    each = 1e3 * (spread([cost.cpu for cost in alone]).median - spread([cost.cpu for cost in one]).median) / (MANY - 1)
    work, time = _ratio(shared, alone, "cpu"), _ratio(shared, alone, "wall")
    lines = {name: spread([cost.cpu for cost in found[name]]).median for name in list(commands)[3:5]}
    base = spread([cost.memory for cost in one]).median
    largest, folder_takes = (spread([cost.memory for cost in found[name]]).median for name in list(commands)[5:])
    growth = (folder_takes - base) / (largest - base)
    remarks = [
        f"a small spec of {MANY:,} takes {each:.2f} ms of the processor",
        f"all cores do {work:.2f} of the work of one, in {time:.2f} of the time on this machine's clock",
        f"a folder of 40 files takes {growth:.2f} of the memory of its largest, above that of one small spec",
    ]
    met = {
        f"{MANY:,} small specs: under {MOST_MILLISECONDS:.0f} ms each": each < MOST_MILLISECONDS,
        f"all cores: at most {MOST_MORE_WORK} of the work of one": work <= MOST_MORE_WORK,
        f"20,000 lines: under {MOST_SECONDS:.0f} s of the processor": max(lines.values()) < MOST_SECONDS,
        f"a folder: at most {MOST_MEMORY:.0f} times the memory of its largest file": growth <= MOST_MEMORY,
    }
    figures = {
        "each_ms": each,
        "work": work,
        "time": time,
        "lines_s": lines,
        "memory_growth": growth,
        "processors": os.cpu_count(),
    }
    return Section(
        "Checking: many specs and large ones", ("check of", "wall s", "cpu s", "peak MB"), rows, remarks, figures, met
    )


def _row(name: str, own: Sequence[Cost]) -> tuple[str, ...]:
    wall, cpu = spread([cost.wall for cost in own]), spread([cost.cpu for cost in own])
    return name, wall.text(), cpu.text(), f"{spread([cost.memory / 1e6 for cost in own]).median:.0f}"


def _ratio(own: Sequence[Cost], other: Sequence[Cost], kind: str) -> float:
    return ratio([getattr(cost, kind) for cost in own], [getattr(cost, kind) for cost in other]).median


def _on_one_core(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-c", ON_ONE_CORE, *command]


def _small(folder: Path, count: int) -> list[str]:
    """A folder of so many small specs, each a little different."""
    folder.mkdir()
    for number in range(count):
        (folder / f"spec{number:04}.yaml").write_text(SMALL.format(filters=number % 30 + 1))
    return [str(folder)]


def _chain(folder: Path, layers: int) -> str:
    """A chain of named layers, two lines each."""
    file = folder / f"chain{layers}.yaml"
    file.write_text(chain_text(layers))
    return str(file)


def _lines(folder: Path, layers: int) -> str:
    """A chain with a line for each layer, without names."""
    file = folder / f"lines{layers}.yaml"
    file.write_text("inputs: [64]\nlayers:\n" + "  - Dense: {units: 64, activation: relu}\n" * layers)
    return str(file)


def _folder(folder: Path) -> list[str]:
    """Files of many sizes, the largest as large as the one that is measured alone."""
    folder.mkdir()
    for number in range(40):
        (folder / f"file{number:02}.yaml").write_text(chain_text(2_000 if number % 8 == 3 else 50 * (number % 8 + 1)))
    return [str(folder)]

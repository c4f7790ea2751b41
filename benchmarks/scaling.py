"""`check` of long chains: seconds, and whether they grow with the layers and no faster."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import costs, specmodel
from benchmarks.section import Section
from benchmarks.spread import ratio, spread

LAYERS = (1, 1_000, 5_000, 10_000)
MOST_SECONDS = 2.0


def chain_text(layers: int) -> str:
    """The spec of so many Dense layers, one after the other."""
    entries = (f"  - name: hidden_{number}\n    Dense: {{units: 64, activation: relu}}\n" for number in range(layers))
    return f"inputs: [64]\nlayers:\n{''.join(entries)}"


def measure(rounds: int) -> Section:
    with TemporaryDirectory() as folder:
        files = {layers: Path(folder, f"chain{layers}.yaml") for layers in LAYERS}
        for layers, file in files.items():
            file.write_text(chain_text(layers))
        found = costs({str(layers): specmodel("check", str(file)) for layers, file in files.items()}, rounds)
    rows, figures = [], {}
    start = spread([one.cpu for one in found["1"]]).median
    for layers in LAYERS:
        own = found[str(layers)]
        wall, cpu = spread([one.wall for one in own]), spread([one.cpu for one in own])
        each = 1e6 * (cpu.median - start) / layers
        memory = spread([one.memory / 1e6 for one in own])
        rows.append(
            (f"{layers:,}", wall.text(), cpu.text(), f"{each:.0f}" if layers > 1 else "", f"{memory.median:.0f}")
        )
        figures[str(layers)] = {"wall_s": wall.figures(), "cpu_s": cpu.figures(), "memory_mb": memory.figures()}
    growth = ratio([one.cpu - start for one in found["10000"]], [one.cpu - start for one in found["1000"]])
    whole = ratio([one.cpu for one in found["10000"]], [one.cpu for one in found["1000"]])
    remarks = [
        f"10,000 layers take {whole.text('.1f')} times as long as 1,000; without start-up {growth.text('.1f')} times"
    ]
    goal = f"5,000 layers in under {MOST_SECONDS:.0f} s of the processor"
    met = {goal: figures["5000"]["cpu_s"]["median"] < MOST_SECONDS}
    figures["growth"] = {"10000/1000": whole.figures(), "10000/1000 without start-up": growth.figures()}
    headings = ("Dense layers", "wall s", "cpu s", "cpu µs a layer", "MB")
    return Section("Scaling: `check` of a chain", headings, rows, remarks, figures, met)

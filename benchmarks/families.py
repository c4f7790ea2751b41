"""Families of networks: what an expansion costs beside a spec that has none, and the zoo with all its presets."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import costs, specmodel
from benchmarks.section import Section
from benchmarks.spread import ratio, spread

SPECS = Path(__file__).parent.parent / "specs"
TUTORIAL = SPECS / "tutorial" / "my_sequential_with_inputs.yaml"
COMMANDS = ("check", "summary", "expand")
LARGE = {"ResNet-152": ("resnet", "resnet152"), "EfficientNet-B7": ("efficientnet", "b7")}
MOST_TIMES, MOST_SECONDS = 2.5, 10.0
BLOCKS = (200, 2_000, 8_000)
LAYERS_OF_A_BLOCK = 5
REPEATED = """\
params: {depth: 1}
inputs: [64]
blocks:
  Residual:
    params: {units: 64}
    layers:
      - LayerNormalization
      - Dense: {units: $(2 * units), activation: relu}
      - Dense: $(units)
      - Dropout: 0.1
      - inputs: [_, x]
        Add:
layers:
  - repeat: $(depth)
    name: stage$(i)
    Residual: $(32 * 2)
"""


def measure(rounds: int) -> Section:
    commands = {("tutorial", command): specmodel(command, str(TUTORIAL)) for command in COMMANDS}
    for name, (family, preset) in LARGE.items():
        file = str(SPECS / "zoo" / f"{family}.yaml")
        commands |= {(name, command): specmodel(command, file, "--preset", preset) for command in COMMANDS}
    commands["zoo", "check"] = specmodel("check", "--all-presets", str(SPECS / "zoo"))
    with TemporaryDirectory() as folder:
        spec = Path(folder, "repeated.yaml")
        spec.write_text(REPEATED)
        for blocks in BLOCKS:
            commands[str(blocks), "check"] = specmodel("check", str(spec), "--set", f"depth={blocks}")
        found = costs({" ".join(key): command for key, command in commands.items()}, rounds)
    rows, figures, met = [], {}, {}
    for name, command in commands:
        own, start = found[f"{name} {command}"], found[f"tutorial {command}"]
        wall, cpu = spread([one.wall for one in own]), spread([one.cpu for one in own])
        times = ratio([one.cpu for one in own], [one.cpu for one in start])
        what = f"{int(name) * LAYERS_OF_A_BLOCK:,} layers of {name} blocks" if name.isdigit() else name
        rows.append((what, command, wall.text(), cpu.text(), times.text() if name != "tutorial" else ""))
        figures[f"{name} {command}"] = {"wall_s": wall.figures(), "cpu_s": cpu.figures(), "to_start": times.figures()}
        if name in LARGE:
            met[f"{command} of {name}: at most {MOST_TIMES} times the tutorial's"] = times.median <= MOST_TIMES
    zoo = spread([one.cpu for one in found["zoo check"]])
    met[f"the zoo with all presets in under {MOST_SECONDS:.0f} s of the processor"] = zoo.median < MOST_SECONDS
    start = spread([one.cpu for one in found["tutorial check"]]).median
    few, _, many = (found[f"{blocks} check"] for blocks in BLOCKS)
    growth = ratio([one.cpu - start for one in many], [one.cpu - start for one in few])
    remark = (
        f"{BLOCKS[-1] // BLOCKS[0]} times as many layers take {growth.text('.1f')} times as long, start-up left out"
    )
    figures["growth"] = {f"{BLOCKS[-1]}/{BLOCKS[0]}": growth.figures()}
    headings = ("spec", "command", "wall s", "cpu s", "cpu to the tutorial's")
    return Section("Families: what an expansion costs", headings, rows, [remark], figures, met)

"""Whole commands on the tutorial's spec, beside a process that only imports what they depend on."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.processes import Cost, FailedError, cost, costs, environment, specmodel
from benchmarks.section import Section
from benchmarks.spread import ratio, spread

SPEC = Path(__file__).parent.parent / "specs" / "tutorial" / "my_sequential_with_inputs.yaml"
FLOOR = (
    "import yaml, click{numpy}; from pydantic import BaseModel; "
    "A = type('A', (BaseModel,), {{'__annotations__': {{'x': int}}}}); A(x=1)"
)
GOALS = {"summary": 1.4, "check": 1.4, "run": 1.3}
FLOORS = {"summary": "the stack", "check": "the stack", "run": "the stack and NumPy"}


def measure(rounds: int) -> Section:
    with TemporaryDirectory() as folder:
        data = Path(folder, "input.npy")
        _write_zeros(data)
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "the stack": [sys.executable, "-c", FLOOR.format(numpy="")],
            "the stack and NumPy": [sys.executable, "-c", FLOOR.format(numpy=", numpy")],
            "summary": specmodel("summary", str(SPEC)),
            "check": specmodel("check", str(SPEC)),
            "run": specmodel("run", str(SPEC), str(data), "-o", str(Path(folder, "output.npy"))),
        }
        remarks: list[str] = []
        met: dict[str, bool] = {}
        for name in GOALS:
            try:
                cost(commands[name], Path(folder))
            except FailedError as error:
                remarks.append(f"`{name}` does not run: {error}")
                met[_goal(name)] = False
                del commands[name]
        found = costs(commands, rounds)
    figures: dict[str, Any] = {}
    rows = []
    for name in commands:
        row, figures[name] = _compared(name, found)
        rows.append(row)
        if name in GOALS:
            met[_goal(name)] = figures[name]["wall_ratio"]["median"] <= GOALS[name]
    for name in ("summary", "check"):
        loads = _imports_numpy(name)
        met[f"{name} imports no NumPy"] = not loads
        remarks.append(f"`{name}` {'imports' if loads else 'does not import'} NumPy")
    headings = ("process", "wall ms", "cpu ms", "MB", "floor", "wall ratio", "cpu ratio")
    return Section("Start-up: whole processes on the tutorial's spec", headings, rows, remarks, figures, met)


def _goal(name: str) -> str:
    return f"{name}: at most {GOALS[name]} of the floor"


def _compared(name: str, found: dict[str, list[Cost]]) -> tuple[tuple[str, ...], dict[str, Any]]:
    own = found[name]
    wall, cpu = spread([1e3 * one.wall for one in own]), spread([1e3 * one.cpu for one in own])
    memory = spread([one.memory / 1e6 for one in own])
    figures: dict[str, Any] = {"wall_ms": wall.figures(), "cpu_ms": cpu.figures()}
    if name == "python":  # smaller than the benchmark, whose copy it is in its first moment
        return (name, wall.text(".0f"), cpu.text(".0f"), "", "", "", ""), figures
    figures["memory_mb"] = memory.figures()
    row = (name, wall.text(".0f"), cpu.text(".0f"), f"{memory.median:.1f}")
    if name not in GOALS:
        return (*row, "", "", ""), figures
    floor = found[FLOORS[name]]
    by_wall = ratio([one.wall for one in own], [one.wall for one in floor])
    by_cpu = ratio([one.cpu for one in own], [one.cpu for one in floor])
    figures |= {"floor": FLOORS[name], "wall_ratio": by_wall.figures(), "cpu_ratio": by_cpu.figures()}
    return (*row, FLOORS[name], by_wall.text(), by_cpu.text()), figures


def _imports_numpy(command: str) -> bool:
    program = (
        "import sys; from specmodel.cli import cli; "
        f"cli.main([{command!r}, {str(SPEC)!r}], standalone_mode=False); print('numpy' in sys.modules, file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    )
    return result.stderr.strip() != "False"


def _write_zeros(path: Path) -> None:
    """An .npy file of 3 samples, written without NumPy: it would count in the memory of every measured process."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"
    header = header.ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(4 * 12))

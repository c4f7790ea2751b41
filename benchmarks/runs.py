"""Warm runs of models, beside NumPy by hand, onnxruntime and Keras."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

from benchmarks.contest import HAND, ORT, OURS, contest, onnx_is_missing
from benchmarks.section import Section
from benchmarks.spread import Spread, ratio, spread
from benchmarks.workloads import TWO_THREADS, WORKLOADS

LARGE_BYTES = 128 * 1024
"""What a call may allocate beside its output: Python objects, and NumPy's own buffers of 8,192 elements."""
BACKENDS = ("jax", "tensorflow", "torch")
"""Keras' backends beside NumPy, by the names of their packages too."""
KERAS_ROUNDS = 3
"""The part of the rounds that runs beside Keras, which is slow on NumPy."""
HEADINGS = (
    *("model", "batch", "threads", "ms", "to onnxruntime", "to NumPy by hand", "to Keras on NumPy"),
    *("to the best other Keras", "first call ms", "allocated", "output"),
)


class Choice(NamedTuple):
    """Which part of the runs to measure: the names of workloads, the numbers of threads, whether Keras is asked too."""

    workloads: Sequence[str] = tuple(WORKLOADS)
    threads: Sequence[int] = (1, 2)
    keras: bool = True


class Case(NamedTuple):
    """A workload on a batch, with so many threads."""

    workload: str
    batch: int
    threads: int

    @property
    def clock(self) -> str:
        """What is compared: on one thread the time of the processor, which other processes leave alone."""
        return "cpu_ms" if self.threads == 1 else "wall_ms"

    @property
    def goal(self) -> float:
        """The highest ratio to onnxruntime's time."""
        return round(WORKLOADS[self.workload].goal * (1 if self.threads == 1 else TWO_THREADS), 3)

    def __str__(self) -> str:
        return f"{self.workload} {self.batch}" + (f", {self.threads} threads" if self.threads > 1 else "")


def measure(rounds: int, choice: Choice = Choice()) -> Section:
    backends, remarks = _keras_backends(choice.keras)
    rows, figures, met = [], {}, {}
    for threads in choice.threads:
        for name in choice.workloads:
            for batch in WORKLOADS[name].batches:
                case = Case(name, batch, threads)
                row, figures[str(case)], reached = _measured(case, rounds, backends)
                rows.append(row)
                met |= reached
    missing = onnx_is_missing()
    remarks = [
        "ms: of one call, the median; ratios are medians of rounds that took turns, quartiles in parentheses",
        "on one thread processor time, which is that on the clock of an idle machine; on more time on the clock",
        "outputs agree to 1e-4 of the largest; each Keras backend runs beside specmodel in a process of its own",
        "allocated: the most bytes that a warm call holds of its own, its output included",
        *([missing] if missing is not None else []),
        *remarks,
    ]
    return Section("Warm runs", HEADINGS, rows, remarks, figures, met)


def _keras_backends(wanted: bool) -> tuple[list[str], list[str]]:
    if not wanted:
        return [], []
    if find_spec("keras") is None:
        return [], ["Keras is left out: it is not installed; `pip install '.[bench]'` brings it"]
    found = [name for name in BACKENDS if find_spec(name) is not None]
    lacking = [name for name in BACKENDS if name not in found]
    return ["numpy", *found], [f"Keras on {', '.join(lacking)} is left out: not installed"] if lacking else []


def _measured(
    case: Case, rounds: int, backends: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Any], dict[str, bool]]:
    found = contest(*case, None, rounds)
    clock = case.clock
    ratios = {name: ratio(found[clock][OURS], found[clock][name]) for name in found[clock] if name != OURS}
    figures: dict[str, Any] = {key: found[key] for key in ("first_ms", "allocated", "output")}
    figures |= {name: spread(found[clock][name]).figures() for name in found[clock]}
    for backend in backends:
        beside = contest(*case, backend, max(rounds // KERAS_ROUNDS, 3))
        name = f"Keras on {backend}"
        ratios[name] = ratio(beside[clock][OURS], beside[clock][name])
        figures[name] = spread(beside[clock][name]).figures()
    figures |= {f"ratio to {name}": one.figures() for name, one in ratios.items()}
    return _row(case, figures, ratios), figures, _reached(case, found, ratios)


def _row(case: Case, figures: dict[str, Any], ratios: dict[str, Spread]) -> tuple[str, ...]:
    others = {name: one for name, one in ratios.items() if name in {f"Keras on {backend}" for backend in BACKENDS}}
    best = max(others, key=lambda name: others[name].median, default=None)
    to = [ratios[name].text() if name in ratios else "" for name in (ORT, HAND, "Keras on numpy")]
    to_best = f"{others[best].text()} {best.rpartition(' ')[2]}" if best is not None else ""
    memory = [f"{figures[key]:,}" for key in ("allocated", "output")]
    own = f"{figures[OURS]['median']:.3g}"
    return (case.workload, str(case.batch), str(case.threads), own, *to, to_best, f"{figures['first_ms']:.0f}", *memory)


def _reached(case: Case, found: dict[str, Any], ratios: dict[str, Spread]) -> dict[str, bool]:
    """The goals of a case, and whether they were reached."""
    met = {}
    if ORT in ratios:
        met[f"{case}: at most {case.goal:g} of onnxruntime's time"] = ratios[ORT].median <= case.goal
    if "Keras on numpy" in ratios:
        met[f"{case}: ahead of Keras on NumPy"] = ratios["Keras on numpy"].median < 1
    if case.threads == 1:
        met[f"{case}: no large buffer in a warm call"] = found["allocated"] - found["output"] < LARGE_BYTES
    return met

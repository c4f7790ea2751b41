"""Measure the warm calls of a plan."""

import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from statistics import quantiles
from time import perf_counter, process_time

import numpy as np

from specmodel.execute import execute, layer_seconds
from specmodel.kernels import Array
from specmodel.plan.plan import Plan
from specmodel.record import Record

ENOUGH_SECONDS = 1.0
"""As long is measured where no number of calls is asked for."""
FEWEST, MOST = 5, 1000


class Spread(Record):
    """The median of some measurements, and the quartiles around it, in milliseconds."""

    median: float
    low: float
    high: float


class Timing(Record):
    """What `calls` warm calls took, and what the steps of each layer took of it, by path; bytes are allocated ones.

    `processor` is the time of all threads.
    """

    calls: int
    wall: Spread
    processor: Spread
    layers: Mapping[str, float]
    allocated: int
    allocated_by: Mapping[str, int]


def measure(plan: Plan, inputs: Sequence[Array], calls: int | None) -> Timing:
    """Time whole calls, and in turn with them calls step by step; then look once at what a call allocates."""
    started = perf_counter()
    execute(plan, inputs)
    count = calls if calls is not None else _fitting(perf_counter() - started)
    wall, processor = [], []
    layers: dict[str, list[float]] = {step.path: [] for step in plan.steps}
    for _ in range(count):
        clock, used = perf_counter(), process_time()
        execute(plan, inputs)
        processor.append(process_time() - used)
        wall.append(perf_counter() - clock)
        for path, seconds in layer_seconds(plan, inputs).items():
            layers[path].append(seconds)
    times = {path: spread(seconds).median for path, seconds in layers.items()}
    return Timing(count, spread(wall), spread(processor), times, *_allocated(plan, inputs))


def spread(seconds: Sequence[float]) -> Spread:
    """The median and the quartiles."""
    if len(seconds) == 1:
        return Spread(*(1e3 * seconds[0],) * 3)
    low, median, high = quantiles(seconds, n=4, method="inclusive")
    return Spread(1e3 * median, 1e3 * low, 1e3 * high)


def _fitting(seconds: float) -> int:
    return max(FEWEST, min(MOST, int(ENOUGH_SECONDS / 2 / max(seconds, 1e-9))))


@np.errstate(all="ignore")
def _allocated(plan: Plan, inputs: Sequence[Array]) -> tuple[int, dict[str, int]]:
    """The most bytes that a call holds of its own, its outputs included, and that a step of each layer does."""
    tracemalloc.start()
    try:
        whole = _peak(lambda: execute(plan, inputs))
        found: dict[str, int] = {}
        for step in plan.steps:
            for call in step.bound:
                found[step.path] = max(found.get(step.path, 0), _peak(call))
        return whole, found
    finally:
        tracemalloc.stop()


def _peak(call: Callable[[], object]) -> int:
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    made = call()
    peak = tracemalloc.get_traced_memory()[1] - before
    del made
    return max(peak, 0)

"""Warm runs of models, beside NumPy by hand and onnxruntime, all on one thread."""

import tracemalloc
from collections.abc import Callable, Mapping
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np

from benchmarks import networks
from benchmarks.as_numpy import ByHand
from benchmarks.as_spec import spec_text
from benchmarks.section import Section
from benchmarks.spread import ratio, spread
from specmodel import loads

Array = np.ndarray[Any, Any]
Run = Callable[[Array], Array]

SAMPLE_SECONDS = 0.02
"""A sample holds as many calls as take at least this long."""
LARGE_BYTES = 128 * 1024
"""What a call may allocate beside its output: Python objects, and NumPy's own buffers of 8,192 elements."""


class Case(NamedTuple):
    """A network on a batch of inputs of one shape."""

    network: str
    batch: int
    shape: tuple[int, ...]


CASES = (
    *(Case("mlp", batch, (784,)) for batch in (1, 32, 1024)),
    *(Case("cnn", batch, (28, 28, 1)) for batch in (1, 64)),
    *(Case("lstm", batch, (100, 64)) for batch in (1, 32)),
    Case("resnet50", 1, (224, 224, 3)),
)
OURS, HAND, ORT = "specmodel", "NumPy by hand", "onnxruntime"


def measure(rounds: int) -> Section:
    onnx_remark = _onnx_is_missing()
    rows, figures, met = [], {}, {}
    for case in CASES:
        row, found = _case(case, rounds, onnx_remark is None)
        rows.append(row)
        figures[f"{case.network} {case.batch}"] = found
        met[f"{case.network} {case.batch}: no large buffer in a warm call"] = (
            found["allocated"] - found["output"] < LARGE_BYTES
        )
    remarks = [
        "of one call: the median of samples that took turns; outputs agree to 1e-4 of the largest",
        "ratios are of processor time: on one thread it is the time on the clock of an idle machine",
        "allocated: the most bytes that a warm call holds of its own, its output included",
        *([onnx_remark] if onnx_remark is not None else []),
    ]
    headings = (
        "model",
        "batch",
        "wall ms",
        "cpu ms",
        "by hand cpu ms",
        "to by hand",
        "onnxruntime cpu ms",
        "to onnxruntime",
        "allocated",
        "output",
    )
    return Section("Warm runs, one thread", headings, rows, remarks, figures, met)


def _case(case: Case, rounds: int, with_onnx: bool) -> tuple[tuple[str, ...], dict[str, Any]]:
    network = getattr(networks, case.network)
    model = loads(spec_text(network, case.shape))
    weights = {weight.path: weight.numpy() for weight in model.weights}
    x = np.random.default_rng(0).standard_normal((case.batch, *case.shape), np.float32)
    by_hand = ByHand(weights)
    runs: dict[str, Callable[[], Array]] = {OURS: lambda: model(x), HAND: lambda: network(by_hand, x)}
    if with_onnx:
        from benchmarks.as_onnx import arranged, session

        runtime, given = session(network, weights, case.batch, case.shape), arranged(x)
        runs[ORT] = lambda: runtime(given)
    _compare({name: run() for name, run in runs.items()})
    wall, cpu = _times(runs, rounds)
    allocated, output = _allocated(runs[OURS])
    figures: dict[str, Any] = {
        name: {"wall_ms": spread(wall[name]).figures(), "cpu_ms": spread(cpu[name]).figures()} for name in runs
    }
    ratios = {name: ratio(cpu[OURS], cpu[name]) for name in runs if name != OURS}
    figures |= {f"ratio to {name}": found.figures() for name, found in ratios.items()}
    figures |= {"allocated": allocated, "output": output}
    against = [text for name in (HAND, ORT) for text in _against(name, cpu, ratios)]
    own = (f"{spread(wall[OURS]).median:.3g}", f"{spread(cpu[OURS]).median:.3g}")
    return (case.network, str(case.batch), *own, *against, f"{allocated:,}", f"{output:,}"), figures


def _against(name: str, cpu: Mapping[str, list[float]], ratios: Mapping[str, Any]) -> tuple[str, str]:
    return (f"{spread(cpu[name]).median:.3g}", ratios[name].text()) if name in ratios else ("", "")


def _compare(outputs: Mapping[str, Array]) -> None:
    """What is compared in time must do the same work."""
    for name, output in outputs.items():
        off = np.abs(output - outputs[OURS]).max() / np.abs(outputs[OURS]).max()
        if not off < 1e-4:
            raise AssertionError(f"{name} is off by {off:.1g} of the largest number")


def _times(
    runs: Mapping[str, Callable[[], Array]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds of a call, on the clock and of the processor, for each round."""
    calls = {name: _calls(run) for name, run in runs.items()}
    wall: dict[str, list[float]] = {name: [] for name in runs}
    cpu: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            clock, processor = perf_counter(), process_time()
            for _ in range(calls[name]):
                run()
            wall[name].append(1e3 * (perf_counter() - clock) / calls[name])
            cpu[name].append(1e3 * (process_time() - processor) / calls[name])
    return wall, cpu


def _calls(run: Callable[[], Array]) -> int:
    started = perf_counter()
    run()
    return max(1, round(SAMPLE_SECONDS / (perf_counter() - started)))


def _allocated(run: Callable[[], Array]) -> tuple[int, int]:
    """The peak of what a warm call allocates, and the bytes of its output."""
    run()
    tracemalloc.start()
    output = run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, output.nbytes


def _onnx_is_missing() -> str | None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        return f"onnxruntime is left out: {error}; `pip install '.[bench]'` brings it"
    return None

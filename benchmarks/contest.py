"""A process in which a workload runs in turn with others that do the same: `python -m benchmarks.contest WORKLOAD …`.

Libraries take the number of threads when they are loaded, and Keras its backend: each combination is a process of its
own, with specmodel in it as the measure. It prints what it found as JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from time import perf_counter, process_time
from typing import Any

OURS, HAND, ORT = "specmodel", "NumPy by hand", "onnxruntime"
LIBRARIES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SAMPLE_SECONDS = 0.02
"""A sample holds as many calls as take at least this long."""


def contest(workload: str, batch: int, threads: int, backend: str | None, rounds: int) -> dict[str, Any]:
    """What a process of its own finds: milliseconds of each round on the clock and of the processor, for each side."""
    told = [workload, "--batch", str(batch), "--threads", str(threads), "--rounds", str(rounds)]
    told += ["--keras", backend] if backend is not None else []
    limits = dict.fromkeys(LIBRARIES, str(threads))
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": backend or "numpy"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.contest", *told],
        env=os.environ | limits | quiet,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workload")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--keras", metavar="BACKEND")
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    if told.keras is not None and told.threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # what all backends heed
    print(json.dumps(_contest(told.workload, told.batch, told.threads, told.keras, told.rounds)))


def _contest(name: str, batch: int, threads: int, backend: str | None, rounds: int) -> dict[str, Any]:
    import numpy as np

    from benchmarks.workloads import WORKLOADS
    from specmodel import load

    workload = WORKLOADS[name]
    spec = workload.open()
    model = load(workload.spec, params=dict(workload.params) or None)
    random = np.random.default_rng(0)
    model.set_weights([_varied(weight.path, weight.numpy(), random) for weight in model.weights])
    weights = {weight.path: weight.numpy() for weight in model.weights}
    (given,) = spec.inputs or ()
    x = random.standard_normal((batch, *(int(size) for size in given.type.shape[1:])), np.float32)
    started = perf_counter()
    model(x)
    first = 1e3 * (perf_counter() - started)
    runs: dict[str, Callable[[], Any]] = {OURS: lambda: model(x)}
    if backend is not None:
        from benchmarks import as_keras

        runs[f"Keras on {backend}"] = as_keras.session(spec, weights, x)
    else:
        runs |= _others(spec, weights, x, given.name, threads)
    _compare({name: run() for name, run in runs.items()})
    wall, cpu = times(runs, rounds)
    peak, output = allocated(runs[OURS])
    return {"wall_ms": wall, "cpu_ms": cpu, "allocated": peak, "output": output, "first_ms": first}


def _others(spec: Any, weights: Mapping[str, Any], x: Any, name: str, threads: int) -> dict[str, Callable[[], Any]]:
    from benchmarks.as_numpy import ByHand
    from benchmarks.forms import walk

    by_hand = ByHand(weights)
    runs: dict[str, Callable[[], Any]] = {HAND: lambda: walk(spec, by_hand, {name: x})}
    if onnx_is_missing() is None:
        from benchmarks import as_onnx

        runs[ORT] = as_onnx.session(spec, weights, x, threads)
    return runs


def onnx_is_missing() -> str | None:
    """Why onnxruntime does not run, if it does not."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        return f"onnxruntime is left out: {error}; `pip install '.[bench]'` brings it"
    return None


def _varied(path: str, array: Any, random: Any) -> Any:
    """A weight whose start is one number for all becomes one whose elements differ, so that no error hides."""
    if array.ndim > 1 and not path.endswith("bias"):
        return array
    return (array + random.uniform(-0.1, 0.1, array.shape)).astype(array.dtype)


def _compare(outputs: Mapping[str, Any]) -> None:
    """What is compared in time must do the same work."""
    ours = outputs[OURS]
    for name, output in outputs.items():
        off = abs(output - ours).max() / abs(ours).max()
        if output.shape != ours.shape or not off < 1e-4:
            raise AssertionError(f"{name} is off by {off:.1g} of the largest number")


def times(runs: Mapping[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds of a call, on the clock and of the processor, for each round; who begins changes."""
    calls = {name: _calls(run) for name, run in runs.items()}
    wall: dict[str, list[float]] = {name: [] for name in runs}
    cpu: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            clock, processor = perf_counter(), process_time()
            for _ in range(calls[name]):
                runs[name]()
            cpu[name].append(1e3 * (process_time() - processor) / calls[name])
            wall[name].append(1e3 * (perf_counter() - clock) / calls[name])
    return wall, cpu


def _calls(run: Callable[[], Any]) -> int:
    run()
    started = perf_counter()
    run()
    return max(1, round(SAMPLE_SECONDS / (perf_counter() - started)))


def allocated(run: Callable[[], Any]) -> tuple[int, int]:
    """The peak of what a warm call allocates, and the bytes of its output."""
    run()
    tracemalloc.start()
    output = run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, output.nbytes


if __name__ == "__main__":
    main()

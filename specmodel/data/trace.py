"""What each layer made of the data: shape, range, mean, NaNs, time and speed."""

from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import Any

import numpy as np

from specmodel.data.pieces import Kind
from specmodel.data.writing import dtype_text
from specmodel.execute import layer_seconds, results
from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.plan.plan import Plan
from specmodel.spec.model import ModelSpec, OutputSpec, Place, Ref

_PREFIX = "trace:"
"""Before the name of a traced value, so that it is never that of an output."""
_HEADINGS = ("Layer (type)", "Output Shape", "Min", "Max", "Mean", "NaN", "Time (ms)", "Share", "GFLOP/s")
_COST = ("milliseconds", "share", "gflops")


def traced(spec: ModelSpec, graph: Graph) -> ModelSpec:
    """The spec with the outputs of every layer that its own outputs need behind these, in the order they run."""
    entries = {entry.path: entry for entry in spec.entries}
    needed: set[str] = set()
    waiting = [output.ref.target for output in spec.outputs]
    while waiting:
        path = waiting.pop()
        if path in entries and path not in needed:
            needed.add(path)
            waiting.extend(ref.target for ref in entries[path].refs())
    watched = [
        OutputSpec(f"{_PREFIX}{ref}", ref, Place())
        for node in graph.in_order()
        if node.path in needed
        for ref in (Ref(node.path, index) for index in range(len(node.outputs)))
    ]
    return spec.replace(outputs=(*spec.outputs, *watched))


class Figures:
    """The range, mean and NaNs of one value, over all pieces. NaNs count for nothing else."""

    def __init__(self) -> None:
        self.least, self.most, self.total = inf, -inf, 0.0
        self.count = self.nans = 0

    def add(self, array: Array) -> None:
        """Take a piece into account."""
        if array.dtype.kind == "O":  # texts
            return
        numbers = array[~np.isnan(array)] if array.dtype.kind == "f" and np.isnan(array).any() else array
        self.nans += array.size - numbers.size
        if numbers.size > 0:
            self.least, self.most = min(self.least, numbers.min().item()), max(self.most, numbers.max().item())
            self.total += float(numbers.sum(dtype=np.float64))
            self.count += numbers.size

    def as_dict(self) -> dict[str, float | str | None]:
        """Minimum, maximum and mean, None where there is no number, and the count of NaNs."""
        known = self.count > 0
        return {
            "min": _plain(self.least) if known else None,
            "max": _plain(self.most) if known else None,
            "mean": _plain(self.total / self.count) if known else None,
            "nan": self.nans,
        }


class Trace:
    """Runs the plan of a `traced` spec and keeps the figures of its layers.

    `outputs` leads the names of the spec's outputs to what they are for the whole batch, `flops` the paths of its
    layers to their floating-point operations.
    """

    def __init__(self, spec: ModelSpec, outputs: Mapping[str, Kind], flops: Mapping[str, int]) -> None:
        self._types = {entry.path: type(entry.layer).__name__ for entry in spec.entries}
        self._refs = {output.name: output.ref for output in spec.outputs if output.name.startswith(_PREFIX)}
        self._results = len(spec.outputs) - len(self._refs)
        self._outputs = outputs
        self._flops = flops
        self._figures = {name: Figures() for name in self._refs}
        self._seconds: dict[str, float] = {}

    def execute(self, plan: Plan, inputs: Sequence[Array]) -> list[Array]:
        """The outputs proper, as `specmodel.execute.execute` gives them."""
        for path, seconds in layer_seconds(plan, inputs).items():
            self._seconds[path] = self._seconds.get(path, 0.0) + seconds
        for figures, array in zip(self._figures.values(), plan.outputs[self._results :], strict=True):
            figures.add(array)
        return results(plan)[: self._results]

    def as_dicts(self) -> list[dict[str, Any]]:
        """The figures of each value, in the order they are made; a layer's time stands at its first output."""
        return [
            {
                "layer": str(ref),
                "type": self._types[ref.target],
                "shape": list(self._outputs[name][0]),
                "dtype": dtype_text(self._outputs[name][1]),
                **self._figures[name].as_dict(),
                **(self._cost(ref.target) if ref.index == 0 else dict.fromkeys(_COST)),
            }
            for name, ref in self._refs.items()
        ]

    def _cost(self, path: str) -> dict[str, float | None]:
        """A layer's milliseconds, its share of all, and 10^9 operations a second, if it computes anything."""
        seconds, whole = self._seconds.get(path, 0.0), sum(self._seconds.values())
        share = float(f"{seconds / whole:.4g}") if whole > 0 else None
        speed = float(f"{self._flops[path] / seconds / 1e9:.4g}") if seconds > 0 and self._flops[path] > 0 else None
        return dict(zip(_COST, (round(1e3 * seconds, 6), share, speed), strict=True))

    def table(self) -> str:
        """The figures as text."""
        rows = [_HEADINGS, *(_row(found) for found in self.as_dicts())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = []
        for row in rows:
            left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
            right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
            lines.append("  ".join([*left, *right]))
        return "\n".join(lines)


def _row(found: Mapping[str, Any]) -> tuple[str, ...]:
    time, share, speed = (found[key] for key in _COST)
    return (
        f"{found['layer']} ({found['type']})",
        str(tuple(found["shape"])),
        *(_number_text(found[key]) for key in ("min", "max", "mean")),
        str(found["nan"]),
        f"{time:.3f}" if time is not None else "",
        f"{share:.1%}" if share is not None else "",
        f"{speed:.3g}" if speed is not None else "",
    )


def _number_text(number: float | str | None) -> str:
    if number is None:
        return "-"
    return f"{number:.5g}" if isinstance(number, float) else str(number)


def _plain(number: float) -> float | str:
    """The number, or its name where JSON has none for it."""
    return number if isfinite(number) else str(number)

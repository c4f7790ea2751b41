"""Pooling to a number of windows: ordinary pooling where they divide the axis, else windows that are gathered."""

from collections.abc import Sequence

import numpy as np

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.lowerings.pool import pooled, windows
from specmodel.convert.onnx.sizes import scalar_size
from specmodel.ops import adaptive_pool as ops
from specmodel.ops.pool import Pool
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.tensor import is_floating


def adaptive_pool(op: ops.AdaptivePool, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator, or a few for each axis."""
    (x,), (out,) = inputs, outputs
    sides = [_window(size, count) for size, count in zip(x.shape[1:-1], op.sizes, strict=True)]
    known = tuple(side for side in sides if side is not None)
    if len(known) == len(sides) and is_floating(x.dtype):
        pooled(b, Pool(op.function, known, known, "valid"), x, out)
        return
    held = b.held(x)
    made = held.tensor
    for axis, count in enumerate(op.sizes, start=1):
        if x.shape[axis] != count:
            ends = _ends(b, x.shape[axis], count)
            made = windows(b, op.function, made, held.order.index(axis), x.rank, *ends, count)
    b.hold(out, made, held.order)


def _window(size: Dim, count: int) -> int | None:
    return size // count if isinstance(size, int) and size % count == 0 else None


def _ends(b: Builder, size: Dim, count: int) -> tuple[Tensor, Tensor]:
    """Window i goes from `i * size // count` to before `ceil((i + 1) * size / count)`."""
    length, all_windows = scalar_size(b, size), b.scalar(count, "int64")
    start = b.node("Div", b.node("Mul", b.constant(np.arange(count)), length), all_windows, shape=(count,))
    end = b.node("Add", b.node("Mul", b.constant(np.arange(1, count + 1)), length), b.scalar(count - 1, "int64"))
    return start, b.node("Div", end, all_windows, shape=(count,))

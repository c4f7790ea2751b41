"""Pooling to a number of windows: ordinary pooling where they divide the axis, else windows that are gathered."""

from collections.abc import Sequence

import numpy as np

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.lowerings.pool import pooled
from specmodel.convert.onnx.sizes import scalar_size
from specmodel.ops import adaptive_pool as ops
from specmodel.ops.pool import Pool
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.tensor import is_floating


def adaptive_pool(op: ops.AdaptivePool, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator, or a few for each axis."""
    (x,), (out,) = inputs, outputs
    windows = [_window(size, count) for size, count in zip(x.shape[1:-1], op.sizes, strict=True)]
    known = tuple(window for window in windows if window is not None)
    if len(known) == len(windows) and is_floating(x.dtype):
        pooled(b, Pool(op.function, known, known, "valid"), x, out)
        return
    held = b.held(x)
    made = held.tensor
    for axis, count in enumerate(op.sizes, start=1):
        if x.shape[axis] != count:
            at = held.order.index(axis)
            made = b.computed(made, out.dtype, lambda given, a=axis, c=count, p=at: _along(b, op, given, x, a, c, p))  # type: ignore[misc]
    b.hold(out, made, held.order)


def _window(size: Dim, count: int) -> int | None:
    return size // count if isinstance(size, int) and size % count == 0 else None


def _along(b: Builder, op: ops.AdaptivePool, x: Tensor, value: Value, axis: int, count: int, at: int) -> Tensor:
    """One axis: the elements of all windows, the shorter ones filled up, as a new axis that is reduced.

    Window i goes from `i * size // count` to before `ceil((i + 1) * size / count)`.
    """
    size, all_windows = scalar_size(b, value.shape[axis]), b.scalar(count, "int64")
    first = b.constant(np.arange(count))
    start = b.node("Div", b.node("Mul", first, size), all_windows)
    end = b.node("Mul", b.constant(np.arange(1, count + 1)), size)
    end = b.node("Div", b.node("Add", end, b.scalar(count - 1, "int64")), all_windows)
    length = b.node("Sub", end, start)
    longest = b.node("ReduceMax", length, b.ints([0]), keepdims=0)
    cells = b.node("Range", b.scalar(0, "int64"), longest, b.scalar(1, "int64"))
    start, end, length = (b.node("Unsqueeze", one, b.ints([1])) for one in (start, end, length))
    places = b.node("Add", start, cells)
    inside = b.node("Less", places, end, dtype="bool")
    places = b.node("Min", places, b.node("Sub", end, b.scalar(1, "int64")))
    taken = b.node("Gather", x, places, axis=at)
    if op.function == "Max":
        return b.node("ReduceMax", taken, b.ints([at + 1]), keepdims=0)
    share = b.node("Div", b.cast(inside, x.dtype), b.cast(length, x.dtype))
    behind = value.rank - 1 - at
    if behind:
        share = b.node("Unsqueeze", share, b.ints(range(2, 2 + behind)))
    return b.node("ReduceSum", b.node("Mul", taken, share), b.ints([at + 1]), keepdims=0)

"""Movements of elements: views where strides can say it, copies elsewhere."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.diagnostics.codes import DATA_VALUE
from specmodel.kernels import Array, Bound, Scratch, View
from specmodel.kernels.windows import bordered
from specmodel.ops import shape as ops
from specmodel.types.fault import Fault
from specmodel.types.tensor import numbers


def _reshape_view(op: ops.Reshape, x: Array) -> Array | None:
    try:
        return x.reshape(numbers(op.shape), copy=False)
    except ValueError:
        return None


def _transpose_view(op: ops.Transpose, x: Array) -> Array:
    return x.transpose(op.perm)


def _expand_view(op: ops.Expand, x: Array) -> Array:
    return np.broadcast_to(x, numbers(op.shape))


def _slice_view(op: ops.Slice, x: Array) -> Array:
    start, size = numbers((op.start, op.size))
    stop = start + size * op.step
    return x[(*(slice(None),) * op.axis, slice(start, stop if stop >= 0 else None, op.step))]


VIEWS: dict[Any, View] = {
    ops.Reshape: _reshape_view,
    ops.Transpose: _transpose_view,
    ops.Expand: _expand_view,
    ops.Slice: _slice_view,
}


def reshape(op: ops.Reshape, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A copy, where the input's strides allow no view."""
    (x,), (out,) = inputs, outputs
    yield partial(np.copyto, out.reshape(x.shape), x)


def concat(op: ops.Concat, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """Each input copied to its place, if it does not lie there already."""
    (out,) = outputs
    start = 0
    for x in inputs:
        stop = start + x.shape[op.axis]
        place = out[(*(slice(None),) * op.axis, slice(start, stop))]
        if place.ctypes.data != x.ctypes.data:
            yield partial(np.copyto, place, x)
        start = stop


def pad(op: ops.Pad, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """The border filled, the input copied inside it, if it does not lie there already."""
    return bordered(outputs[0], inputs[0], op.pads, op.value)


def repeat(op: ops.Repeat, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One broadcast copy into the output seen with an axis more."""
    (x,), (out,) = inputs, outputs
    split = out.reshape(*x.shape[: op.axis + 1], op.count, *x.shape[op.axis + 1 :])
    yield partial(np.copyto, split, np.expand_dims(x, op.axis + 1))


def gather(op: ops.Gather, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """Rows taken straight into the output, after a look at the indices."""
    table, indices = inputs
    yield partial(_check_indices, indices, table.shape[op.axis])
    yield partial(table.take, indices, axis=op.axis, out=outputs[0], mode="clip")


def _check_indices(indices: Array, rows: int) -> None:
    if indices.size and (indices.min() < 0 or indices.max() >= rows):
        wrong = int(indices.min()) if indices.min() < 0 else int(indices.max())
        raise Fault(DATA_VALUE, f"the value {wrong} is outside the table of {rows} rows (0 to {rows - 1})")

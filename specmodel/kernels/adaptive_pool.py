"""Pooling to a given number of windows, one axis after the other, one window at a time."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import adaptive_pool as ops


def adaptive_pool(
    op: ops.AdaptivePool, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """A pass for each axis that changes; those that shrink most first."""
    (x,), (out,) = inputs, outputs
    axes = [axis for axis in range(1, x.ndim - 1) if x.shape[axis] != out.shape[axis]]
    if not axes:
        yield partial(np.copyto, out, x)
    axes.sort(key=lambda axis: out.shape[axis] / x.shape[axis])
    for axis in axes:
        shape = (*x.shape[:axis], out.shape[axis], *x.shape[axis + 1 :])
        result = out if axis == axes[-1] else scratch(shape, out.dtype)
        yield from _along(op.function, x, result, axis)
        x = result


def _along(function: ops.Function, x: Array, out: Array, axis: int) -> Iterator[Bound]:
    size, count = x.shape[axis], out.shape[axis]
    combine = np.maximum if function == "Max" else np.add
    for window in range(count):
        start, stop = window * size // count, -(-(window + 1) * size // count)
        cells, one = _at(x, axis, slice(start, stop)), _at(out, axis, window)
        if stop - start == 1:
            yield partial(np.copyto, one, _at(x, axis, start))
            continue
        yield partial(combine.reduce, cells, axis=axis, out=one)
        if function == "Mean":
            yield partial(np.divide, one, stop - start, out=one)


def _at(x: Array, axis: int, taken: int | slice) -> Array:
    found: Array = x[(*(slice(None),) * axis, taken)]
    return found

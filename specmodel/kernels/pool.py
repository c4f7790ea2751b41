"""Pooling, one axis after the other: maxima and sums over a box are maxima and sums along each of its sides."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import pool as ops
from specmodel.types.window import window_padding

BLOCK = 2**20  # bytes of samples that are pooled together: what lies between two passes should stay in the cache


def pool(op: ops.Pool, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A pass for each axis whose window or stride is more than 1, rows first; the mean divides at the end."""
    (x,), (out,) = inputs, outputs
    axes = [i + 1 for i, sides in enumerate(zip(op.window, op.strides, strict=True)) if sides != (1, 1)]
    counts = _counts(op, x.shape, out) if op.function == "Mean" and axes else None
    samples = max(BLOCK * len(x) // max(x.nbytes, 1), 1)
    between = [scratch((min(samples, len(x)), *out.shape[1 : i + 1], *x.shape[i + 1 :]), out.dtype) for i in axes[:-1]]
    for start in range(0, len(x), samples):
        block = slice(start, start + samples)
        yield from _block(op, x[block], out[block], axes, between)
        if counts is not None:
            yield partial(np.divide, out[block], counts, out=out[block])


def _block(op: ops.Pool, x: Array, out: Array, axes: Sequence[int], between: Sequence[Array]) -> Iterator[Bound]:
    """Maxima or sums of some samples, by way of the arrays `between` the passes."""
    combine = np.maximum if op.function == "Max" else np.add
    if not axes:
        yield partial(np.copyto, out, x)
    for axis, result in zip(axes, (*(array[: len(x)] for array in between), out), strict=False):
        window, stride = op.window[axis - 1], op.strides[axis - 1]
        before, _ = window_padding(x.shape[axis], window, stride, op.padding)
        yield from _along(combine, x, result, axis, window, stride, before)
        x = result


def _along(combine: Any, x: Array, out: Array, axis: int, window: int, stride: int, before: int) -> Iterator[Bound]:
    """Combine the cells of windows along one axis, the same cell of all windows at a time.

    Window `i` begins at `i*stride - before`. Its cell number `before` is inside the input for every window, so that the
    output is filled with it; a window at the border lacks some of the others.
    """
    cells = [_cell(x.shape[axis], out.shape[axis], offset - before, stride) for offset in range(window)]
    first = cells.pop(before)
    whole = next((cell for cell in cells if cell[0] == first[0]), None)
    if whole is None:
        yield partial(np.copyto, out, _at(x, axis, first[1]))
    else:
        cells.remove(whole)
        yield partial(combine, _at(x, axis, first[1]), _at(x, axis, whole[1]), out=out)
    for windows, taken in cells:
        if windows.start < windows.stop:
            part = _at(out, axis, windows)
            yield partial(combine, part, _at(x, axis, taken), out=part)


def _cell(size: int, windows: int, shift: int, stride: int) -> tuple[slice, slice]:
    """The windows whose cell at `i*stride + shift` is inside an axis, and where these cells are."""
    low = max(0, -(shift // stride))
    high = max(low, min(windows, (size - 1 - shift) // stride + 1))
    return slice(low, high), slice(low * stride + shift, max((high - 1) * stride + shift + 1, 0), stride)


def _at(x: Array, axis: int, taken: slice) -> Array:
    return x[(*(slice(None),) * axis, taken)]


def _counts(op: ops.Pool, shape: tuple[int, ...], out: Array) -> Array:
    """How many cells of the input each window holds, to divide by."""
    total = np.ones((1,) * out.ndim, out.dtype)
    for i, (window, stride) in enumerate(zip(op.window, op.strides, strict=True)):
        size = shape[i + 1]
        before, _ = window_padding(size, window, stride, op.padding)
        starts = np.arange(out.shape[i + 1]) * stride - before
        count = np.minimum(starts + window, size) - np.maximum(starts, 0)
        total = total * count.astype(out.dtype).reshape([-1 if axis == i + 1 else 1 for axis in range(out.ndim)])
    return total if (total != total.flat[0]).any() else total.flat[:1].reshape((1,) * out.ndim)

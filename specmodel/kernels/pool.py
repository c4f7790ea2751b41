"""Pooling, one axis after the other: maxima and sums over a box are maxima and sums along each of its sides."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import pool as ops
from specmodel.types.window import window_padding


def pool(op: ops.Pool, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A pass for each axis whose window or stride is more than 1, rows first; the mean divides at the end."""
    (x,), (out,) = inputs, outputs
    combine = np.maximum if op.function == "Max" else np.add
    axes = [i for i, sides in enumerate(zip(op.window, op.strides, strict=True)) if sides != (1, 1)]
    if not axes:
        yield partial(np.copyto, out, x)
        return
    for i in axes:
        shape = (*x.shape[: i + 1], out.shape[i + 1], *x.shape[i + 2 :])
        result = out if i == axes[-1] else scratch(shape, out.dtype)
        before, _ = window_padding(x.shape[i + 1], op.window[i], op.strides[i], op.padding)
        yield from _along(combine, x, result, i + 1, op.window[i], op.strides[i], before)
        x = result
    if op.function == "Mean":
        yield partial(np.divide, out, _counts(op, inputs[0].shape, out), out=out)


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

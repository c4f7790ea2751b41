"""Reductions, and functions that normalise along axes."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Core, Scratch, Work
from specmodel.kernels.costs import ELEMENT
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.tiles import Block, part, pieces, shared, tiled
from specmodel.ops import reduce as ops

TILE_BYTES = 1 << 18
"""Samples that are standardized at a time: they are read and written several times."""
STANDARDIZE = 4
"""Passes that this takes."""

_UFUNCS: dict[str, Any] = {
    "Sum": np.add,
    "Max": np.maximum,
    "Min": np.minimum,
    "Prod": np.multiply,
    "Any": np.logical_or,
    "All": np.logical_and,
}


def reduce(op: ops.Reduce, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One reduction of a ufunc; the mean is the sum and a division."""
    (x,), (out,) = inputs, outputs
    if op.function in ("ArgMax", "ArgMin"):
        yield partial(_argument, op, x, out)
    elif op.function == "Mean":
        count = 1
        for axis in op.axes:
            count *= x.shape[axis]
        yield partial(np.add.reduce, x, axis=op.axes, out=out, keepdims=op.keepdims)
        yield partial(np.divide, out, out.dtype.type(count), out=out)
    else:
        initial = {"initial": None} if op.function in ("Max", "Min") else {}
        yield partial(_UFUNCS[op.function].reduce, x, axis=op.axes, out=out, keepdims=op.keepdims, **initial)


def _argument(op: ops.Reduce, x: Array, out: Array) -> None:
    function = np.argmax if op.function == "ArgMax" else np.argmin
    np.copyto(out, function(x, axis=op.axes[0], keepdims=op.keepdims), casting="unsafe")


def softmax(op: ops.Softmax, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """Five passes; the maximum is taken off first, so that no exponential overflows."""
    (x,), (out,) = inputs, outputs
    axis = op.axis
    if x.size == x.shape[axis] and x.flags.c_contiguous and out.flags.c_contiguous:
        x, out, axis = x.reshape(-1), out.reshape(-1), 0
    line = scratch((*x.shape[:axis], *x.shape[axis + 1 :]), x.dtype)
    along = np.expand_dims(line, axis) if line.ndim > 0 else line
    yield partial(np.maximum.reduce, x, axis, None, line)
    yield partial(np.subtract, x, along, out)
    yield partial(np.exp, out, out)
    yield total(out, axis, line)
    yield partial(np.divide, out, along, out)


def total(x: Array, axis: int, out: Array) -> Bound:
    """The sums along an axis; along the last by a product with ones, which takes a fifth of the time."""
    if axis < x.ndim - 1 or x.dtype.kind != "f" or not (x.flags.c_contiguous and out.flags.c_contiguous):
        return partial(np.add.reduce, x, axis, None, out)
    rows = x.reshape(-1, x.shape[-1])
    sums, vector = (out, rows[0]) if out.ndim == 0 else (out.reshape(-1), rows)
    return partial(np.dot, vector, np.ones(x.shape[-1], x.dtype), sums)


def standardize(
    op: ops.Standardize, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Work]:
    """Tiles of samples, each a few passes."""
    yield from _standardize(op, inputs, Epilogue(outputs[0]), scratch)


def _standardize(op: ops.Standardize, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch) -> Iterator[Work]:
    (x,), out = inputs, epilogue.out
    if out.size == 0:
        return
    outer, count = out.shape[: out.ndim - op.axes], prod(out.shape[out.ndim - op.axes :])
    nanoseconds = STANDARDIZE * out.size * ELEMENT + epilogue.nanoseconds
    counts = pieces(outer, shared(prod(outer), TILE_BYTES // (count * out.itemsize), nanoseconds))

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        taken = part(x, block)
        if not taken.flags.c_contiguous:
            copy = scratch(taken.shape, taken.dtype)
            yield partial(np.copyto, copy, taken)
            taken = copy
        room = epilogue.room(block, scratch, whole=True)
        yield from _standardized(taken.reshape(-1, count), room.reshape(-1, count), op, scratch)
        yield from epilogue.finish(block, room, scratch)

    yield tiled(out.shape, (*counts, *(1,) * op.axes), calls, nanoseconds)


def _standardized(x: Array, out: Array, op: ops.Standardize, scratch: Scratch) -> Iterator[Bound]:
    """Rows with mean 0 and variance 1: sums are products with ones, and of rows with themselves."""
    line = scratch((len(x),), x.dtype)
    along, share, epsilon = line[:, None], np.array(1 / x.shape[1], x.dtype), np.array(op.epsilon, x.dtype)
    if op.centred:
        yield partial(np.dot, x, np.ones(x.shape[1], x.dtype), line)
        yield partial(np.multiply, line, share, line)
        yield partial(np.subtract, x, along, out)
        x = out
    yield partial(np.vecdot, x, x, line)
    yield partial(np.multiply, line, share, line)
    yield partial(np.add, line, epsilon, line)
    yield partial(np.sqrt, line, line)
    yield partial(np.reciprocal, line, line)
    yield partial(np.multiply, x, along, out)


def log_softmax(
    op: ops.LogSoftmax, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """As the softmax, with the logarithm of the sum taken off."""
    (x,), (out,) = inputs, outputs
    shape = (*x.shape[: op.axis], 1, *x.shape[op.axis + 1 :])
    line, total, powers = scratch(shape, x.dtype), scratch(shape, x.dtype), scratch(x.shape, x.dtype)
    yield partial(np.maximum.reduce, x, axis=op.axis, out=line, keepdims=True)
    yield partial(np.subtract, x, line, out=out)
    yield partial(np.exp, out, out=powers)
    yield partial(np.add.reduce, powers, axis=op.axis, out=total, keepdims=True)
    yield partial(np.log, total, out=total)
    yield partial(np.subtract, out, total, out=out)


def sparsemax(
    op: ops.Sparsemax, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """`max(x - t, 0)` with `t` the largest of `(sum of the k largest - 1) / k`.

    That quotient grows with k exactly as long as the next element is above it, so its maximum is the threshold.
    """
    (x,), (out,) = inputs, outputs
    ordered = scratch(x.shape, x.dtype)
    line = scratch((*x.shape[: op.axis], 1, *x.shape[op.axis + 1 :]), x.dtype)
    counts = np.arange(1, x.shape[op.axis] + 1, dtype=x.dtype)
    counts = counts.reshape([-1 if axis == op.axis else 1 for axis in range(x.ndim)])
    yield partial(np.negative, x, out=ordered)
    yield partial(ordered.sort, axis=op.axis)
    yield partial(np.add.accumulate, ordered, axis=op.axis, out=out)
    yield partial(np.add, out, x.dtype.type(1), out=out)
    yield partial(np.divide, out, counts, out=out)
    yield partial(np.minimum.reduce, out, axis=op.axis, out=line, keepdims=True)
    yield partial(np.add, x, line, out=out)
    yield partial(np.maximum, out, x.dtype.type(0), out=out)


def cum_sum(op: ops.CumSum, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One accumulation."""
    yield partial(np.add.accumulate, inputs[0], axis=op.axis, out=outputs[0])


def cum_prod(op: ops.CumProd, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One accumulation."""
    yield partial(np.multiply.accumulate, inputs[0], axis=op.axis, out=outputs[0])


CORES: dict[Any, Core] = {ops.Standardize: _standardize}

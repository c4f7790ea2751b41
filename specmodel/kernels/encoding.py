"""Categories as numbers: a search among boundaries, counts of numbers."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import encoding as ops


def digitize(op: ops.Digitize, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A search by halves; boundaries are rounded to float32, as Keras does, unless the numbers are finer."""
    (x,), (out,) = inputs, outputs
    boundaries = np.array(op.boundaries, np.float64 if x.dtype == np.float64 else np.float32)
    yield partial(_digitize, x, boundaries, out)


def _digitize(x: Array, boundaries: Array, out: Array) -> None:
    np.copyto(out, np.digitize(x, boundaries), casting="same_kind")


def tally(op: ops.Tally, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """Ones, or weights, added at the place of each number."""
    (out,) = outputs
    numbers, *weights = (np.moveaxis(array, op.axis, -1) for array in inputs)
    length = numbers.shape[-1]
    firsts = np.repeat(np.arange(numbers.size // max(length, 1)) * op.depth, length)
    yield partial(_tally, op, numbers, weights[0] if weights else None, firsts, out.reshape(-1))


def _tally(op: ops.Tally, numbers: Array, weights: Array | None, firsts: Array, out: Array) -> None:
    flat = numbers.reshape(-1)
    whole = flat.astype(np.intp)
    counted = (whole == flat) & (whole >= 0) & (whole < op.depth)
    places = (firsts + whole)[counted]
    out.fill(0)
    if op.once:
        out[places] = 1
    else:
        np.add.at(out, places, 1 if weights is None else weights.reshape(-1)[counted])

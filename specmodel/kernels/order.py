"""Putting elements in order."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import order as ops


def order(op: ops.Order, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One stable sort of places; descending is ascending from the back, seen backwards."""
    yield partial(_order, op, inputs[0], *outputs)


def _order(op: ops.Order, x: Array, ordered: Array, places: Array) -> None:
    if op.descending:
        places_from_back = np.argsort(np.flip(x, op.axis), axis=op.axis, kind="stable")
        np.subtract(x.shape[op.axis] - 1, np.flip(places_from_back, op.axis), out=places, casting="unsafe")
    else:
        np.copyto(places, np.argsort(x, axis=op.axis, kind="stable"), casting="unsafe")
    np.copyto(ordered, np.take_along_axis(x, places, op.axis))

"""Reading and writing where other values say."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.diagnostics.codes import DATA_VALUE
from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import places as ops
from specmodel.types.fault import Fault

_COMBINE: dict[str, Any] = {"add": np.add, "max": np.maximum, "min": np.minimum, "mul": np.multiply}


def gather_along(
    op: ops.GatherAlong, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """One indexed copy."""
    x, places = inputs
    (out,) = outputs
    shape = tuple(out.shape[axis] if axis != op.axis else x.shape[axis] for axis in range(out.ndim))
    yield partial(_gather, np.broadcast_to(x, shape), np.broadcast_to(places, out.shape), op.axis, out)


def _gather(x: Array, places: Array, axis: int, out: Array) -> None:
    np.copyto(out, np.take_along_axis(x, _within(places, x.shape[axis], axis), axis))


def _within(places: Array, length: int, axis: int) -> Array:
    """The places counted from the front."""
    outside = (places < -length) | (places >= length)
    if outside.any():
        wrong = int(places[outside].flat[0])
        raise Fault(DATA_VALUE, f"the place {wrong} is outside axis {axis}, which has {length} elements")
    return np.where(places < 0, places + np.intp(length), places).astype(np.intp, copy=False)


def scatter(op: ops.Scatter, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A copy of the base, written into."""
    base, indices, updates = inputs
    yield partial(np.copyto, outputs[0], base)
    yield partial(_scatter, op, outputs[0], indices, updates)


def _scatter(op: ops.Scatter, out: Array, indices: Array, updates: Array) -> None:
    where = tuple(_within(indices[..., axis], out.shape[axis], axis) for axis in range(indices.shape[-1]))
    if op.reduction is None:
        out[where] = updates
    else:
        _COMBINE[op.reduction].at(out, where, updates)

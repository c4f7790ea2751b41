"""Where values come from: constants are made once, when a plan is made."""

import numpy as np

from specmodel.kernels import Array
from specmodel.kernels.dtypes import physical
from specmodel.ops.source import Constant, Iota
from specmodel.types.tensor import numbers


def constant_array(op: Constant | Iota) -> Array:
    """The array of a constant op."""
    shape = numbers(op.type.shape)
    dtype = physical(op.type.dtype)
    if isinstance(op, Constant):
        with np.errstate(over="ignore"):  # what a dtype cannot hold is infinite in it
            return np.asarray(op.value, dtype).reshape(shape)
    line = np.arange(shape[op.axis], dtype=dtype)
    return np.broadcast_to(line.reshape([-1 if axis == op.axis else 1 for axis in range(len(shape))]), shape)

"""Arrays whose elements take turns."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import interleave as ops


def interleave(
    op: ops.Interleave, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """Each input copied to its place, if it does not lie there already."""
    (out,) = outputs
    for x, place in zip(inputs, op.places(), strict=True):
        if x.size and out[place].ctypes.data != x.ctypes.data:
            yield partial(np.copyto, out[place], x)

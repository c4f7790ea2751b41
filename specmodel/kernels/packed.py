"""Products with a packed matrix."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch, products
from specmodel.ops import packed as ops


def pack(op: ops.Pack, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """Two copies: of the whole groups, and of what is left."""
    yield from products.pack(inputs[0], op.width, outputs[0])


def packed_mat_mul(
    op: ops.PackedMatMul, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """Products of tiles; all axes before the last are rows."""
    (a, b), (out,) = inputs, outputs
    if not a.flags.c_contiguous:
        copy = scratch(a.shape, a.dtype)
        yield partial(np.copyto, copy, a)
        a = copy
    rows, result = a.reshape(-1, a.shape[-1]), out.reshape(-1, op.columns)
    yield from products.packed_product(rows, b, op.width, result, scratch)

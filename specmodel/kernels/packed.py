"""Products and convolutions with a packed matrix."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil, prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Core, Scratch, Work, products
from specmodel.kernels.conv import packed
from specmodel.kernels.costs import MULTIPLY_ADD
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.half_gathered import half_gathered
from specmodel.kernels.tiles import Block, part, pieces, rows_of, shared, tiled
from specmodel.kernels.windows import Axis
from specmodel.ops import packed as ops

TILE_BYTES = 1 << 19
"""The result of a tile, which its epilogue reads again."""
FEWEST_ROWS = 64
"""A product of fewer rows reads the matrix too often."""


def pack(op: ops.Pack, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """Two copies: of the whole groups, and of what is left."""
    yield from products.pack(inputs[0], op.width, outputs[0])


def packed_mat_mul(
    op: ops.PackedMatMul, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Work]:
    """Products of small tiles; all axes before the last are rows."""
    yield from _packed_mat_mul(op, inputs, Epilogue(outputs[0]), scratch)


def _packed_mat_mul(
    op: ops.PackedMatMul, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch
) -> Iterator[Work]:
    a, b = inputs
    out = epilogue.out
    if out.size == 0:
        return
    nanoseconds = out.size * a.shape[-1] * MULTIPLY_ADD + epilogue.nanoseconds
    rows, groups = prod(out.shape[:-1]), ceil(op.columns / op.width)
    if rows < 2 * FEWEST_ROWS:  # each tile reads a part of the matrix
        shape = (*(1,) * (out.ndim - 1), groups)
        counts = pieces(shape, shared(groups, groups, nanoseconds))
    else:
        limit = max(TILE_BYTES // (op.columns * out.itemsize), FEWEST_ROWS)
        counts = (*pieces(out.shape[:-1], shared(rows, limit, nanoseconds)), 1)

    def calls(some: Block, scratch: Scratch) -> Iterator[Bound]:
        taken = part(a, some[:-1])
        first, last = (min(group * op.width, op.columns) for group in some[-1])
        block = (*some[:-1], (first, last))
        rows = rows_of(taken)
        if rows is None or rows.strides[-1] != rows.itemsize:
            copy = scratch(taken.shape, taken.dtype)
            yield partial(np.copyto, copy, taken)
            rows = copy.reshape(-1, a.shape[-1])
        room = epilogue.room(block, scratch)
        matrix = b[first * a.shape[-1] : last * a.shape[-1]]
        yield from products.packed_product(rows, matrix, op.width, room.reshape(-1, last - first, copy=False), scratch)
        yield from epilogue.finish(block, room, scratch)

    yield tiled((*out.shape[:-1], groups), counts, calls, nanoseconds)


def packed_conv(
    op: ops.PackedConv, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Work]:
    """Sums of products of small tiles."""
    yield from _packed_conv(op, inputs, Epilogue(outputs[0]), scratch)


def _packed_conv(op: ops.PackedConv, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch) -> Iterator[Work]:
    x, kernel = inputs
    if epilogue.out.size == 0:
        return
    if x.strides[-1] != x.itemsize:
        calls, x = packed(x, scratch)
        yield from calls
    axes = [Axis(*line) for line in zip(op.taps, op.strides, op.dilation, strict=True)]
    yield half_gathered(x, kernel, op.width, axes, epilogue)


CORES: dict[Any, Core] = {ops.PackedMatMul: _packed_mat_mul, ops.PackedConv: _packed_conv}

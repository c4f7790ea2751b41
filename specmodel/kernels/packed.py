"""Products and convolutions with a packed matrix."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Core, Scratch, Work, products
from specmodel.kernels.conv import packed
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.half_gathered import half_gathered
from specmodel.kernels.tiles import Block, block_sizes, part, rows_of, tiled
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
    sizes = block_sizes(out.shape[:-1], max(TILE_BYTES // (op.columns * out.itemsize), FEWEST_ROWS))

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        taken = part(a, block[:-1])
        rows = rows_of(taken)
        if rows is None or rows.strides[-1] != rows.itemsize:
            copy = scratch(taken.shape, taken.dtype)
            yield partial(np.copyto, copy, taken)
            rows = copy.reshape(-1, a.shape[-1])
        room = epilogue.room(block, scratch)
        yield from products.packed_product(rows, b, op.width, room.reshape(-1, op.columns, copy=False), scratch)
        yield from epilogue.finish(block, room, scratch)

    yield tiled(out.shape, (*sizes, op.columns), calls)


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

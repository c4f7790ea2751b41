"""Convolutions as matrix products: the windows of a tile are gathered side by side as the rows of a matrix."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod

import numpy as np

from specmodel.kernels import Array, Bound, Scratch, Tiles
from specmodel.kernels.costs import MULTIPLY_ADD
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.tiles import Block, part, pieces, rows_of, shared, tiled
from specmodel.kernels.windows import Axis, under, windows

GATHERED_BYTES = 1 << 20
"""Gathered windows of a tile: half of a common L2 cache."""
RESULT_BYTES = 1 << 19
"""The result of a tile, which its epilogue reads again."""
FEWEST_ROWS = 64
"""A product of fewer rows spends its time on packing the kernel."""


def pointwise(x: Array, matrix: Array, axes: Sequence[Axis], epilogue: Epilogue) -> Tiles:
    """Windows of one tap are the rows of a matrix where they stand; what lies apart is copied together."""
    out = epilogue.out
    x = x[(slice(None), *(slice(None, None, axis.stride) for axis in axes))]
    nanoseconds = out.size * len(matrix) * MULTIPLY_ADD + epilogue.nanoseconds
    limit = max(RESULT_BYTES // (out.shape[-1] * out.itemsize), FEWEST_ROWS)
    counts = pieces(out.shape[:-1], shared(prod(out.shape[:-1]), limit, nanoseconds))

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        taken = part(x, block[:-1])
        rows = rows_of(taken)
        if rows is None:
            copy = scratch(taken.shape, x.dtype)
            yield partial(np.copyto, copy, taken)
            rows = copy.reshape(-1, x.shape[-1])
        room = epilogue.room(block, scratch)
        yield partial(np.matmul, rows, matrix, out=rows_of(room))
        yield from epilogue.finish(block, room, scratch)

    return tiled(out.shape, (*counts, 1), calls, nanoseconds)


def gathered(x: Array, kernel: Array, groups: int, axes: Sequence[Axis], epilogue: Epilogue) -> Tiles:
    """A matrix of windows for each group, multiplied by the group's filters."""
    *taps, channels, filters = kernel.shape
    out = epilogue.out
    depth = prod(taps) * channels
    matrices = kernel.reshape(depth, groups, filters // groups).transpose(1, 0, 2)
    nanoseconds = out.size * depth * MULTIPLY_ADD + epilogue.nanoseconds
    limit = max(GATHERED_BYTES // (depth * groups * x.itemsize), FEWEST_ROWS)
    counts = pieces(out.shape[:-1], shared(prod(out.shape[:-1]), limit, nanoseconds))
    scattered = x.strides[-1] != x.itemsize and x.shape[-1] > 1 and depth > channels

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        seen = under(x, axes, block)
        if scattered:
            copy = scratch(seen.shape, x.dtype)
            yield partial(np.copyto, copy, seen)
            seen = copy
        lengths = [stop - start for start, stop in block[1:-1]]
        view = windows(seen.reshape(*seen.shape[:-1], groups, channels, copy=False), axes, lengths)
        count = len(seen) * prod(lengths)
        rows = scratch((groups, count, depth), x.dtype)
        yield partial(np.copyto, rows.reshape(groups, *view.shape[:-2], channels), np.moveaxis(view, -2, 0))
        room = epilogue.room(block, scratch)
        result = room.reshape(count, groups, filters // groups, copy=False).transpose(1, 0, 2)
        yield partial(np.matmul, rows, matrices, out=result)
        yield from epilogue.finish(block, room, scratch)

    return tiled(out.shape, (*counts, 1), calls, nanoseconds)

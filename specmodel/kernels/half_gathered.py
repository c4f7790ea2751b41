"""Convolutions with a packed kernel: sums of products whose rows are windows, gathered as far as that is worth it.

The kernel's matrix has a row for each tap and channel. Windows are gathered along the last axes only; what the taps of
the other axes see lies at other places of the same gathered array, and their products are added up. Where single taps
are deep enough nothing is gathered: the rows of each are read where they stand.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from math import ceil, prod

import numpy as np

from specmodel.kernels import Array, Bound, Scratch, Tiles
from specmodel.kernels.costs import MULTIPLY_ADD, RUN
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.products import DEEPEST, groups_of, tile_products
from specmodel.kernels.tiles import Block, pieces, rows_of, shared, tiled
from specmodel.kernels.windows import Axis, under, windows

GATHERED_BYTES = 1 << 19
"""Gathered windows of a tile: half of an L2 cache."""
RESULT_BYTES = 1 << 18
"""The result of a tile, beside which as much is needed for what is added to it."""
FEWEST_ROWS = 32
"""A tile of fewer rows spends its time on calls."""
COPY, ADD, SHORT = 0.2, 0.25, 0.14
"""Nanoseconds to gather an element, to add one to a result, and more for a multiply-add in a product of one row.

The last falls with the square of the rows.
"""
ONCE = Axis(1, 1, 1)


def half_gathered(x: Array, packed: Array, width: int, axes: Sequence[Axis], epilogue: Epilogue) -> Tiles:
    """Tiles of the windows of x, (batch, spatial…, channels), times a kernel packed in groups of columns."""
    out, channels = epilogue.out, x.shape[-1]
    filters = out.shape[-1]
    count = gathered_axes([axis.taps for axis in axes], channels, filters, out.shape[-2])
    outer, inner = axes[: len(axes) - count], axes[len(axes) - count :]
    depth = prod(axis.taps for axis in inner) * channels
    sums = list(_sums([axis.taps for axis in outer], depth))
    groups = list(groups_of(packed, prod(axis.taps for axis in axes) * channels, filters, width))
    limit = RESULT_BYTES // (filters * x.itemsize)
    if inner:
        limit = min(limit, GATHERED_BYTES // (depth * x.itemsize))
    nanoseconds = out.size * depth * prod(axis.taps for axis in outer) * MULTIPLY_ADD + epilogue.nanoseconds
    counts = pieces(out.shape[:-1], shared(prod(out.shape[:-1]), max(limit, FEWEST_ROWS), nanoseconds))

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        seen, spans = under(x, axes, block), [stop - start for start, stop in block[1:-1]]
        if inner:
            lengths = [*seen.shape[1 : 1 + len(outer)], *spans[len(outer) :]]
            view = windows(seen, [*(ONCE for _ in outer), *inner], lengths)
            gathered = scratch((len(seen), *lengths, depth), x.dtype)
            yield partial(np.copyto, gathered.reshape(view.shape), view)
            seen = gathered
        room = epilogue.room(block, scratch)
        total = rows_of(room)
        assert total is not None
        other = scratch(total.shape, x.dtype) if len(sums) > 1 else total
        for number, (tap, taken, first) in enumerate(sums):
            result = other if number else total
            yield from _products(_rows(seen, outer, tap, spans)[..., taken], groups, first, result)
            if number:
                yield partial(np.add, total, other, out=total)
        yield from epilogue.finish(block, room, scratch)

    return tiled(out.shape, (*counts, 1), calls, nanoseconds)


def gathered_axes(taps: Sequence[int], channels: int, filters: int, row: int) -> int:
    """How many of the last axes windows are gathered along: what costs least for each window.

    `row` is the length of the last axis of windows: without gathering, a product has no more rows.
    """
    costs = _costs(taps, channels, filters, row)
    return costs.index(min(costs))


def gathered_nanoseconds(taps: Sequence[int], channels: int, filters: int, row: int) -> float:
    """What a window costs."""
    return prod(taps) * channels * filters * MULTIPLY_ADD + min(_costs(taps, channels, filters, row))


def _costs(taps: Sequence[int], channels: int, filters: int, row: int) -> list[float]:
    """What it costs, beside the products, to gather windows along none of the axes, along the last, the last two, …."""
    costs = []
    for count in range(len(taps) + 1):
        outer, inner = taps[: len(taps) - count], taps[len(taps) - count :]
        depth = prod(inner) * channels
        parts = prod(outer) * ceil(depth / DEEPEST)
        more = depth * COPY + prod(inner[:-1]) * RUN if inner else depth * prod(outer) * filters * SHORT / row**2
        costs.append(more + (parts - 1) * filters * ADD)
    return costs


def _sums(taps: Sequence[int], depth: int) -> Iterator[tuple[tuple[int, ...], slice, int]]:
    """The products that are added up: the tap of the outer axes, a part of the depth, the kernel's first row."""
    step = ceil(depth / ceil(depth / DEEPEST))
    for number, tap in enumerate(product(*map(range, taps))):
        for start in range(0, depth, step):
            yield tap, slice(start, min(start + step, depth)), number * depth + start


def _rows(x: Array, axes: Sequence[Axis], tap: Sequence[int], spans: Sequence[int]) -> Array:
    """What a tap of the outer axes sees, (…, rows, depth): as many axes as one as strides can say."""
    taken = [slice(None)]
    for axis, index, span in zip(axes, tap, spans, strict=False):
        start = index * axis.dilation
        taken.append(slice(start, start + (span - 1) * axis.stride + 1, axis.stride))
    seen = x[tuple(taken)]
    for kept in range(seen.ndim - 2):
        try:
            joined: Array = seen.reshape(*seen.shape[:kept], -1, seen.shape[-1], copy=False)
        except ValueError:
            continue
        return joined
    return seen


def _products(rows: Array, groups: Sequence[tuple[int, Array]], first: int, out: Array) -> Iterator[Bound]:
    """The products of rows (…, rows, depth) with the kernel's rows from `first` on, into (all rows, filters)."""
    depth = rows.shape[-1]
    for column, group in groups:
        columns = len(group) * group.shape[-1]
        result = out[:, column : column + columns].reshape(*rows.shape[:-1], columns, copy=False)
        yield from tile_products(rows, group[:, first : first + depth], result)

"""Convolutions of three taps with fewer products: tiles are transformed, multiplied, and transformed back.

A tile of `side` outputs along an axis sees `side + 2` inputs and takes as many products instead of `3 * side`. With
several axes the transforms are those of each axis, one after the other: as one matrix, their Kronecker product.
"""

from collections.abc import Iterator, Sequence
from functools import cache, partial, reduce
from itertools import product
from math import prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Core, Scratch, Work
from specmodel.kernels.costs import ELEMENT, FETCHED, MULTIPLY_ADD, RUN
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.products import AT_ONCE, groups_of, tile_products
from specmodel.kernels.tiles import Block, pieces, shared, tiled
from specmodel.kernels.windows import Axis, under, windows
from specmodel.ops import winograd as ops

TAPS = 3
LARGEST = 4
"""Side of a tile."""
TILE_BYTES = 1 << 20
"""Transformed tiles of a step, or what is made of them: about an L2 cache."""
FEWEST = 16
"""Tiles of a step, which all read the whole kernel."""
_SEEN = {
    2: ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
    4: (
        *((4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0), (0, 4, -4, -1, 1, 0)),
        *((0, -2, -1, 2, 1, 0), (0, 2, -1, -2, 1, 0), (0, 4, 0, -5, 0, 1)),
    ),
}
"""What a tile's products are made of, by its side: a row for each."""
_KERNEL = {
    2: ((2, 0, 0), (1, 1, 1), (1, -1, 1), (0, 0, 2)),
    4: ((6, 0, 0), (-4, -4, -4), (-4, 4, -4), (1, 2, 4), (1, -2, 4), (0, 0, 24)),
}
"""The kernel's side of the products, times the divisor below."""
_DIVISOR = {2: 2, 4: 24}
_MADE = {
    2: ((1, 1, 1, 0), (0, 1, -1, -1)),
    4: ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1)),
}
"""The outputs of the products."""


@cache
def kernel_transform(side: int, axes: int) -> tuple[tuple[float, ...], ...]:
    """The matrix (products, taps) that transforms kernels."""
    found = _power(np.array(_KERNEL[side]) / _DIVISOR[side], axes)
    return tuple(tuple(row) for row in found.tolist())


def _power(matrix: Array, axes: int) -> Array:
    return reduce(np.kron, [matrix] * axes)


def nanoseconds(side: int, tiles: int, axes: int, channels: int, filters: int) -> float:
    """What a convolution costs that makes so many tiles."""
    seen, made = int((side + 2) ** axes), int(side**axes)
    moved = (seen + made) * RUN + (seen * channels + made * filters) * ELEMENT
    transformed = seen * (seen * channels + made * filters) * MULTIPLY_ADD
    weights = seen * channels * filters
    return tiles * (moved + transformed + weights * MULTIPLY_ADD) + weights * FETCHED


def winograd(op: ops.Winograd, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Work]:
    """Tiles of a block: gathered, transformed, multiplied, transformed back, and put side by side."""
    yield from _winograd(op, inputs, Epilogue(outputs[0]), scratch)


def _winograd(op: ops.Winograd, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch) -> Iterator[Work]:
    x, packed = inputs
    axes, channels, side = len(op.sizes), x.shape[-1], op.side
    seen, made = (side + 2) ** axes, side**axes
    forth, back = (np.array(_power(np.array(rows[side]), axes), x.dtype) for rows in (_SEEN, _MADE))
    groups = list(groups_of(packed, seen * channels, op.filters, op.width))
    window = [Axis(side + 2, side, 1)] * axes

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        counts = [stop - start for start, stop in block]
        view = windows(under(x, window, block), window, counts[1:])
        gathered = scratch((seen, prod(counts), channels), x.dtype)
        turned = np.moveaxis(view, range(1 + axes, 1 + 2 * axes), range(axes))
        yield partial(np.copyto, gathered.reshape(turned.shape), turned)
        transformed = scratch(gathered.shape, x.dtype)
        yield from _transformed(forth, gathered, transformed)
        multiplied = scratch((seen, prod(counts), op.filters), x.dtype)
        for column, group in groups:
            count, _, width = group.shape
            factors = group.reshape(count, seen, channels, width)
            yield from tile_products(transformed, factors, multiplied[..., column : column + count * width])
        result = scratch((made, prod(counts), op.filters), x.dtype)
        yield from _transformed(back, multiplied, result)
        spatial = (
            (start * side, min(stop * side, size)) for (start, stop), size in zip(block[1:], op.sizes, strict=True)
        )
        place: Block = (block[0], *spatial, (0, op.filters))
        room = epilogue.room(place, scratch)
        for number, starts in enumerate(product(range(side), repeat=axes)):
            turn = room[(slice(None), *(slice(start, None, side) for start in starts))]
            tiles = result[number].reshape(*counts, op.filters)
            yield partial(np.copyto, turn, tiles[tuple(slice(size) for size in turn.shape)])
        yield from epilogue.finish(place, room, scratch)

    grid = (len(x), *op.tiles)
    cost = nanoseconds(side, prod(grid), axes, channels, op.filters) + epilogue.nanoseconds
    limit = max(TILE_BYTES // (seen * max(channels, op.filters) * x.itemsize), FEWEST)
    yield tiled(grid, pieces(grid, shared(prod(grid), limit, cost)), calls, cost)


def _transformed(matrix: Array, x: Array, out: Array) -> Iterator[Bound]:
    """The matrix times each column of x, (columns of the matrix, …)."""
    x, out = x.reshape(len(x), -1), out.reshape(len(out), -1)
    columns = x.shape[1]
    step = min(max(AT_ONCE // matrix.size // 64 * 64, 64), columns)
    whole = columns // step * step
    many, made = (array[:, :whole].reshape(len(array), -1, step).transpose(1, 0, 2) for array in (x, out))
    yield partial(np.matmul, matrix, many, made)
    if whole < columns:
        yield partial(np.matmul, matrix, x[:, whole:], out[:, whole:])


CORES: dict[Any, Core] = {ops.Winograd: _winograd}

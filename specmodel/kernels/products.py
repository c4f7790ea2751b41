"""Products of matrices as products of small tiles, which the library multiplies from where they stand.

Sizes are chosen by shape alone, so that a model's numbers are the same every time.
"""

from collections.abc import Iterator
from functools import partial
from math import ceil

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.kernels.blas import multiplies_small_at_once

AT_ONCE = 100**3
"""Multiply-adds of the largest product that OpenBLAS makes without copying its operands."""
WIDTH = 64
"""Columns of a tile: four registers of 16 float32, which is what these kernels work on at a time."""
DEEPEST = 512
"""Terms that a tile sums up, one after the other: sums of more are made in parts, whose errors stay apart."""
SUMMED = (64, 16 * WIDTH)
"""Rows and columns of the result that are summed up in parts while they are in the cache."""
LONG = 512
"""From so many rows on, a matrix is better read along its columns when it is multiplied with a single row."""
CACHED_BYTES = 1 << 24
"""A matrix beyond this comes from memory in each call, however it is arranged."""


def group_width(rows: int, depth: int, columns: int, itemsize: int = 4) -> int | None:
    """The width of the groups to pack a matrix (depth, columns) in, for a product with so many rows.

    None where it is multiplied best as it stands.
    """
    if rows == 1:
        return 1 if depth >= LONG and depth * columns * itemsize <= CACHED_BYTES else None
    if itemsize != 4 or not multiplies_small_at_once() or rows * depth * columns <= AT_ONCE:
        return None
    return WIDTH


def pack(b: Array, width: int, out: Array) -> Iterator[Bound]:
    """Arrange a matrix (depth, columns) in groups of columns."""
    depth, columns = b.shape
    whole = columns // width * width
    groups = out[: whole * depth].reshape(-1, depth, width)
    yield partial(np.copyto, groups, b[:, :whole].reshape(depth, -1, width).transpose(1, 0, 2))
    yield partial(np.copyto, out[whole * depth :].reshape(depth, -1), b[:, whole:])


def packed_product(a: Array, b: Array, width: int, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """`a @ b`, (rows, depth) by (depth, columns), with b packed in groups; out is not a part of a."""
    (rows, depth), columns = a.shape, out.shape[1]
    if width == 1:
        yield partial(np.dot, b.reshape(columns, depth), a[0], out[0])
        return
    parts = ceil(depth / DEEPEST)
    height, breadth = SUMMED if parts > 1 else (rows, columns)
    room = scratch((min(height, rows), min(breadth, columns)), out.dtype)
    for first, groups in groups_of(b, depth, columns, width, breadth):
        for start in range(0, rows, height):
            some = a[start : start + height]
            total = out[start : start + height, first : first + len(groups) * groups.shape[-1]]
            yield from _summed(some, groups, parts, total, room[: total.shape[0], : total.shape[1]])


def groups_of(
    b: Array, depth: int, columns: int, width: int, breadth: int | None = None
) -> Iterator[tuple[int, Array]]:
    """The groups (count, depth, width) of a packed matrix, at most `breadth` columns at a time, with the first one."""
    whole = columns // width * width
    step = min(breadth or whole, whole) or 1
    for first in range(0, whole, step):
        last = min(first + step, whole)
        yield first, b[first * depth : last * depth].reshape(-1, depth, width)
    if whole < columns:
        yield whole, b[whole * depth :].reshape(1, depth, -1)


def _summed(a: Array, groups: Array, parts: int, total: Array, room: Array) -> Iterator[Bound]:
    """The sum of products over equal parts of the depth."""
    depth = a.shape[1]
    step = ceil(depth / parts)
    for first in range(0, depth, step):
        taken = slice(first, first + step)
        yield from tile_products(a[:, taken], groups[:, taken], total if first == 0 else room)
        if first > 0:
            yield partial(np.add, total, room, total)


def tile_products(a: Array, groups: Array, out: Array) -> Iterator[Bound]:
    """Products of tiles of rows (…, rows, depth) with groups (count, depth, width), into (…, rows, count * width).

    Groups (count, …, depth, width) are others for each matrix of rows. What is left of the rows makes smaller tiles.
    """
    count, *own, depth, width = groups.shape
    *outer, rows, _ = a.shape
    height = _height(rows, depth * width)
    whole = rows // height * height
    factors = groups.reshape(count, *(own or [1] * len(outer)), 1, depth, width)
    for start, stop, size in ((0, whole, height), (whole, rows, rows - whole)):
        if start < stop:
            some = a[..., start:stop, :].reshape(1, *outer, -1, size, depth, copy=False)
            result = out[..., start:stop, :].reshape(*outer, -1, size, count, width, copy=False)
            yield partial(np.matmul, some, factors, out=np.moveaxis(result, -2, 0))


def _height(rows: int, area: int) -> int:
    """Rows of a tile: as many as fit, an even number, all tiles about alike."""
    most = max(AT_ONCE // area, 1)
    if rows <= most or not multiplies_small_at_once():
        return rows
    even = ceil(rows / ceil(rows / most))
    return min(even + even % 2, max(most // 2 * 2, 1))

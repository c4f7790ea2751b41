"""Contrast of images: one image and channel at a time, by look-up tables of its tiles."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import contrast as ops
from specmodel.ops.contrast import LEVELS
from specmodel.record import Record

F32 = np.float32


class Side(Record):
    """How one axis is cut: `tile` elements in each of `count` tiles, `mirrored` the element that stands at each place.

    Each element lies between the tables `before` and `after` (the border tiles' tables stand there twice), `share` of
    the way from one to the other.
    """

    tile: int
    count: int
    mirrored: Array
    before: Array
    after: Array
    share: Array


def equalize_tiles(
    op: ops.EqualizeTiles, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """A call for each channel of each image."""
    (x,), (out,) = inputs, outputs
    rows, columns = _side(x.shape[1], op.rows), _side(x.shape[2], op.columns)
    for image in range(x.shape[0]):
        for channel in range(x.shape[3]):
            where = (image, slice(None), slice(None), channel)
            yield partial(_equalize, x[where], out[where], rows, columns, op.clip_limit)


def _side(size: int, count: int) -> Side:
    tile = -(-size // count)
    places = np.arange(size, dtype=F32)
    at = (places - F32(tile / 2)) / F32(tile) + F32(1)
    before = np.floor(at)
    mirrored = np.pad(np.arange(size), (0, tile * count - size), mode="symmetric")
    first, second = (np.clip(index, 0, count + 1).astype(np.intp) for index in (before, before + 1))
    return Side(tile, count, mirrored, first, second, at - before)


def _equalize(x: Array, out: Array, rows: Side, columns: Side, clip_limit: float) -> None:
    levels = np.clip(x.astype(np.int32), 0, LEVELS - 1)
    tables = _tables(levels[np.ix_(rows.mirrored, columns.mirrored)], rows, columns, clip_limit)
    across = columns.share[np.newaxis, :]
    mixed = []
    for row in (rows.before, rows.after):
        left = tables[row[:, np.newaxis], columns.before[np.newaxis, :], levels]
        right = tables[row[:, np.newaxis], columns.after[np.newaxis, :], levels]
        mixed.append(left * (F32(1) - across) + right * across)
    down = rows.share[:, np.newaxis]
    np.add(mixed[0] * (F32(1) - down), mixed[1] * down, out=out)


def _tables(levels: Array, rows: Side, columns: Side, clip_limit: float) -> Array:
    """The value that each level becomes in each tile, with the tiles at the border twice."""
    blocks = levels.reshape(rows.count, rows.tile, columns.count, columns.tile).transpose(0, 2, 1, 3)
    tiles = blocks.reshape(rows.count * columns.count, -1)
    firsts = np.arange(len(tiles))[:, np.newaxis] * LEVELS
    counts = np.bincount((tiles + firsts).ravel(), minlength=len(tiles) * LEVELS)
    counts = counts.reshape(len(tiles), LEVELS).astype(F32)
    area = rows.tile * columns.tile
    if clip_limit > 0:
        clipped = np.minimum(counts, F32(clip_limit * area / LEVELS))
        excess = (counts - clipped).sum(axis=-1, keepdims=True)
        counts = clipped + excess / F32(LEVELS)
    below = counts.cumsum(axis=-1, dtype=F32)
    least = below.min(axis=-1, keepdims=True)
    range_ = F32(area) - least
    range_[range_ == 0] = 1
    tables = np.clip((below - least) * F32(255) / range_, 0, 255)
    return np.pad(tables.reshape(rows.count, columns.count, LEVELS), ((1, 1), (1, 1), (0, 0)), mode="edge")

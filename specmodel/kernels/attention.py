"""Attention in tiles of queries: their scores stay in the cache from the first product to the second."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil, prod

import numpy as np

from specmodel.kernels import Array, Bound, Scratch, Work
from specmodel.kernels.costs import ELEMENT, MULTIPLY_ADD
from specmodel.kernels.products import AT_ONCE
from specmodel.kernels.tiles import Block, aligned, pieces, shared, tiled
from specmodel.ops import attention as ops

TILE_BYTES = 1 << 18
"""The scores of a tile."""
HEAD_BYTES = TILE_BYTES // 2
"""The scores of a tile for one index of the batch axes."""
PASSES = 5
"""What a softmax takes, its exponentials included."""
ROWS = 16
"""The numbers of queries in a tile are multiples of this."""


def attend(op: ops.Attend, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Work]:
    """Two products and five short passes for each tile; sums divide the result, which is smaller than the scores.

    Scores stand transposed, (keys, queries): maxima and sums then run along rows of memory.
    """
    q, k, v = (x.transpose(axes) for x, axes in zip(inputs, (op.query, op.key, op.value), strict=False))
    out = outputs[0].transpose(op.output)
    seen = inputs[3:]
    if out.size == 0:
        return
    unseen = [scratch(mask.shape, np.bool_) for mask in seen]
    for mask, hidden in zip(seen, unseen, strict=True):
        yield partial(np.logical_not, mask, hidden)
    keys = k.shape[-2]
    rows = _even(q.shape[-2], HEAD_BYTES // (keys * q.itemsize))
    at_once = _even(rows, AT_ONCE // (keys * v.shape[-1]))
    heads = prod(q.shape[:-2])
    scores = heads * q.shape[-2] * keys
    nanoseconds = scores * ((q.shape[-1] + v.shape[-1]) * MULTIPLY_ADD + PASSES * ELEMENT)
    counts = pieces(q.shape[:-2], shared(heads, TILE_BYTES // (keys * rows * q.itemsize), nanoseconds))

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        *outer, positions, _ = block
        spans = tuple(slice(*span) for span in outer)
        taken, result = q[(*spans, slice(*positions))], out[(*spans, slice(*positions))]
        scores = scratch((*taken.shape[:-2], keys, taken.shape[-2]), q.dtype)
        line = scratch(taken.shape[:-1], q.dtype)
        yield partial(np.matmul, k[spans], taken.swapaxes(-1, -2), scores)
        hidden = [_turned(mask, (*outer, positions, (0, keys))) for mask in unseen]
        if op.hidden is not None:
            yield from (partial(np.copyto, scores, op.hidden, where=mask) for mask in hidden)
        yield partial(np.maximum.reduce, scores, -2, None, line)
        yield partial(np.subtract, scores, line[..., None, :], scores)
        yield partial(np.exp, scores, scores)
        yield partial(np.matmul, np.ones(keys, q.dtype), scores, line)
        if op.zeroed:
            yield from (partial(np.copyto, scores, 0, where=mask) for mask in hidden)
        yield from _means(scores, v[spans], result, at_once)
        yield partial(np.divide, result, line[..., None], result)

    yield tiled(out.shape, (*counts, ceil(q.shape[-2] / rows), 1), calls, nanoseconds)


def _means(scores: Array, v: Array, out: Array, at_once: int) -> Iterator[Bound]:
    """The products of scores (…, keys, queries) and values, of so many queries at a time."""
    queries = scores.shape[-1]
    whole = queries // at_once * at_once
    for start, stop, size in ((0, whole, at_once), (whole, queries, queries - whole)):
        if start < stop:
            weights = scores[..., start:stop].reshape(*scores.shape[:-1], -1, size, copy=False)
            result = out[..., start:stop, :]
            result = result.reshape(*out.shape[:-2], -1, size, out.shape[-1], copy=False)
            yield partial(np.matmul, np.moveaxis(weights, -3, -1), v[..., None, :, :], result)


def _even(size: int, most: int) -> int:
    """The size of parts that are about alike, multiples of `ROWS` of about `most` at most."""
    count = ceil(size / max(most // ROWS * ROWS, ROWS))
    return ceil(size / count / ROWS) * ROWS


def _turned(mask: Array, block: Block) -> Array:
    """The part of a mask that meets a block of the scores, transposed as they are."""
    found = aligned(mask, block)
    return found[..., None] if found.ndim == 1 else found.swapaxes(-1, -2)

"""Depthwise convolutions: one einsum over the taps of a tile, which sums without arrays in between."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil, prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch, Work
from specmodel.kernels.costs import TAP
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.tiles import Block, pieces, shared, tiled
from specmodel.kernels.windows import Axis, under, windows

TILE_BYTES = 1 << 19
"""The result of a tile; its part of the input, which is read once for each tap, is a little more."""
KERNEL_BYTES = 1 << 20
"""The kernel of a tile, repeated along a row."""


def depthwise(x: Array, kernel: Array, axes: Sequence[Axis], epilogue: Epilogue, scratch: Scratch) -> Iterator[Work]:
    """Tiles of whole rows; `kernel` is (taps…, channels, multiplier).

    Where windows stand side by side, the last spatial axis and the channels are one long axis, for which the kernel is
    repeated: the inner loop is as long as a row.
    """
    *taps, channels, multiplier = kernel.shape
    filters = channels * multiplier
    out = epilogue.out
    weights = kernel.reshape(*taps, filters)
    nanoseconds = out.size * prod(taps) * TAP + epilogue.nanoseconds
    counts = _counts(out.shape, prod(taps), x.itemsize, nanoseconds)
    copied = multiplier > 1 or x.strides[-1] != x.itemsize or x.strides[-2] != x.itemsize * channels
    joined = axes[-1].stride == 1
    if joined:
        wide = scratch((*taps, ceil(out.shape[-2] / counts[-1]), filters), x.dtype)
        yield partial(np.copyto, wide, weights[..., None, :])
        weights = wide.reshape(*taps, -1)
    spatial, window = "hwd"[: len(axes) - joined], "ijk"[: len(axes)]
    equation = f"n{spatial}{window}c,{window}c->n{spatial}c"

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        seen: Any = under(x, axes, block)
        if copied:
            copy = scratch((*seen.shape, multiplier), x.dtype)
            yield partial(np.copyto, copy, seen[..., None])
            seen = copy.reshape(*seen.shape[:-1], filters)
        view = windows(seen, axes, [stop - start for start, stop in block[1:-1]])
        room = epilogue.room(block, scratch, whole=True)
        result = room
        if joined:
            view, result = _joined(view, len(axes)), room.reshape(*room.shape[:-2], -1)
        yield partial(np.einsum, equation, view, weights[..., : result.shape[-1]], out=result)
        yield from epilogue.finish(block, room, scratch)

    yield tiled(out.shape, (*counts, 1), calls, nanoseconds)


def _counts(shape: Sequence[int], taps: int, itemsize: int, nanoseconds: float) -> tuple[int, ...]:
    """Into how many pieces to cut the axes (batch, windows…); as long as a piece of the last the repeated kernel is."""
    *front, length, filters = shape
    (sides,) = pieces((length,), KERNEL_BYTES // (taps * filters * itemsize))
    limit = TILE_BYTES * sides // (length * filters * itemsize)
    return (*pieces(front, shared(prod(front), limit, nanoseconds / sides)), sides)


def _joined(view: Array, axis: int) -> Array:
    """The windows along the last spatial axis as more channels: both axes are one run of memory."""
    shape = (*view.shape[:axis], *view.shape[axis + 1 : -1], view.shape[axis] * view.shape[-1])
    strides = (*view.strides[:axis], *view.strides[axis + 1 : -1], view.itemsize)  # NumPy's own is any for 1 channel
    return np.lib.stride_tricks.as_strided(view, shape, strides, writeable=False)

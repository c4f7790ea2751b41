"""Windows of large arrays, block by block: what a block of the output reads stays in the cache."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from math import prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.record import Record

Block = tuple[tuple[int, int], ...]
"""The first element and the end along each axis."""


def block_sizes(shape: Sequence[int], limit: int) -> tuple[int, ...]:
    """The sizes of blocks of at most `limit` elements, long at the last axes: each block is one run of memory."""
    sizes: list[int] = []
    room = max(limit, 1)
    for size in reversed(shape):
        count = -(-size // room)
        sizes.append(-(-size // count))
        room = room // size if count == 1 else 1
    return tuple(reversed(sizes))


def blocks(shape: Sequence[int], sizes: Sequence[int]) -> Iterator[Block]:
    """The blocks that cover a shape, in row-major order."""
    spans = (
        [(start, min(start + size, length)) for start in range(0, length, size)]
        for length, size in zip(shape, sizes, strict=True)
    )
    return product(*spans)


class Axis(Record):
    """How a window slides along a spatial axis, which has `before` zeros in front and any number behind."""

    taps: int
    stride: int
    dilation: int
    before: int

    def reach(self, windows: int) -> int:
        """How many elements so many windows span."""
        return (windows - 1) * self.stride + (self.taps - 1) * self.dilation + 1


class WindowReader:
    """Windows of an array (batch, spatial…, rest…), padded with zeros.

    A block that lies inside the array is read where it stands, unless `copied`; others are copied into a band of
    scratch first, whose border is zeroed only when it changes from one block to the next.
    """

    def __init__(self, x: Array, axes: Sequence[Axis], sizes: Sequence[int], scratch: Scratch, *, copied: bool) -> None:
        self.x = x
        self.axes = axes
        self.copied = copied
        self.rest = x.shape[1 + len(axes) :]
        reach = [axis.reach(size) for axis, size in zip(axes, sizes[1:], strict=True)]
        padded = any(axis.before or axis.reach(1) > 1 for axis in axes)
        self._band = scratch((sizes[0] * prod(reach) * prod(self.rest),), x.dtype) if padded or copied else x
        self._bordered: object = None

    def read(self, block: Block) -> tuple[list[Bound], Array]:
        """The calls that make a block's windows ready, and the windows: (batch, windows…, taps…, rest…)."""
        region, inside, shape = [slice(*block[0])], [slice(None)], [block[0][1] - block[0][0]]
        for axis, (start, stop), size in zip(self.axes, block[1:], self.x.shape[1:], strict=False):
            low, length = start * axis.stride - axis.before, axis.reach(stop - start)
            first = max(low, 0)
            last = max(min(low + length, size), first)
            region.append(slice(first, last))
            inside.append(slice(first - low, last - low))
            shape.append(length)
        source = self.x[tuple(region)]
        calls: list[Bound] = []
        if self.copied or source.shape[: len(shape)] != tuple(shape):
            shape += self.rest
            band = self._band[: prod(shape)].reshape(shape)
            interior = band[tuple(inside)]
            border = (shape, inside)
            if interior.shape != band.shape and border != self._bordered:
                calls.append(partial(band.fill, 0))
            self._bordered = border
            calls.append(partial(np.copyto, interior, source))
            source = band
        return calls, self._windows(source, block)

    def _windows(self, source: Array, block: Block) -> Array:
        spatial = source.strides[1 : 1 + len(self.axes)]
        shape = [stop - start for start, stop in block] + [axis.taps for axis in self.axes]
        strides = [
            source.strides[0],
            *(step * axis.stride for step, axis in zip(spatial, self.axes, strict=True)),
            *(step * axis.dilation for step, axis in zip(spatial, self.axes, strict=True)),
        ]
        rest: Any = source.strides[1 + len(self.axes) :]
        return np.lib.stride_tricks.as_strided(source, (*shape, *self.rest), (*strides, *rest), writeable=False)

"""Windows that slide over the spatial axes of an array, as views of it."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.kernels.tiles import Block
from specmodel.record import Record


class Axis(Record):
    """How a window slides along a spatial axis."""

    taps: int
    stride: int
    dilation: int

    def reach(self, windows: int) -> int:
        """How many elements so many windows span."""
        return (windows - 1) * self.stride + (self.taps - 1) * self.dilation + 1


def under(x: Array, axes: Sequence[Axis], block: Block) -> Array:
    """The part of an array (batch, spatial…, rest…) that a block of windows (batch, windows…) sees."""
    spans = [slice(*block[0])]
    for axis, (start, stop) in zip(axes, block[1:], strict=False):
        low = start * axis.stride
        spans.append(slice(low, low + axis.reach(stop - start)))
    return x[tuple(spans)]


def windows(x: Array, axes: Sequence[Axis], counts: Sequence[int]) -> Array:
    """The windows of an array (batch, spatial…, rest…): (batch, windows…, taps…, rest…)."""
    count = 1 + len(axes)
    spatial, rest = x.strides[1:count], x.strides[count:]
    shape = (x.shape[0], *counts, *(axis.taps for axis in axes), *x.shape[count:])
    strides = (
        x.strides[0],
        *(step * axis.stride for step, axis in zip(spatial, axes, strict=True)),
        *(step * axis.dilation for step, axis in zip(spatial, axes, strict=True)),
        *rest,
    )
    found: Any = np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)
    return found  # type: ignore[no-any-return]


def padded(x: Array, pads: Sequence[tuple[int, int]], scratch: Scratch) -> tuple[list[Bound], Array]:
    """The array with zeros around its axes, and the calls that make it so; itself where there are none."""
    if not any(before or after for before, after in pads):
        return [], x
    out = scratch(tuple(size + before + after for size, (before, after) in zip(x.shape, pads, strict=True)), x.dtype)
    return list(bordered(out, x, pads, 0)), out


def bordered(out: Array, x: Array, pads: Sequence[tuple[int, int]], value: float) -> Iterator[Bound]:
    """The border of an array filled, and what is inside copied there if it does not lie there already."""
    inside = tuple(slice(before, before + size) for size, (before, _) in zip(x.shape, pads, strict=True))
    for axis, (before, after) in enumerate(pads):
        for span in (slice(0, before), slice(out.shape[axis] - after, None)):
            border = out[(*inside[:axis], span)]
            if border.size:
                yield partial(border.fill, value)
    if out[inside].ctypes.data != x.ctypes.data:
        yield partial(np.copyto, out[inside], x)

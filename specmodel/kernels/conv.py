"""Convolutions: matrix products with the windows of a block, gathered side by side."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.kernels.blocks import Axis, WindowReader, block_sizes, blocks
from specmodel.ops import conv as ops
from specmodel.types.window import window_padding

GATHERED_BYTES = 1 << 20
"""Gathered windows of a block: half of a common L2 cache."""
FEWEST_ROWS = 64
"""A product of fewer rows spends its time on packing the kernel."""
BAND_BYTES = 1 << 18
"""Input of a depthwise block: it is read once for each tap."""
NARROW = 256
"""Fewer channels than this make too short an inner loop: the last spatial axis is joined to them."""


def conv(op: ops.Conv, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One matrix product for single taps, one for each block otherwise; a group of one channel goes depthwise."""
    x, kernel = inputs
    (out,) = outputs
    if out.size == 0:
        return
    calls, kernel = packed(kernel, scratch)
    yield from calls
    rows = _rows(x) if op.groups == prod(op.strides) == prod(kernel.shape[:-2]) == 1 else None
    if rows is not None:
        yield partial(np.matmul, rows, kernel.reshape(kernel.shape[-2:]), out=out.reshape(-1, out.shape[-1]))
    elif kernel.shape[-2] == 1 and op.groups > 1:
        filters = kernel.reshape(*kernel.shape[:-2], op.groups, -1)
        yield from _depthwise(x, filters, _axes(op, x, filters), out, scratch)
    else:
        yield from _gathered(x, kernel, op.groups, _axes(op, x, kernel), out, scratch)


def depthwise_conv(
    op: ops.DepthwiseConv, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """One sum of products for each block."""
    x, kernel = inputs
    (out,) = outputs
    if out.size == 0:
        return
    calls, kernel = packed(kernel, scratch)
    yield from calls
    yield from _depthwise(x, kernel, _axes(op, x, kernel), out, scratch)


def packed(array: Array, scratch: Scratch) -> tuple[list[Bound], Array]:
    """The array in row-major order, and the calls that make it so."""
    if array.flags.c_contiguous:
        return [], array
    copy = scratch(array.shape, array.dtype)
    return [partial(np.copyto, copy, array)], copy


def _axes(op: ops.Conv | ops.DepthwiseConv, x: Array, kernel: Array) -> list[Axis]:
    lines = zip(x.shape[1:-1], kernel.shape[:-2], op.strides, op.dilation, strict=True)
    return [
        Axis(taps, stride, dilation, window_padding(size, taps, stride, op.padding, dilation)[0])
        for size, taps, stride, dilation in lines
    ]


def _rows(x: Array) -> Array | None:
    """The pixels as the rows of a matrix, where strides can say it."""
    try:
        rows: Array = x.reshape(-1, x.shape[-1], copy=False)
    except ValueError:
        return None
    return rows


def _gathered(
    x: Array, kernel: Array, groups: int, axes: Sequence[Axis], out: Array, scratch: Scratch
) -> Iterator[Bound]:
    """For each block: gather its windows as the rows of a matrix, one for each group, and multiply into the output."""
    *taps, channels, filters = kernel.shape
    depth = prod(taps) * channels
    matrices = kernel.reshape(depth, groups, filters // groups).transpose(1, 0, 2)
    limit = max(GATHERED_BYTES // (depth * groups * x.itemsize), FEWEST_ROWS)
    sizes = block_sizes(out.shape[:-1], limit)
    scattered = x.strides[-1] != x.itemsize and x.shape[-1] > 1
    split = x.reshape(*x.shape[:-1], groups, channels, copy=False)
    reader = WindowReader(split, axes, sizes, scratch, copied=scattered and depth > channels)
    gathered = scratch((prod(sizes) * groups * depth,), x.dtype)
    results = out.reshape(-1, groups, filters // groups)
    done = 0
    for block in blocks(out.shape[:-1], sizes):
        calls, windows = reader.read(block)
        yield from calls
        count = prod(windows.shape[: 1 + len(axes)])
        rows = gathered[: count * groups * depth].reshape(groups, *windows.shape[:-2], channels)
        yield partial(np.copyto, rows, np.moveaxis(windows, -2, 0))
        result = results[done : done + count].transpose(1, 0, 2)
        yield partial(np.matmul, rows.reshape(groups, count, depth), matrices, out=result)
        done += count


def _depthwise(x: Array, kernel: Array, axes: Sequence[Axis], out: Array, scratch: Scratch) -> Iterator[Bound]:
    """For each block: one einsum over the taps, which sums without arrays in between."""
    *taps, channels, multiplier = kernel.shape
    filters = channels * multiplier
    weights = kernel.reshape(*taps, filters)
    sizes = block_sizes(out.shape[:-1], max(BAND_BYTES // (filters * x.itemsize * prod(a.stride for a in axes)), 1))
    repeated: Any = np.broadcast_to(x[..., None], (*x.shape, multiplier))
    reader = WindowReader(repeated, axes, sizes, scratch, copied=multiplier > 1 or not x.flags.c_contiguous)
    joined = filters < NARROW and axes[-1].stride == 1
    if joined:
        wide = scratch((*taps, sizes[-1], filters), x.dtype)
        yield partial(np.copyto, wide, weights[..., None, :])
        weights = wide.reshape(*taps, -1)
    spatial, window = "hwd"[: len(axes) - joined], "ijk"[: len(axes)]
    equation = f"n{spatial}{window}c,{window}c->n{spatial}c"
    for block in blocks(out.shape[:-1], sizes):
        calls, windows = reader.read(block)
        yield from calls
        windows = windows.reshape(*windows.shape[:-2], filters, copy=False)
        part = out[tuple(slice(*span) for span in block)]
        if joined:
            windows, part = _joined(windows, len(axes)), part.reshape(*part.shape[:-2], -1, copy=False)
        yield partial(np.einsum, equation, windows, weights[..., : part.shape[-1]], out=part)


def _joined(windows: Array, axis: int) -> Array:
    """The windows along the last spatial axis as more channels, where both axes are one run of memory."""
    shape = (*windows.shape[:axis], *windows.shape[axis + 1 : -1], windows.shape[axis] * windows.shape[-1])
    strides = (
        *windows.strides[:axis],
        *windows.strides[axis + 1 : -1],
        windows.itemsize,
    )  # NumPy's own is any for 1 channel
    return np.lib.stride_tricks.as_strided(windows, shape, strides, writeable=False)

"""Transposed convolutions: one matrix product for each block, its columns scattered over the output."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from math import ceil, prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.kernels.conv import packed
from specmodel.kernels.tiles import Block, blocks, pieces
from specmodel.ops import conv_transpose as ops
from specmodel.types.window import transposed_padding

PRODUCT_BYTES = 1 << 20
"""Products of a block, before they are added up: half of a common L2 cache."""
FEWEST_ROWS = 64
"""A product of fewer rows spends its time on packing the kernel."""


def conv_transpose(
    op: ops.ConvTranspose, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """For each block of the input: its products with all taps, then one strided addition for each tap."""
    x, kernel = inputs
    (out,) = outputs
    calls, kernel = packed(kernel, scratch)
    yield from calls
    yield partial(out.fill, 0)
    if x.size == 0:
        return
    *taps, filters, channels = kernel.shape
    depth = prod(taps) * filters
    counts = pieces(x.shape[:-1], max(PRODUCT_BYTES // (depth * x.itemsize), FEWEST_ROWS))
    most = prod(ceil(size / count) for size, count in zip(x.shape, counts, strict=False))
    products = scratch((most * depth,), x.dtype)
    matrix = kernel.reshape(depth, channels).T
    apart = all(
        stride >= (size - 1) * dilation + 1
        for size, stride, dilation in zip(taps, op.strides, op.dilation, strict=True)
    )
    cuts = _cuts(op, taps)
    for block in blocks(x.shape[:-1], counts):
        calls, rows = _rows(x[tuple(slice(*span) for span in block)], scratch)
        yield from calls
        found = products[: rows.shape[0] * depth].reshape(-1, depth)
        yield partial(np.matmul, rows, matrix, out=found)
        parts = found.reshape(*(stop - start for start, stop in block), *taps, filters)
        for tap in product(*map(range, taps)):
            target, source = _landing(op, block, tap, cuts, out, parts)
            if target.size and apart:
                yield partial(np.copyto, target, source)
            elif target.size:
                yield partial(np.add, target, source, out=target)


def _rows(part: Array, scratch: Scratch) -> tuple[list[Bound], Array]:
    """A block's pixels as the rows of a matrix, and the calls that make them so."""
    try:
        rows: Any = part.reshape(-1, part.shape[-1], copy=False)
    except ValueError:
        calls, whole = packed(part, scratch)
        return calls, whole.reshape(-1, part.shape[-1])
    return [], rows


def _cuts(op: ops.ConvTranspose, taps: Sequence[int]) -> list[int]:
    """How many elements padding cuts off in front of each spatial axis."""
    lines = zip(taps, op.strides, op.extra, op.dilation, strict=True)
    return [
        (size - 1) * dilation - transposed_padding(size, stride, op.padding, extra, dilation)[0]
        for size, stride, extra, dilation in lines
    ]


def _landing(
    op: ops.ConvTranspose, block: Block, tap: tuple[int, ...], cuts: Sequence[int], out: Array, parts: Array
) -> tuple[Array, Array]:
    """Where a tap's products of a block land in the output, and those that do land there."""
    target: list[slice] = [slice(*block[0])]
    source: list[Any] = [slice(None)]
    lines = zip(block[1:], tap, op.strides, op.dilation, cuts, out.shape[1:-1], strict=True)
    for (start, stop), index, stride, dilation, cut, length in lines:
        shift = index * dilation - cut
        first = max(start, -(shift // stride))
        last = max(min(stop, (length - 1 - shift) // stride + 1), first)
        begin = first * stride + shift
        target.append(slice(begin, begin + (last - first) * stride, stride))
        source.append(slice(first - start, last - start))
    return out[tuple(target)], parts[(*source, *tap)]

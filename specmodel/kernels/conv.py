"""Convolutions: which way of computing one is the best for its sizes. The ways have files of their own."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Core, Scratch, Work
from specmodel.kernels.depthwise import depthwise
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.gathered import gathered, pointwise
from specmodel.kernels.windows import Axis, padded
from specmodel.ops import conv as ops
from specmodel.types.window import window_padding


def conv(op: ops.Conv, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Work]:
    """Matrix products with gathered windows; a group of one channel goes depthwise."""
    yield from _conv(op, inputs, Epilogue(outputs[0]), scratch)


def depthwise_conv(
    op: ops.DepthwiseConv, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Work]:
    """A sum of products for each tile."""
    yield from _depthwise_conv(op, inputs, Epilogue(outputs[0]), scratch)


def _conv(op: ops.Conv, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch) -> Iterator[Work]:
    if epilogue.out.size == 0:
        return
    x, kernel = yield from _ready(op, inputs, scratch)
    axes = _axes(op, kernel)
    if kernel.shape[-2] == 1 and op.groups > 1:
        filters = kernel.reshape(*kernel.shape[:-2], op.groups, -1)
        yield from depthwise(x, filters, axes, epilogue, scratch)
    elif op.groups == prod(kernel.shape[:-2]) == 1:
        yield pointwise(x, kernel.reshape(kernel.shape[-2:]), axes, epilogue)
    else:
        yield gathered(x, kernel, op.groups, axes, epilogue)


def _depthwise_conv(
    op: ops.DepthwiseConv, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch
) -> Iterator[Work]:
    if epilogue.out.size == 0:
        return
    x, kernel = yield from _ready(op, inputs, scratch)
    yield from depthwise(x, kernel, _axes(op, kernel), epilogue, scratch)


def packed(array: Array, scratch: Scratch) -> tuple[list[Bound], Array]:
    """The array in row-major order, and the calls that make it so."""
    if array.flags.c_contiguous:
        return [], array
    copy = scratch(array.shape, array.dtype)
    return [partial(np.copyto, copy, array)], copy


def _ready(op: ops.Conv | ops.DepthwiseConv, inputs: Sequence[Array], scratch: Scratch) -> Any:
    """The input with its padding and the kernel in one piece, after the calls that make them so."""
    x, kernel = inputs
    calls, kernel = packed(kernel, scratch)
    yield from calls
    lines = zip(x.shape[1:-1], kernel.shape[:-2], op.strides, op.dilation, strict=True)
    pads = [window_padding(size, taps, stride, op.padding, dilation) for size, taps, stride, dilation in lines]
    calls, x = padded(x, ((0, 0), *pads, (0, 0)), scratch)
    yield from calls
    return x, kernel


def _axes(op: ops.Conv | ops.DepthwiseConv, kernel: Array) -> list[Axis]:
    return [Axis(*line) for line in zip(kernel.shape[:-2], op.strides, op.dilation, strict=True)]


CORES: dict[Any, Core] = {ops.Conv: _conv, ops.DepthwiseConv: _depthwise_conv}

"""Convolutions: the channels behind the batch, the kernel's filters in front, as ONNX has them."""

from collections.abc import Sequence
from typing import Any

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import channels_second
from specmodel.ops import conv as ops
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.tensor import numbers
from specmodel.types.window import Padding, window_extent, window_padding

Border = Sequence[tuple[int, int]]
"""Zeros before and after each spatial axis."""


def conv(op: ops.Conv, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator."""
    convolve(b, op, inputs[0], inputs[1], outputs[0])


def depthwise_conv(op: ops.DepthwiseConv, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A convolution with a group for each channel."""
    convolve(b, op, inputs[0], inputs[1], outputs[0])


def convolve(
    b: Builder,
    op: ops.Conv | ops.DepthwiseConv,
    x: Value,
    kernel: Value,
    out: Value,
    bias: Value | None = None,
    border: Border = (),
) -> None:
    """A convolution of `x`, with `border` zeros around it, and a bias for each filter."""
    order = channels_second(x.rank)
    taps = numbers(kernel.shape[:-2])
    padded = [size + sum(around) for size, around in zip(x.shape[1:-1], border or _none(taps), strict=True)]
    padding = paddings(padded, taps, op.strides, op.padding, op.dilation, border)
    attributes: dict[str, Any] = {"kernel_shape": list(taps), "strides": list(op.strides), **padding}
    if max(op.dilation) > 1:
        attributes["dilations"] = list(op.dilation)
    if isinstance(op, ops.DepthwiseConv):
        channels, multiplier = numbers(kernel.shape[-2:])
        filters = b.read(kernel, (kernel.rank - 2, kernel.rank - 1, *range(kernel.rank - 2)))
        weights = b.reshape(filters, (channels * multiplier, 1, *taps))
        attributes["group"] = channels
    else:
        weights = b.read(kernel, (kernel.rank - 1, kernel.rank - 2, *range(kernel.rank - 2)))
        if op.groups > 1:
            attributes["group"] = op.groups
    given: list[Tensor] = [b.read(x, order), weights, *([b.read(bias)] if bias is not None else [])]
    b.hold(out, b.node("Conv", *given, **attributes), order)


def paddings(
    sizes: Sequence[Dim],
    windows: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
    border: Border = (),
) -> dict[str, Any]:
    """The attributes that say the zeros around an axis: numbers where they can be known.

    Behind a stride `same` depends on the size; ONNX knows it too.
    """
    around: list[tuple[int, int]] = []
    edges = border or _none(windows)
    for size, window, stride, rate, edge in zip(sizes, windows, strides, dilation, edges, strict=True):
        if padding != "same" or isinstance(size, int) or stride == 1 or window == 1:
            known = size if isinstance(size, int) else window_extent(window, rate)
            before, after = window_padding(known, window, stride, padding, rate)
            around.append((before + edge[0], after + edge[1]))
        else:
            return {"auto_pad": "SAME_UPPER"}
    return {"pads": [before for before, _ in around] + [after for _, after in around]}


def _none(windows: Sequence[int]) -> Border:
    return [(0, 0)] * len(windows)

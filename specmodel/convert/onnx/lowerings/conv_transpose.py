"""Transposed convolutions: the channels behind the batch, as ONNX has them."""

from collections.abc import Sequence
from typing import Any

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.layout import channels_second
from specmodel.ops import conv_transpose as ops
from specmodel.ops.value import Value
from specmodel.types.assume import Assume
from specmodel.types.tensor import numbers
from specmodel.types.window import transposed_length, transposed_padding, window_extent

_ANY = 2
"""The size of an axis; of one element nothing may be left."""


def conv_transpose(op: ops.ConvTranspose, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator."""
    convolve_transposed(b, op, inputs[0], inputs[1], outputs[0])


def convolve_transposed(
    b: Builder, op: ops.ConvTranspose, x: Value, kernel: Value, out: Value, bias: Value | None = None
) -> None:
    """A transposed convolution, and a bias for each filter.

    What padding cuts off in front and behind, or adds behind, depends on no size: any axis tells it.
    """
    order = channels_second(x.rank)
    taps = numbers(kernel.shape[:-2])
    front, behind, more = [], [], []
    for window, stride, extra, rate in zip(taps, op.strides, op.extra, op.dilation, strict=True):
        extent = window_extent(window, rate)
        before = extent - 1 - transposed_padding(window, stride, op.padding, extra, rate)[0]
        length = transposed_length(Assume(), _ANY, window, stride, op.padding, extra, rate)
        assert isinstance(length, int)
        after = (_ANY - 1) * stride + extent - before - length
        front.append(before)
        behind.append(max(after, 0))
        more.append(max(-after, 0))
    weights = b.read(kernel, (kernel.rank - 1, kernel.rank - 2, *range(kernel.rank - 2)))
    given = [b.read(x, order), weights, *([b.read(bias)] if bias is not None else [])]
    attributes: dict[str, Any] = {"kernel_shape": list(taps), "strides": list(op.strides), "pads": front + behind}
    if max(op.dilation) > 1:
        attributes["dilations"] = list(op.dilation)
    if max(more) > 0:
        attributes["output_padding"] = more
    b.hold(out, b.node("ConvTranspose", *given, **attributes), order)

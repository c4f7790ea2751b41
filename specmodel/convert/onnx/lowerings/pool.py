"""Pooling: the channels behind the batch, as ONNX has them."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import channels_second
from specmodel.convert.onnx.lowerings.conv import Border, paddings
from specmodel.ops import pool as ops
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating


def pool(op: ops.Pool, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator."""
    pooled(b, op, inputs[0], outputs[0])


def pooled(b: Builder, op: ops.Pool, x: Value, out: Value, border: Border = ()) -> None:
    """Pooling of `x` with a border that counts for nothing. Integers go through float64, which holds those of int32."""
    order = channels_second(x.rank)
    padding = paddings(x.shape[1:-1], op.window, op.strides, op.padding, (1,) * len(op.window), border)
    kind = "MaxPool" if op.function == "Max" else "AveragePool"

    def work(given: Tensor) -> Tensor:
        wide = given if is_floating(given.dtype) else b.cast(given, "float64")
        return b.node(kind, wide, kernel_shape=list(op.window), strides=list(op.strides), **padding)

    b.hold(out, b.computed(b.read(x, order), out.dtype, work), order)

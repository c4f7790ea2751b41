"""Where values come from. Inputs and weights are tensors of the whole graph, there before anything is lowered."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.dtypes import physical
from specmodel.convert.onnx.sizes import sizes, span
from specmodel.kernels.source import constant_array
from specmodel.ops import source as ops
from specmodel.ops.value import Value


def constant(op: ops.Constant, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """An initializer."""
    b.place(outputs[0], b.constant(constant_array(op), physical(op.type.dtype)))


def iota(op: ops.Iota, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A range along the axis, repeated along the others."""
    (out,) = outputs
    length = out.shape[op.axis]
    line = b.reshape(
        b.cast(span(b, length), physical(out.dtype)), [length if a == op.axis else 1 for a in range(out.rank)]
    )
    if line.shape != out.shape:
        line = b.node("Expand", line, sizes(b, out.shape), shape=out.shape)
    b.place(out, line)

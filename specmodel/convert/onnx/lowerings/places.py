"""Reading and writing where other values say."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import Order, arranged
from specmodel.convert.onnx.sizes import sizes
from specmodel.ops import places as ops
from specmodel.ops.value import Value
from specmodel.types.dim import Dim


def gather_along(op: ops.GatherAlong, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator, once both have the same other sizes; negative places mean the same there."""
    (out,) = outputs
    order = b.common_order(inputs, out)
    along = order.index(op.axis)
    shapes = [list(arranged(out.shape, order)) for _ in inputs]
    shapes[0][along] = inputs[0].shape[op.axis]
    table, where = (_expanded(b, value, shape, order) for value, shape in zip(inputs, shapes, strict=True))
    b.place(out, b.node("GatherElements", table, b.cast(where, "int64"), axis=along, shape=tuple(shapes[1])), order)


def _expanded(b: Builder, value: Value, shape: Sequence[Dim], order: Order) -> Tensor:
    held = b.read(value, order)
    if arranged(value.shape, order) == tuple(shape):
        return held
    return b.node("Expand", held, sizes(b, tuple(shape)), shape=tuple(shape))


def scatter(op: ops.Scatter, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator, in the base's own order of axes."""
    base, indices, updates = (b.read(value) for value in inputs)
    reduction = op.reduction if op.reduction is not None else "none"
    b.place(outputs[0], b.node("ScatterND", base, b.cast(indices, "int64"), updates, reduction=reduction))

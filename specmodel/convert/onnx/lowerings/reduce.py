"""Reductions, and functions along an axis."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import without
from specmodel.ops import reduce as ops
from specmodel.ops.value import Value

_OPERATORS = {"Any": "ReduceMax", "All": "ReduceMin"}


def reduce(op: ops.Reduce, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator. Booleans are counted as integers; without axes nothing is to do."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    axes = [held.order.index(axis) for axis in op.axes]
    order = held.order if op.keepdims else without(held.order, op.axes)
    if op.function in ("ArgMax", "ArgMin"):
        b.place(out, b.cast(_place(b, op, held.tensor, axes[0]), out.dtype), order)
        return
    kind = _OPERATORS.get(op.function, f"Reduce{op.function}")

    def work(given: Tensor) -> Tensor:
        return b.node(kind, given, b.ints(sorted(axes)), keepdims=int(op.keepdims)) if axes else given

    b.hold(out, b.computed(held.tensor, out.dtype, work), order)


def _place(b: Builder, op: ops.Reduce, x: Tensor, axis: int) -> Tensor:
    return b.computed(x, "int64", lambda x: b.node(op.function, x, dtype="int64", axis=axis, keepdims=int(op.keepdims)))


def softmax(op: ops.Softmax, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator."""
    _along(b, "Softmax", op.axis, inputs[0], outputs[0])


def log_softmax(op: ops.LogSoftmax, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator."""
    _along(b, "LogSoftmax", op.axis, inputs[0], outputs[0])


def _along(b: Builder, kind: str, axis: int, x: Value, out: Value) -> None:
    held = b.held(x)
    b.hold(out, b.node(kind, held.tensor, axis=held.order.index(axis)), held.order)

"""Pooling: the channels behind the batch, as ONNX has them."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import channels_second
from specmodel.convert.onnx.lowerings.conv import Border, paddings
from specmodel.convert.onnx.sizes import scalar_size, span
from specmodel.ops import pool as ops
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.tensor import is_floating


def pool(op: ops.Pool, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator; windows with gaps between them, of an axis whose size and so whose border is unknown, are gathered.

    For these the operator's own `same` is not defined.
    """
    (x,), (out,) = inputs, outputs
    lines = zip(x.shape[1:-1], op.window, op.strides, strict=True)
    if op.padding == "same" and any(not isinstance(size, int) and 1 < window < step for size, window, step in lines):
        _gathered(b, op, x, out)
    else:
        pooled(b, op, x, out)


def pooled(b: Builder, op: ops.Pool, x: Value, out: Value, border: Border = ()) -> None:
    """Pooling of `x` with a border that counts for nothing. Integers go through float64, which holds those of int32."""
    order = channels_second(x.rank)
    padding = paddings(x.shape[1:-1], op.window, op.strides, op.padding, (1,) * len(op.window), border)
    kind = "MaxPool" if op.function == "Max" else "AveragePool"

    def work(given: Tensor) -> Tensor:
        wide = given if is_floating(given.dtype) else b.cast(given, "float64")
        return b.node(kind, wide, kernel_shape=list(op.window), strides=list(op.strides), **padding)

    b.hold(out, b.computed(b.read(x, order), out.dtype, work), order)


def _gathered(b: Builder, op: ops.Pool, x: Value, out: Value) -> None:
    """Pooling with `same`, one axis after the other."""
    held = b.held(x)
    made, zero = held.tensor, b.scalar(0, "int64")
    for axis, (window, stride) in enumerate(zip(op.window, op.strides, strict=True), start=1):
        size, count = x.shape[axis], out.shape[axis]
        beyond = b.node("Max", scalar_size(b, (count - 1) * stride + window - size), zero)
        before = b.node("Div", beyond, b.scalar(2, "int64"))
        start = b.node("Sub", b.node("Mul", span(b, count), b.scalar(stride, "int64")), before, shape=(count,))
        end = b.node("Min", b.node("Add", start, b.scalar(window, "int64")), scalar_size(b, size), shape=(count,))
        start = b.node("Max", start, zero, shape=(count,))
        made = windows(b, op.function, made, held.order.index(axis), x.rank, start, end, count)
    b.hold(out, made, held.order)


def windows(
    b: Builder, function: ops.Function, x: Tensor, axis: int, rank: int, start: Tensor, end: Tensor, count: Dim
) -> Tensor:
    """The maximum or mean of windows along an axis, from `start` to before `end` of each.

    The elements of all windows, the shorter ones filled up with their last, stand along a new axis that is reduced.
    """
    start, end = b.reshape(start, (count, 1)), b.reshape(end, (count, 1))
    length = b.node("Sub", end, start)
    longest = b.node("ReduceMax", length, b.ints([0, 1]), keepdims=0)
    cells = b.node("Range", b.scalar(0, "int64"), longest, b.scalar(1, "int64"))
    places = b.node("Add", start, cells)
    inside = b.node("Less", places, end, dtype="bool")
    taken = b.node("Gather", x, b.node("Min", places, b.node("Sub", end, b.scalar(1, "int64"))), axis=axis)
    reduced = b.ints([axis + 1])

    def mean(given: Tensor) -> Tensor:
        share = b.node("Div", b.cast(inside, given.dtype), b.cast(length, given.dtype))
        behind = range(2, rank - axis + 1)
        share = b.node("Unsqueeze", share, b.ints(behind)) if behind else share
        return b.node("ReduceSum", b.node("Mul", given, share), reduced, keepdims=0)

    def largest(given: Tensor) -> Tensor:
        return b.node("ReduceMax", given, reduced, keepdims=0)

    return b.computed(taken, x.dtype, largest if function == "Max" else mean)

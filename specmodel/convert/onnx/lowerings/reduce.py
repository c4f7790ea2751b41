"""Reductions, and functions along an axis."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.dtypes import working
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import arranged, without
from specmodel.convert.onnx.sizes import scalar_size, size, sizes
from specmodel.ops import reduce as ops
from specmodel.ops.value import Value
from specmodel.types.dim import Dim

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


def sparsemax(op: ops.Sparsemax, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """`max(x - t, 0)` with `t` the largest of `(sum of the k largest - 1) / k`."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    axis = held.order.index(op.axis)
    length = out.shape[op.axis]
    ordered, _ = sorted_along(b, held.tensor, axis, length, largest=True)
    one = b.scalar(1, ordered)
    sums = b.node("Sub", b.node("CumSum", ordered, b.scalar(axis, "int64")), one)
    counts = b.cast(b.node("Range", b.scalar(1, "int64"), scalar_size(b, length + 1), b.scalar(1, "int64")), sums.dtype)
    counts.shape = (length,)
    counts = b.reshape(counts, [length if place == axis else 1 for place in range(out.rank)])
    least = b.node("ReduceMax", b.node("Div", sums, counts), b.ints([axis]), keepdims=1)
    b.hold(out, b.node("Relu", b.node("Sub", held.tensor, least)), held.order)


def sorted_along(b: Builder, x: Tensor, axis: int, length: Dim, *, largest: bool) -> tuple[Tensor, Tensor]:
    """The elements of an axis in order, and the int64 places they had; equal ones in the order they had."""
    given = b.cast(x, working(x.dtype))
    ordered, places = Tensor(given.dtype, x.shape), Tensor("int64", x.shape)
    b.emit("TopK", [given, size(b, length)], [ordered, places], axis=axis, largest=int(largest), sorted=1)
    return b.cast(ordered, x.dtype), places


def cum_sum(op: ops.CumSum, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator."""
    held = b.held(inputs[0])
    axis = b.scalar(held.order.index(op.axis), "int64")
    made = b.computed(held.tensor, outputs[0].dtype, lambda given: b.node("CumSum", given, axis))
    b.hold(outputs[0], made, held.order)


def cum_prod(op: ops.CumProd, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A loop that carries the product: there is no operator for it."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    axis = held.order.index(op.axis)
    shape = arranged(x.shape, held.order)
    line = (*shape[:axis], *shape[axis + 1 :])

    def work(given: Tensor) -> Tensor:
        start = b.node("Expand", b.scalar(1, given), sizes(b, line), shape=line)
        inner = b.inner()
        so_far, factor = Tensor(given.dtype, line, "product"), Tensor(given.dtype, line, "factor")
        product = inner.node("Mul", so_far, factor, shape=line)
        inner.block.inputs, inner.block.outputs = (
            [so_far, factor],
            [product, inner.node("Identity", product, shape=line)],
        )
        last, every = Tensor(given.dtype, line), Tensor(given.dtype, shape)
        axes = {"scan_input_axes": [axis], "scan_output_axes": [axis]}
        b.emit("Scan", [start, given], [last, every], body=inner.block, num_scan_inputs=1, **axes)
        return every

    b.hold(out, b.computed(held.tensor, out.dtype, work), held.order)

"""Movements of elements. A transposition is no node: the value is held in another order."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import arranged, moves_nothing, plain, reshaped
from specmodel.convert.onnx.sizes import keep_size, size, sizes
from specmodel.ops import shape as ops
from specmodel.ops.value import Value
from specmodel.types.dim import Dim

_END = 2**63 - 1
"""Where a slice ends that takes all there is."""


def reshape(op: ops.Reshape, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """In the order in which the input is held, where no element has to move."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    order = plain(out.rank) if held.order == plain(x.rank) else reshaped(x.shape, held.order, out.shape)
    if order is None:
        b.place(out, b.reshape(b.read(x), out.shape))
    else:
        b.place(out, b.reshape(held.tensor, arranged(out.shape, order)), order)


def transpose(op: ops.Transpose, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """The same tensor, seen in another order."""
    held = b.held(inputs[0])
    order = tuple(op.perm.index(axis) for axis in held.order)
    b.place(outputs[0], held.tensor, order)


def expand(op: ops.Expand, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A repetition along axes of size one, in the order in which the input is held."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    order = held.order if x.rank == out.rank and not moves_nothing(x.shape, held.order) else plain(out.rank)
    shape = arranged(out.shape, order)
    b.place(out, b.node("Expand", b.fitted(x, order), sizes(b, shape), shape=shape), order)


def concat(op: ops.Concat, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator."""
    (out,) = outputs
    order = b.common_order(inputs, out)
    tensors = [b.read(x, order) for x in inputs]
    b.place(out, b.node("Concat", *tensors, axis=order.index(op.axis)), order)


def slice(op: ops.Slice, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator, in the order in which the input is held."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    at = held.order.index(op.axis)
    if op.step == -1 and op.size == x.shape[op.axis]:
        b.place(out, backwards(b, held.tensor, at), held.order)
        return
    start, stop = _bounds(b, op, x.shape[op.axis])
    b.place(out, b.node("Slice", held.tensor, start, stop, b.ints([at]), b.ints([op.step])), held.order)
    if op.between is not None and b.parent is None:
        keep_size(b, op.size, b.held(out).tensor, at)


def backwards(b: Builder, x: Tensor, axis: int) -> Tensor:
    """A tensor backwards along an axis; what it was, if it is backwards already."""

    def turned() -> Tensor:
        ends = b.ints([-1]), b.ints([-_END - 1])
        return b.node("Slice", x, *ends, b.ints([axis]), b.ints([-1]), shape=x.shape)

    made = b.once(("backwards", x, axis), turned)
    b.once(("backwards", made, axis), lambda: x)
    return made


def _bounds(b: Builder, op: ops.Slice, length: Dim) -> tuple[Tensor, Tensor]:
    """Where a slice starts, and what it stops before. Places in Python's sense are ONNX's, too."""
    if op.between is not None:
        first, behind = op.between
        ends = (0, _END) if op.step > 0 else (_END, -_END - 1)
        return b.ints([ends[0] if first is None else first]), b.ints([ends[1] if behind is None else behind])
    last = op.start + (op.size - 1) * op.step
    if op.step > 0:
        ends_there = last + 1 == length or op.size == (length - op.start - 1) // op.step + 1
        stop = b.ints([_END]) if ends_there else _index(b, last + 1, length)
    else:
        stop = b.ints([-_END - 1]) if last == 0 else _index(b, last - 1, length)
    return _index(b, op.start, length), stop


def _index(b: Builder, place: Dim, length: Dim) -> Tensor:
    """A place on an axis, from its end where that makes it a number."""
    from_end = place - length
    if not isinstance(place, int) and isinstance(from_end, int) and from_end < 0:
        return b.ints([from_end])
    return size(b, place)


def pad(op: ops.Pad, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator, in the order in which the input is held."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    pads = [op.pads[axis] for axis in held.order]
    border = b.ints([before for before, _ in pads] + [after for _, after in pads])

    def work(given: Tensor) -> Tensor:
        return b.node("Pad", given, border, b.scalar(op.value, given))

    b.place(out, b.computed(held.tensor, x.dtype, work), held.order)


def repeat(op: ops.Repeat, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A new axis behind the one to repeat along, expanded and merged with it."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    at = held.order.index(op.axis)
    shape = arranged(x.shape, held.order)
    apart = b.reshape(held.tensor, (*shape[: at + 1], 1, *shape[at + 1 :]))
    times = b.ints([1] * (at + 1) + [op.count] + [1] * (len(shape) - at - 1))
    wider = b.node("Expand", apart, times, shape=(*shape[: at + 1], op.count, *shape[at + 1 :]))
    b.place(out, b.reshape(wider, arranged(out.shape, held.order)), held.order)


def gather(op: ops.Gather, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator; indices that ONNX does not take become int64."""
    (table, indices), (out,) = inputs, outputs
    held, places = b.held(table), b.read(indices)
    places = places if places.dtype in ("int32", "int64") else b.cast(places, "int64")
    order: list[int] = []
    for axis in held.order:
        new = axis if axis < op.axis else axis + indices.rank - 1
        order += range(op.axis, op.axis + indices.rank) if axis == op.axis else [new]
    b.place(out, b.node("Gather", held.tensor, places, axis=held.order.index(op.axis)), tuple(order))

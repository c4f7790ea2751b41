"""Putting elements in order."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.lowerings.reduce import sorted_along
from specmodel.ops import order as ops
from specmodel.ops.value import Value


def order(op: ops.Order, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator for the elements and their places; of equal elements the first comes first in both."""
    (x,), (ordered, places) = inputs, outputs
    held = b.held(x)
    axis = held.order.index(op.axis)
    elements, where = sorted_along(b, held.tensor, axis, x.shape[op.axis], largest=op.descending)
    b.place(ordered, elements, held.order)
    b.place(places, b.cast(where, places.dtype), held.order)

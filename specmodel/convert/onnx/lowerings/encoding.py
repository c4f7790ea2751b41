"""Categories as numbers: comparisons with all boundaries, or with all numbers that are counted."""

from collections.abc import Sequence

import numpy as np

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.dtypes import physical
from specmodel.convert.onnx.ir import Tensor
from specmodel.ops import encoding as ops
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating


def digitize(op: ops.Digitize, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A sum over the boundaries that are not above; boundaries are rounded to float32, unless the numbers are finer."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    fine = "float64" if x.dtype == "float64" else "float32"
    boundaries = np.array(op.boundaries, fine)
    given = b.cast(held.tensor, fine)
    apart = b.node("Unsqueeze", given, b.ints([-1]))
    descends = len(boundaries) > 1 and boundaries[0] > boundaries[-1]
    reached = b.node("Less" if descends else "GreaterOrEqual", apart, b.constant(boundaries), dtype="bool")
    count = b.node("ReduceSum", b.cast(reached, "int32"), b.ints([-1]), keepdims=0)
    if is_floating(x.dtype):  # not a number is above all
        above = 0 if descends else len(boundaries)
        count = b.node("Where", b.node("IsNaN", given, dtype="bool"), b.scalar(above, "int32"), count, dtype="int32")
    b.place(out, count, held.order)


def tally(op: ops.Tally, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """Comparisons with the numbers from 0 to `depth`, as ones or weights, summed along the axis."""
    (out,) = outputs
    numbers, *weights = inputs
    given = b.read(numbers)
    wanted = given if is_floating(numbers.dtype) or given.dtype == "int64" else b.cast(given, "int64")
    places = b.constant(np.arange(op.depth).astype(wanted.dtype))
    occurs = b.node("Equal", b.node("Unsqueeze", wanted, b.ints([-1])), places, dtype="bool")
    ones = b.cast(occurs, physical(op.dtype))

    def work(given: Tensor) -> Tensor:
        return b.node("ReduceMax" if op.once else "ReduceSum", given, b.ints([op.axis]), keepdims=0)

    if weights:
        weight = b.node("Unsqueeze", b.cast(b.read(weights[0]), ones.dtype), b.ints([-1]))
        ones = b.node("Where", occurs, weight, b.scalar(0, weight), dtype=weight.dtype)
    b.hold(out, b.computed(ones, out.dtype, work))

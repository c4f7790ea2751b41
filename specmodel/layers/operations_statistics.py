"""Tensor operations of statistics: weighted means, quantiles, counts, differences, correlations."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import PosInt, Real
from specmodel.layers.operation import (
    Number,
    Operation,
    OptionalNumbers,
    axes_of,
    floating,
)
from specmodel.layers.operations_reduce import Reduction
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, maximum, where
from specmodel.ops.linear import matmul
from specmodel.ops.places import scatter
from specmodel.ops.reduce import mean, reduce
from specmodel.ops.shape import concat, expand, reshape, slice_axis, transpose
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value
from specmodel.types.tensor import promote


class Ptp(Reduction):
    """The distance between the largest and the smallest element along axes."""

    def build(self, b: Scope, x: Value) -> Value:
        """The difference."""
        return self.reduced(b, "Max", x) - self.reduced(b, "Min", x)


class AverageOp(Operation):
    """The mean along an axis in which elements weigh differently: `sum(x * weights) / sum(weights)`.

    Weights have the input's shape, or one number for each place along the axis; without weights it is the mean.
    """

    axis: int | None = Field(None, description="The axis; the batch axis is 0, null means all.")

    examples = (
        Example({"axis": 1}, inputs=((None, 3, 4), (3,)), output=(None, 4), params=0),
        Example({"axis": 1}, inputs=((None, "seq"), (None, "seq")), output=(None,), params=0),
        Example({}, inputs=((None, 3),), output=((),), params=0),
        Example({"axis": 1}, inputs=((None, 3, 2), (2,)), error="`weights` must have the shape of the input"),
    )

    def build(self, b: Scope, x: Value, weights: Value | None = None) -> Value:
        """The weighted sum, divided by the sum of the weights."""
        x = floating(x)
        axes = axes_of(b, None if self.axis is None else (self.axis,), x.rank)
        if weights is None:
            return mean(x, axes)
        dtype = promote(x.dtype, weights.dtype)
        x, given = cast(x, dtype), cast(weights, dtype)
        message = (
            f"`weights` must have the shape of the input {x.type}, or one number for each place, found {given.type}"
        )
        if given.rank == 1 and x.rank > 1 and self.axis is not None:
            size = x.shape[axes[0]]
            b.assume.equal(given.shape[0], size, "there is a weight for each place", message=message)
            given = reshape(given, [given.shape[0] if axis in axes else 1 for axis in range(x.rank)])
        else:
            b.require(given.rank == x.rank, message, code=codes.INCOMPATIBLE_SHAPES)
            for one, other in zip(given.shape, x.shape, strict=True):
                b.assume.equal(one, other, "weights have their input's shape", message=message)
        total = reduce("Sum", x * given, axes)
        return total / reduce("Sum", given, axes)


class Diff(Operation):
    """The difference of each element from the one before it, along an axis; `n` times."""

    n: PosInt = Field(1, description="How often.")
    axis: int = Field(-1, description="The axis; the batch axis is 0.")

    examples = (
        Example({"axis": 1}, inputs=((None, "seq", 3),), output=(None, "seq - 1", 3), params=0),
        Example({"n": 2}, inputs=((None, 5),), output=(None, 3), params=0),
        Example({"n": 5}, inputs=((None, 5),), error="5 differences of axis 1 leave nothing of its 5 elements"),
    )

    def build(self, b: Scope, a: Value) -> Value:
        """The elements but the first less those but the last; of booleans, whether they differ."""
        axis = b.axis(self.axis, a.rank)
        length = a.shape[axis]
        message = f"{self.n} differences of axis {axis} leave nothing of its {length} elements"
        b.assume.at_least(length, self.n + 1, codes.BAD_SIZE, message, reason="Diff leaves an element", field="n")
        for _ in range(self.n):
            size = a.shape[axis] - 1
            first, second = slice_axis(a, axis, 0, size), slice_axis(a, axis, 1, size)
            a = binary("NotEqual", second, first) if a.dtype == "bool" else second - first
        return a


class Trapezoid(Operation):
    """The area below the points along an axis, joined by straight lines."""

    x: OptionalNumbers = Field(None, description="Where the points are, one number for each; null: `dx` apart.")
    dx: Real = Field(1.0, description="How far apart the points are.")
    axis: int = Field(-1, description="The axis; the batch axis is 0.")

    examples = (
        Example({"axis": 1}, inputs=((None, "seq", 3),), output=(None, 3), params=0),
        Example({"x": [0, 1, 3]}, inputs=((None, 3),), output=(None,), params=0),
        Example({"x": [0, 1]}, inputs=((None, 3),), error="`x` has 2 numbers, axis 1 has 3 elements"),
    )

    def build(self, b: Scope, y: Value) -> Value:
        """The sum of the means of neighbours, each times the distance between them."""
        y, axis = floating(y), b.axis(self.axis, y.rank)
        size = y.shape[axis] - 1
        middle = (slice_axis(y, axis, 0, size) + slice_axis(y, axis, 1, size)) * 0.5
        if self.x is None:
            return reduce("Sum", middle, axis) * self.dx
        message = f"`x` has {len(self.x)} numbers, axis {axis} has {y.shape[axis]} elements"
        b.assume.equal(y.shape[axis], len(self.x), "there is a place for each point", message=message, field="x")
        steps = tuple(float(after - before) for before, after in zip(self.x, self.x[1:], strict=False))
        widths = reshape(constant(steps, y.dtype), [len(steps) if at == axis else 1 for at in range(y.rank)])
        return reduce("Sum", middle * widths, axis)


class Corrcoef(Operation):
    """How the rows of a matrix go together: the coefficients of correlation of each two of them."""

    examples = (
        Example({}, inputs=((3, "seq"),), output=(3, 3), params=0),
        Example({}, inputs=((2, 5),), output=(2, 2), params=0),
        Example({}, inputs=((2, 3, 4),), error="expected a matrix, found (2, 3, 4)"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The covariances, divided by both deviations."""
        b.require(x.rank == 2, f"expected a matrix, found {x.type}", code=codes.WRONG_RANK)
        x = floating(x)
        centred = x - mean(x, -1, keepdims=True)
        covariance = matmul(centred, transpose(centred, (1, 0)))
        deviation = ops.sqrt(reduce("Sum", ops.square(centred), -1, keepdims=True))
        result = covariance / deviation / reshape(deviation, (1, x.shape[0]))
        return ops.clip(result, -1.0, 1.0)


class Bincount(Operation):
    """How often each integer from 0 on occurs along the last axis, or the sum of the weights of those that are it.

    Integers below 0 count as 0, as in Keras with JAX.
    """

    minlength: PosInt = Field(description="How many integers there are; one from there on is an error of the data.")

    examples = (
        Example({"minlength": 8}, inputs=((None, "seq"),), dtypes=("int32",), output=(None, 8), params=0),
        Example(
            {"minlength": 5}, inputs=((None, 5), (None, 5)), dtypes=("int32", "float32"), output=(None, 5), params=0
        ),
        Example({"minlength": 3}, inputs=((None, 5),), error="Bincount takes integers, found (None, 5) of float32"),
        Example({}, error="Bincount needs the argument `minlength`"),
    )

    def build(self, b: Scope, x: Value, weights: Value | None = None) -> Value:
        """The sums over the elements of ones, or weights, at their places."""
        message = f"Bincount takes integers, found {x.type} of {x.dtype}"
        b.require("int" in x.dtype, message, code=codes.WRONG_DTYPE, help="put `Cast: int32` before it")
        b.require(x.rank in (1, 2), f"expected one axis or two, found {x.type}", code=codes.WRONG_RANK)
        return within_range(x, self.minlength, weights)


def within_range(x: Value, count: int, weights: Value | None) -> Value:
    """Ones, or weights, summed at the places 0 … count - 1 of a new last axis in the place of the last one."""
    rows = tuple(x.shape[:-1])
    kind = "int32" if weights is None else weights.dtype
    given = expand(constant(1, "int32"), x.shape) if weights is None else expand(weights, x.shape)
    base = expand(constant(0, kind), (*rows, count))
    columns = maximum(reshape(cast(x, "int32"), (*x.shape, 1)), 0)
    if not rows:
        return scatter(base, columns, given, "add")
    numbers = iota((*x.shape, 1), 0)
    return scatter(base, concat([numbers, columns], -1), given, "add")


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Histogram(Operation):
    """How many elements fall into each of equal intervals, and where these begin and end: two outputs."""

    bins: PosInt = Field(10, description="How many intervals.")
    range: Annotated[tuple[Number, Number] | None, BeforeValidator(_as_tuple), "list of two numbers, or null"] = Field(
        None, description="Where they begin and end; null means the smallest and the largest element."
    )

    examples = (
        Example({"bins": 4}, inputs=((6,),), output=((4,), (5,)), params=0),
        Example({"bins": 2, "range": [0.0, 1.0]}, inputs=((None,),), output=((2,), (3,)), params=0),
        Example({"bins": 2}, inputs=((None, 3),), error="expected one axis, found (None, 3)"),
        Example({"range": [1.0, 0.0]}, error="`range` of Histogram must grow, found [1.0, 0.0]"),
    )

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.range is not None and self.range[0] >= self.range[1]:
            raise refuse(f"`range` of Histogram must grow, found {list(self.range)}", None, ("range",))
        return self

    def build(self, b: Scope, x: Value) -> tuple[Value, Value]:
        """The counts as float32, and the edges; elements outside count for nothing."""
        b.require(x.rank == 1, f"expected one axis, found {x.type}", code=codes.WRONG_RANK)
        x = floating(x)
        low, high = self._ends(x)
        edges = low + (high - low) * (iota((self.bins + 1,), 0, x.dtype) / float(self.bins))
        flat = reshape(x, (*x.shape, 1))
        starts, ends = (reshape(slice_axis(edges, 0, first, self.bins), (1, self.bins)) for first in (0, 1))
        last = binary("Equal", iota((1, self.bins), 1), self.bins - 1) & binary("Equal", flat, ends)
        inside = binary("GreaterEqual", flat, starts) & (binary("Less", flat, ends) | last)
        return reduce("Sum", cast(inside, x.dtype), 0), edges

    def _ends(self, x: Value) -> tuple[Value, Value]:
        if self.range is not None:
            first, last = self.range
            return constant(float(first), x.dtype), constant(float(last), x.dtype)
        low, high = reduce("Min", x, 0), reduce("Max", x, 0)
        flat = binary("Equal", low, high)
        return where(flat, low - 0.5, low), where(flat, high + 0.5, high)

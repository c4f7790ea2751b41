"""Tensor operations that make one number of many, along axes."""

from typing import ClassVar, Literal

from pydantic import Field

from specmodel.layers.base import Example
from specmodel.layers.fields import Axes
from specmodel.layers.operation import Number, Operation, axes_of, constant_beside, floating
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, unary, where
from specmodel.ops.reduce import reduce, variance
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.types.tensor import DTYPES, is_floating, product

REDUCTION_EXAMPLES = (
    Example({"axis": -1}, inputs=((None, "seq", 3),), output=(None, "seq"), params=0),
    Example({"axis": [1, 2], "keepdims": True}, inputs=((None, "h", 4),), output=(None, 1, 1), params=0),
    Example({}, inputs=((None, 3),), output=((),), params=0),
    Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    Example({"axis": [1, -1]}, inputs=((None, 3),), error="`axis` names axis 1 twice"),
    Example({"axis": 0.5}, error="must be"),
)


class Reduction(Operation):
    """One number for all elements along the axes."""

    axis: Axes | None = Field(None, description="One axis or several; the batch axis is 0, null means all.")
    keepdims: bool = Field(False, description="Whether the axes stay, with size 1.")

    examples: ClassVar[tuple[Example, ...]] = REDUCTION_EXAMPLES
    function: ClassVar[str]

    def build(self, b: Scope, x: Value) -> Value:
        """The reduction."""
        return self.reduced(b, self.function, x)

    def reduced(self, b: Scope, function: str, x: Value) -> Value:
        """The reduction by one of the ops' functions."""
        return reduce(function, x, axes_of(b, self.axis, x.rank), self.keepdims)


def widened(x: Value) -> Value:
    """Small integers as 32-bit ones, in which sums and products are made."""
    kind = DTYPES[x.dtype]
    if is_floating(x.dtype) or kind.itemsize >= 4:
        return x
    return cast(x, "uint32" if kind.is_integer and not kind.is_signed else "int32")


class Sum(Reduction):
    """The sum along axes; small integers give 32-bit ones."""

    def build(self, b: Scope, x: Value) -> Value:
        """The sum."""
        return self.reduced(b, "Sum", widened(x))


class Prod(Reduction):
    """The product along axes; small integers give 32-bit ones."""

    def build(self, b: Scope, x: Value) -> Value:
        """The product."""
        return self.reduced(b, "Prod", widened(x))


class Mean(Reduction):
    """The arithmetic mean along axes; integers give float32."""

    function = "Mean"


class Max(Reduction):
    """The largest element along axes."""

    initial: Number | None = Field(None, description="A number that takes part as well.")
    function = "Max"

    def build(self, b: Scope, x: Value) -> Value:
        """The maximum."""
        return _with_initial(b, "Max", self.reduced(b, "Max", x), self.initial)


class Min(Reduction):
    """The smallest element along axes."""

    initial: Number | None = Field(None, description="A number that takes part as well.")

    def build(self, b: Scope, x: Value) -> Value:
        """The minimum."""
        return _with_initial(b, "Min", self.reduced(b, "Min", x), self.initial)


def _with_initial(b: Scope, function: str, x: Value, initial: float | None) -> Value:
    return x if initial is None else binary(function, x, constant_beside(b, initial, x.dtype, "initial"))


class Var(Reduction):
    """The variance along axes: the mean square distance from the mean; integers give float32."""

    def build(self, b: Scope, x: Value) -> Value:
        """The variance; that of 16-bit numbers is made in float32."""
        axes, made = axes_of(b, self.axis, x.rank), _wide(x)
        return cast(variance(made, axes, self.keepdims), floating(x).dtype)


class Std(Reduction):
    """The standard deviation along axes: the square root of the variance; integers give float32."""

    def build(self, b: Scope, x: Value) -> Value:
        """The deviation; that of 16-bit numbers is made in float32."""
        axes, made = axes_of(b, self.axis, x.rank), _wide(x)
        return cast(ops.sqrt(variance(made, axes, self.keepdims)), floating(x).dtype)


def _wide(x: Value) -> Value:
    return x if x.dtype == "float64" else cast(x, "float32")


class Any(Reduction):
    """Whether an element along axes is true; numbers are unless they are 0."""

    function = "Any"


class All(Reduction):
    """Whether all elements along axes are true; numbers are unless they are 0."""

    function = "All"


class CountNonzero(Operation):
    """How many elements along axes are not 0, as int32."""

    axis: Axes | None = Field(None, description="One axis or several; the batch axis is 0, null means all.")

    examples = tuple(example for example in REDUCTION_EXAMPLES if "keepdims" not in example.arguments)

    def build(self, b: Scope, x: Value) -> Value:
        """The sum of ones."""
        return reduce("Sum", cast(binary("NotEqual", x, 0), "int32"), axes_of(b, self.axis, x.rank))


class Logsumexp(Reduction):
    """`log(sum(exp(x)))` along axes, without overflow."""

    def build(self, b: Scope, x: Value) -> Value:
        """The largest element taken off before, and added after."""
        x = floating(x)
        axes = axes_of(b, self.axis, x.rank)
        largest = reduce("Max", x, axes, keepdims=True)
        largest = where(unary("IsFinite", largest), largest, 0)
        total = ops.log(reduce("Sum", ops.exp(x - largest), axes, keepdims=True)) + largest
        return total if self.keepdims else _without(total, axes)


def _without(x: Value, axes: tuple[int, ...]) -> Value:
    return reshape(x, [size for axis, size in enumerate(x.shape) if axis not in axes])


class Argument(Operation):
    """The place of an extreme element along an axis, as int32; the first of equal ones."""

    axis: int | None = Field(None, description="The axis; the batch axis is 0, null counts through all elements.")
    keepdims: bool = Field(False, description="Whether the axis stays, with size 1.")

    examples = (
        Example({"axis": -1}, inputs=((None, "seq", 3),), output=(None, "seq"), params=0),
        Example({"axis": 1, "keepdims": True}, inputs=((None, "h", 4),), output=(None, 1, 4), params=0),
        Example({}, inputs=((None, 3),), output=((),), params=0),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    )
    function: ClassVar[str]

    def build(self, b: Scope, x: Value) -> Value:
        """The place."""
        if self.axis is not None:
            return reduce(self.function, x, b.axis(self.axis, x.rank), self.keepdims)
        place = reduce(self.function, reshape(x, (product(x.shape),)), 0)
        return reshape(place, (1,) * x.rank) if self.keepdims else place


class Argmax(Argument):
    """The place of the largest element along an axis, as int32; the first of equal ones."""

    function = "ArgMax"


class Argmin(Argument):
    """The place of the smallest element along an axis, as int32; the first of equal ones."""

    function = "ArgMin"


class Norm(Reduction):
    """The length of vectors along an axis, or the norm of matrices along two.

    `ord` null: the root of the sum of squares. Of vectors: 1, 2, … the root of that order of the sum of such powers,
    `inf` and `-inf` the largest and smallest distance from 0, 0 how many are not 0. Of matrices: `fro` as null; 1 and
    `inf` the largest sum of a column or row, -1 and `-inf` the smallest.
    """

    ord: Number | Literal["fro"] | None = Field(None, description="Which norm; null is the root of the sum of squares.")
    axis: Axes | None = Field(None, description="One axis or two; the batch axis is 0, null means all.")
    keepdims: bool = Field(False, description="Whether the axes stay, with size 1.")

    examples = (
        Example({"axis": -1}, inputs=((None, "seq", 3),), output=(None, "seq"), params=0),
        Example({"ord": 1, "axis": 1, "keepdims": True}, inputs=((None, 3),), output=(None, 1), params=0),
        Example({"ord": "fro", "axis": [1, 2]}, inputs=((None, 3, 4),), output=(None,), params=0),
        Example({}, inputs=((None, 3),), output=((),), params=0),
        Example(
            {"ord": 2, "axis": [1, 2]}, inputs=((None, 3, 4),), error="`ord` 2 of matrices needs their singular values"
        ),
        Example({"ord": "fro", "axis": 1}, inputs=((None, 3),), error="`ord` fro is a norm of matrices"),
        Example(
            {"ord": 1, "axis": [0, 1, 2]}, inputs=((2, 3, 4),), error="`ord` 1 is taken along one axis or two, found 3"
        ),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The norm."""
        x = floating(x)
        axes = axes_of(b, self.axis, x.rank)
        if self.ord is None or (self.ord == "fro" and len(axes) == 2) or (self.ord == 2 and len(axes) == 1):
            return ops.sqrt(reduce("Sum", ops.square(x), axes, self.keepdims))
        message = f"`ord` {self.ord} is taken along one axis or two, found {len(axes)}"
        b.require(len(axes) in (1, 2), message, field="ord")
        b.require(self.ord != "fro" or len(axes) == 2, "`ord` fro is a norm of matrices: name two axes", field="ord")
        if len(axes) == 2:
            return self._of_matrices(b, x, axes)
        assert isinstance(self.ord, int | float)
        size = ops.absolute(x)
        if self.ord in (float("inf"), float("-inf")):
            return reduce("Max" if self.ord > 0 else "Min", size, axes, self.keepdims)
        if self.ord == 0:
            return reduce("Sum", cast(binary("NotEqual", x, 0), x.dtype), axes, self.keepdims)
        powers = size if self.ord == 1 else binary("Pow", size, float(self.ord))
        total = reduce("Sum", powers, axes, self.keepdims)
        return total if self.ord == 1 else binary("Pow", total, 1 / self.ord)

    def _of_matrices(self, b: Scope, x: Value, axes: tuple[int, ...]) -> Value:
        """The largest or smallest sum along the first axis (1) or along the second (inf)."""
        b.require(self.ord in (1, -1, float("inf"), float("-inf")), self._unable(), field="ord")
        assert isinstance(self.ord, int | float)
        summed, other = axes if abs(self.ord) == 1 else reversed(axes)
        sums = reduce("Sum", ops.absolute(x), summed, keepdims=True)
        result = reduce("Max" if self.ord > 0 else "Min", sums, other, keepdims=True)
        return result if self.keepdims else _without(result, axes)

    def _unable(self) -> str:
        if self.ord in (2, -2):
            return f"`ord` {self.ord} of matrices needs their singular values, which this version does not make"
        return f"`ord` {self.ord} is no norm of matrices"

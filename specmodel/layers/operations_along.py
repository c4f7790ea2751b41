"""Tensor operations along one axis that keep its size or pick from it: running sums, order, one-hot codes."""

from typing import ClassVar

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import PosInt, PosReal
from specmodel.layers.operation import Dtype, Elementwise, Operation, floating
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, maximum
from specmodel.ops.order import order
from specmodel.ops.reduce import CumProd, CumSum, reduce
from specmodel.ops.shape import expand_dims, reshape, slice_axis
from specmodel.ops.source import iota
from specmodel.ops.value import Value
from specmodel.types.formula import described
from specmodel.types.tensor import product

_RUNNING = (
    Example({"axis": 1}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
    Example({"axis": -1, "dtype": "float64"}, inputs=((None, 3),), output=(None, 3), params=0),
    Example({}, inputs=((2, 3),), output=(6,), params=0),
    Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    Example({"dtype": "number"}, error="`dtype` of"),
)


class Running(Operation):
    """A result of the elements up to each, along an axis."""

    axis: int | None = Field(None, description="The axis; the batch axis is 0, null runs through all elements.")
    dtype: Dtype | None = Field(None, description="The dtype to compute in; null keeps the input's.")

    examples = _RUNNING
    function: ClassVar[str]

    def build(self, b: Scope, x: Value) -> Value:
        """The running result; booleans count as int32."""
        if self.axis is None:
            x = reshape(x, (product(x.shape),))
        axis = b.axis(self.axis, x.rank) if self.axis is not None else 0
        dtype = self.dtype if self.dtype is not None else x.dtype
        op = CumSum if self.function == "Sum" else CumProd
        return op(axis)(cast(x, "int32" if dtype == "bool" else dtype))


class Cumsum(Running):
    """The sum of the elements up to each, along an axis."""

    function = "Sum"


class Cumprod(Running):
    """The product of the elements up to each, along an axis."""

    function = "Prod"


class _Sorting(Operation):
    """The elements in order along an axis."""

    axis: int | None = Field(-1, description="The axis; the batch axis is 0, null orders all elements.")

    examples = (
        Example({}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"axis": 1}, inputs=((None, 4, 3),), output=(None, 4, 3), params=0),
        Example({"axis": None}, inputs=((2, 3),), output=(6,), params=0),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    )

    def ordered(self, b: Scope, x: Value) -> tuple[Value, Value]:
        """The elements in ascending order, and the places they had."""
        if self.axis is None:
            return order(reshape(x, (product(x.shape),)), 0)
        return order(x, b.axis(self.axis, x.rank))


class Sort(_Sorting):
    """The elements in ascending order along an axis."""

    def build(self, b: Scope, x: Value) -> Value:
        """The elements."""
        return self.ordered(b, x)[0]


class Argsort(_Sorting):
    """The places of the elements in ascending order along an axis, as int32; equal ones stay in their order."""

    def build(self, b: Scope, x: Value) -> Value:
        """The places."""
        return self.ordered(b, x)[1]


class TopK(Operation):
    """The largest elements along the last axis, and their places as int32: two outputs, `top_k` and `top_k/1`."""

    k: PosInt = Field(description="How many.")
    sorted: bool = Field(True, description="They come in descending order either way.")

    examples = (
        Example({"k": 2}, inputs=((None, "seq", 5),), output=((None, "seq", 2), (None, "seq", 2)), params=0),
        Example({"k": 3}, inputs=((None, 3),), output=((None, 3), (None, 3)), params=0),
        Example({"k": 4}, inputs=((None, 3),), error="`k` is 4, the last axis has 3 elements"),
        Example({"k": 0}, error="`k` of TopK must be greater than 0, found 0"),
    )

    def build(self, b: Scope, x: Value) -> tuple[Value, Value]:
        """The first elements in descending order."""
        b.require(x.rank > 0, "TopK needs an axis, found a number", code=codes.WRONG_RANK)
        message = f"`k` is {self.k}, the last axis has {described(x.shape[-1])} elements"
        b.assume.at_least(
            x.shape[-1], self.k, message=message, reason=f"TopK takes {self.k} elements of the last axis", field="k"
        )
        ordered, places = order(x, -1, descending=True)
        return slice_axis(ordered, -1, 0, self.k), slice_axis(places, -1, 0, self.k)


class OneHot(Operation):
    """A row of zeros for each integer, with 1 at its place; all zeros for one outside."""

    num_classes: PosInt = Field(description="How many places there are.")
    axis: int = Field(-1, description="Where the new axis stands in the output; the batch axis is 0.")
    dtype: Dtype | None = Field(None, description="The output's dtype; null means float32.")

    examples = (
        Example({"num_classes": 5}, inputs=((None, "seq"),), dtypes=("int32",), output=(None, "seq", 5), params=0),
        Example(
            {"num_classes": 3, "axis": 1, "dtype": "bool"},
            inputs=((None, 4),),
            dtypes=("int64",),
            output=(None, 3, 4),
            params=0,
        ),
        Example({"num_classes": 3}, inputs=((None, 4),), error="OneHot takes integers, found (None, 4) of float32"),
        Example(
            {"num_classes": 3, "axis": 3},
            inputs=((None, 4),),
            dtypes=("int32",),
            error="`axis` 3 is no axis of an input of rank 3",
        ),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Where each place equals the integer."""
        message = f"OneHot takes integers, found {x.type} of {x.dtype}"
        b.require("int" in x.dtype, message, code=codes.WRONG_DTYPE, help="put `Cast: int32` before it")
        axis = b.axis(self.axis, x.rank + 1)
        places = iota(tuple(self.num_classes if at == axis else 1 for at in range(x.rank + 1)), axis, "int32")
        hot = binary("Equal", expand_dims(x, axis), places)
        return cast(hot, self.dtype if self.dtype is not None else "float32")


class Normalize(Elementwise):
    """Vectors along an axis scaled to length 1; zeros stay zeros."""

    axis: int = Field(-1, description="The axis; the batch axis is 0.")
    order: PosInt = Field(2, description="The order of the length: 2 for the root of the sum of squares.")
    epsilon: PosReal | None = Field(None, description="The least length to divide by; null means 1e-7.")

    examples = (
        Example({}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"axis": 1, "order": 1}, inputs=((None, 4),), output=(None, 4), params=0),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
        Example({"order": 0}, error="`order` of Normalize must be greater than 0, found 0"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Each vector divided by its length."""
        x, axis = floating(x), b.axis(self.axis, x.rank)
        least = self.epsilon if self.epsilon is not None else 1e-7
        if self.order == 2:
            return x * ops.minimum(ops.rsqrt(reduce("Sum", ops.square(x), axis, keepdims=True)), 1 / least)
        powers = reduce("Sum", binary("Pow", ops.absolute(x), float(self.order)), axis, keepdims=True)
        return x / maximum(binary("Pow", powers, 1 / self.order), least)

"""Tensor operations on vectors and matrices that are no sums of products alone: products of pairs, diagonals."""

from typing import Literal

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.operation import Constants, Operation, floating
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast
from specmodel.ops.linear import einsum, matmul
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import Gather, concat, expand_dims, flip, pad, reshape, slice_axis, transpose
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.tensor import product, promote


class InnerOp(Constants):
    """Products summed over the last axis of both operands, for all pairs of their other axes."""

    examples = (
        Example({}, inputs=((None, 3, 4), (5, 4)), output=(None, 3, 5), params=0),
        Example({"x2": [1, 2, 3]}, inputs=((None, "seq", 3),), output=(None, "seq"), params=0),
        Example({"x2": 2}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({}, inputs=((None, 3), (5, 4)), error="the sizes that InnerOp sums over differ: 3 and 4"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The product of numbers, or the sum of products."""
        first, second = self.operands(b, x1, x2)
        if first.rank == 0 or second.rank == 0:
            return first * second
        message = f"the sizes that InnerOp sums over differ: {first.shape[-1]} and {second.shape[-1]}"
        b.assume.equal(first.shape[-1], second.shape[-1], "InnerOp sums over these", message=message)
        letters = "abcdefghijklmnop"
        left, right = letters[: first.rank - 1], letters[first.rank - 1 : first.rank + second.rank - 2]
        return einsum(f"{left}z,{right}z->{left}{right}", first, second)


class OuterOp(Constants):
    """All products of an element of the first and one of the second: a matrix, whatever their shapes."""

    examples = (
        Example({}, inputs=((None,), (4,)), output=(None, 4), params=0),
        Example({"x2": [1, 2, 3]}, inputs=((2, "seq"),), output=("2*seq", 3), params=0),
        Example({}, inputs=((None, 3),), error="OuterOp takes two inputs, or one and a constant"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The products."""
        first, second = self.operands(b, x1, x2)
        return reshape(first, (product(first.shape), 1)) * reshape(second, (1, product(second.shape)))


class Vdot(Constants):
    """The sum of all products of elements that stand at the same place, whatever the shapes."""

    examples = (
        Example({}, inputs=((None, 3), (None, 3)), output=((),), params=0),
        Example({"x2": [1, 2, 3]}, inputs=((3,),), output=((),), params=0),
        Example({}, inputs=((2, 3), (5,)), error="Vdot takes as many elements of both, found 6 and 5"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The sum of products."""
        first, second = self.operands(b, x1, x2)
        sizes = product(first.shape), product(second.shape)
        message = f"Vdot takes as many elements of both, found {sizes[0]} and {sizes[1]}"
        b.assume.equal(*sizes, "Vdot pairs all elements", message=message)
        return einsum("a,a->", reshape(first, sizes[:1]), reshape(second, sizes[1:]))


class Cross(Constants):
    """The cross product of vectors of 3 elements along an axis; of vectors of 2, the number that it has then."""

    axisa: int = Field(-1, description="The axis of the first operand's vectors.")
    axisb: int = Field(-1, description="The axis of the second operand's vectors.")
    axisc: int = Field(-1, description="Where the vectors stand in the output.")
    axis: int | None = Field(None, description="All three at once.")

    examples = (
        Example({}, inputs=((None, "seq", 3), (None, "seq", 3)), output=(None, "seq", 3), params=0),
        Example({"x2": [1, 2, 3]}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({}, inputs=((None, 2), (None, 2)), output=(None,), params=0),
        Example({"axis": 1}, inputs=((None, 3, 4), (None, 3, 4)), output=(None, 3, 4), params=0),
        Example({}, inputs=((None, 4), (None, 4)), error="vectors have 2 or 3 elements, found 4 and 4"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The products of the other two elements, one less the other."""
        first, second = self.operands(b, x1, x2)
        places = (self.axisa, self.axisb) if self.axis is None else (self.axis, self.axis)
        pair = [_last(b, x, axis) for x, axis in zip((first, second), places, strict=True)]
        message = f"vectors have 2 or 3 elements, found {pair[0].shape[-1]} and {pair[1].shape[-1]}"
        b.require(all(x.shape[-1] in (2, 3) for x in pair), message, code=codes.INCOMPATIBLE_SHAPES)
        a, c = ([slice_axis(x, -1, place, 1) for place in range(_three(x))] for x in pair)
        if len(a) == len(c) == 2:
            made = a[0] * c[1] - a[1] * c[0]
            return reshape(made, made.shape[:-1])
        a, c = (_with_zero(parts) for parts in (a, c))
        turned = [a[one] * c[other] - a[other] * c[one] for one, other in ((1, 2), (2, 0), (0, 1))]
        result = concat(turned, -1)
        at = b.axis(self.axisc if self.axis is None else self.axis, result.rank)
        others = list(range(result.rank - 1))
        return transpose(result, [*others[:at], result.rank - 1, *others[at:]])


def _last(b: Scope, x: Value, axis: int) -> Value:
    at = b.axis(axis, x.rank)
    return transpose(x, [*(other for other in range(x.rank) if other != at), at])


def _three(x: Value) -> int:
    return 3 if x.shape[-1] == 3 else 2


def _with_zero(parts: list[Value]) -> list[Value]:
    return parts if len(parts) == 3 else [*parts, binary("Mul", parts[0], 0)]


class Kron(Constants):
    """Each element of the first, times the whole second: the shapes are multiplied axis by axis."""

    examples = (
        Example({}, inputs=((2, "n"), (3, 2)), output=(6, "2*n"), params=0),
        Example({"x2": [[1, 0], [0, 1]]}, inputs=((2, "seq"),), output=(4, "2*seq"), params=0),
        Example({}, inputs=((None, 3),), error="Kron takes two inputs, or one and a constant"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The products, with the axes of both merged."""
        first, second = self.operands(b, x1, x2)
        rank = max(first.rank, second.rank)
        one, other = ((*(1,) * (rank - x.rank), *x.shape) for x in (first, second))
        spread = reshape(first, [size for part in one for size in (part, 1)])
        whole = spread * reshape(second, [size for part in other for size in (1, part)])
        return reshape(whole, [a * c for a, c in zip(one, other, strict=True)])


class Cdist(Operation):
    """The distance between each row of the first and each row of the second."""

    examples = (
        Example({}, inputs=((None, "n", 4), (None, "m", 4)), output=(None, "n", "m"), params=0),
        Example({}, inputs=((5, 3), (2, 3)), output=(5, 2), params=0),
        Example(
            {}, inputs=((5, 3), (2, 4)), error="rows of Cdist must have as many elements as each other, found 3 and 4"
        ),
    )

    def build(self, b: Scope, x: Value, y: Value) -> Value:
        """The root of the sum of square differences."""
        for one in (x, y):
            b.require(one.rank >= 2, f"expected rows, (…, rows, elements), found {one.type}", code=codes.WRONG_RANK)
        sizes = x.shape[-1], y.shape[-1]
        message = f"rows of Cdist must have as many elements as each other, found {sizes[0]} and {sizes[1]}"
        b.assume.equal(*sizes, "Cdist compares rows", message=message)
        dtype = promote(floating(x).dtype, floating(y).dtype)
        apart = expand_dims(cast(x, dtype), -2) - expand_dims(cast(y, dtype), -3)
        return ops.sqrt(reduce("Sum", ops.square(apart), -1))


class Correlate(Constants):
    """How two sequences agree when the second is moved along the first: sums of products."""

    mode: Literal["valid", "same", "full"] = Field(
        "valid", description="Whether they overlap wholly, half, or in one element at least."
    )

    examples = (
        Example({"x2": [1, 2, 3]}, inputs=((8,),), output=(6,), params=0),
        Example({"mode": "full"}, inputs=((4,), (3,)), output=(6,), params=0),
        Example({"mode": "same"}, inputs=((5,), (3,)), output=(5,), params=0),
        Example({"x2": [1, 2]}, inputs=((None, 3),), error="expected sequences, found (None, 3)"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The products with each part of the longer one."""
        first, second = self.operands(b, x1, x2)
        for x in (first, second):
            b.require(x.rank == 1, f"expected sequences, found {x.type}", code=codes.WRONG_RANK)
        dtype = promote(floating(first).dtype, floating(second).dtype)
        one, other = (b.known(x.shape[0], "the length of a sequence") for x in (first, second))
        long, short = (first, second) if one >= other else (second, first)
        most, least = max(one, other), min(one, other)
        border = {"valid": 0, "same": least - 1, "full": least - 1}[self.mode]
        padded = pad(cast(long, dtype), [(border, border)])
        count = most + 2 * border - least + 1
        places = tuple(tuple(start + step for step in range(least)) for start in range(count))
        sums = matmul(Gather(0)(padded, constant(places, "int32")), reshape(cast(short, dtype), (least, 1)))
        result = reshape(sums, (count,))
        result = result if one >= other else flip(result, 0)
        return result if self.mode != "same" else slice_axis(result, 0, (count - most + (one < other)) // 2, most)

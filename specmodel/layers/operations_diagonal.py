"""Tensor operations on the diagonals of matrices, and matrices of powers."""

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import PosInt
from specmodel.layers.operation import Operation, constant_beside
from specmodel.layers.operations_reduce import widened
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast, where
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import Gather, expand, flip, pad, reshape, transpose
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value
from specmodel.types.bounds import equal
from specmodel.types.dim import Dim
from specmodel.types.tensor import product


class _OfMatrices(Operation):
    offset: int = Field(0, description="Which diagonal: 0 is the main one, 1 the one above.")
    axis1: int = Field(0, description="The axis of the rows; the batch axis is 0.")
    axis2: int = Field(1, description="The axis of the columns.")

    def diagonal(self, b: Scope, x: Value) -> Value:
        """The diagonals of the matrices along the two axes, as the last axis."""
        b.require(x.rank >= 2, f"expected an input of at least 2 axes, found {x.type}", code=codes.WRONG_RANK)
        one, other = b.axis(self.axis1, x.rank, "axis1"), b.axis(self.axis2, x.rank, "axis2")
        message = f"`axis1` and `axis2` are the same axis, {one}"
        b.require(one != other, message, field="axis2", code=codes.BAD_AXIS)
        moved = transpose(x, [*(axis for axis in range(x.rank) if axis not in (one, other)), one, other])
        return diagonal(b, moved, self.offset)


def diagonal(b: Scope, x: Value, offset: int) -> Value:
    """The diagonal of the matrices that the last two axes hold, as the last axis."""
    rows, columns = x.shape[-2:]
    if offset == 0 and equal(rows, columns) and not isinstance(rows, int):
        kept = binary("Equal", iota((rows, 1), 0), iota((1, columns), 1))
        return reduce("Sum", where(kept, x, cast(constant(0, "int32"), x.dtype)), -1)
    help = "give that axis a size where it comes from"
    height, width = (b.known(size, "the size of a matrix with such a diagonal", help) for size in (rows, columns))
    first, above = max(-offset, 0), max(offset, 0)
    length = min(height - first, width - above)
    message = f"`offset` {offset} is no diagonal of a matrix of {height} rows and {width} columns"
    b.require(length > 0, message, field="offset", code=codes.BAD_SIZE)
    places = tuple((first + step) * width + above + step for step in range(length))
    flat = reshape(x, (*x.shape[:-2], height * width))
    return Gather(flat.rank - 1)(flat, constant(places, "int32"))


_DIAGONALS = (
    Example({"axis1": 1, "axis2": 2, "offset": 9}, inputs=((None, 3, 4),), error="`offset` 9 is no diagonal"),
    Example({"axis1": 1, "axis2": -2}, inputs=((None, 3, 4),), error="`axis1` and `axis2` are the same axis, 1"),
)


class Diagonal(_OfMatrices):
    """The diagonals of matrices along two axes, as the last axis."""

    examples = (
        Example({"axis1": 1, "axis2": 2}, inputs=((None, 3, 4),), output=(None, 3), params=0),
        Example({"axis1": 1, "axis2": 2, "offset": 1}, inputs=((None, 3, 4, 2),), output=(None, 2, 3), params=0),
        Example({"axis1": -2, "axis2": -1}, inputs=((None, "n", "n"),), output=(None, "n"), params=0),
        *_DIAGONALS,
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The elements on the diagonals."""
        return self.diagonal(b, x)


class Trace(_OfMatrices):
    """The sums of the diagonals of matrices along two axes; small integers give 32-bit ones."""

    examples = (
        Example({"axis1": 1, "axis2": 2}, inputs=((None, 3, 4),), output=(None,), params=0),
        Example({"axis1": -2, "axis2": -1}, inputs=((None, "n", "n"),), output=(None,), params=0),
        *_DIAGONALS,
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The sum of each diagonal."""
        return reduce("Sum", widened(self.diagonal(b, x)), -1)


class Diag(Operation):
    """The matrix with a vector on a diagonal, or the diagonal of a matrix."""

    k: int = Field(0, gt=-(2**31), lt=2**31, description="Which diagonal: 0 is the main one, 1 the one above.")

    examples = (
        Example({}, inputs=((3,),), output=(3, 3), params=0),
        Example({"k": -1}, inputs=((3,),), output=(4, 4), params=0),
        Example({"k": 1}, inputs=((3, 4),), output=(3,), params=0),
        Example({}, inputs=((2, 3, 4),), error="expected a vector or a matrix, found (2, 3, 4)"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Zeros around the vector, or the elements on the diagonal."""
        b.require(x.rank in (1, 2), f"expected a vector or a matrix, found {x.type}", code=codes.WRONG_RANK)
        return diagonal(b, x, self.k) if x.rank == 2 else _with_diagonal(b, x, self.k)


class Diagflat(Operation):
    """The matrix with all elements on a diagonal."""

    k: int = Field(0, gt=-(2**31), lt=2**31, description="Which diagonal: 0 is the main one, 1 the one above.")

    examples = (
        Example({}, inputs=((2, 3),), output=(6, 6), params=0),
        Example({"k": 2}, inputs=((3,),), output=(5, 5), params=0),
        Example({"k": 0.5}, error="`k` of Diagflat must be an integer"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Zeros around the elements."""
        return _with_diagonal(b, reshape(x, (product(x.shape),)), self.k)


def _with_diagonal(b: Scope, x: Value, k: int) -> Value:
    size: Dim = x.shape[0] + abs(k)
    row = reshape(pad(cast(x, "int32") if x.dtype == "bool" else x, [(max(k, 0), max(-k, 0))]), (1, size))
    column = binary("Equal", iota((1, size), 1) - iota((size, 1), 0), k)
    zero = constant_beside(b, 0, row.dtype, "k")
    return cast(where(column, expand(row, (size, size)), zero), x.dtype)


class Vander(Operation):
    """The powers of each element of a vector, in descending order, as the rows of a matrix."""

    N: PosInt | None = Field(None, description="How many powers; null means as many as elements.")
    increasing: bool = Field(False, description="Whether they ascend.")

    examples = (
        Example({"N": 3}, inputs=((None,),), output=(None, 3), params=0),
        Example({"increasing": True}, inputs=((4,),), output=(4, 4), params=0),
        Example({}, inputs=((2, 3),), error="expected a vector, found (2, 3)"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Each element to the powers 0, 1, 2, …"""
        b.require(x.rank == 1, f"expected a vector, found {x.type}", code=codes.WRONG_RANK)
        count = x.shape[0] if self.N is None else self.N
        x = cast(x, "int32") if x.dtype == "bool" else x
        powers = binary("Pow", reshape(x, (x.shape[0], 1)), cast(iota((1, count), 1), x.dtype))
        return powers if self.increasing else flip(powers, 1)

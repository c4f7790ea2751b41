"""Tensor operations that fill the shape of their input with one number, or keep a triangle of it."""

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.operation import Dtype, Number, Operation, constant_beside
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast, where
from specmodel.ops.shape import expand
from specmodel.ops.source import iota
from specmodel.ops.value import Value

_FILLED = (
    Example({}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
    Example({"dtype": "int32"}, inputs=((None, 4),), output=(None, 4), params=0),
    Example({"dtype": "integer"}, error="`dtype` of"),
)


def _filled(b: Scope, x: Value, number: float, dtype: Dtype | None) -> Value:
    """The number in the input's shape; of the input's dtype where none is given."""
    one = constant_beside(b, number, dtype if dtype is not None else x.dtype, "fill_value")
    return expand(cast(one, dtype if dtype is not None else x.dtype), x.shape)


class ZerosLike(Operation):
    """Zeros in the input's shape."""

    dtype: Dtype | None = Field(None, description="Their dtype; null means the input's.")

    examples = _FILLED

    def build(self, b: Scope, x: Value) -> Value:
        """The zeros."""
        return _filled(b, x, 0, self.dtype)


class OnesLike(Operation):
    """Ones in the input's shape."""

    dtype: Dtype | None = Field(None, description="Their dtype; null means the input's.")

    examples = _FILLED

    def build(self, b: Scope, x: Value) -> Value:
        """The ones."""
        return _filled(b, x, 1, self.dtype)


class FullLike(Operation):
    """One number in the input's shape."""

    fill_value: Number = Field(description="The number.")
    dtype: Dtype | None = Field(None, description="Its dtype; null means the input's.")

    examples = (
        Example({"fill_value": 0.5}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"fill_value": 2, "dtype": "int64"}, inputs=((None, 4),), output=(None, 4), params=0),
        Example({}, error="FullLike needs the argument `fill_value`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The number, repeated."""
        return _filled(b, x, self.fill_value, self.dtype)


class _Triangle(Operation):
    """A triangle of the matrices that the last two axes hold; the rest is 0."""

    k: int = Field(
        0, gt=-(2**31), lt=2**31, description="The diagonal that bounds it: 0 is the main one, 1 the one above."
    )

    examples = (
        Example({}, inputs=((None, 4, 4),), output=(None, 4, 4), params=0),
        Example({"k": -1}, inputs=((None, "n", "m"),), output=(None, "n", "m"), params=0),
        Example({}, inputs=((None,),), error="expected an input of at least 2 axes, found (None,)"),
    )

    def kept(self, b: Scope, x: Value, comparison: str) -> Value:
        """The elements whose column less row compares so with `k`, zeros elsewhere."""
        message = f"expected an input of at least 2 axes, found {x.type}"
        b.require(x.rank >= 2, message, code=codes.WRONG_RANK)
        zero = constant_beside(b, False if x.dtype == "bool" else 0, x.dtype, "k")
        rows, columns = iota((x.shape[-2], 1), 0), iota((1, x.shape[-1]), 1)
        return where(binary(comparison, columns - rows, self.k), x, zero)


class Tril(_Triangle):
    """The lower triangle of the matrices that the last two axes hold; the rest is 0."""

    def build(self, b: Scope, x: Value) -> Value:
        """The elements up to the diagonal."""
        return self.kept(b, x, "LessEqual")


class Triu(_Triangle):
    """The upper triangle of the matrices that the last two axes hold; the rest is 0."""

    def build(self, b: Scope, x: Value) -> Value:
        """The elements from the diagonal on."""
        return self.kept(b, x, "GreaterEqual")

"""Tensor operations of linear algebra, on the matrices that the last two axes hold."""

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import PosReal
from specmodel.layers.operation import Operation, floating
from specmodel.layers.scope import Scope
from specmodel.ops import linalg
from specmodel.ops.elementwise import binary, cast, exp, where
from specmodel.ops.linear import matmul
from specmodel.ops.shape import reshape, transpose
from specmodel.ops.source import iota
from specmodel.ops.value import Value
from specmodel.types.formula import described
from specmodel.types.tensor import promote

_SQUARE = (
    Example({}, inputs=((None, 3, 3),), output=(None, 3, 3), params=0),
    Example({}, inputs=(("n", "n"),), output=("n", "n"), params=0),
    Example({}, inputs=((None, 3, 4),), error="expected square matrices, found 3 rows and 4 columns"),
    Example({}, inputs=((None,),), error="expected matrices, (…, rows, columns), found (None,)"),
)
_NUMBERS = (
    Example({}, inputs=((None, 3, 3),), output=(None,), params=0),
    Example({}, inputs=(("n", "n"),), output=((),), params=0),
    *_SQUARE[2:],
)
_UPPER = Field(False, description="Whether the upper triangle is meant, and not the lower one.")


def matrices(b: Scope, x: Value, square: bool = True) -> Value:
    """The value as floating-point matrices of float32 or float64."""
    b.require(x.rank >= 2, f"expected matrices, (…, rows, columns), found {x.type}", code=codes.WRONG_RANK)
    if square:
        rows, columns = x.shape[-2:]
        message = f"expected square matrices, found {described(rows)} rows and {described(columns)} columns"
        b.assume.equal(rows, columns, "a matrix must be square", message=message)
    return cast(x, promote(floating(x).dtype, "float32"))


def _as_given(made: Value, x: Value) -> Value:
    """A result in the dtype of the matrices; that of 16-bit numbers is made in float32."""
    return cast(made, floating(x).dtype)


def _turned(x: Value) -> Value:
    return transpose(x, (*range(x.rank - 2), x.rank - 1, x.rank - 2))


def _triangle(x: Value, upper: bool) -> Value:
    rows, columns = iota((x.shape[-2], 1), 0), iota((1, x.shape[-1]), 1)
    return where(binary("GreaterEqual" if upper else "LessEqual", columns - rows, 0), x, 0.0)


class Cholesky(Operation):
    """The triangle L of which each symmetric, positive matrix is `L @ L.T`; with `upper`, U of `U.T @ U`.

    A matrix that is not positive gives NaN.
    """

    upper: bool = _UPPER

    examples = _SQUARE

    def build(self, b: Scope, x: Value) -> Value:
        """The factor."""
        factor = linalg.Cholesky()(matrices(b, x))
        return _as_given(_turned(factor) if self.upper else factor, x)


class CholeskyInverse(Operation):
    """The inverse of the matrix whose Cholesky factor is given."""

    upper: bool = _UPPER

    examples = (
        Example({}, inputs=((3, 3),), output=(3, 3), params=0),
        Example({"upper": True}, inputs=(("n", "n"),), output=("n", "n"), params=0),
        *_SQUARE[2:3],
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The product of the factor's inverse with itself."""
        inner = linalg.Inverse()(_triangle(matrices(b, x), self.upper))
        product = matmul(inner, _turned(inner)) if self.upper else matmul(_turned(inner), inner)
        return _as_given(product, x)


class Det(Operation):
    """The determinant of each matrix."""

    examples = _NUMBERS

    def build(self, b: Scope, x: Value) -> Value:
        """Its sign times its size."""
        sign, logarithm = linalg.determinant(matrices(b, x))
        return _as_given(sign * exp(logarithm), x)


class Slogdet(Operation):
    """The sign of each matrix's determinant, and the logarithm of its size: `slogdet` and `slogdet/1`."""

    examples = (
        Example({}, inputs=((None, 3, 3),), output=((None,), (None,)), params=0),
        Example({}, inputs=(("n", "n"),), output=((), ()), params=0),
        *_SQUARE[2:],
    )

    def build(self, b: Scope, x: Value) -> tuple[Value, Value]:
        """Both."""
        sign, logarithm = linalg.determinant(matrices(b, x))
        return _as_given(sign, x), _as_given(logarithm, x)


class Logdet(Operation):
    """The logarithm of the size of each matrix's determinant."""

    examples = _NUMBERS

    def build(self, b: Scope, x: Value) -> Value:
        """The logarithm."""
        return _as_given(linalg.determinant(matrices(b, x))[1], x)


class Inv(Operation):
    """The inverse of each matrix."""

    examples = _SQUARE

    def build(self, b: Scope, x: Value) -> Value:
        """The inverse."""
        return _as_given(linalg.Inverse()(matrices(b, x)), x)


class Pinv(Operation):
    """The inverse of each matrix in the sense of least squares (Moore and Penrose), whatever its shape."""

    rcond: PosReal | None = Field(
        None,
        description="Singular values up to this share of the largest count as 0; null chooses it by size and dtype.",
    )

    examples = (
        Example({}, inputs=((None, 3, 4),), output=(None, 4, 3), params=0),
        Example({"rcond": 0.1}, inputs=((5, 2),), output=(2, 5), params=0),
        *_SQUARE[3:],
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The inverse."""
        return _as_given(linalg.PseudoInverse(self.rcond)(matrices(b, x, square=False)), x)


class MatrixRank(Operation):
    """How many rows of each matrix are no sums of others, as int32."""

    tol: PosReal | None = Field(
        None, description="Singular values up to it count as 0; null chooses it by size and dtype."
    )

    examples = (
        Example({}, inputs=((None, 3, 4),), output=(None,), params=0),
        Example({"tol": 0.1}, inputs=((5, 2),), output=((),), params=0),
        *_SQUARE[3:],
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The number of singular values above the limit."""
        return linalg.Rank(self.tol)(matrices(b, x, square=False))


class Solve(Operation):
    """The matrices x of `a @ x = b`; where b has an axis less than a, its last axis is a vector."""

    examples = (
        Example({}, inputs=((None, 3, 3), (None, 3, 2)), output=(None, 3, 2), params=0),
        Example({}, inputs=(("n", "n"), ("n",)), output=("n",), params=0),
        Example({}, inputs=((None, 3, 4), (None, 3, 2)), error="expected square matrices, found 3 rows and 4 columns"),
        Example({}, inputs=((None, 3, 3), (None, 4, 2)), error="`a` has 3 rows, `b` has 4"),
    )

    def build(self, scope: Scope, a: Value, b: Value) -> Value:
        """The solution."""
        return _as_given(_solved(scope, matrices(scope, a), b), a)


def _solved(b: Scope, a: Value, right: Value) -> Value:
    message = f"`b` must have as many axes as `a`, or one less, found {right.type} beside {a.type}"
    b.require(right.rank in (a.rank, a.rank - 1), message, field="b", code=codes.WRONG_RANK)
    y = right if right.rank == a.rank else reshape(right, (*right.shape, 1))
    message = f"`a` has {described(a.shape[-1])} rows, `b` has {described(y.shape[-2])}"
    b.assume.equal(a.shape[-1], y.shape[-2], "the two sides of an equation have as many rows", message=message)
    x = linalg.Solve()(a, cast(y, a.dtype))
    return x if right.rank == a.rank else reshape(x, right.shape)


class SolveTriangular(Operation):
    """The matrices x of `a @ x = b`, of a triangle of a alone."""

    lower: bool = Field(False, description="Whether the lower triangle is meant, and not the upper one.")

    examples = (
        Example({}, inputs=((None, 3, 3), (None, 3, 2)), output=(None, 3, 2), params=0),
        Example({"lower": True}, inputs=((4, 4), (4,)), output=(4,), params=0),
        Example({}, inputs=((None, 3, 3), (None, 4, 2)), error="`a` has 3 rows, `b` has 4"),
    )

    def build(self, scope: Scope, a: Value, b: Value) -> Value:
        """The solution."""
        return _as_given(_solved(scope, _triangle(matrices(scope, a), not self.lower), b), a)

"""Factors and functions of square matrices, which the last two axes hold."""

from collections.abc import Sequence

from specmodel.ops.value import Call, Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, product


class _OfMatrices(Op):
    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where the rows are whole matrices, in all inputs."""
        return all(rows) and all(kind.rank > 2 for kind in inputs)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """`n ** 3` for each matrix of n rows, as an order of magnitude."""
        (x, *_) = inputs
        return x.size * x.shape[-2]


class Cholesky(_OfMatrices):
    """The lower triangle L of which a matrix is `L @ L.T`; NaN for a matrix that is not positive."""

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's type."""
        assume.equal(inputs[0].shape[-1], inputs[0].shape[-2], "a matrix must be square")
        return (inputs[0],)


class Inverse(_OfMatrices):
    """The matrix that makes ones on the diagonal of the product; one that has none is an error of the data."""

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's type."""
        assume.equal(inputs[0].shape[-1], inputs[0].shape[-2], "a matrix must be square")
        return (inputs[0],)


class PseudoInverse(_OfMatrices):
    """The inverse in the sense of least squares; singular values up to `rcond` times the largest count as 0."""

    rcond: float | None

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input with its last two axes swapped."""
        (x,) = inputs
        return (TensorType((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype),)


class Rank(_OfMatrices):
    """How many singular values are above `tol`, as int32."""

    tol: float | None

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """A number for each matrix."""
        return (TensorType(inputs[0].shape[:-2], "int32"),)


class Determinant(_OfMatrices):
    """The determinant, as its sign and the logarithm of its size: two outputs."""

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """Two numbers for each matrix."""
        (x,) = inputs
        assume.equal(x.shape[-1], x.shape[-2], "a matrix must be square")
        kind = TensorType(x.shape[:-2], x.dtype)
        return kind, kind


class Solve(_OfMatrices):
    """The matrix x of `a @ x = b`; a matrix a without an inverse is an error of the data."""

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The type of b."""
        a, b = inputs
        assume.equal(a.shape[-1], a.shape[-2], "a matrix must be square")
        assume.equal(a.shape[-1], b.shape[-2], "the two sides of an equation have as many rows")
        for one, other in zip(a.shape[:-2], b.shape[:-2], strict=True):
            assume.equal(one, other, "there are as many left sides as right ones")
        return (b,)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Those of a factorization, and of two triangular equations for each column."""
        a, b = inputs
        rows = a.shape[-2]
        return product(a.shape[:-2]) * rows * rows * (rows + 2 * b.shape[-1])


def determinant(x: Value) -> tuple[Value, Value]:
    """The sign of the determinant, and the logarithm of its size."""
    sign, logarithm = Call(Determinant(), (x,)).outputs
    return sign, logarithm

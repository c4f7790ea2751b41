"""Products with a matrix that was arranged for them. Layers do not write these: a pass makes them of other products."""

from collections.abc import Sequence

from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType


class Pack(Op):
    """The columns of a matrix (k, n) in groups of `width`, one behind the other, each group in row-major order; flat.

    The last group has what is left. Groups of one column are the rows of the transposed matrix.
    """

    width: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(k, n) -> (k * n,)."""
        (b,) = inputs
        return (TensorType((b.size,), b.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: nothing is computed."""
        return 0


class PackedMatMul(Op):
    """`a @ b` with a matrix b of so many columns, which is given packed in groups of `width`."""

    columns: int
    width: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(…, m, k), (k * n,) -> (…, m, n)."""
        a, b = inputs
        assume.equal(a.shape[-1] * self.columns, b.size, "the elements of a packed matrix")
        return (TensorType((*a.shape[:-1], self.columns), a.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add."""
        return 2 * outputs[0].size * inputs[0].shape[-1]

"""Products of matrices."""

from collections.abc import Sequence

from specmodel.diagnostics.codes import INCOMPATIBLE_SHAPES
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.broadcast import broadcast
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault
from specmodel.types.tensor import TensorType, promote


class MatMul(Op):
    """`a @ b`: a product over a's last and b's last but one axis, the axes before them broadcast. Both of rank >= 2."""

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(…, n, k) @ (…, k, m) -> (…, n, m)."""
        a, b = inputs
        assume.equal(a.shape[-1], b.shape[-2], "the sizes that a matrix product sums over")
        batch = broadcast(assume, a.shape[:-2], b.shape[:-2])
        return (TensorType((*batch, a.shape[-2], b.shape[-1]), a.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add."""
        return 2 * outputs[0].size * inputs[0].shape[-1]

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Rows of `a` stay rows; rows of `b` only where they are batch axes of the product."""
        a, b = inputs
        rank = len(outputs[0].shape)
        if rows[1]:
            return rank >= 3 and len(b.shape) == rank and (not rows[0] or len(a.shape) == rank)
        return len(a.shape) == rank and (len(b.shape) < rank or len(b.shape) == 2 or b.shape[0] == 1)


class Einsum(Op):
    """A sum of products in Einstein's notation, all indices written out (`bqhd,bkhd->bhqk`); no ellipsis.

    An index may not repeat within one operand.
    """

    equation: str

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The sizes of the output's indices."""
        sizes = self._sizes(assume, inputs)
        output = self.equation.split("->")[1]
        return (TensorType(tuple(sizes[index] for index in output), inputs[0].dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add: the product of all sizes, twice (once where nothing is multiplied)."""
        product: Dim = 2 if len(inputs) > 1 else 1
        for size in self._sizes(Assume(), inputs).values():
            product = product * size
        return product

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Every operand with rows has them under one index, which comes first in the output too."""
        operands, output = self.equation.split("->")
        firsts = {operand[:1] for operand, by_row in zip(operands.split(","), rows, strict=True) if by_row}
        others = "".join(o for o, by_row in zip(operands.split(","), rows, strict=True) if not by_row)
        return firsts == {output[:1]} and output[:1] not in others

    def _sizes(self, assume: Assume, inputs: Sequence[TensorType]) -> dict[str, Dim]:
        operands = self.equation.split("->")[0].split(",")
        sizes: dict[str, Dim] = {}
        for operand, kind in zip(operands, inputs, strict=True):
            if len(operand) != len(kind.shape):
                counts = f"{len(operand)} indices, its array {len(kind.shape)} axes"
                raise Fault(INCOMPATIBLE_SHAPES, f"`{operand}` of the equation `{self.equation}` has {counts}")
            for index, size in zip(operand, kind.shape, strict=True):
                known = sizes.get(index)
                sizes[index] = (
                    size if known is None else assume.equal(known, size, f"index `{index}` of `{self.equation}`")
                )
        return sizes


def matmul(a: Value, b: Value) -> Value:
    """`a @ b` in the common dtype of both."""
    dtype = promote(a.dtype, b.dtype)
    return MatMul()(cast(a, dtype), cast(b, dtype))


def einsum(equation: str, *operands: Value) -> Value:
    """A sum of products in Einstein's notation, in the common dtype of the operands."""
    dtype = promote(*(value.dtype for value in operands))
    return Einsum(equation)(*(cast(value, dtype) for value in operands))

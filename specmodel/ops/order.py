"""Ops that put elements in order."""

from collections.abc import Sequence

from specmodel.ops.value import Call, Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType


class Order(Op):
    """The elements along an axis in ascending order, or descending; and the places they had, as int32.

    Equal elements stay in their order. NaN counts as the largest.
    """

    takes_text = False

    axis: int
    descending: bool = False

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's type, and the same shape of int32."""
        (x,) = inputs
        return x, TensorType(x.shape, "int32")

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: elements are compared and moved."""
        return 0

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows themselves are ordered."""
        return self.axis != 0


def order(x: Value, axis: int, descending: bool = False) -> tuple[Value, Value]:
    """The elements in order along an axis, and the places they had."""
    ordered, places = Call(Order(axis % x.rank, descending), (x,)).outputs
    return ordered, places

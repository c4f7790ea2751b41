"""Categories as numbers: which interval holds a number, and how often a number occurs."""

from collections.abc import Sequence

from specmodel.ops.elementwise import binary, cast
from specmodel.ops.shape import expand_dims
from specmodel.ops.source import iota
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, is_floating


class Digitize(Op):
    """How many boundaries are not above each element, as int32; not a number is above all.

    Of descending boundaries: how many are above it.
    """

    boundaries: tuple[float, ...]

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's shape, of integers."""
        return (TensorType(inputs[0].shape, "int32"),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """One for each comparison of a search by halves."""
        return outputs[0].size * len(self.boundaries).bit_length()

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Always: each element stands for itself."""
        return True


class Tally(Op):
    """How often each of the numbers 0 … depth - 1 occurs along an axis, or whether it does (`once`).

    The counts are a new last axis. A second input of the same shape weighs each occurrence. Other numbers count for
    nothing.
    """

    depth: int
    axis: int
    dtype: str
    once: bool = False

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's shape without the axis, then `depth`."""
        shape = inputs[0].shape
        return (TensorType((*shape[: self.axis], *shape[self.axis + 1 :], self.depth), self.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """One for each number."""
        return inputs[0].size

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the first axis is counted along."""
        return self.axis != 0 and all(rows)


def one_hot(x: Value, depth: int, dtype: str) -> Value:
    """A new last axis of `depth` zeros, with a one at each number's place; zeros alone for other numbers."""
    exact = x if is_floating(x.dtype) or x.dtype == "int64" else cast(x, _exact(x.dtype))
    return cast(binary("Equal", expand_dims(exact, -1), iota((depth,), 0, exact.dtype)), dtype)


def _exact(dtype: str) -> str:
    """An integer dtype that holds the numbers of another and of every axis."""
    return "int64" if dtype in ("uint32", "uint64") else "int32"

"""Products with a matrix that was arranged for them. Layers do not write these: a pass makes them of other products."""

from collections.abc import Sequence
from math import prod

from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType
from specmodel.types.window import window_length


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


class PackedConv(Op):
    """A convolution without padding whose kernel (taps…, channels, filters) is given packed, as a matrix."""

    taps: tuple[int, ...]
    filters: int
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    width: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(batch, …, channels), (taps * channels * filters,) -> (batch, windows…, filters)."""
        x, kernel = inputs
        assume.equal(prod(self.taps) * self.filters * x.shape[-1], kernel.size, "the elements of a packed kernel")
        lines = zip(x.shape[1:-1], self.taps, self.strides, self.dilation, strict=True)
        windows = (
            window_length(assume, size, taps, stride, "valid", dilation) for size, taps, stride, dilation in lines
        )
        return (TensorType((x.shape[0], *windows, self.filters), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add."""
        return 2 * outputs[0].size * prod(self.taps) * inputs[0].shape[-1]

"""Transposed convolutions: each input element adds the kernel, times itself, to the output."""

from collections.abc import Sequence
from typing import Literal

from specmodel.ops.conv import taps_of
from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, product
from specmodel.types.window import transposed_length


class ConvTranspose(Op):
    """(batch, …, channels) and a kernel (…, filters, channels) give (batch, lengths…, filters).

    Input element `i` of an axis reaches the output elements `i*stride + tap*dilation`, less what padding cuts off in
    front.
    """

    strides: tuple[int, ...]
    padding: Literal["valid", "same"]
    output_padding: tuple[int, ...] | None
    dilation: tuple[int, ...]

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(batch, lengths…, filters)."""
        x, kernel = inputs
        assume.equal(x.shape[-1], kernel.shape[-1], "the kernel reads every channel")
        lines = zip(x.shape[1:-1], taps_of(kernel), self.strides, self.extra, self.dilation, strict=True)
        lengths = (
            transposed_length(assume, size, taps, stride, self.padding, extra, dilation)
            for size, taps, stride, extra, dilation in lines
        )
        return (TensorType((x.shape[0], *lengths, kernel.shape[-2]), x.dtype),)

    @property
    def extra(self) -> tuple[int | None, ...]:
        """The output padding of each spatial axis, or None where the length follows from the others."""
        return (None,) * len(self.strides) if self.output_padding is None else self.output_padding

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add, those that padding cuts off too: the whole kernel for each input element."""
        return 2 * inputs[0].size * product(inputs[1].shape[:-1])

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless each sample has a kernel of its own."""
        return rows[0] and not rows[1]

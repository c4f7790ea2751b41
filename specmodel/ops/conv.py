"""Convolutions over (batch, …, channels): a window slides along the axes between, from 1 to 3 of them."""

from collections.abc import Sequence

from specmodel.diagnostics.codes import UNKNOWN_SIZE
from specmodel.ops.value import Op
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.fault import Fault
from specmodel.types.tensor import TensorType, product
from specmodel.types.window import Padding, window_length


def taps_of(kernel: TensorType) -> tuple[int, ...]:
    """The window's size along each spatial axis, of a kernel (…, channels, filters) or (…, filters, channels)."""
    taps = tuple(size for size in kernel.shape[:-2] if isinstance(size, int))
    if len(taps) < kernel.rank - 2:
        raise Fault(UNKNOWN_SIZE, f"the window's size must be known, the kernel is {kernel}")
    return taps


class _Sliding(Op):
    """`strides` and `dilation` are those of each spatial axis; `axis` is the number messages give the first of them."""

    strides: tuple[int, ...]
    padding: Padding
    dilation: tuple[int, ...]
    axis: int = 1

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless each sample has a kernel of its own."""
        return rows[0] and not rows[1]

    def _windows(self, assume: Assume, x: TensorType, kernel: TensorType) -> tuple[Dim, ...]:
        """How many windows there are along each spatial axis."""
        lines = zip(x.shape[1:-1], taps_of(kernel), self.strides, self.dilation, strict=True)
        return tuple(
            window_length(assume, size, taps, stride, self.padding, dilation, axis=self.axis + number)
            for number, (size, taps, stride, dilation) in enumerate(lines)
        )


class Conv(_Sliding):
    """Each filter's products with the window's channels of its group, summed.

    (batch, …, channels) and a kernel (…, channels/groups, filters) give (batch, windows…, filters): the first
    filters/groups filters read the first channels/groups channels, and so on.
    """

    groups: int = 1

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(batch, windows…, filters)."""
        x, kernel = inputs
        assume.equal(x.shape[-1], kernel.shape[-2] * self.groups, "the kernel reads every channel")
        return (TensorType((x.shape[0], *self._windows(assume, x, kernel), kernel.shape[-1]), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add, those with the padding's zeros too."""
        return 2 * outputs[0].size * product(inputs[1].shape[:-1])


class DepthwiseConv(_Sliding):
    """Each channel with filters of its own: (batch, …, channels) and (…, channels, multiplier).

    The output's channel `c*multiplier + m` is filter `m` of channel `c`.
    """

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(batch, windows…, channels*multiplier)."""
        x, kernel = inputs
        channels = assume.equal(x.shape[-1], kernel.shape[-2], "the kernel has filters for every channel")
        shape = (x.shape[0], *self._windows(assume, x, kernel), channels * kernel.shape[-1])
        return (TensorType(shape, x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each multiply-add, those with the padding's zeros too."""
        return 2 * outputs[0].size * product(inputs[1].shape[:-2])

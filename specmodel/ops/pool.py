"""Pooling: one number for all elements of a window that slides over the spatial axes."""

from collections.abc import Sequence
from typing import Literal

from specmodel.ops.elementwise import cast
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, is_floating, product
from specmodel.types.window import window_length

Function = Literal["Max", "Mean"]
Padding = Literal["valid", "same"]


class Pool(Op):
    """The maximum or the mean of each window: (batch, *spatial, channels) -> (batch, *windows, channels).

    `window` and `strides` have a size for each spatial axis. Cells that `same` adds at the border count for nothing:
    they are never the maximum, and the mean is over the cells that are really there.
    """

    function: Function
    window: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The number of windows along each spatial axis; the other sizes as they are."""
        (x,) = inputs
        windows = [
            window_length(assume, size, window, stride, self.padding, field="pool_size")
            for size, window, stride in zip(x.shape[1:-1], self.window, self.strides, strict=True)
        ]
        return (TensorType((x.shape[0], *windows, x.shape[-1]), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """One for each cell of each window."""
        return outputs[0].size * product(self.window)

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Always: windows lie within one sample."""
        return True


def max_pool(x: Value, window: tuple[int, ...], strides: tuple[int, ...], padding: Padding) -> Value:
    """The maximum of each window, in the input's dtype."""
    return Pool("Max", window, strides, padding)(x)


def mean_pool(x: Value, window: tuple[int, ...], strides: tuple[int, ...], padding: Padding) -> Value:
    """The mean of each window; integers are taken as float32."""
    return Pool("Mean", window, strides, padding)(x if is_floating(x.dtype) else cast(x, "float32"))

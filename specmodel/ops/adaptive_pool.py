"""Pooling to a given number of windows: each axis is divided evenly, whatever its size."""

from collections.abc import Sequence
from typing import Literal

from specmodel.ops.elementwise import cast
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, is_floating

Function = Literal["Max", "Mean"]


class AdaptivePool(Op):
    """The maximum or the mean of each window: (batch, *spatial, channels) -> (batch, *sizes, channels).

    Of `count` windows over `size` elements, window i holds those from `floor(i * size / count)` to before
    `ceil((i + 1) * size / count)`.
    """

    function: Function
    sizes: tuple[int, ...]

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The numbers of windows in place of the spatial sizes."""
        (x,) = inputs
        return (TensorType((x.shape[0], *self.sizes, x.shape[-1]), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """One for each input element, as if no windows overlapped."""
        return inputs[0].size

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Always: windows lie within one sample."""
        return True


def adaptive_max_pool(x: Value, sizes: tuple[int, ...]) -> Value:
    """The maximum of each window, in the input's dtype."""
    return AdaptivePool("Max", sizes)(x)


def adaptive_mean_pool(x: Value, sizes: tuple[int, ...]) -> Value:
    """The mean of each window; integers are taken as float32."""
    return AdaptivePool("Mean", sizes)(x if is_floating(x.dtype) else cast(x, "float32"))

"""Resampling along axes: images of another size."""

from collections.abc import Sequence
from typing import Literal

from specmodel.ops.elementwise import cast, clip, unary
from specmodel.ops.value import Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import DTYPES, DType, TensorType, is_floating

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]
REACH: dict[str, int] = {"nearest": 0, "bilinear": 1, "bicubic": 2, "lanczos3": 3, "lanczos5": 5}
"""How many input elements an output element looks at to each side, where the input is not shrunk with `antialias`."""


class Resize(Op):
    """Resample along `axes` (ascending) to `sizes`; elements are cells, whose centres are at halves.

    Each output is a weighted mean of the inputs around its place, axis by axis. `antialias` widens the weights where an
    axis shrinks, so that every input counts; without it some may be skipped.
    """

    axes: tuple[int, ...]
    sizes: tuple[Dim, ...]
    interpolation: Interpolation
    antialias: bool = False

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's shape with the new sizes."""
        (x,) = inputs
        shape = list(x.shape)
        for axis, size in zip(self.axes, self.sizes, strict=True):
            shape[axis] = size
        return (TensorType(tuple(shape), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Two for each weight of each output and axis, counted as if no axis were widened by `antialias`."""
        return outputs[0].size * (4 * REACH[self.interpolation] * len(self.axes))

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows themselves are resampled."""
        return 0 not in self.axes


def resize(
    x: Value, axes: Sequence[int], sizes: Sequence[Dim], interpolation: Interpolation, antialias: bool = False
) -> Value:
    """The value resampled along axes, in its own dtype: integers are mixed in float32, rounded and kept in range.

    Booleans that are mixed become float32.
    """
    changed = [(axis, size) for axis, size in zip(axes, sizes, strict=True) if size != x.shape[axis]]
    if not changed:
        return x
    op = Resize(tuple(axis for axis, _ in changed), tuple(size for _, size in changed), interpolation, antialias)
    if interpolation == "nearest" or is_floating(x.dtype):
        return op(x)
    mixed = op(cast(x, "float32"))
    if x.dtype == "bool":
        return mixed
    return to_integers(mixed, x.dtype)


def to_integers(x: Value, dtype: str) -> Value:
    """Numbers rounded to an integer dtype; those out of its range become the nearest in it."""
    low, high = _range_in_float32(DTYPES[dtype])
    return cast(clip(unary("Round", x), low, high), dtype)


def _range_in_float32(dtype: DType) -> tuple[int, int]:
    """The smallest and largest value of an integer dtype that float32, with its 24 digits, holds."""
    digits = 8 * dtype.itemsize - dtype.is_signed
    return (-(2**digits) if dtype.is_signed else 0, 2**digits - 2 ** max(digits - 24, 0))

"""Signals: frames along an axis, and their frequencies."""

from collections.abc import Sequence

from specmodel.ops.shape import Gather, concat, flip, slice_axis, transpose
from specmodel.ops.source import constant
from specmodel.ops.value import Call, Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType
from specmodel.types.window import window_length


class Frames(Op):
    """Windows of `length` elements along the last axis, each `step` behind the one before, as a new last axis."""

    length: int
    step: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(…, n) gives (…, frames, length)."""
        (x,) = inputs
        count = window_length(assume, x.shape[-1], self.length, self.step, axis=x.rank - 1)
        return (TensorType((*x.shape[:-1], count, self.length), x.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: nothing is computed."""
        return 0

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows are the signal."""
        return inputs[0].rank > 1


class Rfft(Op):
    """The discrete Fourier transform of real numbers along the last axis: cosines and sines, as two outputs."""

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(…, n) gives (…, n // 2 + 1), the frequencies up to half the sampling rate, twice."""
        (x,) = inputs
        kind = TensorType((*x.shape[:-1], x.shape[-1] // 2 + 1), x.dtype)
        return (kind, kind)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """`2.5 n log2(n)` for each transform, as a fast one is usually counted."""
        (x,) = inputs
        length = x.shape[-1]
        return x.size * (5 * length.bit_length() // 2) if isinstance(length, int) else x.size

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows are the signal."""
        return inputs[0].rank > 1


def rfft(x: Value) -> tuple[Value, Value]:
    """The real and the imaginary part of the transform along the last axis."""
    call = Rfft()(x).call
    return call.outputs[0], call.outputs[1]


def reflected(x: Value, size: int) -> Value:
    """The last axis with `size` elements more at either end: those behind the end, in mirror order."""
    length = x.shape[-1]
    if size == 0:
        return x
    if isinstance(length, int) and length <= size:
        return _reflected_often(x, length, size)
    before = flip(slice_axis(x, -1, 1, size), -1)
    after = flip(slice_axis(x, -1, length - 1 - size, size), -1)
    return concat([before, x, after])


def _reflected_often(x: Value, length: int, size: int) -> Value:
    """Of a signal so short that the mirror image is mirrored again, as between two mirrors."""
    period = max(2 * (length - 1), 1)
    places = [place % period for place in range(-size, length + size)]
    indices = constant(tuple(min(place, period - place) if length > 1 else 0 for place in places), "int32")
    perm = (x.rank - 1, *range(x.rank - 1))
    back = (*range(1, x.rank), 0)
    return transpose(Gather()(transpose(x, perm), indices), back)


class Dft(Op):
    """The discrete Fourier transform along the last axis of complex numbers, whose parts are two inputs and outputs.

    `inverse` is the transform back, divided by the length.
    """

    inverse: bool = False

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The type of the real part, twice."""
        real, imaginary = inputs
        for one, other in zip(real.shape, imaginary.shape, strict=True):
            assume.equal(one, other, "the parts of complex numbers have one shape")
        return (real, real)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """`5 n log2(n)` for each transform, as a fast one is usually counted."""
        (x, _) = inputs
        length = x.shape[-1]
        return x.size * (5 * length.bit_length()) if isinstance(length, int) else x.size

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows are the signal."""
        return inputs[0].rank > 1 and all(rows)


def dft(real: Value, imaginary: Value, inverse: bool = False) -> tuple[Value, Value]:
    """The real and the imaginary part of the transform along the last axis."""
    first, second = Call(Dft(inverse), (real, imaginary)).outputs
    return first, second

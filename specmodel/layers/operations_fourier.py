"""Tensor operations between signals and their frequencies. A complex number is two tensors: its parts."""

from math import cos, pi
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import PosInt
from specmodel.layers.operation import Operation, floating
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.elementwise import binary, cast, where
from specmodel.ops.places import scatter
from specmodel.ops.shape import concat, expand, flip, pad, reshape, slice_axis, transpose
from specmodel.ops.signal import Frames, dft, reflected, rfft
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.bounds import at_least
from specmodel.types.dim import Dim
from specmodel.types.tensor import promote


def _parts(b: Scope, layer: Operation, x: list[Value]) -> tuple[Value, Value]:
    """The real and the imaginary part, in one dtype of float32 at least."""
    message = f"{type(layer).__name__} takes two inputs, the real and the imaginary part, found {len(x)}"
    b.require(len(x) == 2, message, code=codes.CALL_ARGUMENTS)
    real, imaginary = x
    message = f"the real and the imaginary part must have one shape, found {real.type} and {imaginary.type}"
    b.require(real.rank == imaginary.rank, message, code=codes.INCOMPATIBLE_SHAPES)
    b.require(real.rank > 0, "expected a signal, found a number", code=codes.WRONG_RANK)
    for one, other in zip(real.shape, imaginary.shape, strict=True):
        b.assume.equal(one, other, "both parts have one shape", message=message)
    dtype = promote(floating(real).dtype, floating(imaginary).dtype, "float32")
    return cast(real, dtype), cast(imaginary, dtype)


_PAIR = ((None, "n"), (None, "n"))
_COMPLEX = (
    Example({}, inputs=_PAIR, output=_PAIR, params=0),
    Example({}, inputs=((None, 3, 8), (None, 3, 8)), output=((None, 3, 8),) * 2, params=0),
    Example({}, inputs=((None, 8),), error="takes two inputs, the real and the imaginary part, found 1"),
    Example({}, inputs=((None, 8), (None, 7)), error="the real and the imaginary part must have one shape"),
)
_PLANES = (
    Example({}, inputs=((None, 4, "n"), (None, 4, "n")), output=((None, 4, "n"),) * 2, params=0),
    Example({}, inputs=((3, 8), (3, 8)), output=((3, 8),) * 2, params=0),
    Example({}, inputs=((8,), (8,)), error="expected planes, (…, rows, columns), found (8,)"),
)


class FFT(Operation):
    """The frequencies of complex numbers along the last axis: two inputs and two outputs, real and imaginary parts."""

    takes_list = True
    examples = _COMPLEX

    def build(self, b: Scope, x: list[Value]) -> tuple[Value, Value]:
        """The discrete Fourier transform."""
        return dft(*_parts(b, self, x))


class _Planar(Operation):
    takes_list = True
    examples = _PLANES

    def transformed(self, b: Scope, x: list[Value], inverse: bool) -> tuple[Value, Value]:
        """The transform along the last axis, and then along the one before."""
        real, imaginary = _parts(b, self, x)
        b.require(real.rank >= 2, f"expected planes, (…, rows, columns), found {real.type}", code=codes.WRONG_RANK)
        perm = (*range(real.rank - 2), real.rank - 1, real.rank - 2)
        for _ in range(2):
            real, imaginary = (transpose(part, perm) for part in dft(real, imaginary, inverse))
        return real, imaginary


class FFT2(_Planar):
    """The frequencies of complex numbers along the last two axes."""

    def build(self, b: Scope, x: list[Value]) -> tuple[Value, Value]:
        """The transform of both axes."""
        return self.transformed(b, x, False)


class IFFT2(_Planar):
    """The complex numbers with these frequencies along the last two axes."""

    def build(self, b: Scope, x: list[Value]) -> tuple[Value, Value]:
        """The transform back of both axes."""
        return self.transformed(b, x, True)


class RFFT(Operation):
    """The frequencies of real numbers along the last axis, up to half the sampling rate: real and imaginary parts."""

    fft_length: PosInt | None = Field(
        None, description="How many elements count: the signal is cut, or zeros follow it."
    )

    examples = (
        Example({}, inputs=((None, 8),), output=((None, 5), (None, 5)), params=0),
        Example({"fft_length": 6}, inputs=((None, 3, 4),), output=((None, 3, 4), (None, 3, 4)), params=0),
        Example({}, inputs=((None, "n"),), output=((None, "n//2 + 1"),) * 2, params=0),
        Example({"fft_length": 0}, error="`fft_length` of RFFT must be greater than 0, found 0"),
    )

    def build(self, b: Scope, x: Value) -> tuple[Value, Value]:
        """The transform of the signal, cut or filled up."""
        b.require(x.rank > 0, "expected a signal, found a number", code=codes.WRONG_RANK)
        x = cast(x, promote(floating(x).dtype, "float32"))
        return rfft(x if self.fft_length is None else _of_length(x, self.fft_length))


def _of_length(x: Value, length: Dim) -> Value:
    """The last axis cut, or filled up with zeros."""
    if at_least(x.shape[-1], length):
        return slice_axis(x, -1, 0, length)
    assert isinstance(length, int)
    filled = pad(x, [(0, length if axis == x.rank - 1 else 0) for axis in range(x.rank)])
    return slice_axis(filled, -1, 0, length)


class IRFFT(Operation):
    """The real numbers with these frequencies along the last axis; real and imaginary parts are two inputs."""

    fft_length: PosInt | None = Field(None, description="How many elements come out; null means an even number.")

    takes_list = True
    examples = (
        Example({}, inputs=((None, 5), (None, 5)), output=(None, 8), params=0),
        Example({"fft_length": 7}, inputs=((None, 3, 4), (None, 3, 4)), output=(None, 3, 7), params=0),
        Example({}, inputs=((None, 1), (None, 1)), error="one frequency tells no length: give `fft_length`"),
    )

    def build(self, b: Scope, x: list[Value]) -> Value:
        """The transform back of the frequencies and their mirror images."""
        real, imaginary = _parts(b, self, x)
        length = self.fft_length if self.fft_length is not None else 2 * (real.shape[-1] - 1)
        b.require(length != 0, "one frequency tells no length: give `fft_length`", field="fft_length")
        return from_frequencies(real, imaginary, length)


def from_frequencies(real: Value, imaginary: Value, length: Dim) -> Value:
    """So many real numbers with these frequencies."""
    count = length // 2 + 1
    real, imaginary = _of_length(real, count), _of_length(imaginary, count)
    mirrored = length - count
    if mirrored == 0:
        return dft(real, imaginary, inverse=True)[0]
    parts = [flip(slice_axis(part, -1, 1, mirrored), -1) for part in (real, imaginary)]
    return dft(concat([real, parts[0]]), concat([imaginary, -parts[1]]), inverse=True)[0]


def _window(value: object) -> object:
    if value is None or value in ("hann", "hamming"):
        return value
    numbers = tuple(value) if isinstance(value, list | tuple) else ()
    if not numbers or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise refuse(f"must be `hann`, `hamming`, a list of numbers or null, found {shown(value)}")
    return tuple(float(one) for one in numbers)


class _ShortTime(Operation):
    sequence_length: PosInt = Field(description="How many elements a window has.")
    sequence_stride: PosInt = Field(description="How far windows are apart.")
    fft_length: PosInt = Field(description="How many elements are transformed: zeros stand around the window.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        name, window = type(self).__name__, getattr(self, "window", None)
        if self.fft_length < self.sequence_length:
            message = f"`fft_length` of {name} must be at least `sequence_length`, {self.sequence_length}"
            raise refuse(message, None, ("fft_length",))
        if isinstance(window, tuple) and len(window) != self.sequence_length:
            message = (
                f"`window` of {name} must have `sequence_length` numbers, {self.sequence_length}, found {len(window)}"
            )
            raise refuse(message, None, ("window",))
        return self

    def tapered(self, window: Any, dtype: str) -> Value:
        """The window, in the middle of as many elements as are transformed."""
        length = self.sequence_length
        if window is None:
            return constant((1.0,) * self.fft_length, dtype)
        if isinstance(window, str):
            low = 0.5 if window == "hann" else 0.54
            numbers = tuple(low - (1 - low) * cos(2 * pi * step / length) for step in range(length))
            numbers = (1.0,) if length == 1 else numbers
        else:
            numbers = window
        before = (self.fft_length - length) // 2
        return constant((*(0.0,) * before, *numbers, *(0.0,) * (self.fft_length - length - before)), dtype)


_WINDOW: Any = Field(
    "hann", description="What windows are multiplied by: `hann`, `hamming`, numbers, or null for nothing."
)
_CENTER: Any = Field(
    True, description="Whether windows are centred at their places: the signal is mirrored at its ends."
)
Window = Annotated[Literal["hann", "hamming"] | tuple[float, ...] | None, BeforeValidator(_window), "window"]


class STFT(_ShortTime):
    """The frequencies of windows that move along the last axis: real and imaginary parts, (…, windows, frequencies)."""

    window: Window = _WINDOW
    center: bool = _CENTER

    examples = (
        Example(
            {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4},
            inputs=((None, 10),),
            output=((None, 6, 3),) * 2,
            params=0,
        ),
        Example(
            {"sequence_length": 3, "sequence_stride": 3, "fft_length": 4, "window": None, "center": False},
            inputs=((None, "n"),),
            output=((None, "(n - 1)//3", 3),) * 2,
            params=0,
        ),
        Example(
            {"sequence_length": 4, "sequence_stride": 2, "fft_length": 3}, error="`fft_length` of STFT must be at least"
        ),
    )

    def build(self, b: Scope, x: Value) -> tuple[Value, Value]:
        """The transforms of the windows."""
        b.require(x.rank > 0, "expected a signal, found a number", code=codes.WRONG_RANK)
        x = cast(x, promote(floating(x).dtype, "float32"))
        x = reflected(x, self.fft_length // 2) if self.center else x
        return rfft(Frames(self.fft_length, self.sequence_stride)(x) * self.tapered(self.window, x.dtype))


class ISTFT(_ShortTime):
    """The signal whose windows have these frequencies: overlapping ones are added, and divided by their weights."""

    length: PosInt | None = Field(
        None, description="How many elements come out; null means as many as the windows give."
    )
    window: Window = _WINDOW
    center: bool = _CENTER

    takes_list = True
    examples = (
        Example(
            {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4},
            inputs=((None, 6, 3),) * 2,
            output=(None, 10),
            params=0,
        ),
        Example(
            {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4, "length": 5},
            inputs=((None, 6, 3),) * 2,
            output=(None, 5),
            params=0,
        ),
        Example(
            {"sequence_length": 4, "sequence_stride": 2, "fft_length": 4},
            inputs=((3,), (3,)),
            error="expected windows of frequencies",
        ),
    )

    def build(self, b: Scope, x: list[Value]) -> Value:
        """The windows of signals, added up."""
        real, imaginary = _parts(b, self, x)
        b.require(real.rank >= 2, f"expected windows of frequencies, found {real.type}", code=codes.WRONG_RANK)
        count = b.known(real.shape[-2], "how many windows there are", "give that axis a size where it comes from")
        window = self.tapered(self.window, real.dtype)
        frames = from_frequencies(real, imaginary, self.fft_length)
        total = self._added(frames * window, count)
        weights = self._added(expand(window * window, (count, self.fft_length)), count)
        result = total / where(binary("Greater", weights, 1e-10), weights, 1.0)
        if self.window is None:  # as Keras, which divides by the stride then
            result = result * (self.fft_length / self.sequence_stride)
        size = self.fft_length + self.sequence_stride * (count - 1)
        start = self.fft_length // 2 if self.center else 0
        stop = start + self.length if self.length is not None else size - start
        message = f"the windows give {size} elements, too few for those from {start} to {stop}"
        b.require(start < stop <= size, message, field="length", code=codes.BAD_SIZE)
        return slice_axis(result, -1, start, stop - start)

    def _added(self, frames: Value, count: int) -> Value:
        """(…, windows, elements) added up where they overlap: (…, length)."""
        front = frames.shape[:-2]
        places = tuple(
            (start * self.sequence_stride + step,) for start in range(count) for step in range(self.fft_length)
        )
        size = self.fft_length + self.sequence_stride * (count - 1)
        flat = reshape(frames, (*front, count * self.fft_length))
        first = transpose(flat, (flat.rank - 1, *range(flat.rank - 1)))
        base = expand(constant(0.0, frames.dtype), (size, *front))
        added = scatter(base, constant(places, "int32"), first, "add")
        return transpose(added, (*range(1, added.rank), 0))
